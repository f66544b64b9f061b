"""What a catalog file really holds of one service, whatever a run has said."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from om_ingest import kinds
from om_ingest.kinds.identity import Identity, identity_of
from om_ingest.model.entity import Entity
from om_ingest.model.records import Record
from om_ingest.workflow import deadletter
from om_ingest_catalog import Catalog

ROOTS = {
    "": ("databaseService", "database", "databaseSchema", "table"),
    "-files": ("storageService", "container"),
    "-flows": ("pipelineService", "pipeline"),
    "-Labels": ("classification", "tag"),
    "-keeper": ("user",),
}
"""What the connector `warehouse` yields: the kinds below each name that begins as its service."""

_TIMES = {"updatedAt", "createdAt", "appliedAt"}
_HASHES = {"sourceHash"}  # of the request, in which the service's name stands
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_EDGES = """
SELECT s.id, t.id, l.details FROM lineage l
JOIN entity s ON s.rowid = l.source JOIN entity t ON t.rowid = l.target
WHERE s.fqn GLOB ?
"""
_BESIDE = """
SELECT e.entity_type, e.fqn, a.name, coalesce(a.at, ''), a.body FROM attachment a
JOIN entity e ON e.rowid = a.entity WHERE e.fqn GLOB ?
"""

State = dict[Identity, str]
"""JSON of everything by its identity, without times, the service called SERVICE."""


def holdings(path: Path, service: str) -> State:
    """Everything that is live below a service and its fellows."""
    with Catalog(path, read_only=True) as catalog:
        entities = {_identity(entity): entity for entity in _entities(catalog, service)}
    ids = {str(entity.id): entity.fullyQualifiedName for entity in entities.values()}
    found: dict[Identity, Any] = {
        key: entity.model_dump(mode="json", exclude_none=True) for key, entity in entities.items()
    }
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        for source, target, details in file.execute(_EDGES, (f"{service}.*",)):
            found["lineage", f"table:{source} -> table:{target}"] = json.loads(details)
        for entity_type, fqn, name, at, body in file.execute(_BESIDE, (f"{service}*",)):
            found[_record_of(name), f"{entity_type}:{fqn} {at}".strip()] = json.loads(body)
    return {
        _anonymous(key, service, ids): _normal(_timeless(body), service, ids)
        for key, body in found.items()
    }


def identities(records: list[Record], path: Path, service: str) -> list[Identity]:
    """The identities of records, spelled as those of `holdings`."""
    with Catalog(path, read_only=True) as catalog:
        entities = _entities(catalog, service)
        ids = {str(entity.id): entity.fullyQualifiedName for entity in entities}
    named = [identity_of(record) for record in records]
    return [_anonymous(identity, service, ids) for identity in named if identity is not None]


def set_aside(path: Path) -> list[Record]:
    """The records in a dead-letter file, all of which can be delivered later."""
    letters = list(deadletter.read(path))
    lost = [letter.reason for letter in letters if letter.record is None]
    assert not lost, lost
    return [letter.record for letter in letters if letter.record is not None]


def _entities(catalog: Catalog, service: str) -> Iterator[Entity]:
    for suffix, entity_types in ROOTS.items():
        for number, entity_type in enumerate(entity_types):
            entity = kinds.kind_of(entity_type).entity
            if number:
                yield from catalog.list_entities(entity, scope=service + suffix)
            elif (root := catalog.get_by_name(entity, service + suffix)) is not None:
                yield root


def _identity(entity: Entity) -> Identity:
    return entity.entity_type, entity.fullyQualifiedName


def _record_of(name: str) -> str:
    """The type of the record that puts something beside an entity, by its name in the file."""
    return {"pipelineStatuses": "pipelineStatus"}.get(name, name)


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        left_out = _TIMES | _HASHES
        return {key: _timeless(item) for key, item in value.items() if key not in left_out}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _anonymous(identity: Identity, service: str, ids: dict[str, str]) -> Identity:
    kind, name = identity
    return kind, _UUID.sub(lambda found: ids.get(found[0], found[0]), name).replace(
        service, "SERVICE"
    )


def _normal(body: Any, service: str, ids: dict[str, str]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return _UUID.sub(lambda found: ids.get(found[0], found[0]), text).replace(service, "SERVICE")
