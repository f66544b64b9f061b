"""Attachments of entities over REST: JSON in, JSON out."""

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
"""A user's vote on an entity; `unVoted` withdraws an earlier one."""


class Attachments(Measurements, RunStatuses):
    """Samples, profiles, usage, runs, followers and votes of entities.

    Attachments do not change the entity's version, and updates of the entity do not change
    them. A `Key` is an id (UUID) or an FQN. Methods that write are one transaction, may be
    called from any thread, and return the entity with the changed fields. Times are in ms since
    1970, ranges include both ends, and lists start with the latest. Raises `NotFoundError` for
    a missing or deleted entity, another `RecordError` for an invalid request, and
    `DeliveryError` when the file fails.
    """

    def put_sample_data(self, entity_type: str, key: Key, body: Mapping[str, Any]) -> Body:
        """Create or replace the sample data of an entity; the entity with it."""
        has_rows = any(path[-1] == "columns" for path in KINDS[entity_type].members)
        data = checked(model.TableData if has_rows else model.TopicSampleData, body)
        with self._changing(entity_type, key) as row:
            putting.put_sample_data(self._file, row, data)
        return self._entity(row, "sampleData")

    def sample_data(self, entity_type: str, key: Key) -> Body:
        """The entity with its sample data, if it has any."""
        return self._entity(self._row(entity_type, key), "sampleData")

    def delete_sample_data(self, entity_type: str, key: Key) -> Body:
        """Delete the sample data of an entity, if there is any; the entity without it."""
        return self._remove(entity_type, key, "sampleData")

    def put_test_connection(self, entity_type: str, key: Key, body: Mapping[str, Any]) -> Body:
        """Store the result of the last connection test of a service; the service with it."""
        if KINDS[entity_type].segment is None:
            raise RecordError(f"A {entity_type} has no connection", "Give the kind of a service.")
        with self._changing(entity_type, key) as row:
            attachment.put(self._file, row, "testConnectionResult", checked_object(body))
        return self._entity(row, "testConnectionResult")

    def follow(self, entity_type: str, key: Key, user: Key) -> Body:
        """Add a follower to an entity, if missing; the entity with its followers."""
        with self._changing(entity_type, key) as row:
            putting.check_field(row, "followers")
            follower = self._row("user", user)
            attachment.put(self._file, row, "followers", True, key=follower.id)
        return self._entity(row, "followers")

    def unfollow(self, entity_type: str, key: Key, user: Key) -> Body:
        """Remove a follower from an entity; the entity with its followers."""
        return self._remove(entity_type, key, "followers", self._row("user", user).id)

    def vote(self, entity_type: str, key: Key, user: Key, vote: Vote) -> Body:
        """Store the vote of a user on an entity; the entity with its votes."""
        with self._changing(entity_type, key) as row:
            putting.put_vote(self._file, row, self._row("user", user).id, vote)
        return self._entity(row, "votes")
