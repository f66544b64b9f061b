"""What a second run sends of records that did not change, to servers of every age."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from om_ingest import REST, Outcome, Record
from om_ingest.kinds import KINDS
from om_ingest.kinds.door import request_of
from om_ingest.kinds.lines import from_document
from om_ingest.model import CreateRequest
from om_ingest.releases import holds, known
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import InProcess
from tests.every_kind import build
from tests.selection import few

VERSIONS = few(("1.6.0", "2.0.7", "1.8.0", "1.9.0", "1.11.0", "1.12.0", "1.13.0"), 2)

TIME = 1_700_000_000_000
SCHEMA = "databaseService.database.databaseSchema"
TABLE = {"type": "table", "fullyQualifiedName": f"{SCHEMA}.table"}
DASHBOARD = {"type": "dashboard", "fullyQualifiedName": "dashboardService.dashboard"}
TOPIC = {"type": "topic", "fullyQualifiedName": "messagingService.topic"}
COUNT = 150

Run = Callable[[list[Record]], "tuple[set[Outcome], list[str]]"]


class _Recording(InProcess):
    """Notes the method and path of each request."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self.requests: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.path.removeprefix('/api/v1/')}")
        return super().handle_request(request)


@pytest.fixture(params=VERSIONS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> ServerSettings:
    """A server of a release."""
    return ServerSettings(tmp_path / "c.db", request.param)


@pytest.fixture
def run(settings: ServerSettings) -> Iterator[Run]:
    """Writes records as a run of its own: the outcomes, and the requests after the first two."""
    with Stores(settings.catalog) as stores:
        wire = _Recording(Application(settings, stores))

        def write(records: list[Record]) -> tuple[set[Outcome], list[str]]:
            wire.requests.clear()
            config = {"hostPort": "http://server/api", "forceEntityOverwriting": True}
            with REST(config, wire=wire) as store:
                batches = [records[start : start + 100] for start in range(0, len(records), 100)]
                results = [result for batch in batches for result in store.write(batch)]
            assert [result.reason for result in results if result.reason] == []
            return {result.outcome for result in results}, wire.requests[2:]

        yield write


def said(record_type: str, **body: Any) -> Record:
    """A record that is no entity."""
    return request_of(record_type).model_validate(body)


def beside() -> Iterator[Record]:
    """Records of all types that are no entities."""
    yield said("lineage", edge={"fromEntity": TABLE, "toEntity": DASHBOARD})
    yield said("sampleData", entity=TABLE, sampleData={"columns": ["col.a"], "rows": [[1], [None]]})
    yield said("sampleData", entity=TOPIC, sampleData={"messages": ["a", "b"]})
    for number in range(3):
        day = f"2024-01-0{1 + number}"
        yield said("usage", entity=TABLE, usage={"date": day, "count": number})
        yield said("usage", entity=DASHBOARD, usage={"date": day, "count": number})
        time = TIME + number
        yield said(
            "pipelineStatus",
            pipeline="pipelineService.pipeline",
            pipelineStatus={
                "timestamp": time,
                "executionStatus": "Successful",
                "taskStatus": [{"name": "load", "executionStatus": "Successful"}],
            },
        )
        column = {"name": "col.a", "timestamp": time, "nullCount": number, "max": "z"}
        yield said(
            "tableProfile",
            table=TABLE["fullyQualifiedName"],
            profile={
                "tableProfile": {"timestamp": time, "rowCount": number},
                "columnProfile": [column],
                "systemProfile": [{"timestamp": time, "operation": "INSERT", "rowsAffected": 1}],
            },
        )


def test_a_second_run_writes_nothing(settings: ServerSettings, run: Run) -> None:
    """Records of every type are unchanged the second time, for one read each at most."""
    levels = sorted(KINDS.values(), key=lambda kind: kind.level)
    spans = known().kinds
    kinds = [kind for kind in levels if holds(spans.get(kind.entity_type), settings.number)]
    records: list[Record] = [*(build(kind.entity_type) for kind in kinds), *beside()]

    assert Outcome.UNCHANGED not in run(records)[0]
    outcomes, requests = run(records)
    assert outcomes == {Outcome.UNCHANGED}
    assert [request for request in requests if not request.startswith("GET ")] == []
    assert len(requests) <= len(records)


def _of_another_client(record: Record) -> Record:
    if not isinstance(record, CreateRequest) or "sourceHash" not in type(record).model_fields:
        return record
    return record.model_copy(update={"sourceHash": "another client's"})


def test_rich_tables_of_another_client(run: Run) -> None:
    """Tables with all that the example has are equal in their content, whatever their hashes."""
    golden = Path("plugins/sample-tables/tests/golden.jsonl").read_text("utf-8")
    ours = [from_document(json.loads(line)) for line in golden.splitlines()]
    run([_of_another_client(record) for record in ours])
    outcomes, requests = run(ours)
    assert outcomes == {Outcome.UNCHANGED}
    assert [request for request in requests if not request.startswith("GET ")] == []


def test_many_unchanged_records_take_a_few_pages(run: Run) -> None:
    """Entities are read by pages of their place, edges and counts by what they belong to."""
    names = [f"t{number:03}" for number in range(COUNT)]
    tables = [{"type": "table", "fullyQualifiedName": f"{SCHEMA}.{name}"} for name in names]
    records: list[Record] = [build(entity_type) for entity_type in SCHEMA.split(".")]
    records += [build("table", name=name) for name in names]
    records += [said("lineage", edge={"fromEntity": t, "toEntity": tables[0]}) for t in tables[1:]]
    for day in range(1, 29):
        usage = {"date": f"2024-02-{day:02}", "count": day}
        records.append(said("usage", entity=tables[0], usage=usage))

    run(records)
    outcomes, requests = run(records)
    assert outcomes == {Outcome.UNCHANGED}
    assert [request for request in requests if not request.startswith("GET ")] == []
    assert len(requests) <= 10, requests
