"""`om-ingest runs`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import completion

if TYPE_CHECKING:
    from om_ingest.workflow.kept_run import KeptRun

app = typer.Typer(
    name="runs",
    help="List runs, newest first, and show how one went.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

State = Annotated[
    Path | None,
    typer.Option(
        "--state", help="Folder of the journal; default: the working directory.", metavar="DIR"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def runs(context: typer.Context, state: State = None, as_json: Json = False) -> None:
    """List runs, newest first, and show how one went."""
    folder = context.obj = state or Path.cwd()
    if context.invoked_subcommand is not None:
        return
    from om_ingest.workflow import journal, kept_run  # imports pydantic and sqlite3

    found = journal.runs_in(folder)
    if as_json:
        terminal.as_json([run.as_dict() for run in found])
        return
    if not found:
        terminal.line(f"There are no runs in {folder}.", err=True)
        return
    short_ids = kept_run.shortened([run.run_id for run in found])
    header = ["ID", "STARTED (UTC)", "DURATION", "STATE", "SOURCE", "SINK", "RECORDS"]
    rows = [
        [
            *(short, _time(run.started_at), _duration(run), run.state, run.source, run.sink),
            *(_counts(run), run.problem),
        ]
        for short, run in zip(short_ids, found, strict=True)
    ]
    if any(run.problem for run in found):
        header.append("PROBLEM")
    terminal.table(header, [row[: len(header)] for row in rows], whole=header[:2])


@app.command()
def upgrade(context: typer.Context, state: State = None) -> None:
    """Upgrade the journal of an older om-ingest, after a backup."""
    from om_ingest import versioned_file  # imports sqlite3
    from om_ingest.workflow.journal import FILE_NAME
    from om_ingest.workflow.journal_format import JOURNAL

    terminal.line(str(versioned_file.upgrade((state or context.obj) / FILE_NAME, JOURNAL)))


@app.command()
def show(
    context: typer.Context,
    run_id: Annotated[
        str,
        typer.Argument(help="The id of a run, or how it begins.", autocompletion=completion.runs),
    ],
    state: State = None,
    as_json: Json = False,
) -> None:
    """Print the report of one run."""
    from om_ingest.workflow import journal, kept_run  # see runs

    folder = state or context.obj
    run, report = journal.report_in(folder, run_id)
    if as_json:
        terminal.as_json({**run.as_dict(), "report": report})
        return
    ended = f", {_duration(run)}" if run.ended_at else ""
    source = run.distribution or run.source
    terminal.line(f"run {run.run_id} of {source}: {_time(run.started_at)}{ended}")
    if report is None:
        terminal.line(f"{run.state}: {run.source} -> {run.sink}, process {run.pid}")
        if run.state == kept_run.KILLED:
            terminal.line("There is no report; --resume continues with what it has not delivered.")
        return
    from om_ingest.cli import summary  # only for a report

    with journal.readable(folder / journal.FILE_NAME, f"the report of the run {run.run_id}"):
        lines = [*summary.lines(report, terminal.room()), *summary.errors(report)]
    for line in lines:
        terminal.line(line)


def _time(moment: str) -> str:
    return moment[:19].replace("T", " ")


def _duration(run: KeptRun) -> str:
    return "-" if run.duration_s is None else f"{run.duration_s:.1f} s"


def _counts(run: KeptRun) -> str:
    from om_ingest.cli import summary  # imports pydantic

    parts = [
        f"{count} {summary.spelled(name)}"
        for name, count in run.counts.items()
        if count and name != "yielded"
    ]
    return ", ".join(parts) or "-"
