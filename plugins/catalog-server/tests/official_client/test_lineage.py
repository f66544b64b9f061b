"""Lineage through the official client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Step: TypeAlias = Callable[..., Any]

RAW_ID = "lineage.lineage.lineage.raw.id"
CLEAN = "lineage.lineage.lineage.clean"


def graph(
    entity: str, nodes: str = "", *, up: str = "", down: str = ""
) -> dict[str, str | list[str] | list[list[str]]]:
    """A graph as the driver writes it; edges are words like `raw>clean`."""
    return {
        "entity": entity,
        "nodes": sorted(nodes.split()),
        "upstreamEdges": [edge.split(">") for edge in up.split()],
        "downstreamEdges": [edge.split(">") for edge in down.split()],
    }


def test_an_edge_is_added(seen: Step) -> None:
    """An edge that was added is in the graph of where it begins."""
    assert seen("added") == graph("raw", "clean", down="raw>clean")


def test_an_edge_is_read(seen: Step) -> None:
    """An edge is read with its query and its columns."""
    assert seen("edge_read") == {
        "sqlQuery": "insert into clean select id from raw",
        "source": "QueryLineage",
        "columnsLineage": [{"fromColumns": [RAW_ID], "toColumn": f"{CLEAN}.id"}],
    }


def test_an_edge_that_is_not_there(seen: Step) -> None:
    """The client takes it that an edge the server does not know is not there."""
    assert seen("edge_unknown") is None


def test_an_edge_is_merged(seen: Step) -> None:
    """What the sink adds to an edge is patched into it, and its columns stay."""
    assert seen("merged") == {
        "to": [f"{CLEAN}.address", f"{CLEAN}.id"],
        "sqlQuery": "insert into clean select address from raw",
        "pipeline": True,
        "source": "QueryLineage",
    }


def test_an_edge_is_added_by_names(seen: Step) -> None:
    """An edge is added between FQNs, of whatever kinds."""
    expected = graph("clean", "raw lineage", up="raw>clean", down="clean>lineage")
    assert seen("added_by_name") == expected


def test_an_edge_is_read_by_names(seen: Step) -> None:
    """An edge is read by FQNs; without a source it was made by hand."""
    assert seen("edge_read_by_name") == "Manual"


def test_an_edge_is_merged_by_names(seen: Step) -> None:
    """An edge is patched by FQNs."""
    assert seen("merged_by_name") == "select 1"


def test_a_graph_by_id(seen: Step) -> None:
    """A graph ends at the depth that was asked for."""
    assert seen("graph_by_id") == graph("raw", "clean", down="raw>clean")


def test_a_graph_by_name(seen: Step) -> None:
    """A graph reaches over several edges."""
    expected = graph("raw", "clean lineage mart", down="clean>lineage clean>mart raw>clean")
    assert seen("graph_by_name") == expected


def test_a_graph_of_nothing(seen: Step) -> None:
    """The client takes it that an entity the server does not know has no graph."""
    assert seen("unknown_entity") is None


def test_an_edge_to_nowhere(seen: Step) -> None:
    """The client is told that one end is not there."""
    assert seen("unknown_end") == ["error"]


def test_a_model_is_fed_by_tables(seen: Step) -> None:
    """The client draws an edge from each source of a model's features."""
    model = seen("of_a_model")
    assert model["upstreamEdges"] == [["mart", "lineage"]]


def test_edges_of_one_source_are_deleted(seen: Step) -> None:
    """Edges to a table are deleted by where they come from, others stay."""
    expected = graph("clean", "raw lineage", up="raw>clean", down="clean>lineage")
    assert seen("deleted_by_source") == expected


def test_edges_of_one_source_are_deleted_by_name(seen: Step) -> None:
    """The same by the FQN of the table."""
    expected = graph("clean", "raw lineage", up="raw>clean", down="clean>lineage")
    assert seen("deleted_by_source_by_name") == expected


def test_an_edge_is_deleted(seen: Step) -> None:
    """An edge is deleted by ids."""
    assert seen("deleted") == graph("clean", "lineage", down="clean>lineage")


def test_an_edge_is_deleted_by_names(seen: Step) -> None:
    """An edge is deleted by FQNs."""
    assert seen("deleted_by_name") == graph("clean")
