"""Derived fields of an entity: its children, its referrers, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

from om_ingest.kinds import KINDS
from om_ingest.model import fqn as names

from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import MIRRORED, entity_id, reference
from om_ingest_catalog.rows.reading import chosen_parent

Reader: TypeAlias = Callable[[CatalogFile, EntityRow], Any]
"""Returns the value of a field; None if the entity has none."""

_PAGE_COUNT = 500
_LAST = "\U0010ffff"  # sorts after the start of any name

_SHOWN = [
    ((kind, field), stored) for kind, fields in MIRRORED.items() for field, stored in fields.items()
]
_MUTUAL = dict(_SHOWN) | {stored: shown for shown, stored in _SHOWN}
"""Kind and field of one side of a relation -> kind and field of the other side."""


def readers_of(entity_type: str) -> Mapping[str, Reader]:
    """The readers of the derived fields of a kind, by field."""
    found: dict[str, Reader] = {
        field: _list_reader(kinds) for field, kinds in lists_below(entity_type).items()
    }
    if "children" in found:
        found["childrenCount"] = lambda file, row: length(file, row, "children")
    for (owner, field), back in _MUTUAL.items():
        if owner == entity_type:
            found[field] = _mutual_reader(field, *back)
    for below in KINDS.values():
        if below.total_field and below.parent_type == entity_type:
            found[below.total_field] = _total_reader(below.entity_type)
    if entity_type == "team":
        found["childrenCount"] = lambda file, row: len(found["children"](file, row))
        found["userCount"] = lambda file, row: len(found["users"](file, row))
    known = KINDS[entity_type].entity.model_fields
    return {field: reader for field, reader in found.items() if field in known}


def complete(file: CatalogFile, row: EntityRow, document: Body, *, whole: bool) -> None:
    """Add names to references with ids only, in place; if `whole`, also what others state."""
    for field, target_type in KINDS[row.entity_type].id_links.items():
        given = document.get(field)
        if isinstance(given, list):
            document[field] = [_named(file, target_type, item["id"]) for item in given]
    for field in MIRRORED.get(row.entity_type, ()) if whole else ():
        others = readers_of(row.entity_type)[field](file, row)
        if others:
            document[field] = others


def _named(file: CatalogFile, target_type: str, target_id: str) -> Body:
    """A reference, with name and FQN if the target is in the catalog."""
    target = file.by_id(target_id) if target_type in KINDS else None
    if target is None or target.entity_type != target_type:
        return {"id": target_id, "type": target_type}
    return reference(target_type, target.fqn)


@cache
def lists_below(entity_type: str) -> Mapping[str, tuple[str, ...]]:
    """The fields of a kind that list its children, each with the children's entity types."""
    found: dict[str, tuple[str, ...]] = {
        kind.children_field: (name,)
        for name, kind in KINDS.items()
        if kind.children_field and entity_type in kind.parent_types
    }
    nested = tuple(name for name, kind in KINDS.items() if kind.nested_type == entity_type)
    if nested:
        found["children"] = nested
    return found


def length(file: CatalogFile, row: EntityRow, field: str) -> int:
    """The length of a list of `lists_below`, without reading it."""
    kinds = lists_below(row.entity_type)[field]
    return sum(file.children_count(entity_type, row.fqn) for entity_type in kinds)


def _list_reader(kinds: tuple[str, ...]) -> Reader:
    def read(file: CatalogFile, row: EntityRow) -> list[Body]:
        return [
            reference(entity_type, fqn)
            for entity_type in kinds
            for fqn in children(file, (row.entity_type, row.fqn), entity_type)
        ]

    return read


def children(
    file: CatalogFile,
    parent: tuple[str, str] | None,
    entity_type: str,
    page_count: int = _PAGE_COUNT,
) -> Iterator[str]:
    """FQNs of the live children of a kind, in order, read lazily, `page_count` at a time.

    `parent` is its entity type and FQN; None for entities that have no parent.
    """
    kind, scope = KINDS[entity_type], parent[1] if parent else None
    if scope is not None and kind.infix:
        scope = f"{scope}.{kind.infix}"
    depth, after = len(names.split(scope)) if scope else 0, None
    while page := file.fqns(entity_type, scope, after, page_count):
        parts = [names.split(fqn) for fqn in page]
        for fqn, path in zip(page, parts, strict=True):
            if len(path) == depth + 1 and _is_below(file, parent, entity_type, fqn):
                yield fqn
        after, last = page[-1], parts[-1]
        if len(last) > depth + 1:  # the rest of this branch is deeper: skip it
            after = max(after, f"{names.join(*last[: depth + 1])}.{_LAST}")


def _is_below(
    file: CatalogFile, parent: tuple[str, str] | None, entity_type: str, fqn: str
) -> bool:
    """Whether it is the parent, and not a service of another type with the same name."""
    kind = KINDS[entity_type]
    below = file.by_fqn(entity_type, fqn) if kind.parent_choice and parent else None
    return below is None or parent is None or chosen_parent(kind, below) == parent[0]


def _mutual_reader(field: str, other_type: str, other_field: str) -> Reader:
    def read(file: CatalogFile, row: EntityRow) -> list[Body]:
        said = _targets(file, row, field)
        for other in backlinks.referrers(file, row, other_type):
            if not other.deleted and row.id in _ids(other, other_field):
                said[other.id] = reference(other_type, other.fqn)
        return list(said.values())

    return read


def _ids(row: EntityRow, field: str) -> list[str]:
    """The ids of the targets of a field."""
    kind, given = KINDS[row.entity_type], parse(row.body).get(field) or ()
    if field in kind.id_links:
        return list(given)
    return [entity_id(kind.links[field], fqn) for fqn in given]


def _targets(file: CatalogFile, row: EntityRow, field: str) -> dict[str, Body]:
    """The targets of a field: references by id."""
    kind, given = KINDS[row.entity_type], parse(row.body).get(field) or ()
    if field in kind.id_links:
        return {target: _named(file, kind.id_links[field], target) for target in given}
    target_type = kind.links[field]
    return {entity_id(target_type, fqn): reference(target_type, fqn) for fqn in given}


def _total_reader(below: str) -> Reader:
    return lambda file, row: file.tally(below, row.fqn)[0]
