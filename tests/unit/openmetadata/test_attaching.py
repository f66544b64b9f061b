"""What servers fail over (500) is completed or refused before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import Outcome
from om_ingest.kinds.door import request_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire

TIME = 1700000000000
COLUMNS = [{"name": "a", "dataType": "INT"}]
TABLE = {"type": "table", "fullyQualifiedName": "s.d.p.t"}
TOPIC = {"type": "topic", "fullyQualifiedName": "m.t"}
ENDS = {"fromEntity": TABLE, "toEntity": TABLE}


def constraint(**values: Any) -> dict[str, Any]:
    """A table with this constraint."""
    return {
        "name": "t",
        "databaseSchema": "s.d.p",
        "columns": COLUMNS,
        "tableConstraints": [values],
    }


def edge(**values: Any) -> dict[str, Any]:
    """An edge with this lineage of columns."""
    return {"edge": {**ENDS, "lineageDetails": {"columnsLineage": [values]}}}


def status(*tasks: str, time: int = TIME) -> dict[str, Any]:
    """A run of the pipeline `pl.p`; without `taskStatus` if there are no tasks."""
    run: dict[str, Any] = {"timestamp": time, "executionStatus": "Successful"}
    if tasks:
        run["taskStatus"] = [{"name": task, "executionStatus": "Successful"} for task in tasks]
    return {"pipeline": "pl.p", "pipelineStatus": run}


@pytest.fixture
def wire(wire: Wire) -> Wire:
    """A server that has a table, a topic and a pipeline."""
    wire.put("tables", "s.d.p.t", columns=COLUMNS)
    wire.put("topics", "m.t")
    wire.put("pipelines", "pl.p", tasks=[{"name": "load"}])
    return wire


@pytest.mark.parametrize(
    ("record_type", "body", "sent"),
    [
        ("pipelineStatus", status(), {"taskStatus": []}),
        ("sampleData", {"entity": TABLE, "sampleData": {}}, {"columns": [], "rows": []}),
        ("sampleData", {"entity": TOPIC, "sampleData": {"messages": ["a"]}}, {"messages": ["a"]}),
        ("tableProfile", {"table": "s.d.p.t", "profile": {"tableProfile": {"timestamp": TIME}}},
         {"columnProfile": []}),
        ("lineage", edge(toColumn="s.d.p.t.a"), {"fromColumns": []}),
        ("table", constraint(constraintType="UNIQUE"), {"columns": []}),
    ],
    ids=["status", "sample rows", "messages", "profile", "edge", "constraint"],
)  # fmt: skip
def test_lists_that_servers_go_through(
    wire: Wire, store: OpenMetadata, record_type: str, body: dict[str, Any], sent: dict[str, Any]
) -> None:
    """A list that servers go through without a look is sent, empty, where a record has none."""
    record = request_of(record_type).model_validate(body)
    assert store.write([record])[0].outcome in {Outcome.WRITTEN, Outcome.CREATED}
    (call,) = [call for call in wire.calls if call.method == "PUT"]
    holder = call.body
    if record_type == "lineage":
        (holder,) = holder["edge"]["lineageDetails"]["columnsLineage"]
    elif record_type == "table":
        (holder,) = holder["tableConstraints"]
    assert {name: holder[name] for name in sent} == sent
    if record_type == "sampleData":
        assert holder == sent


@pytest.mark.parametrize(
    ("record_type", "body", "missing"),
    [
        ("table", constraint(columns=["a"]), "tableConstraints: constraintType"),
        ("lineage", edge(fromColumns=[]), "edge.lineageDetails.columnsLineage: toColumn"),
        ("glossaryTerm",
         {"name": "x", "glossary": "g", "description": "d", "references": [{"name": "n"}]},
         "references: endpoint"),
        ("tableProfile",
         {"table": "s.d.p.t", "profile": {"tableProfile": {"timestamp": TIME},
                                          "systemProfile": [{"timestamp": TIME}]}},
         "profile.systemProfile: operation"),
    ],
    ids=["constraint", "edge", "term", "profile"],
)  # fmt: skip
def test_values_that_servers_need(
    wire: Wire, store: OpenMetadata, record_type: str, body: dict[str, Any], missing: str
) -> None:
    """A record without a value that servers fail over is refused by its place, and not sent."""
    record = request_of(record_type).model_validate(body)
    (result,) = store.write([record])
    assert result.reason == f"{missing} is missing, without which servers fail (500)"
    assert not [call for call in wire.calls if call.method in {"PUT", "POST"}]


@pytest.mark.parametrize(
    ("where", "holder"),
    [
        (
            {"tableConstraints": [{"constraintType": "UNIQUE", "columns": ["DAY"]}]},
            "the UNIQUE constraint",
        ),
        ({"tablePartition": {"columns": [{"columnName": "DAY"}]}}, "the partition"),
    ],
)
def test_columns_in_another_case(
    wire: Wire, store: OpenMetadata, where: dict[str, Any], holder: str
) -> None:
    """A table that servers would refuse for the case of a name is not sent, and says both names."""
    columns = [{"name": "Day", "dataType": "DATE"}]
    body = {"name": "t", "databaseSchema": "s.d.p", "columns": columns, **where}
    (result,) = store.write([request_of("table").model_validate(body)])
    assert result.reason == f"{holder} names the column DAY, which is called Day"
    assert not [call for call in wire.calls if call.method in {"PUT", "POST"}]


@pytest.mark.parametrize("day", ["yesterday", "2026-2-3", "20260203", "2026-02-30", ""])
def test_days_that_are_none(wire: Wire, store: OpenMetadata, day: str) -> None:
    """Usage of what is no day, which a server's database refuses, is not sent."""
    body = {"entity": TABLE, "usage": {"date": day, "count": 1}}
    (result,) = store.write([request_of("usage").model_validate(body)])
    assert result.reason == f"usage.date: {day!r} is no date: write it as YYYY-MM-DD"
    assert not wire.sent("POST", ".*")


def test_statuses_of_tasks(wire: Wire, store: OpenMetadata) -> None:
    """Statuses of tasks that a pipeline has are sent; it is asked for its tasks once."""
    run = request_of("pipelineStatus").model_validate
    records = [run(status("load", time=TIME + day)) for day in range(3)]
    assert {result.outcome for result in store.write(records)} == {Outcome.WRITTEN}
    assert len(wire.sent("PUT", "pipelines/pl.p/status")) == 3
    (asked,) = wire.sent("GET", "pipelines/name/pl.p")
    assert asked.query == {"fields": "tasks"}


@pytest.mark.parametrize("tasks", [None, [], [{"name": "other"}]])
def test_a_status_of_an_unknown_task(wire: Wire, store: OpenMetadata, tasks: Any) -> None:
    """A status of a task that the pipeline does not have is refused with both names, and not
    sent; once the pipeline has the task, it is taken.
    """
    wire.put("pipelines", "pl.p", **({} if tasks is None else {"tasks": tasks}))
    record = request_of("pipelineStatus").model_validate(status("load"))
    (result,) = store.write([record])
    assert result.outcome is Outcome.FAILED
    assert "the pipeline pl.p has no task load; yield the pipeline with all" in result.reason
    assert not wire.sent("PUT", ".*status")
    wire.put("pipelines", "pl.p", tasks=[{"name": "load"}])
    assert store.write([record])[0].outcome is Outcome.WRITTEN


def test_a_status_of_a_pipeline_that_is_not_there(wire: Wire, store: OpenMetadata) -> None:
    """A run of a pipeline that may arrive later is missing something: it is tried again."""
    record = request_of("pipelineStatus").model_validate({**status("load"), "pipeline": "pl.q"})
    (result,) = store.write([record])
    assert result.missing == ("pipeline", "pl.q")
    assert "pipeline pl.q does not exist" in result.reason


COLUMNS_OF = {"fromColumns": ["s.d.p.t.a"], "toColumn": "s.d.p.t.a"}


def details(wire: Wire) -> dict[str, Any]:
    """The details of the edge that was put last."""
    found: dict[str, Any] = wire.sent("PUT", "lineage")[-1].body["edge"]["lineageDetails"]
    return found


@pytest.mark.parametrize("overrides", [False, True])
def test_an_edge_is_completed(
    wire: Wire, connect: Callable[..., OpenMetadata], overrides: bool
) -> None:
    """What a person said of an edge stays, or with `overrideMetadata` what the source leaves out;
    an edge that is so already takes one request and is not put.
    """
    store = connect(override_metadata=overrides)
    write = request_of("lineage").model_validate
    bare, said = {"edge": ENDS}, {"description": "theirs", "sqlQuery": "theirs"}
    assert store.write([write(bare)])[0].outcome is Outcome.CREATED
    (ends,) = wire.edges
    mine = {"description": "mine", "sqlQuery": "mine", "columnsLineage": [COLUMNS_OF]}
    wire.edges[ends] = {**mine, "source": "QueryLineage", "updatedBy": "ann"}
    before = len(wire.calls)
    assert store.write([write(bare)])[0].outcome is Outcome.UNCHANGED
    (asked,) = wire.calls[before:]
    assert asked.query == {"upstreamDepth": "1", "downstreamDepth": "0"}

    record = write({"edge": {**ENDS, "lineageDetails": said}})
    assert store.write([record, record])[0].outcome is Outcome.UPDATED
    description = "theirs" if overrides else "mine"
    assert details(wire) == {**mine, **said, "description": description, "source": "QueryLineage"}
    assert len(wire.sent("PUT", "lineage")) == 2
    assert store.write([record])[0].outcome is Outcome.UNCHANGED


def test_an_edge_that_only_the_graph_hides(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """Where the server does not show the graph, the edge is completed by its own answer."""
    write = request_of("lineage").model_validate
    store.write([write(edge(**COLUMNS_OF))])
    wire.judge("GET", "lineage/table/", lambda call: refused(403, "not allowed"))
    assert store.write([write({"edge": ENDS})])[0].outcome is Outcome.WRITTEN
    assert details(wire)["columnsLineage"] == [COLUMNS_OF]


def test_columns_of_an_edge_that_are_gone(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A column or pipeline that an edge still has, and the server no longer, costs itself."""
    write = request_of("lineage").model_validate
    store.write([write({"edge": ENDS})])
    (ends,) = wire.edges
    gone = [
        {"fromColumns": ["s.d.p.t.a", "s.d.p.t.ab"], "toColumn": "s.d.p.t.a"},
        {"fromColumns": ["s.d.p.t.ab"], "toColumn": "s.d.p.t.c"},
        {"fromColumns": ["s.d.p.t.c"], "toColumn": "s.d.p.t.ab"},
    ]
    pipeline = {"type": "pipeline", "id": "00000000-0000-0000-0000-000000000001"}
    wire.edges[ends] = {"columnsLineage": gone, "pipeline": pipeline}
    wire.on("PUT", "lineage", refused(400, "Invalid fully qualified column name s.d.p.t.ab"))
    wire.on("PUT", "lineage", refused(404, f"pipeline instance for {pipeline['id']} not found"))
    record = write({"edge": {**ENDS, "lineageDetails": {"sqlQuery": "q"}}})
    assert store.write([record])[0].outcome is Outcome.UPDATED
    assert details(wire) == {"columnsLineage": [COLUMNS_OF], "sqlQuery": "q"}
