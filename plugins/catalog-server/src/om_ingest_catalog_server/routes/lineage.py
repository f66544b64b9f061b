"""Lineage: edges between entities, and the graph around one (contract §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from om_ingest_catalog import End
from starlette.responses import Response

from om_ingest_catalog_server.answers import empty_answer, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, JSON_PATCH, Execution, Route, not_implemented

_MAX_DEPTH = 100
_BY_ID = "lineage/{fromEntity}/{fromId}/{toEntity}/{toId}"
_BY_NAME = "lineage/{fromEntity}/name/{fromFqn}/{toEntity}/name/{toFqn}"
_EDGE = "lineage/getLineageEdge"
_BY_SOURCE = "lineage/{entityType}/{id}/type/{source}"
_BY_SOURCE_AND_NAME = "lineage/source/name/{entityType}/{fqn}/type/{source}"


def routes() -> Iterator[Route]:
    """Edges by id and by name, the graph, and what only a UI asks for."""
    write, summary = Execution.WRITING, "The graph around an entity"
    yield Route("PUT", "lineage", put, "Create or replace an edge", write, body=JSON)
    yield Route("PUT", _BY_NAME, put_by_name, "Create or replace an edge", write, body=JSON)
    for path in (_BY_ID, _BY_NAME):
        yield Route("PATCH", path, patch, "Patch an edge's details", write, body=JSON_PATCH)
        yield Route("DELETE", path, delete, "Delete an edge", write)
    yield Route("GET", f"{_EDGE}/{{fromId}}/{{toId}}", edge, "An edge")
    yield Route("GET", _BY_NAME.replace("lineage", _EDGE, 1), edge, "An edge")
    yield Route("GET", "lineage/{entityType}/{id}", graph, summary)
    yield Route("GET", "lineage/{entityType}/name/{fqn}", graph, summary)
    stale = "Delete the edges of one source that end at an entity"
    yield Route("DELETE", _BY_SOURCE, delete_by_source, stale, write)
    yield Route("DELETE", _BY_SOURCE_AND_NAME, delete_by_source, stale, write, since=(2, 0))
    for path in ("getLineage", "getLineage/{direction}", "getLineageByEntityCount"):
        yield not_implemented("GET", f"lineage/{path}", "Lineage as a UI shows it")
    for path in ("getPlatformLineage", "export", "exportAsync"):
        yield not_implemented("GET", f"lineage/{path}", "Lineage as a UI shows it")


def put(call: ApiCall) -> Response:
    """Nothing: 200 says that the edge is there."""
    call.stores.writing.edges.put(call.object(), call.actor)
    return empty_answer()


def put_by_name(call: ApiCall) -> Response:
    """The same; the body is the details alone."""
    call.stores.writing.edges.put_by_name(*_ends(call), call.object(), call.actor)
    return empty_answer()


def patch(call: ApiCall) -> Response:
    """The details after a JSON Patch."""
    return json_answer(call.stores.writing.edges.patch(*_ends(call), call.body, call.actor))


def delete(call: ApiCall) -> Response:
    """Nothing; 404 if there was no such edge."""
    call.stores.writing.edges.delete(*_ends(call))
    return empty_answer()


def edge(call: ApiCall) -> Response:
    """The details of an edge; 404 if there is none."""
    return json_answer(call.stores.reading.edges.get(*_ends(call)))


def graph(call: ApiCall) -> Response:
    """Entities around one, and the edges between them."""
    upstream = call.query.whole("upstreamDepth", 1, most=_MAX_DEPTH)
    downstream = call.query.whole("downstreamDepth", 1, most=_MAX_DEPTH)
    found = call.stores.reading.edges.graph(
        call.entity_type(),
        call.key,
        upstream_depth=cast("int", upstream),
        downstream_depth=cast("int", downstream),
    )
    return json_answer(found)


def delete_by_source(call: ApiCall) -> Response:
    """Nothing; how many edges there were does not matter."""
    call.stores.writing.edges.delete_by_source(call.entity_type(), call.key, call.values["source"])
    return empty_answer()


def _ends(call: ApiCall) -> tuple[End, End]:
    return _end(call, "from"), _end(call, "to")


def _end(call: ApiCall, side: str) -> End:
    if f"{side}Entity" not in call.values:
        return call.identifier(f"{side}Id")
    entity_type = call.entity_type(f"{side}Entity")
    if f"{side}Fqn" in call.values:
        return entity_type, call.values[f"{side}Fqn"]
    return entity_type, call.identifier(f"{side}Id")
