"""Runs, jobs and what is removed of them, as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from om_ingest import terminal

if TYPE_CHECKING:
    from om_ingest.workflow.kept_run import KeptRun
    from om_ingest.workflow.retention import Pruned
    from om_ingest.workflow.run_list import JobSuccess


def print_runs(chosen: Sequence[KeptRun], found: Sequence[KeptRun]) -> None:
    """Print some of the runs that were found."""
    from om_ingest.workflow import kept_run  # imports pydantic

    short_ids = dict(
        zip(
            (run.run_id for run in found),
            kept_run.shortened([run.run_id for run in found]),
            strict=True,
        )
    )
    header = ["ID", "STARTED (UTC)", "DURATION", "STATE", "SOURCE", "SINK", "RECORDS"]
    rows = [
        [
            *(short_ids[run.run_id], time(run.started_at), duration(run), run.state),
            *(run.source, run.sink, _counts(run), run.problem),
        ]
        for run in chosen
    ]
    if any(run.problem for run in chosen):
        header.append("PROBLEM")
    terminal.table(header, [row[: len(header)] for row in rows], whole=header[:2])


def print_successes(jobs: Sequence[JobSuccess]) -> None:
    """Print the latest success of each job."""
    header = ["LAST SUCCESS (UTC)", "LATEST", "SOURCE", "SERVICE", "SINK", "WORKFLOW"]
    rows = [
        [
            time((job.success.ended_at or "-") if job.success else "-"),
            *(job.latest.state, job.latest.source, job.latest.service_name),
            *(job.latest.sink, job.latest.workflow),
        ]
        for job in jobs
    ]
    terminal.table(header, rows, whole=header[:1])


def print_pruned(pruned: Sequence[Pruned], *, dry_run: bool) -> None:
    """Print what was removed, and what was left."""
    gone = [one for one in pruned if not one.is_kept]
    files = [path for one in pruned for path in one.removed]
    if gone:
        header = ["ID", "STARTED (UTC)", "STATE", "SOURCE", "SERVICE", "SINK"]
        rows = [
            [
                *(run.run_id, time(run.started_at), run.state),
                *(run.source, run.service_name, run.sink),
            ]
            for run in (one.run for one in gone)
        ]
        terminal.table(header, rows, whole=header[:2])
    for path in files:
        terminal.line(path)
    for one in pruned:
        for path, reason in one.left.items():
            word = "error" if one.is_kept else "warning"
            terminal.message(f"{word}: {path} of the run {one.run.run_id} is left: {reason}")
    verb = "would be removed" if dry_run else "removed"
    terminal.line(f"Runs {verb}: {len(gone)}; files {verb}: {len(files)}.", err=True)


def time(moment: str) -> str:
    """A moment of a journal, to the second."""
    return moment[:19].replace("T", " ")


def duration(run: KeptRun) -> str:
    """How long a run took; a dash where that is not known."""
    return "-" if run.duration_s is None else f"{run.duration_s:.1f} s"


def _counts(run: KeptRun) -> str:
    from om_ingest.cli import summary  # imports pydantic

    parts = [
        f"{count} {summary.spelled(name)}"
        for name, count in run.counts.items()
        if count and name != "yielded"
    ]
    return ", ".join(parts) or "-"
