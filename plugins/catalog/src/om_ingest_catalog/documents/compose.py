"""Entities as JSON documents, ready to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from om_ingest.store import Outcome

from om_ingest_catalog.documents.assemble import document
from om_ingest_catalog.documents.computed_fields import asked_for, attach, readers_of
from om_ingest_catalog.documents.derived import complete
from om_ingest_catalog.documents.etags import strong_etag, weak_etag
from om_ingest_catalog.documents.projection import projected
from om_ingest_catalog.rows.body import Body, dump
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import ServiceTypes


class EntityDocument(NamedTuple):
    """One entity, with the tags of its state."""

    entity: Body
    """JSON of contract §3, without nulls; the caller may change it."""

    etag: str
    """Strong: depends on the state, and on the fields that were asked for."""

    weak_etag: str
    """The version alone, e.g. `W/"0.3"`."""


class StoredEntity(NamedTuple):
    """An entity after it was written."""

    document: EntityDocument
    outcome: Outcome
    change: str
    """The value of the header `X-OpenMetadata-Change`, e.g. `entityCreated` (§6.1)."""


def compose(
    file: CatalogFile, row: EntityRow, fields: Collection[str] | None = None
) -> EntityDocument:
    """The document of a row; everything that the row holds if `fields` is None."""
    (entity,) = entities(file, [row], fields)
    names = readers_of(row.entity_type).keys() & entity.keys() if fields else ()
    beside = {name: entity[name] for name in sorted(names)}
    tag = strong_etag(row, fields, dump(beside) if beside else "")
    return EntityDocument(entity, tag, weak_etag(row))


def entities(
    file: CatalogFile, rows: Iterable[EntityRow], fields: Collection[str] | None = None
) -> list[Body]:
    """The JSON of rows of one kind, or of versions of one row."""
    service_type = ServiceTypes(file)
    found = []
    for row in rows:
        entity = projected(row.entity_type, document(row, service_type(row)), fields)
        complete(file, row, entity, whole=fields is None)
        if fields:
            attach(file, row, entity, asked_for(file, row, fields))
        found.append(entity)
    return found
