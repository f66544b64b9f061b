"""How many requests, and how much time, a run over REST takes for records that did not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from om_ingest import REST
from om_ingest.kinds import KINDS
from om_ingest.model.entity import CreateRequest

from benchmarks.distributions import write_bench_tables
from benchmarks.process import MeasurementError
from benchmarks.rest import ROW_COUNT, serve
from benchmarks.table import COLUMN_COUNT, Job, Row, Scale

_COLUMNS = [{"name": f"c{number}", "dataType": "INT"} for number in range(COLUMN_COUNT)]
_ABOVE: list[tuple[str, dict[str, Any]]] = [
    ("databaseService", {"name": "s", "serviceType": "CustomDatabase"}),
    ("dashboardService", {"name": "b", "serviceType": "CustomDashboard"}),
    ("database", {"name": "d", "service": "s"}),
    ("databaseSchema", {"name": "x", "database": "s.d"}),
    ("classification", {"name": "k", "description": "d"}),
    ("glossary", {"name": "g", "description": "d"}),
]
_KINDS: dict[str, dict[str, Any]] = {
    "table": {"databaseSchema": "s.d.x", "columns": _COLUMNS},
    "chart": {"service": "b", "chartType": "Line"},
    "dashboard": {"service": "b"},
    "tag": {"classification": "k", "description": "d"},
    "glossaryTerm": {"glossary": "g", "description": "d"},
    "user": {"email": "{name}@example.com"},
    "query": {"service": "s", "query": "select {name}"},
    "metric": {},
}


_SERVERS = (("1.6.0", "created", "≥ 10 times as fast"), ("2.0.7", "written", ""))
"""Versions without batches and with them, outcomes of a first run, and budgets."""


class _Counting(httpx.HTTPTransport):
    """Counts requests by their method."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.counts[request.method] += 1
        return super().handle_request(request)


def requests(scale: Scale, work: Path) -> list[Row]:
    """Requests of a first and of an unchanged run, for 1,000 records of some kinds."""
    count = max(min(1000, scale.tables // 200), ROW_COUNT)
    rows = []
    with serve(work / "unchanged.db") as client:
        url = str(client.base_url).removesuffix("/v1/")
        _run(url, [_request(entity_type, body) for entity_type, body in _ABOVE])
        for entity_type, body in _KINDS.items():
            records = list(_records(entity_type, body, count))
            first, second = _run(url, records), _run(url, records)
            rows.append(_counted(f"{count:,} unchanged: {entity_type}", first, second))
        columns = {"columns": _COLUMNS, "databaseSchema": "s.d.x", "sourceHash": "another client's"}
        theirs = [_request("table", {"name": f"o{number}", **columns}) for number in range(count)]
        ours = [record.model_copy(update={"sourceHash": None}) for record in theirs]
        first, second = _run(url, theirs), _run(url, ours)
        rows.append(_counted(f"{count:,} unchanged: table of another client", first, second))
    return rows


def speed(scale: Scale, work: Path) -> list[Row]:
    """Tables into `serve`, then the same tables again."""
    site = write_bench_tables(work / "site-unchanged")
    job, rows = Job(site, work, max(scale.tables // 100, 1000)), []
    for version, outcome, budget in _SERVERS:
        with serve(work / f"{version}.db", version) as client:
            sink = f"openmetadata:{str(client.base_url).removesuffix('/v1/')}"
            _, first_s = job.run(sink, outcome)
            _, again_s = job.run(sink, "unchanged")
        what = f"{job.tables:,} unchanged tables → `serve` as {version}"
        beside = f"first time {first_s:.2f} s: {first_s / again_s:.0f} times as long"
        rows.append(Row(what, f"{again_s:.2f} s", beside, budget))
    return rows


def _counted(what: str, first: Counter[str], second: Counter[str]) -> Row:
    beside = f"for as many new ones: {_told(first)}"
    return Row(f"requests for {what}", _told(second), beside, "no PUT, POST or PATCH")


def _records(entity_type: str, body: dict[str, Any], count: int) -> Iterator[CreateRequest]:
    for number in range(count):
        name = f"n{number}"
        own = {
            field: value.replace("{name}", name) if isinstance(value, str) else value
            for field, value in body.items()
        }
        yield _request(entity_type, {"name": name, **own})


def _request(entity_type: str, body: dict[str, Any]) -> CreateRequest:
    return KINDS[entity_type].request.model_validate(body)


def _run(url: str, records: list[CreateRequest]) -> Counter[str]:
    """Write records by a client that knows nothing yet; its requests."""
    wire = _Counting()
    with REST({"hostPort": url}, wire=wire) as store:
        _ = store.features
        wire.counts.clear()
        for start in range(0, len(records), ROW_COUNT):
            for result in store.write(records[start : start + ROW_COUNT]):
                if result.reason:
                    raise MeasurementError(f"{result.record}: {result.reason}")
    return wire.counts


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {method}" for method, count in sorted(counts.items()))
