"""`om-ingest state`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from om_ingest import logs, terminal
from om_ingest.cli import completion, options

if TYPE_CHECKING:
    from om_ingest.run.job import Job
    from om_ingest.workflow.kept_state import JobNames
    from om_ingest.workflow.report import RunReport

app = typer.Typer(
    name="state",
    help="Show or clear how far the source of a job has read.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def show(
    target: Annotated[
        str | None,
        typer.Argument(
            help="As for `run`; left out, the jobs that have bookmarks are listed.",
            autocompletion=completion.targets,
        ),
    ] = None,
    set_: options.Values = None,
    set_file: options.ValuesFromFiles = None,
    set_env: options.ValuesFromEnvironment = None,
    service_name: options.ServiceName = None,
    sink: options.Sink = None,
    path: options.Folders = None,
    state: options.State = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what the source of a job has kept, and which run kept it."""
    from om_ingest.run import kept_bookmarks  # imports pydantic and sqlite3

    if target is None:
        folder = state or Path.cwd()
        _list(kept_bookmarks.jobs_in(folder), folder, as_json=as_json)
        return
    with _job(target, (set_, set_file, set_env), service_name, sink, path, state) as job:
        report, kept = kept_bookmarks.kept_of(job)
        folder = job.journal.folder if job.journal else Path.cwd()
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
        _tell_none(report, folder)
    else:
        kept_at = _time(kept.kept_at)
        terminal.line(f"{_named(report)}: kept {kept_at} (UTC) by the run {kept.run_id}")
        rows = [
            (key, json.dumps(value, ensure_ascii=False)) for key, value in kept.bookmarks.items()
        ]
        terminal.table(("KEY", "VALUE"), rows)


@app.command()
def clear(
    target: options.Target,
    set_: options.Values = None,
    set_file: options.ValuesFromFiles = None,
    set_env: options.ValuesFromEnvironment = None,
    service_name: options.ServiceName = None,
    sink: options.Sink = None,
    path: options.Folders = None,
    state: options.State = None,
) -> None:
    """Forget what the source of a job has kept: then it reads all again."""
    from om_ingest.run import kept_bookmarks  # see show

    with _job(target, (set_, set_file, set_env), service_name, sink, path, state) as job:
        report, was_there = kept_bookmarks.clear(job)
        folder = job.journal.folder if job.journal else Path.cwd()
    if was_there:
        terminal.line(f"Cleared: the next run of {_named(report)} reads everything.")
    else:
        _tell_none(report, folder)


def _list(jobs: Sequence[tuple[JobNames, str]], folder: Path, *, as_json: bool) -> None:
    """Print the jobs that have bookmarks in the journal of a folder."""
    if as_json:
        terminal.as_json(
            [
                {
                    "source": names.source,
                    "serviceName": names.service_name,
                    "sink": names.sink,
                    "workflow": names.workflow,
                    "keptAt": kept_at,
                }
                for names, kept_at in jobs
            ]
        )
    elif jobs:
        _print(jobs)
    else:
        terminal.line(f"There are no bookmarks in {folder}.", err=True)


def _print(jobs: Sequence[tuple[JobNames, str]], *, err: bool = False) -> None:
    header = ("RUN", "SOURCE", "SERVICE", "SINK", "KEPT (UTC)")
    rows = [
        (names.workflow, names.source, names.service_name, names.sink, _time(kept_at))
        for names, kept_at in jobs
    ]
    for line in terminal.table_lines(header, rows):
        terminal.line(line, err=err)


def _tell_none(report: RunReport, folder: Path) -> None:
    """Say that a job has no bookmarks, and which others of its source have some."""
    from om_ingest.run import kept_bookmarks  # see show

    terminal.line(f"There are no bookmarks of {_named(report)}.", err=True)
    jobs = kept_bookmarks.jobs_in(folder)
    if others := [(names, kept_at) for names, kept_at in jobs if names.source == report.source]:
        terminal.line("Other jobs of this source have some:", err=True)
        _print(others, err=True)


def _time(moment: str) -> str:
    return moment[:19].replace("T", " ")


@contextmanager
def _job(
    target: str,
    values: tuple[list[str] | None, ...],
    service_name: str | None,
    sink: str | None,
    path: list[Path] | None,
    state: Path | None,
) -> Iterator[Job]:
    """The job that `run` would run with the same arguments."""
    from om_ingest.run import printing, request  # see show

    on_line, in_files, in_environment = values
    redact = logs.set_up(None, logs.LogFormat.TEXT, quiet=True)
    with printing.prints_to_stderr(redact):
        yield request.job(
            target,
            values=on_line or (),
            values_from_files=in_files or (),
            values_from_environment=in_environment or (),
            service_name=service_name,
            sink=sink,
            path=path or (),
            redact=redact,
            state=state,
        )


def _named(report: RunReport) -> str:
    return f"{report.source} -> {report.sink}"
