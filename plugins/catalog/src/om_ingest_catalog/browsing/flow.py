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
    """The lineage of an entity, up and down.

    Each entity is followed once, on a shortest way, so that all within the depth are shown.
    Elsewhere its line says under which entity that is, or that it is a cycle.
    """
    return Node(
        row.fqn,
        (_side(file, row, direction, view) for direction in view.directions),
        row.entity_type,
    )


def _side(file: CatalogFile, row: EntityRow, direction: str, view: View) -> Node:
    if not neighbours(file, row.rowid, direction, 1):
        return Node(direction, note="none")
    return Node(direction, _Walk(file, row, direction, view).nodes())


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
    """The ways through the graph in one direction, from one entity on."""

    def __init__(self, file: CatalogFile, root: EntityRow, direction: str, view: View) -> None:
        self._file, self._direction, self._view = file, direction, view
        self._root = root.rowid, root.fqn
        # Breadth first: rowid and FQN of the entity under which each nearer one is followed.
        self._followed_under = {root.rowid: self._root}
        level = [self._root]
        for _ in range(view.depth - 1):
            level = [found for place in level for found in self._first_met(place)]
            if not level:
                break

    def nodes(self) -> Iterator[Node]:
        """The neighbours of the root; read as they are printed."""
        return self._below((self._root[0],), self._root[1])

    def _first_met(self, place: tuple[int, str]) -> Iterator[tuple[int, str]]:
        for other in self._neighbours(place[0])[: self._view.width]:
            if other.rowid not in self._followed_under:
                self._followed_under[other.rowid] = place
                yield other.rowid, other.fqn

    def _neighbours(self, rowid: int) -> list[Neighbour]:
        return neighbours(self._file, rowid, self._direction, self._view.width + 1)

    def _below(self, path: tuple[int, ...], fqn: str) -> Iterator[Node]:
        """The neighbours of the last entity of a path, which has this FQN."""
        limit = self._view.width
        found = self._neighbours(path[-1])
        for other in found[:limit]:
            yield self._node(other, path, fqn)
        if len(found) > limit:
            yield Node("…", note=f"more than {limit}: see --limit")

    def _node(self, other: Neighbour, path: tuple[int, ...], fqn: str) -> Node:
        details = _details(other)
        said = [other.entity_type, *_about(details)]
        under = self._followed_under.get(other.rowid)
        following: Iterator[Node] = iter(())
        if other.rowid in path:
            said.append("a cycle")
        elif not neighbours(self._file, other.rowid, self._direction, 1):
            pass
        elif under is None:
            said.append("goes on: see --depth")
        elif under[0] == path[-1]:
            following = self._below((*path, other.rowid), other.fqn)
        else:
            said.append(f"goes on under {under[1]}")
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
