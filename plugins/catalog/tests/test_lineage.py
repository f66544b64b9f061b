"""Edges and the graph around an entity (REST contract §4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import RecordError
from om_ingest.model import AddLineageRequest, Table
from om_ingest_catalog import Catalog
from om_ingest_catalog.rows.links import entity_id


def end(name: str) -> dict[str, str]:
    return {"type": "table", "fullyQualifiedName": f"s.d.x.{name}"}


def edge(source: str, target: str, **details: Any) -> AddLineageRequest:
    return AddLineageRequest.model_validate(
        {"edge": {"fromEntity": end(source), "toEntity": end(target), "lineageDetails": details}}
    )


def node(name: str) -> str:
    return entity_id("table", f"s.d.x.{name}")


@pytest.fixture
def chain(catalog: Catalog, table: Any) -> Catalog:
    """Tables a, b, c, d, and edges a → b → c → a."""
    catalog.write([table(name=name) for name in "abcd"])
    catalog.write([edge("a", "b"), edge("b", "c"), edge("c", "a")])
    return catalog


def outcome(catalog: Catalog, request: AddLineageRequest) -> tuple[str, str]:
    (result,) = catalog.write([request])
    return result.outcome.value, result.reason


def test_an_edge_is_created_updated_or_unchanged(chain: Catalog) -> None:
    """The same edge again is unchanged; what it does not say stays as it is."""
    assert outcome(chain, edge("a", "d", sqlQuery="1")) == ("created", "")
    assert outcome(chain, edge("a", "d", sqlQuery="1")) == ("unchanged", "")
    assert outcome(chain, edge("a", "d", description="2")) == ("updated", "")
    graph = chain.get_lineage(Table, "s.d.x.d")
    assert graph is not None
    (only,) = graph.upstreamEdges
    assert (only.fromEntity, only.toEntity) == (node("a"), node("d"))
    details = only.lineageDetails
    assert details is not None
    assert (details.sqlQuery, details.description, details.source) == ("1", "2", "Manual")
    assert details.createdBy == details.updatedBy == "ingestion-bot"
    assert details.createdAt is not None
    assert details.updatedAt is not None
    assert details.createdAt <= details.updatedAt


def test_what_a_person_said_of_an_edge_stays(chain: Catalog, person: Catalog, path: Path) -> None:
    """A run adds to an edge that a person has replaced; `override_metadata` lets it win."""
    columns = [{"fromColumns": ["s.d.x.a.a"], "toColumn": "s.d.x.b.a"}]
    mine = edge("a", "b", description="mine", columnsLineage=columns)
    mine.edge.description = "mine"
    theirs = edge("a", "b", description="theirs", sqlQuery="theirs", columnsLineage=[])
    theirs.edge.description = "theirs"
    for replaced in (theirs, mine):
        assert outcome(person, replaced) == ("updated", "")

    assert outcome(chain, edge("a", "b")) == ("unchanged", "")
    assert outcome(chain, theirs) == ("updated", "")
    assert texts(chain) == ("mine", "mine", "theirs", 1)
    assert outcome(chain, theirs) == ("unchanged", "")
    with Catalog(path, override_metadata=True) as overriding:
        assert outcome(overriding, theirs) == ("updated", "")
        assert outcome(overriding, theirs) == ("unchanged", "")
    assert texts(chain) == ("theirs", "theirs", "theirs", 1)


def texts(catalog: Catalog) -> tuple[Any, ...]:
    """What is said of the edge a → b: descriptions, the query, and how many columns."""
    graph = catalog.get_lineage(Table, "s.d.x.b")
    assert graph is not None
    (only,) = graph.upstreamEdges
    details = only.lineageDetails
    assert details is not None
    columns = details.columnsLineage or []
    return only.description, details.description, details.sqlQuery, len(columns)


def test_ends_may_be_given_by_id_in_the_batch_that_creates_them(
    catalog: Catalog, table: Any
) -> None:
    """Both ends and their edge can come in one batch."""
    by_id = AddLineageRequest.model_validate(
        {
            "edge": {
                "fromEntity": {"type": "table", "id": node("a")},
                "toEntity": {"type": "table", "id": node("b")},
            }
        }
    )
    results = catalog.write([table(name="a"), table(name="b"), by_id])
    assert [result.outcome.value for result in results] == ["created"] * 3


def test_both_ends_must_be_there(chain: Catalog) -> None:
    """An edge to a table that is missing or deleted fails with its name."""
    chain.delete(Table, "s.d.x.d")
    for name in ("none", "d"):
        assert outcome(chain, edge("a", name)) == (
            "failed",
            f"the table s.d.x.{name} does not exist; yield it before its lineage",
        )
    with pytest.raises(RecordError, match="does not exist"):
        chain.add_lineage(edge("none", "a"))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"fromColumns": ["s.d.x.a.a"], "toColumn": '"s".d.x.b.a'}, ""),
        ({"fromColumns": ["s.d.x.a.z"], "toColumn": "s.d.x.b.a"}, "s.d.x.a has no column"),
        ({"fromColumns": ["s.d.x.a.a"], "toColumn": "s.d.x.b.z"}, "s.d.x.b has no column"),
        ({"fromColumns": ["s.d.x.b.a"], "toColumn": "s.d.x.b.a"}, "s.d.x.a has no column"),
    ],
)
def test_columns_of_an_edge_must_exist(chain: Catalog, columns: Any, reason: str) -> None:
    """Column lineage may only name columns of its two tables."""
    result = outcome(chain, edge("a", "b", columnsLineage=[columns]))
    assert result[0] == ("failed" if reason else "updated")
    assert reason in result[1]


@pytest.mark.parametrize(
    ("upstream", "downstream", "nodes", "up", "down"),
    [
        (0, 0, "", [], []),
        (1, 0, "c", ["ca"], []),
        (0, 1, "b", [], ["ab"]),
        (1, 1, "bc", ["ca"], ["ab"]),
        (2, 0, "bc", ["ca", "bc"], []),
        (9, 9, "abc", ["ca", "bc", "ab"], ["ab", "bc", "ca"]),
    ],
)
def test_the_graph_has_a_depth(
    chain: Catalog, upstream: int, downstream: int, nodes: str, up: list[str], down: list[str]
) -> None:
    """A graph has the given depth in each direction, and cycles end."""
    graph = chain.get_lineage(
        Table, "s.d.x.a", upstream_depth=upstream, downstream_depth=downstream
    )
    assert graph is not None
    assert graph.entity.name == "a"
    assert sorted(str(reference.name) for reference in graph.nodes) == list(nodes)
    assert [(e.fromEntity, e.toEntity) for e in graph.upstreamEdges] == [
        (node(pair[0]), node(pair[1])) for pair in up
    ]
    assert [(e.fromEntity, e.toEntity) for e in graph.downstreamEdges] == [
        (node(pair[0]), node(pair[1])) for pair in down
    ]


def test_deleted_tables_leave_the_graph(chain: Catalog) -> None:
    """A soft delete hides edges until the restore; a hard one removes them."""
    chain.delete(Table, "s.d.x.b")
    assert chain.get_lineage(Table, "s.d.x.b") is None
    hidden = chain.get_lineage(Table, "s.d.x.a")
    assert hidden is not None
    assert hidden.downstreamEdges == []
    chain.restore(Table, "s.d.x.b")
    shown = chain.get_lineage(Table, "s.d.x.a")
    assert shown is not None
    assert len(shown.downstreamEdges) == 1
    chain.delete(Table, "s.d.x.b", hard=True)
    assert outcome(chain, edge("a", "b"))[0] == "failed"
