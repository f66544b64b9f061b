"""Deleting and restoring entities with everything below them (contract §6.5)."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest.catalog import search
from om_ingest.catalog.body import Body, all_columns, dump, parse
from om_ingest.catalog.changes import deletion
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.errors import RecordError
from om_ingest.model.kinds import KINDS

_PAGE_COUNT = 500
_LIVE = "deleted = 0"
_ANY = "1"


def descendant_types(entity_type: str) -> list[str]:
    """The kinds that lie below a kind, nearest first."""
    found = [entity_type]
    for above in found:
        found.extend(kind for kind in KINDS if KINDS[kind].parent_type == above)
    return found if KINDS[entity_type].nested_field else found[1:]


def descendants(file: CatalogFile, row: Row, condition: str) -> Iterator[Row]:
    """Everything below an entity that meets a condition; rows may be changed meanwhile."""
    for entity_type in descendant_types(row.entity_type):
        after: str | None = None
        while page := file.page(entity_type, row.fqn, after, _PAGE_COUNT, condition):
            yield from page
            after = page[-1].fqn


def check_deletable(file: CatalogFile, row: Row, *, recursive: bool) -> None:
    """Raise `RecordError` if the entity must not be deleted."""
    if parse(row.body).get("provider") == "system":
        raise RecordError(
            f"{row.entity_type} {row.fqn} is provided by the system", "It cannot be deleted."
        )
    if not recursive and next(descendants(file, row, _LIVE), None) is not None:
        raise RecordError(
            f"{row.entity_type} is not empty", f"Delete what is below {row.fqn}, or recursively."
        )


def mark_deleted(file: CatalogFile, row: Row, actor: str, now: int) -> None:
    """Mark an entity and everything live below it; `now` is in ms since 1970."""
    for below in descendants(file, row, _LIVE):
        _mark(file, below, row.rowid, actor, now)
    _mark(file, row, row.rowid, actor, now)


def restore(file: CatalogFile, row: Row, actor: str, now: int) -> None:
    """Bring an entity back, with everything that was deleted along with it."""
    _mark(file, row, 0, actor, now)
    restore_descendants(file, row, actor, now)


def restore_descendants(file: CatalogFile, row: Row, actor: str, now: int) -> None:
    """Bring back what was deleted along with an entity."""
    for below in descendants(file, row, f"deleted = {row.rowid:d}"):
        _mark(file, below, 0, actor, now)


def _mark(file: CatalogFile, row: Row, deleted: int, actor: str, now: int) -> None:
    changes = deletion(deleted=bool(deleted))
    file.keep_version(row)
    file.update(
        row._replace(
            version=changes.next_version(row.version),
            updated_at=now,
            updated_by=actor,
            deleted=deleted,
            change=changes.description(row.version),
            put_hash=None,
        )
    )
    if deleted:
        _distrust_users(file, row)


def remove(file: CatalogFile, row: Row) -> None:
    """Remove an entity and everything below it for good: history, search, edges, labels."""
    for below in descendants(file, row, _ANY):
        _remove(file, below)
    _remove(file, row)


def _remove(file: CatalogFile, row: Row) -> None:
    file.execute("DELETE FROM entity WHERE rowid = ?", (row.rowid,))
    file.execute("DELETE FROM history WHERE entity = ?", (row.rowid,))
    file.execute("DELETE FROM lineage WHERE source = ? OR target = ?", (row.rowid, row.rowid))
    search.remove(file, [row.rowid])
    mention = _mention(row)
    if mention is not None:
        for user in file.mentioning(mention):
            body = _without(parse(user.body), row)
            file.update(user._replace(body=dump(body), put_hash=None))


def _distrust_users(file: CatalogFile, row: Row) -> None:
    """Let the next PUT of whatever points at the row be checked in full."""
    mention = _mention(row)
    if mention is not None:
        file.execute("UPDATE entity SET put_hash = NULL WHERE instr(body, ?)", (mention,))


def _mention(row: Row) -> str | None:
    """How a body names this tag, user or team; None for kinds that none names."""
    if row.entity_type == "tag":
        return f'"tagFQN":{dump(row.fqn)}'
    return f'"id":"{row.id}"' if row.entity_type in ("user", "team") else None


def _without(body: Body, row: Row) -> Body:
    for holder in (body, *all_columns(body)):
        for field in ("tags", "owners", "reviewers"):
            if field in holder:
                holder[field] = [
                    item
                    for item in holder[field]
                    if item.get("tagFQN", item.get("id"))
                    != (row.fqn if field == "tags" else row.id)
                ]
    return body
