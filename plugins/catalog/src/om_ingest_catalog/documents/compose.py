"""JSON documents of entities, as a server sends them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from om_ingest.store import Outcome

from om_ingest_catalog.documents.assemble import document
from om_ingest_catalog.documents.computed_fields import attach, readers_of, requested_fields
from om_ingest_catalog.documents.derived import complete
from om_ingest_catalog.documents.etags import strong_etag, weak_etag
from om_ingest_catalog.documents.projection import inheritable, projected
from om_ingest_catalog.rows.body import Body, dump
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.inheritance import Inheritance, inherited_fields
from om_ingest_catalog.rows.reading import (
    UNREADABLE,
    ServiceTypes,
    UnreadableError,
    unreadable,
)


class EntityDocument(NamedTuple):
    """One entity with its entity tags."""

    entity: Body
    """JSON of contract §3, without nulls; the caller may modify it."""

    etag: str
    """The strong tag: depends on the state and the requested fields."""

    weak_etag: str
    """The weak tag: the version, e.g. `W/"0.3"`."""


class StoredEntity(NamedTuple):
    """Result of a write: the entity as it is stored now."""

    document: EntityDocument
    outcome: Outcome
    change: str
    """The value of the header `X-OpenMetadata-Change`, e.g. `entityCreated` (§6.1)."""


def compose(
    file: CatalogFile, row: EntityRow, fields: Collection[str] | None = None
) -> EntityDocument:
    """The document of a row; all fields of the row if `fields` is None.

    Raises `UnreadableError`.
    """
    (entity,) = entities(file, [row], fields, listed=False)
    others = inherited_fields(row.entity_type)
    names = (readers_of(row.entity_type).keys() if fields else set()) | others
    names &= entity.keys()
    computed = {name: entity[name] for name in sorted(names)}
    tag = strong_etag(row, fields, dump(computed) if computed else "")
    return EntityDocument(entity, tag, weak_etag(row))


def entities(
    file: CatalogFile,
    rows: Iterable[EntityRow],
    fields: Collection[str] | None = None,
    errors: list[UnreadableError] | None = None,
    *,
    listed: bool = True,
) -> list[Body]:
    """The JSON of rows of one kind, or of several versions of one row.

    A row that cannot be read is left out, and added to `errors`; without that it is raised.
    """
    service_type, inheritance = ServiceTypes(file), Inheritance(file)
    found = []
    for row in rows:
        try:
            whole = document(row, service_type(row))
            whole.update(inheritance.values(row, whole, inheritable(row.entity_type, fields)))
            entity = projected(row.entity_type, whole, fields, listed=listed)
            complete(file, row, entity, whole=fields is None)
            if fields:
                attach(file, row, entity, requested_fields(file, row, fields))
        except UNREADABLE as error:
            if errors is None:
                raise unreadable(row, error) from None
            errors.append(unreadable(row, error))
        else:
            found.append(entity)
    return found
