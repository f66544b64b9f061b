"""The report of a run as people read it."""

from __future__ import annotations

import typer

from om_ingest.cli import render
from om_ingest.source import Note
from om_ingest.workflow.report import SAMPLE_COUNT, RunReport


def print_report(report: RunReport) -> None:
    """Print to standard error, which leaves standard output to the records."""
    rows = [
        (name, *(str(count) for count in counts.values()))
        for name, counts in report.by_entity_type().items()
    ]
    if rows:
        totals = report.counts()
        rows.append(("total", *(str(totals[name]) for name in _OUTCOMES)))
        _print("")
        for line in render.plain(("ENTITY TYPE", *map(str.upper, _OUTCOMES)), rows):
            _print(line)
    _print("")
    status = report.source_status
    failed = report.counts()["failed"]
    _section("failed", failed, report.tally.failures)
    _section("failures in the source", status.failure_count, status.failures)
    _section("warnings", status.warning_count, status.warnings)
    if status.filtered_count or report.tally.filtered:
        _print(f"filtered: {status.filtered_count} by the source, {report.tally.filtered} records")
    limited = f", stopped after {report.limit} as asked" if report.limit is not None else ""
    _print(
        f"{report.state}: {report.source} -> {report.sink}: {report.tally.yielded} records "
        f"in {report.total_s:.2f} s ({report.records_per_s:.0f}/s{limited})"
    )
    if report.state == "interrupted" and not failed:
        _print("What was read until then has been delivered.")
    if report.dead_letters:
        _print(f"Failed records are in {report.dead_letters}; deliver them with:")
        _print(f"  om-ingest replay {report.dead_letters}")


_OUTCOMES = ("created", "updated", "unchanged", "failed")


def _section(title: str, count: int, notes: list[Note]) -> None:
    if not count:
        return
    shown = notes[:SAMPLE_COUNT]
    more = f", the first {len(shown)}" if count > len(shown) else ""
    _print(f"{title}: {count}{more}")
    for note in shown:
        _print(f"  {note.key}: {note.reason}")


def _print(line: str) -> None:
    """Print one line, without what a name in the data could do to a terminal."""
    typer.echo("".join(char if char.isprintable() else "\ufffd" for char in line), err=True)
