"""Storage of the next version of an entity (contract §6.2)."""

from __future__ import annotations

from om_ingest_catalog.rows import backlinks, search
from om_ingest_catalog.rows.body import Body, dump
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rules.changes import Changes
from om_ingest_catalog.writing.options import Actor


def revise(
    file: CatalogFile,
    row: EntityRow,
    bodies: tuple[Body, Body],
    changes: Changes,
    actor: Actor,
    now: int,
    since: EntityRow | None = None,
) -> None:
    """Store a row with a new body, live; `bodies` are the old and the new one.

    `changes` are relative to the row, which is copied into the history. With `since`, they are
    relative to that earlier version, and the row is replaced without a history entry. Without
    changes, the version stays. `now` is in ms since 1970.
    """
    old, new = bodies
    changed = row._replace(body=dump(new))
    if changes:
        if since is None:
            file.archive(row)
        before = since or row
        changed = changed._replace(
            version=changes.next_version(before.version),
            updated_at=now,
            updated_by=actor.name,
            impersonated_by=actor.impersonated_by,
            deleted=0,
            change=changes.description(before.version),
        )
    store = file.mark if row.deleted else file.update
    store(changed)
    backlinks.replace(file, row, old, new)
    text = search.search_text(row.rowid, row.entity_type, new)
    if text != search.search_text(row.rowid, row.entity_type, old):
        search.replace(file, text)
