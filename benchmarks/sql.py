"""Speed, statements, latency and memory of the sources of databases, beside SQLAlchemy."""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.databases import (
    Served,
    in_duckdb,
    on_mariadb,
    on_postgres,
    postgres_server,
    small_tables,
)
from benchmarks.process import OM_INGEST, MeasurementError, Usage, median, run
from benchmarks.table import REPOSITORY, Row, Scale, megabytes, shown
from tests.databases.latency import Proxy
from tests.databases.mariadb import NoMariaDbError

ROUND_TRIP_S = 0.01
SINGLE_AT_A_DISTANCE = 100
"""Relations that SQLAlchemy reads one by one over the slow network; the rest is computed."""


@dataclass(frozen=True)
class Read:
    """One run of a source, or of SQLAlchemy."""

    usage: Usage
    seconds: float
    relations: int
    statements: int = 0

    @property
    def rate(self) -> str:
        """Seconds, and relations per second."""
        return f"{self.seconds:.2f} s, {self.relations / self.seconds:,.0f} relations/s"


def ingest(served: Served, work: Path, *processors: str, with_login: bool = False) -> Read:
    """`om-ingest run` into a file of JSON lines; every relation has to be in it.

    As in the other measurements, the seconds are those after `prepare`, which logs in.
    """
    workflow, report = work / "workflow.yaml", work / "report.json"
    source = {"type": served.source, "serviceName": "bench", "config": served.config}
    behind = [{"type": processor} for processor in processors]
    workflow.write_text(json.dumps({"source": source, "processors": behind}), "utf-8")
    target = work / "records.jsonl"
    usage = run(
        *(OM_INGEST, "run", str(workflow), "--quiet", "--sink", f"jsonl:{target}"),
        *("--report", str(report), "--state", str(work)),
    )
    found = json.loads(report.read_text("utf-8"))
    with target.open("rb") as lines:
        tables = sum(line.startswith(b'{"type":"table"') for line in lines)
    if tables != served.relation_count:
        raise MeasurementError(f"{tables} of {served.relation_count} relations were read")
    took = found["durations_s"]
    return Read(usage, took["total"] - (0 if with_login else took["prepare"]), tables)


def sqlalchemy(way: str, url: str, work: Path, most: int | None = None) -> Read:
    """SQLAlchemy's Inspector."""
    command = [sys.executable, "-m", "benchmarks.bare_sqlalchemy", way, url]
    command += [str(work / "sqlalchemy.jsonl"), *([str(most)] if most else [])]
    usage = run(*command, path=REPOSITORY)
    found = json.loads(usage.output)
    return Read(usage, found["seconds"], found["relations"], found["statements"])


def middle(reads: list[Read]) -> Read:
    """The median of some runs."""
    seconds = statistics.median(each.seconds for each in reads)
    return replace(reads[-1], usage=median([each.usage for each in reads]), seconds=seconds)


def speed(scale: Scale, work: Path) -> list[Row]:
    """Relations per second into JSON lines, and with how many statements."""
    rows = []
    with postgres_server(work) as cluster:
        served = on_postgres(cluster, scale.relations)
        rows += _beside("PostgreSQL 18", served, scale, work, "≥ 5,000 relations/s")
        rows.append(_statements(served, work))
    try:
        with on_mariadb(scale.relations) as served:
            rows += _beside("MariaDB", served, scale, work, "")
    except NoMariaDbError as error:
        print(error, file=sys.stderr)
    served = in_duckdb(work / "large.duckdb", scale.relations)
    rows += _beside("DuckDB", served, scale, work, "")
    return rows


def _beside(what: str, served: Served, scale: Scale, work: Path, budget: str) -> list[Row]:
    """A source, and SQLAlchemy in turns with it."""
    ingest(served, work)  # fills the caches of the server, of files and bytecode
    ours, bulk, single = [], [], []
    for _ in range(scale.runs):
        ours.append(ingest(served, work))
        if served.url:
            bulk.append(sqlalchemy("bulk", served.url, work))
            single.append(sqlalchemy("single", served.url, work))
    mine = middle(ours)
    beside = "SQLAlchemy has no dialect for it here"
    if bulk:
        others = [("in bulk", middle(bulk)), ("per table", middle(single))]
        beside = "; ".join(
            f"SQLAlchemy {way} {other.seconds:.2f} s (ratio {other.seconds / mine.seconds:.1f}),"
            f" {other.statements:,} statements"
            for way, other in others
        )
    name = f"{served.relation_count:,} relations of {what} → jsonl"
    return [
        Row(name, mine.rate, beside, budget),
        Row(f"{name}, whole process", shown(mine.usage), "", ""),
    ]


def _statements(served: Served, work: Path) -> Row:
    """What the server itself says it was asked."""
    assert served.cluster is not None
    log = served.cluster.folder / "server.log"
    served.cluster.run(f"ALTER DATABASE {served.name} SET log_statement = 'all'")
    before = log.stat().st_size
    ingest(served, work)
    said = log.read_bytes()[before:].decode("utf-8", "replace")
    served.cluster.run(f"ALTER DATABASE {served.name} RESET log_statement")
    words = Counter(
        match[1].upper()
        for match in re.finditer(r"LOG:  (?:statement|execute [^:]*): \s*(\w+)", said)
    )
    declared = len(re.findall(r"LOG:  (?:statement|execute [^:]*): \s*DECLARE", said))
    asking = words["SELECT"] + words["WITH"] + declared
    rest = words.total() - asking
    kinds = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
    return Row(
        f"statements for {served.relation_count:,} relations, counted by PostgreSQL",
        f"{asking} queries, and {rest} commands around them",
        kinds,
        "≤ 10",
    )


def latency(scale: Scale, work: Path) -> list[Row]:
    """What 10 ms between the source and its server cost."""
    with postgres_server(work) as cluster:
        served = on_postgres(cluster, scale.relations)
        with Proxy((cluster.host, cluster.port), round_trip_s=ROUND_TRIP_S) as proxy:
            far = replace(
                served,
                config={**served.config, "hostPort": f"{proxy.host}:{proxy.port}"},
                url=served.url.replace(f":{cluster.port}/", f":{proxy.port}/"),
            )
            return [_farther("PostgreSQL 18", served, far, proxy, scale, work, "≤ +1 s")]


def _farther(
    what: str, near: Served, far: Served, proxy: Proxy, scale: Scale, work: Path, budget: str
) -> Row:
    ingest(near, work)
    pairs = []
    trips = 0
    for _ in range(scale.runs):
        before = proxy.round_trip_count
        pairs.append((ingest(near, work, with_login=True), ingest(far, work, with_login=True)))
        trips = proxy.round_trip_count - before
    more = statistics.median(late.seconds - early.seconds for early, late in pairs)
    bulk = [sqlalchemy("bulk", each.url, work).seconds for each in (near, far)]
    few = [
        sqlalchemy("single", each.url, work, SINGLE_AT_A_DISTANCE).seconds for each in (near, far)
    ]
    single = (few[1] - few[0]) * near.relation_count / SINGLE_AT_A_DISTANCE
    return Row(
        f"10 ms to {what}, {near.relation_count:,} relations",
        f"{more:+.2f} s: {middle([late for _, late in pairs]).seconds:.2f} s, {trips} round trips",
        f"SQLAlchemy in bulk {bulk[1] - bulk[0]:+.2f} s, per table {single:+.0f} s"
        f" (from {SINGLE_AT_A_DISTANCE} relations)",
        budget,
    )


def memory(scale: Scale, work: Path) -> list[Row]:
    """Peak memory of a small and of a large database."""
    with postgres_server(work) as cluster:
        few, many = (
            ingest(small_tables(cluster, count), work)
            for count in (scale.relations, scale.many_relations)
        )
    more = many.usage.peak_bytes - few.usage.peak_bytes
    return [
        Row(
            f"peak memory, {many.relations:,} relations of PostgreSQL → jsonl",
            f"{megabytes(many.usage.peak_bytes)}, {more / 1e6:+.1f} MB; {many.rate}",
            f"{few.relations:,} relations: {megabytes(few.usage.peak_bytes)}",
            "≤ +20 MB",
        )
    ]
