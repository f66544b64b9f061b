"""A line of the table, the scale of what is measured, and the runs behind it."""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import OM_INGEST, MeasurementError, Usage, median, run

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

    relations: int = 2_200
    """Tables and views of the databases that are read."""

    many_relations: int = 50_000
    """Tables of the database whose reading may not take more memory."""

    starts: int = 9
    """Starts of a short command; the median counts."""

    runs: int = 3
    """Runs of a long one; the median counts."""


QUICK = Scale(
    tables=20_000,
    few_tables=2_000,
    many_tables=20_000,
    relations=440,
    many_relations=4_000,
    starts=3,
    runs=1,
)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    beside: str
    """What it is measured against, in the same run."""

    budget: str


@dataclass(frozen=True)
class Job:
    """`om-ingest run` of `bench-tables`, or of a connector with the same records."""

    site: Path
    work: Path
    tables: int
    """How many tables."""

    target: str = "bench-tables"
    """The name of the connector, or a workflow file."""

    def run(self, sink: str, outcome: str = "created") -> tuple[Usage, float]:
        """Run it; returns the process, and the seconds of the run after `prepare`.

        Raises `MeasurementError` unless every record ended in `outcome`.
        """
        report_file = self.work / "report.json"
        command = [OM_INGEST, "run", self.target, "--quiet", "--service-name", "bench"]
        command += ["--set", f"count={self.tables}", "--set", f"columns={COLUMN_COUNT}"]
        command += ["--sink", sink, "--report", str(report_file), "--state", str(self.work)]
        usage = run(*command, path=self.site)
        report = json.loads(report_file.read_text("utf-8"))
        parents = PARENT_COUNT if outcome != "written" else 0  # those go one by one
        if report["records"][outcome] not in (self.tables, self.tables + parents):
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
