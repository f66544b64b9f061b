"""Attachments are compared with what the server shows, where reading is cheaper than writing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from om_ingest import Record
from om_ingest.kinds.door import request_of
from om_ingest.openmetadata.store import OpenMetadata

from tests.unit.openmetadata.conftest import Call, Wire

Connect = Callable[..., OpenMetadata]

FQN = "s.d.p.t"
TABLE = {"type": "table", "fullyQualifiedName": FQN}
TIME = 1_700_000_000_000


@pytest.fixture
def wire(wire: Wire) -> Wire:
    """A server that has a table and a pipeline, and lists nothing beside them."""
    wire.put("tables", FQN)
    wire.put("pipelines", "pl.p")
    return wire


def sample(*rows: Any, fqn: str = FQN) -> Record:
    """Sample rows of a table."""
    samples = {"columns": ["a"], "rows": [[row] for row in rows]}
    body = {"entity": {**TABLE, "fullyQualifiedName": fqn}, "sampleData": samples}
    return request_of("sampleData").model_validate(body)


def usage(day: str, count: int = 1) -> Record:
    """How often the table was used on a day."""
    body = {"entity": TABLE, "usage": {"date": day, "count": count}}
    return request_of("usage").model_validate(body)


def ran(at: float) -> Record:
    """A run of the pipeline."""
    status = {"timestamp": int(at), "executionStatus": "Successful"}
    body = {"pipeline": "pl.p", "pipelineStatus": status}
    return request_of("pipelineStatus").model_validate(body)


def profile(at: float, *columns: str, **more: Any) -> Record:
    """A profile of the table and of some columns."""
    body = {
        "tableProfile": {"timestamp": int(at), "rowCount": 3},
        "columnProfile": [{"name": name, "timestamp": int(at), **more} for name in columns],
    }
    return request_of("tableProfile").model_validate({"table": FQN, "profile": body})


def outcomes(store: OpenMetadata, *records: Record) -> list[str]:
    """What becomes of records of one batch."""
    return [result.outcome.value for result in store.write(records)]


def reads(wire: Wire, path: str) -> int:
    """How many reads there were."""
    return len(wire.sent("GET", path))


def test_samples_are_replaced_by_other_ones_only(wire: Wire, store: OpenMetadata) -> None:
    """Samples are created, left alone and updated, as the server shows them."""
    path = f"tables/{wire.entities[f'tables/name/{FQN}']['id']}/sampleData"
    wire.entities[path] = dict(wire.entities[f"tables/name/{FQN}"])
    assert outcomes(store, sample(1)) == ["created"]
    wire.entities[path]["sampleData"] = {"columns": ["a"], "rows": [[1.0], [None]]}
    assert outcomes(store, sample(1, None)) == ["unchanged"]
    assert outcomes(store, sample(2, None)) == ["updated"]
    assert len(wire.sent("PUT", path)) == 2


def test_counts_of_a_month_take_one_request(wire: Wire, store: OpenMetadata) -> None:
    """Usage is read for thirty days at once, in whichever order the days come."""

    def month(call: Call) -> httpx.Response:
        assert call.query["days"] == "30"
        days = [{"date": "2024-03-01", "dailyStats": {"count": 1, "percentileRank": 0.0}}]
        entity = wire.entities[f"tables/name/{FQN}"]
        return httpx.Response(200, json={"entity": entity, "usage": days})

    wire.judge("GET", "^usage/", month)
    days = [f"2024-03-{day:02}" for day in range(1, 29)]
    told = outcomes(store, *map(usage, days[::-1]))
    assert told == ["created"] * 27 + ["unchanged"]
    assert len(wire.sent("POST", "usage/.*")) == 27
    wire.calls.clear()
    assert outcomes(store, usage("2024-03-01"), usage("2024-03-20", 0)) == ["unchanged", "created"]
    assert [call.query["date"] for call in wire.sent("GET", "usage/.*")] == ["2024-03-20"]


def test_runs_of_a_pipeline_take_one_request(wire: Wire, store: OpenMetadata) -> None:
    """Runs are read from the first to the last of a batch; a new one is written."""
    known = [{"timestamp": TIME + n, "executionStatus": "Successful"} for n in range(3)]
    wire.entities["pipelines/pl.p/status"] = {"data": known, "paging": {"total": 3}}
    records = [ran(TIME + number) for number in range(3)]
    assert outcomes(store, *records) == ["unchanged"] * 3
    (asked,) = wire.sent("GET", "pipelines/.*")
    assert asked.query == {"startTs": str(TIME), "endTs": str(TIME + 2)}
    assert outcomes(store, records[0], ran(TIME + 9)) == ["unchanged", "created"]


def test_a_profile_of_many_columns_takes_one_request(wire: Wire, store: OpenMetadata) -> None:
    """The latest profiles of a table and its columns are read at once; an older one is written."""
    columns = [
        {"name": name, "profile": {"name": name, "timestamp": TIME, "nullCount": 0.0}}
        for name in "abc"
    ]
    latest = {
        **wire.entities[f"tables/name/{FQN}"],
        "profile": {"timestamp": TIME, "rowCount": 3.0, "profileSampleType": "PERCENTAGE"},
        "columns": columns,
    }
    wire.entities[f"tables/{FQN}/tableProfile/latest"] = latest
    assert outcomes(store, profile(TIME, *"abc", nullCount=0)) == ["unchanged"]
    assert [call.path for call in wire.calls[2:]] == [f"tables/{FQN}/tableProfile/latest"]
    assert outcomes(store, profile(TIME, *"abc", nullCount=1)) == ["updated"]
    assert outcomes(store, profile(TIME + 1, *"abc", nullCount=0)) == ["created"]
    assert outcomes(store, profile(TIME - 1, *"abc", nullCount=0)) == ["written"]


def test_what_must_be_new_is_not_looked_for(wire: Wire, store: OpenMetadata) -> None:
    """Nothing is read of times after the start of a run, and beside what the run has created."""
    later = (time.time() + 60) * 1000
    assert outcomes(store, ran(later), profile(later)) == ["written", "written"]
    assert reads(wire, "pipelines/.*|.*(status|Profile.*)") == 0
    columns = [{"name": "a", "dataType": "INT"}]
    body = {"name": "new", "databaseSchema": "s.d.p", "columns": columns}
    store.write([request_of("table").model_validate(body)])
    wire.put("tables", "s.d.p.new")
    wire.calls.clear()
    assert outcomes(store, sample(1, fqn="s.d.p.new")) == ["written"]
    assert reads(wire, ".*sampleData") == 0


@pytest.mark.parametrize("status", [403, 404, 400])
def test_what_a_server_does_not_show_is_written(
    wire: Wire, store: OpenMetadata, refused: Any, status: int
) -> None:
    """A server that refuses to show samples or usage is asked once for each, and gets all."""
    wire.judge("GET", "sampleData|^usage/", lambda call: refused(status, "HTTP Not Found"))
    records = [sample(1), sample(2), usage("2024-01-01"), usage("2024-01-02")]
    assert outcomes(store, *records) == ["written"] * 4
    assert outcomes(store, *records) == ["written"] * 4
    assert reads(wire, ".*sampleData|usage/.*") == 2


def test_two_that_say_different_things(wire: Wire, store: OpenMetadata) -> None:
    """What a batch has written is read again before the same is said in another way."""
    path = "pipelines/pl.p/status"

    def put(call: Call) -> None:
        wire.entities[path] = {"data": [call.body], "paging": {}}

    wire.judge("PUT", "status", put)
    wire.entities[path] = {"data": [], "paging": {}}
    failed = ran(TIME).model_copy(deep=True)
    failed.pipelineStatus.executionStatus = "Failed"
    for _ in range(2):
        store.write([ran(TIME), failed])
        ((shown,),) = [wire.entities[path]["data"]]
        assert shown["executionStatus"] == "Failed"


def test_an_entity_of_no_kind(wire: Wire, store: OpenMetadata) -> None:
    """What lies beside an entity of a type that there is not fails alone."""
    store.write([ran(TIME)])
    wrong = {"type": "spaceship", "fullyQualifiedName": FQN}
    body = {"entity": wrong, "usage": {"date": "2024-01-01", "count": 1}}
    records = [request_of("usage").model_validate(body), usage("2024-01-01")]
    body = {
        "name": "other",
        "databaseSchema": "s.d.p",
        "columns": [{"name": "a", "dataType": "INT"}],
    }
    store.write([request_of("table").model_validate(body)])
    assert outcomes(store, *records) == ["failed", "written"]
