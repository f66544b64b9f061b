"""Lineage as REST shows it (contract §4): by id and by name, patched, deleted by source."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from om_ingest.errors import NotFoundError, RecordError
from om_ingest.model import (
    CreatePipelineRequest,
    CreatePipelineServiceRequest,
    Pipeline,
    PipelineServiceType,
    Table,
)
from om_ingest.store import Outcome
from om_ingest_catalog import Actor, Catalog, Edges
from om_ingest_catalog.rows.links import entity_id

BOT, ANN = Actor(), Actor("ann", is_bot=False)


def by_name(name: str) -> tuple[str, str]:
    return "table", f"s.d.x.{name}"


def by_id(name: str) -> UUID:
    return UUID(entity_id(*by_name(name)))


def body(begin: str, end: str, /, **details: Any) -> dict[str, Any]:
    """The body of a PUT; the edge begins at an id, and ends at an FQN."""
    ends = {
        "fromEntity": {"type": "table", "id": str(by_id(begin))},
        "toEntity": {"type": "table", "fullyQualifiedName": by_name(end)[1]},
    }
    return {"edge": {**ends, "lineageDetails": details}}


@pytest.fixture
def edges(catalog: Catalog, table: Any) -> Edges:
    """A catalog with the tables a, b, c and the pipelines `p.one` and `p.two`; no edges."""
    catalog.write([table(name=name) for name in "abc"])
    service = CreatePipelineServiceRequest(name="p", serviceType=PipelineServiceType.Airflow)
    catalog.write([service, *(CreatePipelineRequest(name=n, service="p") for n in ("one", "two"))])
    return Edges(catalog)


def pipeline(name: str) -> dict[str, str]:
    return {"type": "pipeline", "id": entity_id("pipeline", f"p.{name}")}


def test_an_edge_by_id_and_by_name(edges: Edges) -> None:
    """An edge is put and read by ids, types with ids, or types with FQNs, in any mixture."""
    assert edges.put(body("a", "b", sqlQuery="1"), BOT) is Outcome.CREATED
    assert edges.put_by_name(by_name("b"), by_name("c"), {}, ANN) is Outcome.CREATED
    assert edges.put_by_name(by_name("b"), ("table", by_id("c")), {}, BOT) is Outcome.UNCHANGED
    edge = edges.get(by_id("a"), by_id("b"))["edge"]
    assert (edge["sqlQuery"], edge["source"], edge["createdBy"]) == ("1", "Manual", BOT.name)
    assert edges.get(("table", by_id("a")), by_name("b")) == {"edge": edge}
    assert edges.get(by_id("b"), by_id("c"))["edge"]["createdBy"] == "ann"
    graph = edges.graph("table", by_id("b"))
    assert {node["name"] for node in graph["nodes"]} == {"a", "c"}
    assert graph["upstreamEdges"][0]["lineageDetails"] == edge


def test_an_edge_is_replaced_but_not_its_origin(edges: Edges) -> None:
    """A second PUT replaces the details; author and times are not taken from the body."""
    edges.put(body("a", "b", sqlQuery="1", description="d"), ANN)
    made = edges.get(by_id("a"), by_id("b"))["edge"]
    told = {"createdBy": "eve", "createdAt": 5, "updatedBy": "eve", "assetEdges": 7}
    assert edges.put(body("a", "b", sqlQuery="2", **told), BOT) is Outcome.UPDATED
    edge = edges.get(by_id("a"), by_id("b"))["edge"]
    assert (edge["createdBy"], edge["createdAt"]) == ("ann", made["createdAt"])
    assert (edge["updatedBy"], edge["sqlQuery"]) == (BOT.name, "2")
    assert not {"description", "assetEdges"} & edge.keys()


def test_ends_that_are_not_there(catalog: Catalog, edges: Edges) -> None:
    """A missing or deleted entity, or one of another kind, is not found by any method."""
    edges.put(body("a", "b"), BOT)
    catalog.delete(Table, "s.d.x.b")
    wrong = [by_name("b"), by_id("b"), by_name("none"), ("topic", by_id("a")), ("table", "a..b")]
    for end in wrong:
        for call in (
            lambda end=end: edges.put_by_name(by_name("a"), end, {}, BOT),
            lambda end=end: edges.get(by_name("a"), end),
            lambda end=end: edges.patch(by_name("a"), end, [], BOT),
            lambda end=end: edges.delete(by_name("a"), end),
        ):
            with pytest.raises(NotFoundError):
                call()
    with pytest.raises(NotFoundError, match=r"table instance for s\.d\.x\.b not found"):
        edges.put(body("a", "b"), BOT)
    with pytest.raises(NotFoundError):
        edges.graph(*by_name("b"))


def test_an_edge_that_is_not_there(edges: Edges) -> None:
    """Reading, patching or deleting a missing edge fails with the wording of a server."""
    for call in (
        lambda: edges.get(by_id("a"), by_id("b")),
        lambda: edges.patch(by_id("a"), by_id("b"), [], BOT),
        lambda: edges.delete(by_id("a"), by_id("b")),
    ):
        with pytest.raises(NotFoundError) as caught:
            call()
        assert caught.value.what == "Lineage edge not found"
    edges.put(body("a", "b"), BOT)
    edges.delete(by_id("a"), by_name("b"))
    with pytest.raises(NotFoundError):
        edges.delete(by_id("a"), by_name("b"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"edge": {}}, r"edge\.fromEntity must not be null"),
        ({"edges": 1}, "edges is no field"),
        (body("a", "b", source="Guess"), r"edge\.lineageDetails\.source"),
        (body("a", "b", columnsLineage=[{"toColumn": "s.d.x.b.z"}]), "has no column"),
        ([], "must be an object"),
    ],
)
def test_bodies_that_are_wrong(edges: Edges, wrong: Any, said: str) -> None:
    """A body with an invalid field or an unknown column is refused, and not as `NotFoundError`."""
    with pytest.raises(RecordError, match=said) as caught:
        edges.put(wrong, BOT)
    assert not isinstance(caught.value, NotFoundError)


def test_patching_details(edges: Edges) -> None:
    """A JSON Patch changes the details, validated as a PUT; times and authors stay."""
    columns = [{"fromColumns": ["s.d.x.a.a"], "toColumn": "s.d.x.b.a"}]
    edges.put(body("a", "b", sqlQuery="1", source="QueryLineage"), ANN)
    made = edges.get(by_id("a"), by_id("b"))["edge"]
    operations = [
        {"op": "replace", "path": "/sqlQuery", "value": "2"},
        {"op": "add", "path": "/columnsLineage", "value": columns},
        {"op": "replace", "path": "/createdBy", "value": "eve"},
    ]
    patched = edges.patch(by_id("a"), by_name("b"), operations, BOT)
    assert patched == edges.get(by_id("a"), by_id("b"))["edge"]
    assert (patched["sqlQuery"], patched["columnsLineage"]) == ("2", columns)
    assert (patched["source"], patched["createdBy"]) == ("QueryLineage", "ann")
    assert patched["updatedBy"] == BOT.name
    assert patched["createdAt"] == made["createdAt"]
    for wrong in (
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "add", "path": "/columnsLineage/0/toColumn", "value": "s.d.x.b.z"}],
        [{"op": "add", "path": "/source", "value": "Guess"}],
        {"op": "add"},
    ):
        with pytest.raises(RecordError):
            edges.patch(by_id("a"), by_id("b"), wrong, BOT)
    assert edges.get(by_id("a"), by_id("b"))["edge"] == patched


def left(edges: Edges) -> set[str]:
    """All edges, e.g. `ab`."""
    found = set()
    for source in "abc":
        for target in "abc":
            try:
                edges.get(by_id(source), by_id(target))
            except NotFoundError:
                continue
            found.add(source + target)
    return found


def test_deleting_by_source(edges: Edges) -> None:
    """Upstream edges with that source are deleted; downstream edges stay."""
    edges.put(body("a", "b", source="ViewLineage"), BOT)
    edges.put(body("c", "b"), ANN)
    edges.put(body("b", "c", source="ViewLineage"), BOT)
    assert edges.delete_by_source("table", by_id("b"), "QueryLineage") == 0
    assert edges.delete_by_source("table", "s.d.x.b", "ViewLineage") == 1
    assert left(edges) == {"cb", "bc"}
    assert edges.delete_by_source("table", "s.d.x.b", "Manual") == 1
    assert left(edges) == {"bc"}
    with pytest.raises(RecordError, match="Not a source of lineage: 'Guess'"):
        edges.delete_by_source("table", "s.d.x.b", "Guess")
    with pytest.raises(NotFoundError):
        edges.delete_by_source("table", "s.d.x.none", "Manual")


def test_deleting_by_pipeline(catalog: Catalog, edges: Edges) -> None:
    """Edges annotated with a pipeline are deleted with its lineage, unless they are manual (§4)."""
    named = {"type": "pipeline", "fullyQualifiedName": '"p".one'}
    edges.put(body("a", "b", source="PipelineLineage", pipeline=pipeline("one")), BOT)
    edges.put(body("b", "c", source="SparkLineage", pipeline=named), BOT)
    edges.put(body("a", "c", pipeline=pipeline("one")), ANN)
    edges.put(body("c", "a", source="PipelineLineage", pipeline=pipeline("two")), BOT)
    edge = edges.get(by_id("b"), by_id("c"))["edge"]
    assert edge["pipeline"]["fullyQualifiedName"] == "p.one"
    assert edges.delete_by_source("pipeline", "p.one", "QueryLineage") == 0
    assert edges.delete_by_source("pipeline", "p.one", "OpenLineage") == 2
    assert left(edges) == {"ac", "ca"}
    patch = [{"op": "remove", "path": "/pipeline"}]
    edges.patch(by_id("c"), by_id("a"), patch, BOT)
    assert edges.delete_by_source("pipeline", "p.two", "PipelineLineage") == 0
    catalog.delete(Pipeline, "p.one", hard=True)
    assert "pipeline" not in edges.get(by_id("a"), by_id("c"))["edge"]
