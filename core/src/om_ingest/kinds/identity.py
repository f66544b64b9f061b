"""What a record writes: two records with one identity write the same thing."""

from __future__ import annotations

from typing import TypeAlias

from om_ingest.errors import RecordError
from om_ingest.kinds.requests import fqn_of, place_of
from om_ingest.kinds.table import KINDS
from om_ingest.model import fqn as names
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record

Identity: TypeAlias = tuple[str, str]
"""Entity type, and what it is called among its like: an FQN, or `<FQN> -> <FQN>` of an edge."""

DEPENDENT_LEVEL = 1000
"""Level of what hangs on entities and is no entity: edges, statuses, samples. They come last."""


def identity_of(record: Record) -> Identity | None:
    """The identity of a record; None if it has none, or only an id that a store can look up."""
    if isinstance(record, CreateRequest):
        try:
            return record.entity_type, _spelled(fqn_of(record))
        except RecordError:
            return None
    if isinstance(record, AddLineageRequest):
        edge = record.edge
        ends = (_name(end) for end in (edge.fromEntity, edge.toEntity))
        return record.entity_type, " -> ".join(ends)
    if isinstance(record, AttachmentRequest):
        return record.entity_type, record.identity
    return None


def identity_at(entity_type: str, fqn: str) -> Identity:
    """The identity of the entity with an FQN, whatever quotes it is written with."""
    try:
        return entity_type, _spelled(KINDS[entity_type].as_stored(fqn))
    except RecordError:
        return entity_type, fqn


def parent_identity_of(record: Record) -> Identity | None:
    """The identity of what a request lies directly below; None where that is not known."""
    if not isinstance(record, CreateRequest):
        return None
    _, parent = place_of(record)
    fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
    if not fqn:
        return None
    try:
        fqn = _spelled(fqn)
        entity_type = KINDS[record.entity_type].type_above(fqn)
    except RecordError:
        return None
    if entity_type is None and isinstance(parent, EntityReference):
        entity_type = parent.type
    return None if entity_type is None else (entity_type, fqn)


def beside_identity_of(record: Record) -> Identity | None:
    """The identity of the entity that a sample, a status or the like lies beside."""
    if not isinstance(record, AttachmentRequest):
        return None
    target = record.target
    fqn = target.fullyQualifiedName
    return identity_at(target.type, fqn) if fqn else None


def level_of(record: Record) -> int:
    """When a record is delivered: everything of a lower level comes first."""
    kind = KINDS.get(getattr(record, "entity_type", ""))
    return DEPENDENT_LEVEL if kind is None else kind.level


def _name(reference: EntityReference) -> str:
    fqn = reference.fullyQualifiedName
    return f"{reference.type}:{_spelled(fqn) if fqn else reference.id}"


def _spelled(fqn: str) -> str:
    """The FQN in its one spelling: `"abc"` is `abc`."""
    return names.join(*names.split(fqn)) if '"' in fqn else fqn
