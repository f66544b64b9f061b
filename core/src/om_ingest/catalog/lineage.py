"""Edges between entities, and the graph around one (OpenMetadata REST contract §4)."""

from __future__ import annotations

from collections.abc import Iterable

from om_ingest.catalog.assemble import reference
from om_ingest.catalog.body import Body, dump, member_fqns, parse
from om_ingest.catalog.file import CatalogFile, Row
from om_ingest.catalog.references import Targets, normalised
from om_ingest.catalog.refusal import RefusedError
from om_ingest.model.entity import EntityReference
from om_ingest.model.kinds import KINDS
from om_ingest.model.lineage import AddLineageRequest, Edge, EntityLineage
from om_ingest.sink import Outcome

_KEPT_BY_STORE = ("createdAt", "createdBy", "updatedAt", "updatedBy", "assetEdges")
_PUT = (
    "INSERT INTO lineage (source, target, description, details) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (source, target)"
    " DO UPDATE SET description = excluded.description, details = excluded.details"
)
_ONE = "SELECT description, details FROM lineage WHERE source = ? AND target = ?"
_AROUND = {
    "upstream": "SELECT source, target, description, details FROM lineage WHERE target = ?"
    " ORDER BY source",
    "downstream": "SELECT source, target, description, details FROM lineage WHERE source = ?"
    " ORDER BY target",
}


def put(
    file: CatalogFile, targets: Targets, request: AddLineageRequest, actor: str, now: int
) -> Outcome:
    """Create or replace an edge; `now` is in ms since 1970.

    Raises `RefusedError` when an end or a column does not exist.
    """
    ends = []
    for given in (request.edge.fromEntity, request.edge.toEntity):
        target = targets.find_reference(given.model_dump())
        row = file.by_id(target.id) if target is not None else None
        if row is None:
            name = given.fullyQualifiedName or given.id
            raise RefusedError(
                f"the {given.type} {name} does not exist; yield it before its lineage"
            )
        ends.append(row)
    source, target_row = ends
    details = _details(request)
    _normalise_columns(details.get("columnsLineage") or (), source, target_row)
    description = request.edge.description
    stored = file.query(_ONE, (source.rowid, target_row.rowid))
    before = parse(stored[0][1]) if stored else {}
    told = {name: value for name, value in before.items() if name not in _KEPT_BY_STORE}
    if stored and stored[0][0] == description and told == details:
        return Outcome.UNCHANGED
    details["createdAt"] = before.get("createdAt", now)
    details["createdBy"] = before.get("createdBy", actor)
    details.update({"updatedAt": now, "updatedBy": actor})
    file.execute(_PUT, (source.rowid, target_row.rowid, description, dump(details)))
    return Outcome.UPDATED if stored else Outcome.CREATED


def _details(request: AddLineageRequest) -> Body:
    given = request.edge.lineageDetails
    details: Body = given.model_dump(mode="json", exclude_none=True) if given else {}
    for name in _KEPT_BY_STORE:
        details.pop(name, None)
    details.setdefault("source", "Manual")
    return details


def _normalise_columns(columns: Iterable[Body], source: Row, target: Row) -> None:
    """Bring column FQNs into their one spelling, in place.

    Of a kind without named parts, such as a dashboard, every FQN is taken as it is.
    """
    known: dict[int, set[str]] = {}

    def find(given: str, row: Row) -> str:
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
    file: CatalogFile, root: Row, *, upstream_depth: int, downstream_depth: int
) -> EntityLineage:
    """The live entities up to so many steps around one, and the edges between them."""
    nodes = {root.rowid: root}
    upstream = _edges(file, root, nodes, "upstream", upstream_depth)
    downstream = _edges(file, root, nodes, "downstream", downstream_depth)
    return EntityLineage(
        entity=_reference(root),
        nodes=[_reference(row) for row in nodes.values() if row.rowid != root.rowid],
        upstreamEdges=upstream,
        downstreamEdges=downstream,
    )


def _edges(
    file: CatalogFile, root: Row, nodes: dict[int, Row], direction: str, depth: int
) -> list[Edge]:
    """Walk in one direction, breadth first; adds the entities met to `nodes`."""
    edges: list[Edge] = []
    seen, level = {root.rowid}, [root]
    for _ in range(depth):
        following: list[Row] = []
        for row in level:
            for source, target, description, details in file.query(
                _AROUND[direction], (row.rowid,)
            ):
                other_rowid = source if direction == "upstream" else target
                other = nodes.get(other_rowid) or file.by_rowid(other_rowid)
                if other is None or other.deleted:
                    continue
                nodes[other_rowid] = other
                ends = (other, row) if direction == "upstream" else (row, other)
                edges.append(_edge(*ends, description, details))
                if other_rowid not in seen:
                    seen.add(other_rowid)
                    following.append(other)
        level = following
    return edges


def _edge(source: Row, target: Row, description: str | None, details: str) -> Edge:
    return Edge.model_validate(
        {
            "fromEntity": source.id,
            "toEntity": target.id,
            "description": description,
            "lineageDetails": parse(details),
        }
    )


def _reference(row: Row) -> EntityReference:
    return EntityReference.model_validate(reference(row.entity_type, row.fqn))
