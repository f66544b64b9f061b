"""The service that the records of a connector lie in.

A server has it before a connector of openmetadata-ingestion runs. Where the run's target does not
have it, it is created before the first record below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from om_ingest import model
from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind, kind_of, parent_of
from om_ingest.model import CreateRequest, EntityReference, fqn as names
from om_ingest.store import MetadataStore

from om_ingest_compat.running import PEOPLE, current


class ServiceOfRun:
    """Creates the service of the workflow where it is missing; each kind is looked at once."""

    def __init__(self, block: Mapping[str, Any], store: MetadataStore) -> None:
        self._name = str(block["serviceName"])
        self._block = block
        self._store = store
        self.seen: set[type[Any]] = set()
        """The classes of records that need no look any more."""

    def before(self, record: Any) -> Iterator[CreateRequest]:
        """The service if a record lies in it, and the store has none."""
        if not isinstance(record, CreateRequest):
            self.seen.add(type(record))
            return
        if (entity_type := kind_of(record).entity_type) in PEOPLE:  # each is looked at
            current().note_person(entity_type, names.quote(str(record.name)))
            return
        kind = kind_of(record).root
        if kind.segment is None or kind is kind_of(record):
            self.seen.add(type(record))
            return
        parent = parent_of(record)
        fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
        if not fqn or not _is_below(str(fqn), self._name):
            return
        self.seen.add(type(record))
        if self._store.get_by_name(kind.entity, names.quote(self._name)) is None:
            yield kind.request.model_validate(
                {"name": self._name, "serviceType": service_type(kind, self._block)}
            )


def _is_below(fqn: str, service: str) -> bool:
    try:
        return names.split(fqn)[0] == service
    except RecordError:  # no FQN: the sink says so
        return False


def service_type(kind: EntityKind, block: Mapping[str, Any]) -> str:
    """The type of the service: the one that the workflow names, or else the custom one."""
    known: list[str] = [member.value for member in getattr(model, f"{kind.class_name}Type")]
    connection = (block.get("serviceConnection") or {}).get("config") or {}
    by_name = {_plain(value): value for value in known}
    for given in (block.get("type"), connection.get("type")):
        if found := by_name.get(_plain(str(given))):
            return found
    return next((value for value in known if value.startswith("Custom")), known[0])


def _plain(name: str) -> str:
    return re.sub(r"[-_]", "", name).lower()
