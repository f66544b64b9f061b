"""Deletion and restoration of entities with their descendants (contract §6.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, SHARED_LINKS, EntityKind, holders
from om_ingest.model.fqn import normalised

from om_ingest_catalog.attachments import attachment
from om_ingest_catalog.rows import backlinks, search
from om_ingest_catalog.rows.body import Body, all_members, dump, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import LABEL_TYPES, reference_paths
from om_ingest_catalog.rows.reading import UNREADABLE, body_of, chosen_parent
from om_ingest_catalog.rules.changes import deletion
from om_ingest_catalog.writing import lineage
from om_ingest_catalog.writing.options import Actor

_PAGE_COUNT = 500
_LIVE = "deleted = 0"
_ANY = "1"


@cache
def descendant_types(entity_type: str) -> tuple[str, ...]:
    """The entity types of possible descendants, nearest first."""
    found = [entity_type]
    for above in found:
        found.extend(
            name for name, kind in KINDS.items() if above in kind.parent_types and name not in found
        )
    nests = entity_type in KINDS[entity_type].parent_types
    return tuple(found if nests else found[1:])


def descendants(file: CatalogFile, row: EntityRow, condition: str) -> Iterator[EntityRow]:
    """All descendants that meet a condition; rows may be changed during the iteration."""
    for entity_type in descendant_types(row.entity_type):
        kind = KINDS[entity_type]
        after: str | None = None
        while page := file.page(entity_type, row.fqn, after, _PAGE_COUNT, condition):
            if kind.parent_choice:  # services of different types may have the same name
                yield from (below for below in page if _is_parent(row, kind, below))
            else:
                yield from page
            after = page[-1].fqn


def _is_parent(row: EntityRow, kind: EntityKind, below: EntityRow) -> bool:
    return chosen_parent(kind, below) == row.entity_type


def check_deletable(
    file: CatalogFile, row: EntityRow, *, recursive: bool, as_server: bool = False
) -> None:
    """Raise `RecordError` if the entity is provided by the system, or not empty.

    To a server (`as_server`), something is not empty either if its children are deleted.
    """
    if body_of(row).get("provider") == "system":
        raise RecordError(
            f"{row.entity_type} {row.fqn} is provided by the system", "It cannot be deleted."
        )
    if recursive:
        return
    condition = _ANY if as_server else _LIVE
    if _products(file, row) or next(descendants(file, row, condition), None) is not None:
        raise RecordError(
            f"{row.entity_type} is not empty", f"Delete what is below {row.fqn}, or recursively."
        )


def delete(
    file: CatalogFile,
    row: EntityRow,
    actor: Actor,
    now: int,
    *,
    recursive: bool,
    hard: bool,
    as_server: bool = False,
) -> None:
    """Delete an entity softly; permanently if `hard`, or if its kind has no soft delete.

    Raises `RecordError` if it must not be deleted.
    """
    check_deletable(file, row, recursive=recursive, as_server=as_server)
    if hard or not KINDS[row.entity_type].soft_delete:
        remove(file, row)
    else:
        mark_deleted(file, row, actor, now)


def mark_deleted(file: CatalogFile, row: EntityRow, actor: Actor, now: int) -> None:
    """Mark an entity and its live descendants as deleted; `now` is in ms since 1970."""
    for below in descendants(file, row, _LIVE):
        _mark(file, below, row.rowid, actor, now)
    _mark(file, row, row.rowid, actor, now)


def restore(
    file: CatalogFile, row: EntityRow, actor: Actor, now: int, *, every: bool = False
) -> None:
    """Restore an entity, and the descendants that were deleted with it, or `every` one."""
    _mark(file, row, 0, actor, now)
    restore_descendants(file, row, actor, now, every=every)


def restore_descendants(
    file: CatalogFile, row: EntityRow, actor: Actor, now: int, *, every: bool = False
) -> None:
    """Restore the descendants that were deleted with an entity; as a server, `every` one."""
    for below in descendants(file, row, "deleted <> 0" if every else f"deleted = {row.rowid:d}"):
        _mark(file, below, 0, actor, now)


def _mark(file: CatalogFile, row: EntityRow, deleted: int, actor: Actor, now: int) -> None:
    changes = deletion(deleted=bool(deleted))
    file.archive(row)
    file.mark(
        row._replace(
            version=changes.next_version(row.version),
            updated_at=now,
            updated_by=actor.name,
            impersonated_by=actor.impersonated_by,
            deleted=deleted,
            change=changes.description(row.version),
            put_hash=None,
        )
    )
    if deleted:
        backlinks.invalidate_referrers(file, row)


def remove(file: CatalogFile, row: EntityRow) -> None:
    """Delete an entity and its descendants permanently: history, edges, attachments, references.

    Data products are deleted with their last domain.
    """
    for below in descendants(file, row, _ANY):
        _remove(file, below)
    _remove(file, row)


def _products(file: CatalogFile, row: EntityRow) -> list[EntityRow]:
    """The data products of a domain, which are its children although their FQNs do not tell."""
    return backlinks.referrers(file, row, "dataProduct") if row.entity_type == "domain" else []


def _remove(file: CatalogFile, row: EntityRow) -> None:
    for product in _products(file, row):
        if {normalised(fqn) for fqn in parse(product.body)["domains"]} == {row.fqn}:
            _remove(file, product)
    file.execute("DELETE FROM entity WHERE rowid = ?", (row.rowid,))
    file.execute("DELETE FROM history WHERE entity = ?", (row.rowid,))
    lineage.remove_all(file, row)
    attachment.remove_all(file, row)
    search.remove(file, [row.rowid])
    for other in backlinks.referrers(file, row):
        body = _without(other.entity_type, parse(other.body), row)
        file.update(other._replace(body=dump(body), put_hash=None))
    try:
        gone = body_of(row)
        backlinks.remove_entity(file, row, gone)
        backlinks.invalidate_mirrors(file, row.entity_type, gone)
    except UNREADABLE:  # entries that are left point at nothing
        backlinks.remove_entity(file, row, {})


def _without(entity_type: str, body: Body, row: EntityRow) -> Body:
    """The body without references to the row."""
    kind = KINDS[entity_type]
    for path in reference_paths(entity_type):
        for holder in holders(body, path):
            _drop(holder, path[-1], lambda item: item.get("id") == row.id)
    for field, target in kind.links.items():
        if target == row.entity_type and field in body:
            _drop(body, field, lambda fqn: fqn == row.fqn)
    for field, target in SHARED_LINKS.items():
        if target == row.entity_type and field in body:
            _drop(body, field, lambda fqn: normalised(fqn) == row.fqn)
    for field, target in kind.id_links.items():
        if target == row.entity_type and field in body:
            _drop(body, field, lambda given: given == row.id)
    if row.entity_type in LABEL_TYPES.values():
        for holder in (body, *all_members(kind.members, body)):
            if "tags" in holder:
                _drop(holder, "tags", lambda label: _is_label(label, row))
    return body


def _is_label(label: Body, row: EntityRow) -> bool:
    named = LABEL_TYPES[label["source"]], normalised(label["tagFQN"])
    return named == (row.entity_type, row.fqn)


def _drop(holder: Body, field: str, is_gone: Callable[[Any], bool]) -> None:
    """Remove the matching values from a list, or the field if its single value matches."""
    value = holder[field]
    if isinstance(value, list):
        holder[field] = [item for item in value if not is_gone(item)]
    elif is_gone(value):
        del holder[field]
