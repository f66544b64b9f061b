"""What lies beside the entities of a catalog, as REST shows it: JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from om_ingest import model
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS

from om_ingest_catalog.attachments import attachment, putting
from om_ingest_catalog.rest.measurements import Measurements
from om_ingest_catalog.rest.runs import RunStatuses
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.reading import Key
from om_ingest_catalog.rules.request import checked, checked_object

Vote = Literal["votedUp", "votedDown", "unVoted"]
"""What a user thinks of an entity; `unVoted` takes an earlier vote back."""


class Attachments(Measurements, RunStatuses):
    """Samples, profiles, usage, runs, followers and more, which are no part of an entity.

    None of them changes the entity's version, and no update of the entity touches them. A
    `Key` is an id (UUID) or an FQN. Methods that change something are one transaction, may
    come from any thread, and answer the entity with the fields that changed. Times are in ms
    since 1970, ranges include both ends, and lists begin with the latest. Raises
    `NotFoundError` for an entity that is not there or is deleted, any other `RecordError` for
    what is wrong with the request, and `DeliveryError` when the file fails.
    """

    def put_sample_data(self, entity_type: str, key: Key, body: Mapping[str, Any]) -> Body:
        """Store sample data in place of the old; the entity with it."""
        has_rows = any(path[-1] == "columns" for path in KINDS[entity_type].members)
        data = checked(model.TableData if has_rows else model.TopicSampleData, body)
        with self._changing(entity_type, key) as row:
            putting.put_sample_data(self._file, row, data)
        return self._entity(row, "sampleData")

    def sample_data(self, entity_type: str, key: Key) -> Body:
        """The entity with its sample data, if it has any."""
        return self._entity(self._row(entity_type, key), "sampleData")

    def delete_sample_data(self, entity_type: str, key: Key) -> Body:
        """Remove the sample data, if there is any; the entity without it."""
        return self._remove(entity_type, key, "sampleData")

    def put_test_connection(self, entity_type: str, key: Key, body: Mapping[str, Any]) -> Body:
        """Store how the last test of a service's connection went; the service with it."""
        if KINDS[entity_type].segment is None:
            raise RecordError(f"A {entity_type} has no connection", "Give the kind of a service.")
        with self._changing(entity_type, key) as row:
            attachment.put(self._file, row, "testConnectionResult", checked_object(body))
        return self._entity(row, "testConnectionResult")

    def follow(self, entity_type: str, key: Key, user: Key) -> Body:
        """Let a user follow an entity, which may be so already; the entity with its followers."""
        with self._changing(entity_type, key) as row:
            putting.check_field(row, "followers")
            follower = self._row("user", user)
            attachment.put(self._file, row, "followers", True, key=follower.id)
        return self._entity(row, "followers")

    def unfollow(self, entity_type: str, key: Key, user: Key) -> Body:
        """Let a user no longer follow an entity; the entity with its followers."""
        return self._remove(entity_type, key, "followers", self._row("user", user).id)

    def vote(self, entity_type: str, key: Key, user: Key, vote: Vote) -> Body:
        """Store what a user thinks of an entity; the entity with its votes."""
        with self._changing(entity_type, key) as row:
            putting.put_vote(self._file, row, self._row("user", user).id, vote)
        return self._entity(row, "votes")
