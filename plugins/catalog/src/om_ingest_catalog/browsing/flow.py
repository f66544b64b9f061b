"""Lineage as a tree: what an entity is made from, and what is made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.terminal import Node

from om_ingest_catalog.rows.body import parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.reading import UNREADABLE
from om_ingest_catalog.writing.lineage import Neighbour, neighbours

DIRECTIONS = ("upstream", "downstream")


class View(NamedTuple):
    """What of the lineage of an entity is shown."""

    directions: Sequence[str] = DIRECTIONS
    depth: int = 3
    """Number of edges from the entity on."""

    width: int = 100
    """Number of neighbours of one entity."""

    columns: bool = False
    """Whether columns are shown as well."""


def tree(file: CatalogFile, row: EntityRow, view: View) -> Node:
    """The lineage of an entity, up and down; read as it is printed.

    An entity that is met again on the way from the root is marked as a cycle, and one whose
    neighbours were shown before is not followed again.
    """
    return Node(
        row.fqn,
        (_side(file, row, direction, view) for direction in view.directions),
        row.entity_type,
    )


def _side(file: CatalogFile, row: EntityRow, direction: str, view: View) -> Node:
    if not neighbours(file, row.rowid, direction, 1):
        return Node(direction, note="none")
    walk = _Walk(file, direction, view)
    return Node(direction, walk.below((row.rowid,), row.fqn, view.depth))


def next_to(file: CatalogFile, row: EntityRow, direction: str, limit: int) -> list[list[str]]:
    """FQN, entity type and origin of the edge of each neighbour in one direction."""
    found = neighbours(file, row.rowid, direction, limit)
    return [[other.fqn, other.entity_type, "; ".join(_about(_details(other)))] for other in found]


def _details(other: Neighbour) -> dict[str, Any]:
    try:
        return parse(other.details)
    except UNREADABLE:
        return {}


class _Walk:
    """A way through the graph in one direction, depth first."""

    def __init__(self, file: CatalogFile, direction: str, view: View) -> None:
        self._file, self._direction, self._view = file, direction, view
        self._followed: set[int] = set()

    def below(self, path: tuple[int, ...], fqn: str, depth: int) -> Iterator[Node]:
        """The neighbours of the last entity of a path, which has this FQN."""
        self._followed.add(path[-1])
        limit = self._view.width
        found = neighbours(self._file, path[-1], self._direction, limit + 1)
        for other in found[:limit]:
            yield self._node(other, path, fqn, depth)
        if len(found) > limit:
            yield Node("…", note=f"more than {limit}: see --limit")

    def _node(self, other: Neighbour, path: tuple[int, ...], fqn: str, depth: int) -> Node:
        details = _details(other)
        said = [other.entity_type, *_about(details)]
        goes_on = bool(neighbours(self._file, other.rowid, self._direction, 1))
        following: Iterator[Node] = iter(())
        if other.rowid in path:
            said.append("a cycle")
        elif goes_on and other.rowid in self._followed:
            said.append("shown above")
        elif goes_on and depth == 1:
            said.append("goes on: see --depth")
        elif goes_on:
            following = self.below((*path, other.rowid), other.fqn, depth - 1)
        return Node(
            other.fqn, self._with_columns(details, other.fqn, fqn, following), "; ".join(said)
        )

    def _with_columns(
        self, details: dict[str, Any], other: str, fqn: str, following: Iterator[Node]
    ) -> Iterator[Node]:
        source, target = (other, fqn) if self._direction == "upstream" else (fqn, other)
        for edge in (details.get("columnsLineage") or ()) if self._view.columns else ():
            made_from = ", ".join(_inside(name, source) for name in edge.get("fromColumns") or ())
            column = _inside(edge.get("toColumn") or "?", target)
            yield Node(f"{made_from or '?'} → {column}", note=str(edge.get("function") or ""))
        yield from following


def _about(details: dict[str, Any]) -> Iterator[str]:
    """Where an edge comes from."""
    if source := details.get("source"):
        yield str(source)
    pipeline = details.get("pipeline")
    if isinstance(pipeline, dict):
        name = pipeline.get("fullyQualifiedName") or pipeline.get("name") or pipeline.get("id")
        yield f"by the pipeline {name}"


def _inside(column: str, fqn: str) -> str:
    """The FQN of a column without that of its entity."""
    return column[len(fqn) + 1 :] if column.startswith(f"{fqn}.") else column
