"""Access to one entity for the REST operations: lookup, transaction, answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from om_ingest_catalog.attachments import attachment
from om_ingest_catalog.documents.compose import compose
from om_ingest_catalog.documents.computed_fields import attach
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rows.reading import Key, find_live
from om_ingest_catalog.rules.request import RefusedError

if TYPE_CHECKING:
    from om_ingest_catalog.store import Catalog


class EntityAccess:
    """Shared by the classes for attachments and edges."""

    def __init__(self, catalog: Catalog) -> None:
        self._file = catalog.file
        self._writer = catalog.writer

    def _remove(self, entity_type: str, key: Key, name: str, one: str | None = None) -> Body:
        """Remove an attachment, or all with its name; the entity afterwards."""
        with self._changing(entity_type, key) as row:
            attachment.remove(self._file, row, name, one)
        return self._entity(row, name)

    def _row(self, entity_type: str, key: Key) -> EntityRow:
        return find_live(self._file, entity_type, key)

    @contextmanager
    def _checking(self) -> Iterator[None]:
        """Raise what the rules refuse as the `RecordError` that callers know."""
        try:
            yield
        except RefusedError as refusal:
            raise refusal.error from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._writer.transaction(), self._checking():
            yield

    @contextmanager
    def _changing(self, entity_type: str, key: Key) -> Iterator[EntityRow]:
        with self._writing():
            yield self._row(entity_type, key)

    def _entity(self, row: EntityRow, *fields: str) -> Body:
        entity = compose(self._file, row).entity
        attach(self._file, row, entity, fields)
        return entity
