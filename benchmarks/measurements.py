"""What is measured, and the budget of each figure; a function returns rows of the table."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import foreign, lineage, observed, rest, sql, tenants, unchanged
from benchmarks.distributions import write_bench_tables, write_many
from benchmarks.process import OM_INGEST, MeasurementError, in_turns, median, run
from benchmarks.table import (
    PARENT_COUNT,
    YARDSTICKS,
    Job,
    Row,
    Scale,
    bare_loop,
    compared,
    count_records,
    megabytes,
    shown,
    start_up,
)


def listing(scale: Scale, work: Path) -> list[Row]:
    """`list-sources` beside a bare interpreter, and beside typer alone."""
    rows = []
    for count, budget in ((20, "≤ 0.2 s, ≤ 50 MB"), (500, "≤ 0.4 s, ≤ 50 MB")):
        site = write_many(work / f"site-{count}", count)
        command = {"listing": [OM_INGEST, "list-sources"]}
        usages = in_turns({**command, **YARDSTICKS}, scale.starts, site)
        found = usages["listing"].output.count("generated-")
        if found < count:
            raise MeasurementError(f"list-sources shows {found} of {count} connectors")
        what = f"`list-sources`, {count} connectors"
        rows.append(Row(what, shown(usages["listing"]), start_up(usages, "listing"), budget))
    return rows


def help_text(scale: Scale, work: Path) -> list[Row]:
    """`--help` beside the same yardsticks."""
    usages = in_turns({"help": [OM_INGEST, "--help"], **YARDSTICKS}, scale.starts)
    return [Row("`--help`", shown(usages["help"]), start_up(usages, "help"), "≤ 0.2 s")]


READ_TABLE = """
import time
import om_ingest.kinds, httpx
began = time.process_time()
from om_ingest.releases import Dialect, Version
Dialect(Version(1, 6, 0))
print(time.process_time() - began)
"""


def table_of_servers(scale: Scale, work: Path) -> list[Row]:
    """What a run pays for knowing what its server knows, once: the table read and prepared."""
    whole = {"whole": [sys.executable, "-c", "import om_ingest.model, httpx"]}
    beside = in_turns(whole, scale.starts)["whole"].wall_s
    run(sys.executable, "-c", READ_TABLE)  # fills the caches of files and bytecode
    used = [float(run(sys.executable, "-c", READ_TABLE).output) for _ in range(scale.starts)]
    what = "table of what servers know, read and prepared"
    yardstick = f"`import om_ingest.model, httpx` {1000 * beside:.0f} ms"
    return [Row(what, f"{1000 * statistics.median(used):.1f} ms", yardstick, "≤ 5 ms")]


def small_job(scale: Scale, work: Path) -> list[Row]:
    """100 tables into a new catalog, the whole process."""
    site = write_bench_tables(work / "site-job")
    job = Job(site, work, 100)
    job.run(f"catalog:{work}/warm-up.db")
    usages = [job.run(f"catalog:{work}/job-{number}.db")[0] for number in range(scale.starts)]
    bare = in_turns({"models": [sys.executable, "-c", "import om_ingest.model"]}, scale.starts)
    beside = f"`import om_ingest.model` {bare['models'].wall_s:.2f} s"
    what = "job of 100 tables → catalog, whole process"
    return [Row(what, shown(median(usages)), beside, "≤ 0.6 s")]


def jsonl_speed(scale: Scale, work: Path) -> list[Row]:
    """Tables into a file of JSON lines, beside the loop that only builds and writes them."""
    job = Job(write_bench_tables(work / "site-jsonl"), work, scale.tables)
    pairs = [
        (
            job.run(f"jsonl:{work}/bench.jsonl"),
            bare_loop("jsonl", scale.tables, work / "bare.jsonl"),
        )
        for _ in range(scale.runs)
    ]
    records = [count_records(work / name) for name in ("bench.jsonl", "bare.jsonl")]
    if records != [scale.tables + PARENT_COUNT] * 2:
        raise MeasurementError(f"the two files hold {records} records")
    return compared(f"{scale.tables:,} tables → jsonl", scale, pairs, "≤ 1.3 times the bare loop")


def catalog_speed(scale: Scale, work: Path) -> list[Row]:
    """Tables into a new catalog, then the same tables again."""
    job = Job(write_bench_tables(work / "site-catalog"), work, scale.tables)
    first, again = [], []
    for number in range(scale.runs):
        bare_file = work / f"bare-{number}.db"
        bare = bare_loop("catalog", scale.tables, bare_file)
        first.append((job.run(f"catalog:{work}/bench-{number}.db"), bare))
        again.append((job.run(f"catalog:{work}/bench-{number}.db", outcome="unchanged"), bare))
        for leftover in work.glob("b*.db*"):
            leftover.unlink()
    what = f"{scale.tables:,} tables → catalog"
    return [
        *compared(f"{what}, first time", scale, first, "≥ 20,000 tables/s"),
        *compared(f"{what}, unchanged", scale, again, "≥ 40,000 tables/s"),
    ]


def memory(scale: Scale, work: Path) -> list[Row]:
    """Peak memory of a small and of a large run."""
    site = write_bench_tables(work / "site-memory")
    rows = []
    for sink in ("jsonl", "catalog"):
        few, many = (
            Job(site, work, count).run(f"{sink}:{work}/memory-{count}.{sink}")[0].peak_bytes
            for count in (scale.few_tables, scale.many_tables)
        )
        rows.append(
            Row(
                f"peak memory → {sink}, {scale.many_tables:,} tables",
                f"{megabytes(many)}, {(many - few) / 1e6:+.1f} MB",
                f"{scale.few_tables:,} tables: {megabytes(few)}",
                "≤ +20 MB",
            )
        )
        for leftover in work.glob("memory-*"):
            leftover.unlink()
    return rows


MEASUREMENTS: dict[str, Callable[[Scale, Path], list[Row]]] = {
    "listing": listing,
    "help": help_text,
    "servers": table_of_servers,
    "job": small_job,
    "jsonl": jsonl_speed,
    "catalog": catalog_speed,
    "memory": memory,
    "foreign-job": foreign.small_job,
    "foreign-speed": foreign.speed,
    "delivery": rest.delivery,
    "unchanged": unchanged.requests,
    "unchanged-speed": unchanged.speed,
    "serving": rest.serving,
    "large-catalog": rest.large_catalog,
    "tenants": tenants.tenants,
    "sql-read": sql.speed,
    "sql-latency": sql.latency,
    "sql-memory": sql.memory,
    "lineage": lineage.statements,
    "lineage-run": lineage.behind_a_source,
    "observed": observed.runs,
}
