"""Lineage edges, and the graph around an entity (OpenMetadata REST contract §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from om_ingest.kinds import KEPT_BY_SERVER, KINDS, settled_edge
from om_ingest.model import AddLineageRequest, Edge, EntityLineage, EntityReference
from om_ingest.model.fqn import normalised
from om_ingest.store import Outcome

from om_ingest_catalog.rows.body import Body, dump, member_fqns, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import reference
from om_ingest_catalog.rows.tables import pipeline_in
from om_ingest_catalog.rules.references import ReferenceLookup
from om_ingest_catalog.rules.request import RefusedError, missing
from om_ingest_catalog.writing.options import WriteOptions

_OF_PIPELINES = ("PipelineLineage", "OpenLineage")
_PUT = (
    "INSERT INTO lineage (source, target, description, details, pipeline) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (source, target) DO UPDATE"
    " SET description = excluded.description, details = excluded.details,"
    " pipeline = excluded.pipeline"
)
_SELECT = "SELECT source, target, description, details FROM lineage"
_ONE = f"{_SELECT} WHERE source = ? AND target = ?"
_DELETE = "DELETE FROM lineage WHERE source = ? AND target = ?"
_AROUND = {
    "upstream": f"{_SELECT} WHERE target = ? ORDER BY source",
    "downstream": f"{_SELECT} WHERE source = ? ORDER BY target",
}
_NEIGHBOURS = {
    direction: f"""
        SELECT entity.rowid, entity.entity_type, entity.fqn, lineage.details
        FROM lineage JOIN entity ON entity.rowid = lineage.{far}
        WHERE lineage.{near} = ? AND entity.deleted = 0
        ORDER BY entity.fqn LIMIT ?
    """
    for direction, near, far in (
        ("upstream", "target", "source"),
        ("downstream", "source", "target"),
    )
}
_ANNOTATED = f"{_SELECT} WHERE pipeline = ? ORDER BY source, target"


class StoredEdge(NamedTuple):
    """One row of the table `lineage`."""

    source: int
    """Rowid of the upstream entity."""

    target: int
    """Rowid of the downstream entity."""

    description: str | None
    details: Body
    """JSON of its `LineageDetails`."""


class Neighbour(NamedTuple):
    """A live entity at the other end of an edge."""

    rowid: int
    entity_type: str
    fqn: str
    details: str
    """JSON of the edge's `LineageDetails`."""


def neighbours(file: CatalogFile, rowid: int, direction: str, limit: int) -> list[Neighbour]:
    """The entities next to one, `upstream` or `downstream`, in FQN order."""
    rows = file.query(_NEIGHBOURS[direction], (rowid, limit))
    return [Neighbour(*row) for row in rows]


def put(
    file: CatalogFile,
    targets: ReferenceLookup,
    request: AddLineageRequest,
    actor: str,
    now: int,
    *,
    deleted_by_id: bool = False,
    options: WriteOptions | None = None,
) -> Outcome:
    """Create or replace an edge; with the `options` of a run, complete it. See `store`.

    `now` is in ms since 1970. With `deleted_by_id`, ends that are given by their ids may be
    deleted, as on a server. Raises `RefusedError` if an entity or a column does not exist.
    """
    ends = []
    for given in (request.edge.fromEntity, request.edge.toEntity):
        target = targets.find_reference(given.model_dump(), deleted_by_id=deleted_by_id)
        row = file.by_id(target.id) if target is not None else None
        if row is None:
            name = given.fullyQualifiedName or given.id
            reason = f"the {given.type} {name} does not exist; yield it before its lineage"
            raise missing(reason, given.type, name)
        ends.append(row)
    given_details = request.edge.lineageDetails
    details = given_details.model_dump(mode="json", exclude_none=True) if given_details else {}
    source, target_row = ends
    description = request.edge.description
    both = (source, target_row)
    return store(file, targets, both, description, details, actor, now, options=options)


def store(
    file: CatalogFile,
    targets: ReferenceLookup,
    ends: tuple[EntityRow, EntityRow],
    description: str | None,
    details: Body,
    actor: str,
    now: int,
    *,
    options: WriteOptions | None = None,
) -> Outcome:
    """Create or replace the edge between two rows; `details` are `LineageDetails` as JSON.

    With the `options` of a run, what it does not say stays: see `om_ingest.kinds.settled_edge`.
    Times and authors in `details` are ignored. Raises `RefusedError` for an unknown column.
    """
    source, target = ends
    details = {name: value for name, value in details.items() if name not in KEPT_BY_SERVER}
    _normalise_columns(details.get("columnsLineage") or (), source, target)
    pipeline = details.get("pipeline")
    found = targets.find_reference(pipeline) if pipeline is not None else None
    if found is not None:
        details["pipeline"] = reference(found.entity_type, found.fqn)
    stored = find(file, source, target)
    before = stored.details if stored else {}
    previous = {name: value for name, value in before.items() if name not in KEPT_BY_SERVER}
    if stored and options is not None and options.is_run:
        details = settled_edge(previous, details, override=options.override)
        texts = settled_edge(
            {"description": stored.description},
            {"description": description},
            override=options.override,
        )
        description = texts.get("description")
    details.setdefault("source", "Manual")
    if stored and stored.description == description and previous == details:
        return Outcome.UNCHANGED
    details["createdAt"] = before.get("createdAt", now)
    details["createdBy"] = before.get("createdBy", actor)
    details.update({"updatedAt": now, "updatedBy": actor})
    _write(file, StoredEdge(source.rowid, target.rowid, description, details))
    return Outcome.UPDATED if stored else Outcome.CREATED


def find(file: CatalogFile, source: EntityRow, target: EntityRow) -> StoredEdge | None:
    """The edge between two rows; None if there is none."""
    return next(_edges_in(file, _ONE, source.rowid, target.rowid), None)


def remove(file: CatalogFile, source: EntityRow, target: EntityRow) -> bool:
    """Remove the edge between two rows; False if there is none."""
    return file.execute(_DELETE, (source.rowid, target.rowid)) > 0


def remove_by_source(file: CatalogFile, row: EntityRow, source: str) -> int:
    """Remove the upstream edges of an entity that have this lineage source; how many.

    For a pipeline and the sources `PipelineLineage` and `OpenLineage`, remove the edges
    annotated with it. Manual edges stay unless `source` is `Manual` (contract §4).
    """
    if row.entity_type == "pipeline" and source in _OF_PIPELINES:
        edges = _edges_in(file, _ANNOTATED, row.id)
        gone = [edge for edge in edges if edge.details.get("source") != "Manual"]
    else:
        edges = _edges_in(file, _AROUND["upstream"], row.rowid)
        gone = [edge for edge in edges if edge.details.get("source") == source]
    file.execute_many(_DELETE, ((edge.source, edge.target) for edge in gone))
    return len(gone)


def remove_all(file: CatalogFile, row: EntityRow) -> None:
    """Remove all edges of a permanently deleted entity, and the annotations with a pipeline."""
    file.execute("DELETE FROM lineage WHERE source = ? OR target = ?", (row.rowid, row.rowid))
    for edge in list(_edges_in(file, _ANNOTATED, row.id)):
        del edge.details["pipeline"]
        _write(file, edge)


def _write(file: CatalogFile, edge: StoredEdge) -> None:
    source, target, description, details = edge
    file.execute(_PUT, (source, target, description, dump(details), pipeline_in(details)))


def _edges_in(file: CatalogFile, sql: str, *parameters: object) -> Iterator[StoredEdge]:
    for source, target, description, details in file.query(sql, parameters):
        yield StoredEdge(source, target, description, parse(details))


def _normalise_columns(columns: Iterable[Body], source: EntityRow, target: EntityRow) -> None:
    """Normalise column FQNs, in place; raises `RefusedError` for unknown columns.

    For kinds without members, such as dashboards, FQNs are not checked.
    """
    known: dict[int, set[str]] = {}

    def find(given: str, row: EntityRow) -> str:
        members = KINDS[row.entity_type].members
        if row.rowid not in known:
            known[row.rowid] = set(member_fqns(members, row.fqn, parse(row.body)))
        fqn = normalised(given)
        if fqn is None or (members and fqn not in known[row.rowid]):
            raise RefusedError(f"{row.fqn} has no column {given}")
        return fqn

    for column in columns:
        if "fromColumns" in column:
            column["fromColumns"] = [find(given, source) for given in column["fromColumns"]]
        if "toColumn" in column:
            column["toColumn"] = find(column["toColumn"], target)


def graph(
    file: CatalogFile, root: EntityRow, *, upstream_depth: int, downstream_depth: int
) -> EntityLineage:
    """The live entities within the given depths of one, and the edges between them.

    As on a server, the one itself is among them if edges lead back to it.
    """
    nodes: dict[int, EntityRow] = {}
    upstream = _edges(file, root, nodes, "upstream", upstream_depth)
    downstream = _edges(file, root, nodes, "downstream", downstream_depth)
    return EntityLineage(
        entity=_reference(root),
        nodes=[_reference(row) for row in nodes.values()],
        upstreamEdges=upstream,
        downstreamEdges=downstream,
    )


def _edges(
    file: CatalogFile, root: EntityRow, nodes: dict[int, EntityRow], direction: str, depth: int
) -> list[Edge]:
    """Edges found by a breadth-first search in one direction; adds its entities to `nodes`."""
    edges: list[Edge] = []
    seen, level = {root.rowid}, [root]
    for _ in range(depth):
        following: list[EntityRow] = []
        for row in level:
            for edge in _edges_in(file, _AROUND[direction], row.rowid):
                other_rowid = edge.source if direction == "upstream" else edge.target
                other = nodes.get(other_rowid) or file.by_rowid(other_rowid)
                if other is None or other.deleted:
                    continue
                nodes[other_rowid] = other
                ends = (other, row) if direction == "upstream" else (row, other)
                edges.append(_edge(*ends, edge))
                if other_rowid not in seen:
                    seen.add(other_rowid)
                    following.append(other)
        level = following
    return edges


def _edge(source: EntityRow, target: EntityRow, edge: StoredEdge) -> Edge:
    return Edge.model_validate(
        {
            "fromEntity": source.id,
            "toEntity": target.id,
            "description": edge.description,
            "lineageDetails": edge.details,
        }
    )


def _reference(row: EntityRow) -> EntityReference:
    return EntityReference.model_validate(reference(row.entity_type, row.fqn))
