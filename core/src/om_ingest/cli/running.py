"""What commands that run plugins share: their surroundings, progress, and the final words."""

from __future__ import annotations

import contextlib
import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from om_ingest import logs, terminal

if TYPE_CHECKING:
    from om_ingest.host.hooks import Hooks
    from om_ingest.run.job import Job
    from om_ingest.run.outputs import RunOutputs
    from om_ingest.workflow.pipeline import Pipeline
    from om_ingest.workflow.progress import Snapshot
    from om_ingest.workflow.report import RunReport


@contextlib.contextmanager
def connectors(path: Sequence[Path] | None = None, wanted: str = "") -> Iterator[Hooks]:
    """The hooks for importing connectors, also from the folders of `path`, where `wanted` is.

    What these print goes to standard error.
    """
    from om_ingest.host import folders
    from om_ingest.host.hooks import Hooks
    from om_ingest.masking import Redactor
    from om_ingest.registry import AllowList
    from om_ingest.run.launch import plugins_run
    from om_ingest.run.printing import prints_to_stderr

    allow = AllowList.from_environment()
    with prints_to_stderr(Redactor()), plugins_run(), folders.added(path or (), allow, wanted):
        hooks = Hooks(allow)
        with hooks.frameworks.provided():
            yield hooks


@contextlib.contextmanager
def progress(job: Job, pipeline: Pipeline) -> Iterator[None]:
    """Show how far a run is: a line that renews itself on a terminal, log lines elsewhere.

    The first one after 10 s, then one each 30 s.

    Before that, say where the records go if no sink is named.
    """
    from om_ingest.workflow.progress import Progress  # imports pydantic

    if job.sink_is_default:
        place = "nowhere, in a dry run" if job.dry_run else f"into the {pipeline.sink.target}"
        terminal.line(f"No sink is named: writing {place}.", err=True)
    if not terminal.is_live(sys.stderr):
        with Progress(pipeline, _log_progress, interval_s=30, first_s=10):
            yield
        return
    try:
        with Progress(pipeline, _draw_progress, interval_s=0.2):
            yield
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _log_progress(now: Snapshot) -> None:
    from om_ingest.reasons import counted  # not for --help

    said = f"{counted(now.records)}, {now.records_per_s:.0f}/s, {now.scope or 'waiting'}"
    if logs.captured() is None:
        logging.getLogger("om_ingest.progress").info("%s", said)
        return
    fields = {
        "records": now.records,
        "recordsPerSecond": round(now.records_per_s, 1),
        "scope": now.scope,
        "elapsed_s": round(now.elapsed_s, 1),
    }
    logs.event("progress", said, fields)


def _draw_progress(now: Snapshot) -> None:
    from om_ingest.reasons import counted  # as above

    text = f"{counted(now.records)}  {now.records_per_s:,.0f}/s  {now.scope or 'waiting'}"
    sys.stderr.write("\r\x1b[K" + terminal.fitting(text))
    sys.stderr.flush()


def _where_report_is(report: RunReport, path: Path | None) -> str:
    """The file that has the report, or the command that shows it; empty if none does."""
    if path is not None or not report.kept_in:
        return str(path or "")
    folder = Path(report.kept_in)
    state = "" if folder == Path.cwd() else f" --state {shlex.quote(str(folder))}"
    return f"`om-ingest runs show {shlex.quote(report.run_id)}{state}`"


def _what_failed(report: RunReport, where: str) -> str:
    """How much failed, and what tells more, for a run that prints no report."""
    from om_ingest.reasons import counted  # as above

    records, things = report.counts()["failed"], report.source_status.failure_count
    counts = [f"failed: {counted(records)} of {report.tally.yielded:,}"] if records else []
    counts += [f"failures in the source: {things:,}"] if things else []
    aside = f"Failed records are in {report.dead_letters}. " if report.dead_letters else ""
    more = f"{where or 'Leaving --quiet out'} tells more."
    return f"{report.source}: {'; '.join(counts)}\n  {aside}{more}"


def stop_words(quiet: bool, dry_run: bool) -> Sequence[str]:
    """What the first and the second Ctrl-C say at once, for who waits at a terminal or a log.

    Nothing where only errors are wanted.
    """
    if quiet:
        return ()
    start = "\r\x1b[K" if terminal.is_live(sys.stderr) else ""
    becomes = "nothing is written" if dry_run else "what was read is delivered"
    return (
        f"{start}stopping: {becomes}; once more cuts off, a third ends at once\n",
        f"{start}cutting off; once more ends at once, without a summary\n",
    )


def finish(report: RunReport, written: RunOutputs, quiet: bool) -> None:
    """Print the report, and exit with its code."""
    from om_ingest.cli import summary  # needed once a run has ended

    if not quiet:
        summary.print_report(report)
    errors, where = list(report.errors), _where_report_is(report, written.report_path)
    if any(fault.stack_trace for fault in report.faults):
        space = " " if "\n" in errors[-1] else "\n  "
        has = f"{where} has" if where else "--report FILE keeps"
        errors[-1] += f"{space}{has} the traceback; --log-level debug prints it."
    if quiet and report.failed_count and report.state != "success":
        errors.append(_what_failed(report, where))
    for error in errors:
        terminal.message(f"error: {error}")
    raise typer.Exit(report.exit_code)
