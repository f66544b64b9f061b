"""What is measured, and the budget of each figure; a function returns rows of the table."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.distributions import write_bench_tables, write_many
from benchmarks.process import OM_INGEST, MeasurementError, Usage, in_turns, median, run

REPOSITORY = Path(__file__).parents[1]
COLUMN_COUNT = 5
PARENT_COUNT = 3
"""Service, database and schema: records besides the tables."""

YARDSTICKS = {
    "pass": [sys.executable, "-c", "pass"],
    "typer": [sys.executable, "-c", "import typer"],
}


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    tables: int = 200_000
    """Tables of the runs whose speed is measured."""

    few_tables: int = 10_000
    """Tables of the smaller run whose memory is measured."""

    many_tables: int = 1_000_000
    """Tables of the larger one."""

    starts: int = 9
    """Starts of a short command; the median counts."""

    runs: int = 3
    """Runs of a long one; the median counts."""


QUICK = Scale(tables=20_000, few_tables=2_000, many_tables=20_000, starts=3, runs=1)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    beside: str
    """What it is measured against, in the same run."""

    budget: str


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


def small_job(scale: Scale, work: Path) -> list[Row]:
    """100 tables into a new catalog, the whole process."""
    site = write_bench_tables(work / "site-job")
    job = Job(site, work, 100)
    job.run("catalog", "warm-up.db")
    usages = [job.run("catalog", f"job-{number}.db")[0] for number in range(scale.starts)]
    bare = in_turns({"models": [sys.executable, "-c", "import om_ingest.model"]}, scale.starts)
    beside = f"`import om_ingest.model` {bare['models'].wall_s:.2f} s"
    what = "job of 100 tables → catalog, whole process"
    return [Row(what, shown(median(usages)), beside, "≤ 0.6 s")]


def jsonl_speed(scale: Scale, work: Path) -> list[Row]:
    """Tables into a file of JSON lines, beside the loop that only builds and writes them."""
    job = Job(write_bench_tables(work / "site-jsonl"), work, scale.tables)
    pairs = [
        (job.run("jsonl", "bench.jsonl"), bare_loop("jsonl", scale.tables, work / "bare.jsonl"))
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
        first.append((job.run("catalog", f"bench-{number}.db"), bare))
        again.append((job.run("catalog", f"bench-{number}.db", outcome="unchanged"), bare))
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
            Job(site, work, count).run(sink, f"memory-{count}.{sink}")[0].peak_bytes
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
    "job": small_job,
    "jsonl": jsonl_speed,
    "catalog": catalog_speed,
    "memory": memory,
}


@dataclass(frozen=True)
class Job:
    """`om-ingest run bench-tables` with so many tables."""

    site: Path
    work: Path
    tables: int

    def run(self, sink: str, file: str, outcome: str = "created") -> tuple[Usage, float]:
        """Run it; returns the process, and the seconds of the run after `prepare`.

        Raises `MeasurementError` unless every record ended in `outcome`.
        """
        report_file = self.work / "report.json"
        command = [OM_INGEST, "run", "bench-tables", "--quiet", "--service-name", "bench"]
        command += ["--set", f"count={self.tables}", "--set", f"columns={COLUMN_COUNT}"]
        command += ["--sink", f"{sink}:{self.work / file}", "--report", str(report_file)]
        usage = run(*command, path=self.site)
        report = json.loads(report_file.read_text("utf-8"))
        if report["records"][outcome] != self.tables + PARENT_COUNT:
            raise MeasurementError(f"not all records are {outcome}: {report['records']}")
        return usage, report["durations_s"]["total"] - report["durations_s"]["prepare"]


def bare_loop(target: str, tables: int, file: Path) -> tuple[Usage, float]:
    """Run the yardstick; returns the process, and the seconds of its loop."""
    module = "benchmarks.bare_loop"
    usage = run(sys.executable, "-m", module, target, str(tables), str(file), path=REPOSITORY)
    return usage, float(usage.output)


def compared(
    what: str,
    scale: Scale,
    pairs: list[tuple[tuple[Usage, float], tuple[Usage, float]]],
    budget: str,
) -> list[Row]:
    """One row for the loops, one for the whole processes, medians of all pairs."""
    loop_s, bare_s = (statistics.median(pair[side][1] for pair in pairs) for side in (0, 1))
    whole, bare_whole = (median([pair[side][0] for pair in pairs]) for side in (0, 1))
    ratio = statistics.median(ours[1] / bare[1] for ours, bare in pairs)
    whole_ratio = statistics.median(ours[0].wall_s / bare[0].wall_s for ours, bare in pairs)
    return [
        Row(
            what,
            f"{loop_s:.2f} s, {scale.tables / loop_s:,.0f} tables/s",
            f"bare loop {bare_s:.2f} s, {scale.tables / bare_s:,.0f} tables/s: ratio {ratio:.2f}",
            budget,
        ),
        Row(
            f"{what}, whole process",
            shown(whole),
            f"bare loop {shown(bare_whole)}: ratio {whole_ratio:.2f}",
            "",
        ),
    ]


def count_records(file: Path) -> int:
    """The records in a file of JSON lines; a head line is none."""
    with file.open("rb") as lines:
        return sum(b'"record":' in line for line in lines)


def start_up(usages: dict[str, Usage], name: str) -> str:
    """The yardsticks of a short command, and how often they fit into it."""
    wall_s = usages[name].wall_s
    return ", ".join(
        f"`{YARDSTICKS[yardstick][-1]}` {usages[yardstick].wall_s:.3f} s"
        f" (ratio {wall_s / usages[yardstick].wall_s:.1f})"
        for yardstick in YARDSTICKS
    )


def shown(usage: Usage) -> str:
    """Seconds and memory of a process."""
    digits = 3 if usage.wall_s < 1 else 2
    return f"{usage.wall_s:.{digits}f} s, {megabytes(usage.peak_bytes)}"


def megabytes(count: int) -> str:
    """Bytes as MB."""
    return f"{count / 1e6:.1f} MB"
