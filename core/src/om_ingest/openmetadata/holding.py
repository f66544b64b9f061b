"""What a server can hold of records, by its version: kinds, fields and values."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_core import from_json

from om_ingest.kinds import KINDS, Parcel, place_of
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record
from om_ingest.releases import Dialect, LeftOut, history


def lacking(dialect: Dialect, record: Record) -> str:
    """Why a server holds nothing of a record, in one line; empty if it holds some of it."""
    for entity_type in _types_of(record) if dialect.lacking else ():
        if dialect.lacks(entity_type):
            collection = KINDS[entity_type].collection.rpartition("/")[2]
            span = dialect.lacking[entity_type]
            since = f" ({history(span)})" if span else ""
            return f"server {dialect.text} has no {collection}{since}"
    return ""


def left_out(dialect: Dialect, parcel: Parcel) -> list[LeftOut]:
    """What is not sent of a record that a server takes, each thing once."""
    name = type(parcel.record).__name__
    if not dialect.knows_less(name):
        return []
    found = dialect.fit(name, from_json(parcel.body))
    return list({lost.key: lost for lost in found}.values())


def limits(dialect: Dialect) -> Iterator[str]:
    """Everything that records can say and a server cannot hold, a line for each kind of record."""
    for record_type in RECORD_TYPE_NAMES:
        if dialect.lacks(record_type):
            span = dialect.lacking[record_type]
            yield f"{record_type}: the whole kind ({history(span)})"
            continue
        unknown = dialect.unknown(request_of(record_type).__name__)
        told = ", ".join(f"{lost.key} ({history(lost.span or [])})" for lost in unknown)
        if told:
            yield f"{record_type}: {told}"


def _types_of(record: Record) -> Iterator[str]:
    """The entity types that a server needs to have for a record."""
    if isinstance(record, CreateRequest):
        yield record.entity_type
        if KINDS[record.entity_type].parent_choice:
            parent = place_of(record)[1]
            if isinstance(parent, EntityReference):
                yield parent.type
    elif isinstance(record, AddLineageRequest):
        yield from (record.edge.fromEntity.type, record.edge.toEntity.type)
    elif isinstance(record, AttachmentRequest):
        yield record.target.type
