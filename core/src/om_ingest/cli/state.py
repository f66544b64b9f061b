"""`om-ingest state`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import options

if TYPE_CHECKING:
    from om_ingest.run.job import Job
    from om_ingest.workflow.report import RunReport

app = typer.Typer(
    name="state",
    help="Show or clear the bookmarks of a job: how far its source has read.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def show(
    target: options.Target,
    set_: options.Values = None,
    service_name: options.ServiceName = None,
    sink: options.Sink = None,
    state: options.State = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what the source of a job has kept in ctx.state, and which run kept it."""
    from om_ingest.run import bookmarking  # imports pydantic and sqlite3

    with _job(target, set_, service_name, sink, state) as job:
        report, kept = bookmarking.kept_of(job)
    if as_json:
        terminal.as_json(
            {
                "source": report.source,
                "serviceName": report.service_name,
                "sink": report.sink,
                "runId": kept.run_id if kept else None,
                "keptAt": kept.kept_at if kept else None,
                "state": dict(kept.bookmarks) if kept else {},
            }
        )
    elif kept is None or not kept.bookmarks:
        terminal.line(f"There are no bookmarks of {_named(report)}.", err=True)
    else:
        kept_at = kept.kept_at[:19].replace("T", " ")
        terminal.line(f"{_named(report)}: kept {kept_at} (UTC) by the run {kept.run_id}")
        rows = [
            (key, json.dumps(value, ensure_ascii=False)) for key, value in kept.bookmarks.items()
        ]
        terminal.table(("KEY", "VALUE"), rows)


@app.command()
def clear(
    target: options.Target,
    set_: options.Values = None,
    service_name: options.ServiceName = None,
    sink: options.Sink = None,
    state: options.State = None,
) -> None:
    """Forget what the source of a job has kept: its next run reads everything."""
    from om_ingest.run import bookmarking  # see show

    with _job(target, set_, service_name, sink, state) as job:
        report, was_there = bookmarking.clear(job)
    if was_there:
        terminal.line(f"Cleared: the next run of {_named(report)} reads everything.")
    else:
        terminal.line(f"There are no bookmarks of {_named(report)}.", err=True)


@contextmanager
def _job(
    target: str,
    values: list[str] | None,
    service_name: str | None,
    sink: str | None,
    state: Path | None,
) -> Iterator[Job]:
    """The job that `run` would run with the same arguments."""
    from om_ingest.run import printing, request  # see show

    redact = options.set_up_logging(None, options.LogFormat.TEXT, quiet=True)
    with printing.prints_to_stderr(redact):
        yield request.job(
            target,
            values=values or (),
            service_name=service_name,
            sink=sink,
            redact=redact,
            state=state,
        )


def _named(report: RunReport) -> str:
    return f"{report.source} -> {report.sink}"
