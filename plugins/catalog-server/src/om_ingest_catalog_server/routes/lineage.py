"""Lineage edges, and the graph around an entity (contract §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from om_ingest.model import AddLineageRequest, LineageDetails
from om_ingest_catalog import End
from starlette.responses import Response

from om_ingest_catalog_server import releases
from om_ingest_catalog_server.answers import empty_answer, json_answer, show_targets
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, JSON_PATCH, Execution, Route, not_implemented

_MAX_DEPTH = 100
_BY_ID = "lineage/{fromEntity}/{fromId}/{toEntity}/{toId}"
_BY_NAME = "lineage/{fromEntity}/name/{fromFqn}/{toEntity}/name/{toFqn}"
_EDGE = "lineage/getLineageEdge"
_BY_SOURCE = "lineage/{entityType}/{id}/type/{source}"
_BY_SOURCE_AND_NAME = "lineage/source/name/{entityType}/{fqn}/type/{source}"


def routes() -> Iterator[Route]:
    """Edges by id and by name, and the graph; routes for the UI are not implemented."""
    write, summary = Execution.WRITING, "Get the lineage graph of an entity"
    yield Route("PUT", "lineage", put, "Create or replace an edge", write, body=JSON)
    yield Route("PUT", _BY_NAME, put_by_name, "Create or replace an edge", write, body=JSON)
    for path in (_BY_ID, _BY_NAME):
        yield Route("PATCH", path, patch, "Patch an edge's details", write, body=JSON_PATCH)
        yield Route("DELETE", path, delete, "Delete an edge", write)
    yield Route("GET", f"{_EDGE}/{{fromId}}/{{toId}}", edge, "Get an edge")
    yield Route("GET", _BY_NAME.replace("lineage", _EDGE, 1), edge, "Get an edge")
    yield Route("GET", "lineage/{entityType}/{id}", graph, summary)
    yield Route("GET", "lineage/{entityType}/name/{fqn}", graph, summary)
    stale = "Delete the upstream edges of an entity with a lineage source"
    yield Route("DELETE", _BY_SOURCE, delete_by_source, stale, write)
    yield Route("DELETE", _BY_SOURCE_AND_NAME, delete_by_source, stale, write, since=(2, 0))
    for path in ("getLineage", "getLineage/{direction}", "getLineageByEntityCount"):
        yield not_implemented("GET", f"lineage/{path}", "Lineage for the UI")
    for path in ("getPlatformLineage", "export", "exportAsync"):
        yield not_implemented("GET", f"lineage/{path}", "Lineage for the UI")


def put(call: ApiCall) -> Response:
    """Create or replace an edge; 200 without a body."""
    body = call.mapped(AddLineageRequest, call.object())
    if call.settings.release < releases.REFERENCES_BY_NAME:
        releases.check_references(body)
    call.stores.writing.edges.put(body, call.actor)
    return empty_answer()


def put_by_name(call: ApiCall) -> Response:
    """Create or replace the edge of the path; the body is its `LineageDetails`."""
    details = call.mapped(LineageDetails, call.object())
    call.stores.writing.edges.put_by_name(*_ends(call), details, call.actor)
    return empty_answer()


def patch(call: ApiCall) -> Response:
    """Apply a JSON Patch to the details of an edge; the new details."""
    details = call.stores.writing.edges.patch(*_ends(call), call.body, call.actor)
    call.settings.entity_fields.fit_edge(details)
    return json_answer(details)


def delete(call: ApiCall) -> Response:
    """Delete an edge; 200 without a body, 404 if there is none."""
    call.stores.writing.edges.delete(*_ends(call))
    return empty_answer()


def edge(call: ApiCall) -> Response:
    """The details of an edge; 404 if there is none."""
    found = call.stores.reading.edges.get(*_ends(call))
    call.settings.entity_fields.fit_edge(found["edge"])
    return json_answer(found)


def graph(call: ApiCall) -> Response:
    """The `EntityLineage` of an entity."""
    upstream = call.query.whole("upstreamDepth", 1, most=_MAX_DEPTH)
    downstream = call.query.whole("downstreamDepth", 1, most=_MAX_DEPTH)
    found = call.stores.reading.edges.graph(
        call.entity_type(),
        call.key,
        upstream_depth=cast("int", upstream),
        downstream_depth=cast("int", downstream),
    )
    for step in (*found["upstreamEdges"], *found["downstreamEdges"]):
        call.settings.entity_fields.fit_edge(step.get("lineageDetails") or {})
    show_targets(call, [found])
    return json_answer(found)


def delete_by_source(call: ApiCall) -> Response:
    """Delete edges by their source; 200 without a body, also if there are none."""
    call.stores.writing.edges.delete_by_source(call.entity_type(), call.key, call.values["source"])
    return empty_answer()


def _ends(call: ApiCall) -> tuple[End, End]:
    return _end(call, "from"), _end(call, "to")


def _end(call: ApiCall, side: str) -> End:
    if f"{side}Entity" not in call.values:
        return call.identifier(f"{side}Id")
    entity_type = call.entity_type(f"{side}Entity")
    if f"{side}Fqn" in call.values:
        return entity_type, call.name(f"{side}Fqn", entity_type)
    return entity_type, call.identifier(f"{side}Id")
