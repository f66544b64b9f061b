"""What a connector that was written for openmetadata-ingestion costs more than a native one.

Both yield the same records; om-ingest-compat runs the foreign one.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.distributions import write_bench_tables
from benchmarks.process import MeasurementError, Usage, median
from benchmarks.table import COLUMN_COUNT, PARENT_COUNT, Job, Row, Scale, count_records, megabytes

CONNECTOR = "bench_upstream"
WORKFLOW = """
source:
  type: customDatabase
  serviceName: bench
  serviceConnection:
    config:
      type: CustomDatabase
      sourcePythonClass: {connector}.BenchTablesSource
      connectionOptions: {{count: "{tables}", columns: "{columns}"}}
plugins: {{path: {folder}}}
"""


def pair_of_jobs(work: Path, tables: int) -> tuple[Job, Job]:
    """The native job and the foreign one."""
    site = write_bench_tables(work / "site-native")
    folder = work / "site-foreign"
    folder.mkdir()
    code = Path(__file__).with_name(f"{CONNECTOR}.py").read_text("utf-8")
    (folder / f"{CONNECTOR}.py").write_text(code, "utf-8")
    file = work / "foreign.yaml"
    values = {"connector": CONNECTOR, "tables": tables, "columns": COLUMN_COUNT}
    file.write_text(WORKFLOW.format(**values, folder=folder), "utf-8")
    return Job(site, work, tables), Job(work, work, tables, target=str(file))


def small_job(scale: Scale, work: Path) -> list[Row]:
    """100 tables into a new catalog, the whole process."""
    native, foreign = pair_of_jobs(work, 100)
    usages: list[tuple[Usage, Usage]] = []
    for number in range(scale.starts + 1):  # the first one fills the caches of files and bytecode
        pair = [
            job.run(f"catalog:{work}/{name}-{number}.db")[0]
            for name, job in (("native", native), ("foreign", foreign))
        ]
        usages += [(pair[0], pair[1])] * bool(number)
    more_s = statistics.median(ours.wall_s - bare.wall_s for bare, ours in usages)
    more_bytes = statistics.median(ours.peak_bytes - bare.peak_bytes for bare, ours in usages)
    bare, ours = (median([pair[side] for pair in usages]) for side in (0, 1))
    return [
        Row(
            "job of 100 tables through om-ingest-compat → catalog, whole process",
            f"{more_s:+.2f} s, {more_bytes / 1e6:+.1f} MB: {ours.wall_s:.2f} s, "
            f"{megabytes(ours.peak_bytes)}",
            f"native {bare.wall_s:.2f} s, {megabytes(bare.peak_bytes)}",
            "≤ +0.5 s, ≤ +20 MB",
        )
    ]


def speed(scale: Scale, work: Path) -> list[Row]:
    """Tables into a file of JSON lines, through either connector."""
    tables = scale.tables // 4
    native, foreign = pair_of_jobs(work, tables)
    pairs = []
    for _ in range(scale.runs):
        files = work / "native.jsonl", work / "foreign.jsonl"
        pairs.append(
            [
                job.run(f"jsonl:{file}")[1]
                for job, file in zip((native, foreign), files, strict=True)
            ]
        )
        if (counts := [count_records(file) for file in files]) != [tables + PARENT_COUNT] * 2:
            raise MeasurementError(f"the two files hold {counts} records")
    native_s, foreign_s = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    return [
        Row(
            f"{tables:,} tables through om-ingest-compat → jsonl",
            f"{foreign_s:.2f} s, {tables / foreign_s:,.0f} tables/s",
            f"native {native_s:.2f} s, {tables / native_s:,.0f} tables/s: {ratio:.2f} of its rate",
            "≥ 0.5 of the native rate",
        )
    ]
