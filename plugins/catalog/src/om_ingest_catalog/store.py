"""The catalog as a `MetadataStore`."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from om_ingest.kinds import KINDS, Parcel, kind_of
from om_ingest.model import Entity, EntityLineage, EntityReference, Record
from om_ingest.model.fqn import normalised
from om_ingest.store import MetadataStore, WriteResult, write_sealed
from om_ingest.versioned_file import open_file, open_temporary

from om_ingest_catalog.documents.assemble import assemble
from om_ingest_catalog.documents.targets import Href, show_targets
from om_ingest_catalog.patching.patch import patch
from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import (
    ServiceTypes,
    UnreadableError,
    check_parent_is_live,
    find,
)
from om_ingest_catalog.rows.search import SearchHit, search
from om_ingest_catalog.rows.tables import CATALOG
from om_ingest_catalog.rules.merge import NEWEST, Release
from om_ingest_catalog.rules.request import prepared
from om_ingest_catalog.writing import deletion, lineage
from om_ingest_catalog.writing.batch import BatchWriter
from om_ingest_catalog.writing.fresh import ADMIN, fresh_items
from om_ingest_catalog.writing.options import Actor, WriteOptions

if TYPE_CHECKING:
    from typing_extensions import Self

EntityT = TypeVar("EntityT", bound=Entity)

_PAGE_COUNT = 200

logger = logging.getLogger(__name__)


class Catalog(MetadataStore):
    """Entities in one SQLite file, under OpenMetadata's own rules (REST contract §6).

    Several processes may write one file concurrently, and others may read it meanwhile. Each
    write is one transaction. Records of a bot change what they say, and keep what people have
    set (`om_ingest.kinds.Policy`); those of others replace an entity as a PUT does. Every method
    raises `DeliveryError` when the file fails.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        actor: str = "ingestion-bot",
        is_bot: bool = True,
        override_metadata: bool = False,
    ) -> None:
        """Open the file; create it if it does not exist, unless `read_only`.

        An older file is upgraded after a backup; if `read_only`, it is refused.

        An empty `path` means a temporary catalog, as in SQLite. With `override_metadata`, what
        a bot's records say replaces what people have set. Raises `WorkflowError`.
        """
        self.path = Path(path) if path else None
        """The file; None for a temporary catalog."""
        connection = (
            open_file(self.path, CATALOG, read_only=read_only)
            if self.path
            else open_temporary(CATALOG)
        )
        self.file = CatalogFile(connection, f"The catalog {self.path or '(temporary)'}")
        """Internal: rows and SQL statements."""
        self.writer = BatchWriter(self.file)
        """Internal: the only writer of the file."""
        self.unreadable_count = 0
        """How many entities or versions lists have left out, because they cannot be read."""
        self._actor = Actor(actor, is_bot)
        self._override = override_metadata

    @classmethod
    def temporary(
        cls, *, actor: str = "ingestion-bot", is_bot: bool = True, override_metadata: bool = False
    ) -> Self:
        """An empty catalog in a temporary file, deleted on close."""
        return cls("", actor=actor, is_bot=is_bot, override_metadata=override_metadata)

    @classmethod
    def copy_of(cls, path: str | os.PathLike[str], *, override_metadata: bool = False) -> Self:
        """A temporary copy of a catalog file, upgraded if that is older; raises `WorkflowError`."""
        copy = cls.temporary(override_metadata=override_metadata)
        copy.file.become(Path(path), CATALOG)
        return copy

    def initialise(self, release: Release = NEWEST) -> None:
        """Add what a fresh OpenMetadata server of a release holds; unless anything is there.

        These are the tags `PII`, `PersonalData`, `Tier` and `Certification`, the team
        `Organization`, `admin` and the bots.
        """
        if self.file.next_rowid() == 1:
            with self.writer.transaction():
                if self.file.next_rowid() == 1:  # nobody else was faster
                    added = self.writer.apply(fresh_items(release), WriteOptions(ADMIN))
                    refused = [str(part.refusal) for part in added if part.refusal]
                    assert not refused, f"parts of a fresh server are refused: {refused}"

    def show_targets(self, bodies: Sequence[Body], href: Href) -> str:
        """Complete the references and tag labels in documents, in place; see `show_targets`.

        `href` gives the URL for a type and an id. Returns a digest of what they show.
        """
        return show_targets(self.file, bodies, href)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Create or update in one transaction; one result per record, in the same order."""
        return write_sealed(records, partial(Catalog.write_parcels, self))

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """As `write`, for records with their content."""
        items = [prepared(parcel) for parcel in parcels]  # outside of the write lock
        with self.writer.transaction():
            settled = self.writer.apply(items, WriteOptions(self._actor, override=self._override))
        return [
            WriteResult(parcel.record, result.outcome)
            if (refusal := result.refusal) is None
            else WriteResult(parcel.record, result.outcome, str(refusal), refusal.missing)
            for parcel, result in zip(parcels, settled, strict=True)
        ]

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None; redundant quotes are accepted."""
        return self._entity(entity, self._row(entity, fqn), include_deleted=include_deleted)

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id (a UUID or its text), or None."""
        try:
            key = UUID(str(entity_id))
        except ValueError:
            return None
        row = find(self.file, kind_of(entity).entity_type, key)
        return self._entity(entity, row, include_deleted=include_deleted)

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind in FQN order, read lazily; `scope` is the FQN of an ancestor.

        One that cannot be read is left out, logged, and counted in `unreadable_count`.
        """
        entity_type = kind_of(entity).entity_type
        below = None if scope is None else normalised(scope)
        if scope is not None and below is None:
            return
        condition = "1" if include_deleted else "deleted = 0"
        after: str | None = None
        while page := self.file.page(entity_type, below, after, _PAGE_COUNT, condition):
            service_type = ServiceTypes(self.file)
            for row in page:
                try:
                    found = assemble(self.file, entity, row, service_type(row))
                except UnreadableError as error:
                    self._leave_out(error)
                else:
                    yield found
            after = page[-1].fqn

    def counts(self) -> dict[str, int]:
        """Number of live entities by entity type; types without any are left out."""
        return dict(
            self.file.query(
                "SELECT entity_type, sum(live) FROM tally"
                " GROUP BY entity_type HAVING sum(live) > 0 ORDER BY entity_type"
            )
        )

    def search(self, words: str, limit: int = 20) -> list[SearchHit]:
        """Live entities that match every word by prefix, best match first.

        Searches names, display names, descriptions, and names and descriptions of columns.
        """
        return search(self.file, words, limit)

    def versions(self, entity: type[EntityT], fqn: str) -> list[EntityT]:
        """Every version of an entity, newest first; empty if it does not exist.

        One that cannot be read is left out, as by `list_entities`.
        """
        row = self._row(entity, fqn)
        if row is None:
            return []
        service_type = ServiceTypes(self.file)(row)
        found = []
        for version in self.file.versions(row):
            try:
                found.append(assemble(self.file, entity, version, service_type))
            except UnreadableError as error:
                self._leave_out(error)
        return found

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph of live entities around one; None if it does not exist."""
        row = self._row(entity, fqn)
        if row is None or row.deleted:
            return None
        return lineage.graph(
            self.file, row, upstream_depth=upstream_depth, downstream_depth=downstream_depth
        )

    def delete_lineage(self, start: EntityReference, target: EntityReference) -> bool:
        """Remove the edge between two entities; False if there is none."""
        with self.writer.changing():
            rows = [
                self._row(KINDS[end.type].entity, end.fullyQualifiedName or "")
                for end in (start, target)
            ]
            return None not in rows and lineage.remove(self.file, *filter(None, rows))

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Delete softly, or permanently if `hard`; False if there is no such entity.

        Queries, domains and data products have no soft delete: they are removed permanently.
        Raises `RecordError` if the entity has live children and `recursive` is not set.
        """
        with self.writer.changing():
            row = self._row(entity, fqn)
            if row is None or (row.deleted and not hard):
                return False
            deletion.delete(
                self.file, row, self._actor, self.writer.now, recursive=recursive, hard=hard
            )
        return True

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, including the children deleted by it; None if not found.

        Raises `RecordError` if the parent is deleted.
        """
        with self.writer.changing():
            row = self._row(entity, fqn)
            if row is not None and row.deleted:
                check_parent_is_live(self.file, row)
                deletion.restore(self.file, row, self._actor, self.writer.now)
        return self.get_by_name(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch (RFC 6902) to a live entity as it is read; None if not found.

        Raises `RecordError` if the patch or its result is invalid.
        """
        with self.writer.transaction():
            row = self._row(entity, fqn)
            if row is None or row.deleted:
                return None
            patch(self.file, self.writer, row, list(operations), self._actor, None)
        return self.get_by_name(entity, fqn)

    def _leave_out(self, error: UnreadableError) -> None:
        self.unreadable_count += 1
        logger.error("%s", error)

    def _row(self, entity: type[Entity], fqn: str) -> EntityRow | None:
        return find(self.file, kind_of(entity).entity_type, fqn)

    def _entity(
        self, entity: type[EntityT], row: EntityRow | None, *, include_deleted: bool
    ) -> EntityT | None:
        if row is None or (row.deleted and not include_deleted):
            return None
        return assemble(self.file, entity, row, ServiceTypes(self.file)(row))
