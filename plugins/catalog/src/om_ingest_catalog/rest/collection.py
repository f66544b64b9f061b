"""The REST collection of one kind of entity: JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Collection as Fields, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from om_ingest.errors import NotFoundError, RecordError
from om_ingest.kinds import EntityKind, Parcel
from om_ingest.model import OVER_REST
from om_ingest.store import Outcome

from om_ingest_catalog.documents.compose import EntityDocument, StoredEntity, compose, entities
from om_ingest_catalog.documents.computed_fields import attachment_fields
from om_ingest_catalog.documents.filters import Include, check_include, selection
from om_ingest_catalog.documents.listing import Page, check_paging, slice_of, total
from om_ingest_catalog.documents.projection import check_fields
from om_ingest_catalog.patching.patch import patch
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rows.reading import (
    Key,
    UnreadableError,
    check_parent_is_live,
    field_names,
    find,
)
from om_ingest_catalog.rules.merge import NEWEST, Release
from om_ingest_catalog.rules.request import Item, prepared, validated
from om_ingest_catalog.writing import deletion
from om_ingest_catalog.writing.options import Actor, BulkResult, WriteOptions
from om_ingest_catalog.writing.stale import delete_stale

if TYPE_CHECKING:
    from uuid import UUID

    from om_ingest_catalog.store import Catalog

_HASHES_SINCE = (2, 0)

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {"team": {"teamType": "Group"}}
"""What a server takes for required fields that a request does not have."""

_PUT_CHANGES = {
    Outcome.CREATED: "entityCreated",
    Outcome.UPDATED: "entityUpdated",
    Outcome.UNCHANGED: "entityNoChange",
}


class Collection:
    """The entities of one kind in a catalog, under the rules of REST contract §3 and §5 to §7.

    Bodies and documents are plain JSON values. Every change is one transaction on behalf of the
    given actor, and may be made from any thread. A `Key` is an id (UUID) or an FQN. Raises
    `NotFoundError`, `ConflictError`, `PreconditionError`, another `RecordError` for an invalid
    request, and `DeliveryError` when the file fails.
    """

    def __init__(self, catalog: Catalog, kind: EntityKind, release: Release = NEWEST) -> None:
        """`release` is the server release whose rules a PUT follows, e.g. `(1, 6)`."""
        self.kind = kind
        """The kind of the entities."""
        self._file = catalog.file
        self._writer = catalog.writer
        self._release = release

    # Reading

    def field_names(self) -> frozenset[str]:
        """Valid values of `fields`, apart from `*`."""
        return field_names(self.kind.entity_type)

    def whole(self, key: Key) -> dict[str, Any]:
        """One live entity with all attachments: samples, usage, runs …"""
        names = attachment_fields(self.kind.entity_type)
        shown = self.get(key, fields=names).entity
        return {**self.get(key).entity, **{name: shown[name] for name in names if name in shown}}

    def get(
        self, key: Key, *, include: Include = "non-deleted", fields: Fields[str] | None = None
    ) -> EntityDocument:
        """One entity; if `fields` is None, with everything except computed fields.

        Attachments and lists of children are only shown if `fields` names them. `*` selects all
        fields except lists of more than 1,000 children.
        """
        check_fields(self.kind.entity_type, fields)
        return compose(self._file, self._row(key, include), fields)

    def page(
        self,
        *,
        limit: int = 10,
        after: str | None = None,
        before: str | None = None,
        offset: int = 0,
        include: Include = "non-deleted",
        scope: str | None = None,
        filters: Mapping[str, Any] | None = None,
        fields: Fields[str] | None = None,
    ) -> Page:
        """A page of up to `limit` entities in FQN order, on one side of a cursor, after `offset`.

        `scope` is the FQN of an ancestor. `filters` are those of contract §3.0, as strings or
        typed values. With a limit of 0, the page only has the total.
        """
        check_fields(self.kind.entity_type, fields)
        check_paging(limit, after, before)
        chosen = selection(self._file, self.kind, include, scope, filters)
        if chosen is None:
            return Page([], 0)
        entity_type = self.kind.entity_type
        part = slice_of(self._file, entity_type, chosen, limit, after, before, offset)
        errors: list[UnreadableError] = []
        return Page(
            entities(self._file, part.rows, fields, errors),
            total(self._file, entity_type, chosen, include),
            part.after,
            part.before,
            tuple(errors),
        )

    def versions(self, key: Key) -> list[EntityDocument]:
        """Every version of an entity, deleted or not, newest first; those that can be read."""
        row = self._row(key, "all")
        found = []
        for version in self._file.versions(row):
            with suppress(UnreadableError):
                found.append(compose(self._file, version))
        return found

    def version(self, key: Key, number: str) -> EntityDocument:
        """One version of an entity, e.g. `"0.2"`."""
        row = self._row(key, "all")
        try:
            version = self._file.version(row, float(number))
        except ValueError:
            version = None
        if version is None:
            raise NotFoundError.of(self.kind.entity_type, f"{key} and version {number}")
        return compose(self._file, version)

    # Writing

    def create(self, body: Mapping[str, Any], actor: Actor) -> StoredEntity:
        """Create an entity; raises `ConflictError` if it exists, deleted or not."""
        return self._write(body, WriteOptions(actor, create_only=True, release=self._release))

    def put(self, body: Mapping[str, Any], actor: Actor) -> StoredEntity:
        """Create or update an entity; restores a deleted one.

        Raises `NotFoundError` for a missing parent or reference.
        """
        return self._write(body, WriteOptions(actor, release=self._release))

    def bulk(self, bodies: Sequence[Any], actor: Actor, *, override: bool = False) -> BulkResult:
        """Create or update many entities in one transaction; failures do not affect other rows.

        With `override`, a bot overwrites what people wrote (contract §6.3). A row with the stored
        `sourceHash` is unchanged, from release 2.0 on (§5.1).
        """
        items = [self._item(body) for body in bodies]  # outside of the write lock
        options = WriteOptions(
            actor,
            override=override,
            trust_source_hash=self._release >= _HASHES_SINCE,
            release=self._release,
        )
        with self._writer.transaction():
            settled = self._writer.apply(items, options)
        result = BulkResult([], [])
        for body, row in zip(bodies, settled, strict=True):
            if row.refusal is None:
                result.add_success(row.fqn)
            else:
                result.add_failure(body, row.refusal.error.what)
        return result

    def patch(
        self, key: Key, operations: Any, actor: Actor, *, if_match: str | None = None
    ) -> StoredEntity:
        """Apply a JSON Patch (RFC 6902) to the document of an entity (contract §6.4).

        Raises `PreconditionError` if `if_match`, an `If-Match` header, does not match.
        """
        with self._writer.transaction():
            row = self._row(key, "non-deleted")
            return patch(self._file, self._writer, row, operations, actor, if_match, self._release)

    def extend(self, key: Key, field: str, items: Sequence[Any], actor: Actor) -> StoredEntity:
        """Append items to a list of an entity, unless they are in it; safe under concurrency.

        References are equal if their ids are.
        """
        with self._writer.transaction():
            row = self._row(key, "non-deleted")
            known = compose(self._file, row).entity.get(field) or []
            every: dict[Any, Any] = {}
            for item in (*known, *items):
                every.setdefault(item["id"].lower() if isinstance(item, dict) else item, item)
            operations = [{"op": "add", "path": f"/{field}", "value": list(every.values())}]
            return patch(self._file, self._writer, row, operations, actor, None)

    def delete(
        self, key: Key, actor: Actor, *, recursive: bool = False, hard: bool = False
    ) -> StoredEntity:
        """Delete softly, or permanently if `hard`; the last state of the entity.

        Deleting softly what is deleted changes nothing. Raises `RecordError` if there are
        children, deleted or not, and `recursive` is not set.
        """
        with self._writer.changing():
            row = self._row(key, "all")
            before, now = compose(self._file, row), self._writer.now
            if row.deleted and not hard:
                return StoredEntity(before, Outcome.UNCHANGED, "entitySoftDeleted")
            deletion.delete(
                self._file, row, actor, now, recursive=recursive, hard=hard, as_server=True
            )
            after = self._file.by_rowid(row.rowid)
            if after is None:
                return StoredEntity(before, Outcome.UPDATED, "entityDeleted")
            return StoredEntity(compose(self._file, after), Outcome.UPDATED, "entitySoftDeleted")

    def restore(self, entity_id: UUID, actor: Actor) -> StoredEntity:
        """Undo a soft delete, and those of all that is below.

        Raises `RecordError` if the parent is deleted.
        """
        with self._writer.changing():
            row = self._row(entity_id, "all")
            if not row.deleted:
                return StoredEntity(compose(self._file, row), Outcome.UNCHANGED, "entityNoChange")
            check_parent_is_live(self._file, row)
            deletion.restore(self._file, row, actor, self._writer.now, every=True)
            restored = compose(self._file, self._file.reload(row))
            return StoredEntity(restored, Outcome.UPDATED, "entityRestored")

    def delete_stale(self, request: Mapping[str, Any], actor: Actor) -> BulkResult:
        """Delete entities in a scope that were not seen; `request` is the body of contract §5.2."""
        return delete_stale(self._file, self._writer, self.kind, request, actor)

    def _row(self, key: Key, include: Include) -> EntityRow:
        check_include(include)
        row = find(self._file, self.kind.entity_type, key)
        if row is None or include not in ("all", "deleted" if row.deleted else "non-deleted"):
            raise NotFoundError.of(self.kind.entity_type, key)
        return row

    def _item(self, body: Any) -> Item:
        try:
            kind = self.kind
            if isinstance(body, Mapping):
                body = {**_DEFAULTS.get(kind.entity_type, {}), **body}
            request = validated(kind.request, body, kind.entity_type, context=OVER_REST)
            return prepared(Parcel.sealed(request))
        except RecordError as error:
            return error.what

    def _write(self, body: Mapping[str, Any], options: WriteOptions) -> StoredEntity:
        item = self._item(body)
        with self._writer.transaction():
            (settled,) = self._writer.apply([item], options)
            if settled.refusal is not None:
                raise settled.refusal.error
            row = find(self._file, self.kind.entity_type, settled.fqn)
            assert row is not None, "what was written is there"
            document = compose(self._file, row)
        return StoredEntity(document, settled.outcome, _PUT_CHANGES[settled.outcome])
