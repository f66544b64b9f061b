"""What servers fail over (500) is completed or refused before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import Outcome
from om_ingest.kinds.door import request_of

if TYPE_CHECKING:
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
