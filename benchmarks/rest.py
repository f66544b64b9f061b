"""Measurements over REST: delivery to a stand-in server, and the catalog server as such."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from benchmarks.distributions import write_bench_tables
from benchmarks.process import OM_INGEST, MeasurementError, median, run
from benchmarks.table import (
    COLUMN_COUNT,
    REPOSITORY,
    Job,
    Row,
    Scale,
    megabytes,
    shown,
)

ROW_COUNT = 100
"""Rows of one bulk request."""

_LATENCIES_MS = (0, 100)
_PATIENCE_S = 60.0


def delivery(scale: Scale, work: Path) -> list[Row]:
    """Tables to a stand-in server, near and far; a small job; memory of a large one."""
    site = write_bench_tables(work / "site-rest")
    rows = []
    for latency_ms in _LATENCIES_MS:
        with stand_in(latency_ms) as url:
            tables = scale.tables // 4
            _, loop_s = Job(site, work, tables).run(f"openmetadata:{url}", "written")
            rows.append(
                Row(
                    f"{tables:,} tables → REST, latency {latency_ms} ms",
                    f"{loop_s:.2f} s, {tables / loop_s:,.0f} tables/s",
                    f"one request at a time: {latency_ms * tables / 100_000:.0f} s more",
                    "≥ 5,000 tables/s",
                )
            )
    with stand_in(0) as url:
        small = Job(site, work, 100)
        usages = [small.run(f"openmetadata:{url}", "written")[0] for _ in range(scale.starts)]
        bare = run(sys.executable, "-c", "import httpx, om_ingest.model")
        beside = f"`import httpx, om_ingest.model` {bare.wall_s:.2f} s"
        what = "job of 100 tables → REST, whole process"
        rows.append(Row(what, shown(median(usages)), beside, "≤ 0.8 s"))
        few, many = (
            Job(site, work, count).run(f"openmetadata:{url}", "written")[0].peak_bytes
            for count in (scale.few_tables, scale.many_tables)
        )
    rows.append(
        Row(
            f"peak memory → REST, {scale.many_tables:,} tables",
            f"{megabytes(many)}, {(many - few) / 1e6:+.1f} MB",
            f"{scale.few_tables:,} tables: {megabytes(few)}",
            "≤ +20 MB",
        )
    )
    return rows


def serving(scale: Scale, work: Path) -> list[Row]:
    """The catalog server on an empty catalog: start, bulk, single writes, reads."""
    began = time.perf_counter()
    with serve(work / "served.db") as client:
        started_s = time.perf_counter() - began
        prepare(client)
        tables = scale.tables // 10
        rows = [Row("`serve`: start to first answer", f"{started_s:.2f} s", "", "≤ 1 s")]
        bodies = [
            json.dumps([table(f"b{start + number}") for number in range(ROW_COUNT)]).encode()
            for start in range(0, tables, ROW_COUNT)
        ]
        per_s = ROW_COUNT * rate(len(bodies), lambda number: put(client, "bulk", bodies[number]))
        rows.append(Row(f"bulk PUT of {tables:,} tables", f"{per_s:,.0f}/s", "", "≥ 5,000/s"))
        count = tables // 10
        per_s = rate(count, lambda number: put(client, "", dumped(table(f"s{number}"))))
        rows.append(Row("PUT of a table", f"{per_s:,.0f}/s", "", "≥ 400/s"))
        per_s = rate(count, lambda number: get(client, f"name/s.d.x.s{number}"))
        bare = rate(count, lambda number: get(client, "/system/version"))
        beside = f"`system/version` {bare:,.0f}/s"
        rows.append(Row("GET of a table by name", f"{per_s:,.0f}/s", beside, "≥ 1,500/s"))
    return rows


def large_catalog(scale: Scale, work: Path) -> list[Row]:
    """Reading one table, and a page of them, in a small and in a large catalog."""
    site = write_bench_tables(work / "site-large")
    figures: list[tuple[float, float]] = []
    for count in (scale.few_tables, scale.many_tables):
        path = work / f"large-{count}.db"
        Job(site, work, count).run(f"catalog:{path}")
        with serve(path) as client:
            names = [f"name/bench.warehouse.public.table_{number:07}" for number in range(500)]
            by_name = rate(500, lambda number, names=names: get(client, names[number]))  # type: ignore[misc]  # bound now
            page = rate(50, lambda number: get(client, "?limit=100"))
            figures.append((by_name, page))
        for leftover in work.glob("large-*"):
            leftover.unlink()
    rows = []
    for what, few, many in zip(("GET by name", "a page of 100"), *figures, strict=True):
        rows.append(
            Row(
                f"{what}, {scale.many_tables:,} tables in the catalog",
                f"{1000 / many:.2f} ms",
                f"{scale.few_tables:,} tables: {1000 / few:.2f} ms, ratio {few / many:.2f}",
                "≤ 2 times",
            )
        )
    return rows


def table(name: str) -> dict[str, object]:
    """A request for a table of five columns."""
    columns = [
        {"name": f"column_{position}", "dataType": "VARCHAR", "dataLength": 64}
        for position in range(COLUMN_COUNT)
    ]
    return {"name": name, "databaseSchema": "s.d.x", "description": name, "columns": columns}


def dumped(value: object) -> bytes:
    """JSON text."""
    return json.dumps(value).encode()


def prepare(client: httpx.Client) -> None:
    """Create what the tables lie in."""
    for path, body in (
        ("services/databaseServices", {"name": "s", "serviceType": "CustomDatabase"}),
        ("databases", {"name": "d", "service": "s"}),
        ("databaseSchemas", {"name": "x", "database": "s.d"}),
    ):
        checked(client.put(f"/{path}", json=body))


def put(client: httpx.Client, path: str, body: bytes) -> None:
    """Write below `/tables`."""
    answer = checked(
        client.put(
            f"/tables/{path}".rstrip("/"),
            content=body,
            headers={"Content-Type": "application/json"},
        )
    )
    if path and answer.json()["numberOfRowsFailed"]:
        raise MeasurementError(f"rows failed: {answer.text[:500]}")


def get(client: httpx.Client, path: str) -> None:
    """Read below `/tables`, or at an absolute path."""
    checked(client.get(path if path.startswith("/") else f"/tables/{path}".replace("/?", "?")))


def checked(answer: httpx.Response) -> httpx.Response:
    """An answer that is no error."""
    if answer.status_code >= 400:
        raise MeasurementError(f"{answer.request.url}: {answer.status_code} {answer.text[:500]}")
    return answer


def rate(count: int, step: Callable[[int], None]) -> float:
    """Calls of `step` per second."""
    began = time.perf_counter()
    for number in range(count):
        step(number)
    return count / (time.perf_counter() - began)


@contextlib.contextmanager
def stand_in(latency_ms: int) -> Iterator[str]:
    """The stand-in server in a process of its own; the URL of its API."""
    command = [sys.executable, "-m", "benchmarks.stand_in", str(latency_ms)]
    with process(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/api"


@contextlib.contextmanager
def serve(path: Path, version: str = "2.0.7") -> Iterator[httpx.Client]:
    """`om-ingest serve` on a catalog, as a release of OpenMetadata, from its first answer on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [OM_INGEST, "serve", "--catalog", str(path), "--port", str(port)]
    command += ["--om-version", version]
    with (
        process([*command, "--log-level", "warning"]),
        httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=_PATIENCE_S) as client,
    ):
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                client.get("/system/version")
                break
            except httpx.ConnectError:
                if time.monotonic() > deadline:
                    raise MeasurementError("`om-ingest serve` does not answer") from None
                time.sleep(0.01)
        yield client


@contextlib.contextmanager
def process(
    command: list[str], stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that ends with the block."""
    with subprocess.Popen(command, stdout=stdout, cwd=REPOSITORY) as server:
        try:
            yield server
        finally:
            server.terminate()
