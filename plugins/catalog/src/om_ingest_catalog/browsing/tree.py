"""The entities of a catalog as a tree: services, and what lies below them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from om_ingest.kinds import KINDS
from om_ingest.model.fqn import quote, split
from om_ingest.terminal import Node

from om_ingest_catalog.browsing.naming import plural
from om_ingest_catalog.documents.derived import children
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import body_of

_PAGE_COUNT = 500


class Extent(NamedTuple):
    """How much of a tree is shown."""

    depth: int
    """Number of levels."""

    width: int
    """Number of entities of a kind below one other."""


class Place(NamedTuple):
    """An entity, with what lies below it."""

    entity_type: str
    fqn: str
    service_type: str | None
    """Of a service, e.g. `Postgres`."""

    counts: dict[str, int]
    """Entities below it at any depth, by type."""

    left_out: dict[str, int]
    """Its children that are not among `children`, by type; none at the last level."""

    children: Iterator[Place]
    """Read as they are taken."""


def roots(file: CatalogFile, extent: Extent) -> Iterator[Place]:
    """Everything that has no parent: services first; read as it is taken."""
    kinds = [kind for kind in KINDS.values() if not kind.parents]
    for kind in sorted(kinds, key=lambda kind: kind.segment is None):
        for fqn in _first(file, None, kind.entity_type, extent.width):
            yield place(file, kind.entity_type, fqn, extent)


def roots_left_out(file: CatalogFile, extent: Extent) -> dict[str, int]:
    """How many entities without a parent `roots` leaves out, by type."""
    types = [name for name, kind in KINDS.items() if not kind.parents]
    found = {name: file.children_count(name, "") - extent.width for name in types}
    return {name: count for name, count in found.items() if count > 0}


def place(file: CatalogFile, entity_type: str, fqn: str, extent: Extent) -> Place:
    """An entity with what lies below it, as far as the extent goes."""
    counts = {
        below: count for below in _types_below(entity_type) if (count := file.tally(below, fqn)[0])
    }
    goes_on = extent.depth > 1
    return Place(
        entity_type,
        fqn,
        _service_type(file, entity_type, fqn),
        counts,
        _left_out(file, entity_type, fqn, extent) if goes_on else {},
        _children(file, entity_type, fqn, extent) if goes_on else iter(()),
    )


def node(place: Place, label: str = "") -> Node:
    """A place as a line of a tree, with its children below it."""
    about = (
        f"{place.entity_type}, {place.service_type}" if place.service_type else place.entity_type
    )
    note = f"{about}: {counted(place.counts)}" if place.counts else about
    return Node(label or quote(split(place.fqn)[-1]), _nodes(place), note)


def as_dict(place: Place) -> dict[str, Any]:
    """A place as plain data."""
    found: dict[str, Any] = {"entityType": place.entity_type, "fullyQualifiedName": place.fqn}
    if place.service_type:
        found["serviceType"] = place.service_type
    return {
        **found,
        "counts": place.counts,
        "children": [as_dict(child) for child in place.children],
        "notShown": place.left_out,
    }


def counted(counts: dict[str, int]) -> str:
    """Numbers of entities in words: `3 databaseSchemas, 21 tables`."""
    return ", ".join(
        f"{count:,} {name if count == 1 else plural(KINDS[name])}" for name, count in counts.items()
    )


def counts_below(file: CatalogFile, row: EntityRow) -> dict[str, int]:
    """How many entities lie below one, at any depth, by type."""
    return place(file, row.entity_type, row.fqn, Extent(1, 0)).counts


def _nodes(place: Place) -> Iterator[Node]:
    yield from map(node, place.children)
    for entity_type, count in place.left_out.items():
        yield Node(f"… {counted({entity_type: count})} more")


def _children(file: CatalogFile, entity_type: str, fqn: str, extent: Extent) -> Iterator[Place]:
    deeper = extent._replace(depth=extent.depth - 1)
    for below in _types_directly_below(entity_type):
        for child in _first(file, (entity_type, fqn), below, extent.width):
            yield place(file, below, child, deeper)


def _first(
    file: CatalogFile, parent: tuple[str, str] | None, entity_type: str, count: int
) -> Iterator[str]:
    return islice(children(file, parent, entity_type, min(count, _PAGE_COUNT)), count)


def _left_out(file: CatalogFile, entity_type: str, fqn: str, extent: Extent) -> dict[str, int]:
    found = {}
    for below in _types_directly_below(entity_type):
        infix = KINDS[below].infix
        parent = f"{fqn}.{infix}" if infix else fqn
        found[below] = file.children_count(below, parent) - extent.width
    return {below: count for below, count in found.items() if count > 0}


def _service_type(file: CatalogFile, entity_type: str, fqn: str) -> str | None:
    if KINDS[entity_type].segment is None:
        return None
    row = file.by_fqn(entity_type, fqn)
    said = body_of(row).get("serviceType") if row else None
    return str(said) if said else None


@cache
def _types_directly_below(entity_type: str) -> tuple[str, ...]:
    return tuple(name for name, kind in KINDS.items() if entity_type in kind.parent_types)


@cache
def _types_below(entity_type: str) -> tuple[str, ...]:
    """The types that may lie below one, at any depth; nearer ones first."""
    found = list(_types_directly_below(entity_type))
    for below in found:  # grows during the iteration
        found += [name for name in _types_directly_below(below) if name not in found]
    return tuple(found)
