"""Reverse index of references: which entities refer to a given one (ADR 0021).

A body refers to an entity by a reference, a field with its FQN or id, or a tag label. The
parent is not indexed: it follows from the FQN. The table is called `mention`. Values that are
unique among the entities of a kind are in it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from om_ingest.kinds import KINDS, SHARED_LINKS, holders
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.body import Body, all_members
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import (
    LABEL_TYPES,
    MIRRORED,
    entity_id,
    reference_paths,
)

_ADD = "INSERT INTO mention (target, entity_type, source) VALUES (?, ?, ?)"
_REMOVE = "DELETE FROM mention WHERE target = ? AND entity_type = ? AND source = ?"

UNIQUE = {"user": "email", "query": "query"}
"""Fields whose values a server has once; the index has them, too."""

Backlink: TypeAlias = tuple[str, str, int]
"""Id of the target, then entity type and rowid of the referrer."""


def referenced_ids(entity_type: str, body: Body) -> set[str]:
    """Ids of all entities that a body refers to."""
    kind, found = KINDS[entity_type], set[str]()
    for path in reference_paths(entity_type):
        if path[0] in body:
            for holder in holders(body, path):
                given = holder[path[-1]]
                items = given if isinstance(given, list) else [given]
                found.update(str(item["id"]) for item in items if item.get("id"))
    for field, target in kind.links.items():
        if field in body:
            found.update(entity_id(target, fqn) for fqn in _listed(body[field]))
    for field, target in SHARED_LINKS.items():
        spelled = map(normalised, body.get(field) or ())
        found.update(entity_id(target, fqn) for fqn in spelled if fqn is not None)
    for field in kind.id_links:
        if field in body:
            found.update(_listed(body[field]))
    for holder in (body, *all_members(kind.members, body)):
        for label in holder.get("tags") or ():
            found.update(_label_target(label))
    return found


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _label_target(label: Body) -> Iterator[str]:
    fqn = normalised(label["tagFQN"])
    if fqn is not None:
        yield entity_id(LABEL_TYPES[label["source"]], fqn)


def backlinks_of(rowid: int, entity_type: str, body: Body) -> list[Backlink]:
    """Index entries of a new entity."""
    found = [(target, entity_type, rowid) for target in referenced_ids(entity_type, body)]
    if UNIQUE.get(entity_type) in body:
        found.append((unique_id(entity_type, body), entity_type, rowid))
    return found


def having(file: CatalogFile, entity_type: str, unique: str) -> list[EntityRow]:
    """The entities with a `unique_id`, deleted or not; not those of old files."""
    sql = "SELECT source FROM mention WHERE target = ? AND entity_type = ?"
    found = file.query(sql, (unique, entity_type))
    rows = (file.by_rowid(source) for (source,) in found)
    return [found for found in rows if found is not None]


def unique_id(entity_type: str, body: Body) -> str:
    """What stands in the index for a unique value; e-mail addresses have no upper case."""
    field = UNIQUE[entity_type]
    value = str(body[field])
    return entity_id(f"unique {field}", value.lower() if field == "email" else value)


def add(file: CatalogFile, backlinks: Iterable[Backlink]) -> None:
    """Index the references of new entities."""
    file.execute_many(_ADD, backlinks)


def replace(file: CatalogFile, row: EntityRow, old: Body, new: Body) -> None:
    """Update the index for an entity whose body changed."""
    before = set(backlinks_of(row.rowid, row.entity_type, old))
    after = set(backlinks_of(row.rowid, row.entity_type, new))
    file.execute_many(_REMOVE, before - after)
    file.execute_many(_ADD, after - before)


def remove_entity(file: CatalogFile, row: EntityRow, body: Body) -> None:
    """Remove all entries of a permanently deleted entity, as referrer and as target."""
    replace(file, row, body, {})
    file.execute("DELETE FROM mention WHERE target = ?", (row.id,))


def referrers(file: CatalogFile, row: EntityRow, entity_type: str | None = None) -> list[EntityRow]:
    """Entities that refer to one, including deleted ones; optionally of one kind only."""
    sql, values = "SELECT source FROM mention WHERE target = ?", [row.id]
    if entity_type is not None:
        sql, values = f"{sql} AND entity_type = ?", [row.id, entity_type]
    rows = (file.by_rowid(source) for (source,) in file.query(sql, values))
    return [found for found in rows if found is not None]


def invalidate_mirrors(file: CatalogFile, entity_type: str, body: Body) -> None:
    """Clear the stored hash of what shows relations that a body stores, e.g. the users of a team.

    Their next PUT is checked in full: it may state a relation that goes with the body.
    """
    showing = {
        shown
        for shown, fields in MIRRORED.items()
        if any(stored[0] == entity_type for stored in fields.values())
    }
    if showing:
        ids = referenced_ids(entity_type, body)
        sql = "UPDATE entity SET put_hash = NULL WHERE id = ? AND entity_type = ?"
        file.execute_many(sql, [(target, shown) for target in ids for shown in showing])


def invalidate_referrers(file: CatalogFile, row: EntityRow) -> None:
    """Clear the stored hash of all referrers, so that their next PUT is checked in full."""
    sql = (
        "UPDATE entity SET put_hash = NULL"
        " WHERE rowid IN (SELECT source FROM mention WHERE target = ?)"
    )
    file.execute(sql, (row.id,))
