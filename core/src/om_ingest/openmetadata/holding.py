"""What a server can hold of records, by its version: kinds, fields and values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic_core import from_json

from om_ingest.kinds import KINDS, Parcel, place_of
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from om_ingest.model.entity import AttachmentRequest, CreateRequest, EntityReference
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record
from om_ingest.releases import Dialect, LeftOut, Span, first_of, history

_ATTACHED = {"tableProfile": "table", "pipelineStatus": "pipeline"}
"""Attachments of one kind."""


def lacking(dialect: Dialect, record: Record) -> str:
    """Why a server holds nothing of a record, in one line; empty if it holds some of it."""
    for entity_type in _types_of(record) if dialect.lacking else ():
        if dialect.lacks(entity_type):
            collection, span = KINDS[entity_type].collection, dialect.lacking[entity_type]
            told = history(span) if span else f"collection {collection}"
            return f"server {dialect.text} has no {collection.rpartition('/')[2]} ({told})"
    return ""


def left_out(dialect: Dialect, parcel: Parcel) -> list[LeftOut]:
    """What is not sent of a record that a server takes, each thing once."""
    name = type(parcel.record).__name__
    if not dialect.touches(name, parcel.body):
        return []
    found = dialect.fit(name, from_json(parcel.body))
    return list({lost.key: lost for lost in found}.values())


def limits(dialect: Dialect, family: str = "") -> Iterator[str]:
    """What records can say and a server cannot hold.

    A line for the kinds that it lacks, and one for each kind of record or class of parts, such as
    `TagLabel`; one for several that lack the same. `family` is that of the source's services, such
    as `database`: kinds below services of another one are not told. Empty for all.
    """
    told = [name for name in RECORD_TYPE_NAMES if not family or _family(name) in ("", family)]
    lacking = [(name, dialect.lacking[name]) for name in told if dialect.lacks(name)]
    if lacking:
        yield f"whole kinds: {_by_history(lacking)}"
    names = {request_of(name).__name__: name for name in told if not dialect.lacks(name)}
    waiting, owners = list(names), dict[str, list[str]]()
    for class_name in waiting:
        name = names.get(class_name) or class_name.rpartition(".")[2]
        unknown = _by_history((lost.key, lost.span) for lost in dialect.unknown(class_name))
        if name not in owners.setdefault(unknown, []):
            owners[unknown].append(name)
        waiting += sorted(dialect.parts(class_name).difference(waiting))
    yield from (f"{', '.join(having)}: {lost}" for lost, having in owners.items() if lost)


def _family(record_type: str) -> str:
    """The family of the services above a type of records; empty where there are none, or many."""
    kind = KINDS.get(_ATTACHED.get(record_type, record_type))
    while kind is not None and kind.parent is not None:
        kind = kind.parent
    return kind.segment or "" if kind is not None else ""


def _by_history(unknown: Iterable[tuple[str, Span | None]]) -> str:
    """What a server does not know, with the versions that know it: `a, b (new in 1.9.0); …`."""
    found: dict[str, list[str]] = {}
    for key, span in sorted(unknown, key=lambda one: first_of(one[1])):
        found.setdefault(history(span) if span else "refused", []).append(key)
    return "; ".join(f"{', '.join(keys)} ({told})" for told, keys in found.items())


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
