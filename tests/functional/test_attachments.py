"""Samples, runs, profiles and usage that a connector yields, from the command's point of view."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.kinds import KINDS
from om_ingest_catalog import Attachments, Catalog, Collection

if TYPE_CHECKING:
    from tests.command import Cli, Connect

SOURCE = """
def next_record(self):
    yield from stock.tables(2)
    yield CreatePipelineServiceRequest(name="etl", serviceType="CustomPipeline")
    yield CreatePipelineRequest(name="load", service="etl")
    table = self.ctx.metadata.get_by_name(Table, "shop.db.public.t0")
    yield AddSampleDataRequest(
        entity=table.reference(), sampleData=TableData(columns=["id"], rows=[[1], [2]])
    )
    yield AddUsageRequest(
        entity=EntityReference(type="table", id=table.id),
        usage=UsageRequest(date="2024-01-01", count=3),
    )
    for number in range(3):
        time_ms = 1_700_000_000_000 + number
        yield AddTableProfileRequest(
            table="shop.db.public.t0",
            profile=CreateTableProfileRequest(
                tableProfile=TableProfile(timestamp=time_ms, rowCount=number),
                columnProfile=[ColumnProfile(name="id", timestamp=time_ms, nullCount=number)],
            ),
        )
        yield AddPipelineStatusRequest(
            pipeline="etl.load",
            pipelineStatus=PipelineStatus(timestamp=time_ms, executionStatus="Successful"),
        )
    self.ctx.metadata.add_sample_data(AddSampleDataRequest(
        entity=EntityReference(type="table", fullyQualifiedName="shop.db.public.t1"),
        sampleData=TableData(columns=["id"], rows=[["written at once"]]),
    ))
"""
COUNTS = {"sampleData": 1, "usage": 1, "tableProfile": 3, "pipelineStatus": 3}


@pytest.fixture(autouse=True)
def store(connector: Connect) -> None:
    """A connector that yields something of everything."""
    connector("store", SOURCE)


def check_contents(cli: Cli, path: str = "om-ingest.db") -> None:
    """Everything that the connector yields lies in the catalog."""
    with Catalog(cli.cwd / path, read_only=True) as catalog:
        beside = Attachments(catalog)
        fields = {"sampleData", "usageSummary", "profile"}
        table = Collection(catalog, KINDS["table"]).get("shop.db.public.t0", fields=fields).entity
        assert table["sampleData"] == {"columns": ["id"], "rows": [[1], [2]]}
        assert table["usageSummary"]["dailyStats"] == {"count": 3}
        assert table["profile"]["rowCount"] == 2
        columns = beside.profiles("shop.db.public.t0.id", "column")
        assert [profile["nullCount"] for profile in columns] == [2, 1, 0]
        other = beside.sample_data("table", "shop.db.public.t1")
        assert other["sampleData"]["rows"] == [["written at once"]]
        assert len(beside.pipeline_statuses("etl.load")) == 3


def by_type(cli: Cli, outcome: str) -> dict[str, int]:
    """How many records of each type beside entities had an outcome."""
    counts = cli.report()["byEntityType"]
    return {name: counts[name][outcome] for name in COUNTS}


def test_into_a_catalog(cli: Cli) -> None:
    """Each is created once, counted by its own type, and unchanged in the next run."""
    for outcome in ("created", "unchanged"):
        cli("run", "store", "--report", "report.json").succeeded()
        assert by_type(cli, outcome) == COUNTS
        check_contents(cli)


def test_shown_with_their_entity(cli: Cli) -> None:
    """`catalog show` has what lies beside an entity, for people and for programs."""
    cli("run", "store").succeeded()
    table = cli("catalog", "show", "shop.db.public.t0", "--json").succeeded().json
    assert table["sampleData"] == {"columns": ["id"], "rows": [[1], [2]]}
    assert table["usageSummary"]["dailyStats"]["count"] == 3
    text = cli("catalog", "show", "etl.load").succeeded().out
    assert "  pipelineStatus:\n    timestamp: 2023-11-14T22:13:20.002Z\n" in text


def test_recorded_and_delivered(cli: Cli) -> None:
    """A recording holds them without ids, and brings the same into a catalog elsewhere."""
    cli("run", "store", "--sink", "jsonl:F.jsonl").succeeded()
    records = cli.records("F.jsonl")
    targets = [r["record"]["entity"] for r in records if "entity" in r["record"]]
    assert len(targets) == 3
    assert all(target.keys() == {"type", "fullyQualifiedName"} for target in targets)
    cli("run", "F.jsonl", "--report", "report.json").succeeded()
    assert by_type(cli, "created") == {**COUNTS, "sampleData": 2}
    check_contents(cli)


def test_onto_standard_output(cli: Cli) -> None:
    """Each that was yielded is printed as a line with its own type."""
    run = cli("run", "store", "--sink", "console").succeeded()
    types = [json.loads(line)["type"] for line in run.out.splitlines()]
    assert {name: types.count(name) for name in COUNTS} == COUNTS


def test_tried_out(cli: Cli) -> None:
    """A dry run applies a catalog's rules to them, and leaves no catalog."""
    cli("run", "store", "--dry-run", "--report", "report.json").succeeded()
    assert by_type(cli, "created") == COUNTS
    assert list(cli.cwd.glob("*.db")) == []


def test_set_aside_and_replayed(cli: Cli, connector: Connect) -> None:
    """What is refused waits in a dead-letter file, and is delivered when its entity is there."""
    connector(
        "early",
        """
        def next_record(self):
            for timestamp in (1_700_000_000_000, 1_700_000_000):
                yield AddPipelineStatusRequest(
                    pipeline="etl.load",
                    pipelineStatus=PipelineStatus(timestamp=timestamp, executionStatus="Failed"),
                )
        """,
    )
    assert cli("run", "early").code == 1
    (path,) = cli.dead_letters()
    reasons = [json.loads(line)["reason"] for line in path.read_text("utf-8").splitlines()[1:]]
    missing = "the pipeline etl.load does not exist; yield it before its status"
    assert reasons == [missing, missing]
    cli("run", "store").succeeded()
    replay = cli("replay", path.name, "--report", "report.json")
    assert replay.code == 1
    counts = cli.report()["byEntityType"]["pipelineStatus"]
    assert (counts["updated"], counts["failed"]) == (1, 1)
    assert "timestamp is 1700000000: give it in milliseconds since 1970" in replay.err


def test_filtered_with_their_entity(cli: Cli, connector: Connect) -> None:
    """What lies beside a table that `fqn-filter` drops is dropped with it; the rest passes."""
    connector(
        "plain",
        """
        def next_record(self):
            yield from stock.tables(2)
            for number in range(2):
                fqn = f"shop.db.public.t{number}"
                yield AddUsageRequest(
                    entity=EntityReference(type="table", fullyQualifiedName=fqn),
                    usage=UsageRequest(date="2024-01-01", count=number),
                )
                yield AddTableProfileRequest(
                    table=fqn, profile=CreateTableProfileRequest(
                        tableProfile=TableProfile(timestamp=1_700_000_000_000)
                    ),
                )
        """,
    )
    flow: dict[str, Any] = {
        "source": {"type": "plain"},
        "processors": [{"type": "fqn-filter", "config": {"excludes": [r".*\.t0"]}}],
        "sink": {"type": "jsonl", "config": {"path": "F.jsonl"}},
    }
    cli.write("flow.json", json.dumps(flow))
    cli("run", "flow.json", "--report", "report.json").succeeded()
    assert cli.report()["records"]["filtered"] == 3
    kept = [r["record"] for r in cli.records("F.jsonl") if r["type"] in COUNTS]
    assert [record.get("table", record.get("entity")) for record in kept] == [
        {"type": "table", "fullyQualifiedName": "shop.db.public.t1"},
        "shop.db.public.t1",
    ]
