"""`om-ingest runs`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import completion, run_tables
from om_ingest.reasons import counted

if TYPE_CHECKING:
    from om_ingest.workflow.run_list import JobSuccess


class Status(str, Enum):
    """How a run is."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    KILLED = "killed"
    UNKNOWN = "unknown"


app = typer.Typer(
    name="runs",
    help="List runs, show how one went, and remove old ones.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="OM_INGEST_STATE",
        help="Folder of the journal; default: the working directory.",
        metavar="DIR",
    ),
]
StateHere = Annotated[
    Path | None,
    typer.Option("--state", help="Folder of the journal, as before the command.", metavar="DIR"),
]
"""Of a command below `runs`, whose context has the one before it, or of the environment."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def runs(
    context: typer.Context,
    state: State = None,
    since: Annotated[
        str | None,
        typer.Option(help="Runs that began since: 12h, 7d, 2026-11-01.", metavar="TIME"),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="Runs of this service; may be repeated.", metavar="NAME"),
    ] = None,
    status: Annotated[
        list[Status] | None, typer.Option(help="Runs in this state; may be repeated.")
    ] = None,
    last_success: Annotated[
        bool,
        typer.Option(
            "--last-success", help="Each job's latest success; exit code 1 if one is missing."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """List runs, show how one went, and remove old ones."""
    folder = context.obj = _folder(state)
    choosing = {
        "--since": since,
        "--service": service,
        "--status": status,
        "--last-success": last_success,
        "--json": as_json,
    }
    _refuse_mixture([name for name, value in choosing.items() if value], context)
    if context.invoked_subcommand is not None:
        return
    from om_ingest.workflow import journal, run_list  # imports pydantic and sqlite3

    moment = run_list.moment(since, "--since") if since else None
    found = journal.runs_in(folder)
    if last_success:
        of_service = run_list.chosen(found, services=service or ())
        jobs = run_list.last_successes(of_service, moment)
        if as_json:
            terminal.as_json([job.as_dict() for job in jobs])
        elif jobs:
            run_tables.print_successes(jobs)
        raise typer.Exit(_unsuccessful(jobs, folder, since))
    states = [one.value for one in status or ()]
    chosen = run_list.chosen(found, since=moment, services=service or (), states=states)
    if as_json:
        terminal.as_json([run.as_dict() for run in chosen])
    elif chosen:
        run_tables.print_runs(chosen, found)
    else:
        which = "no such runs" if found else "no runs"
        terminal.line(f"There are {which} in {folder}.", err=True)


@app.command()
def upgrade(context: typer.Context, state: StateHere = None) -> None:
    """Upgrade the journal of an older om-ingest, after a backup."""
    from om_ingest import versioned_file  # imports sqlite3
    from om_ingest.workflow.journal import FILE_NAME
    from om_ingest.workflow.journal_format import JOURNAL

    terminal.line(str(versioned_file.upgrade(_given(state, context) / FILE_NAME, JOURNAL)))


@app.command()
def show(
    context: typer.Context,
    run_id: Annotated[
        str,
        typer.Argument(help="The id of a run, or how it begins.", autocompletion=completion.runs),
    ],
    state: StateHere = None,
    as_json: Json = False,
) -> None:
    """Print the report of one run."""
    from om_ingest.workflow import journal, kept_run  # see runs

    folder = _given(state, context)
    run, report = journal.report_in(folder, run_id)
    if as_json:
        terminal.as_json({**run.as_dict(), "report": report})
        return
    ended = f", {run_tables.duration(run)}" if run.ended_at else ""
    source = run.distribution or run.source
    terminal.line(f"run {run.run_id} of {source}: {run_tables.time(run.started_at)}{ended}")
    if report is None:
        where = f" on {run.host}" if run.host else ""
        terminal.line(f"{run.state}: {run.source} -> {run.sink}, process {run.pid}{where}")
        if run.state == kept_run.KILLED:
            terminal.line("There is no report; --resume continues with what it has not delivered.")
        if run.state == kept_run.UNKNOWN:
            terminal.line("It holds no lock, so nobody can tell whether it still goes on.")
        return
    from om_ingest.cli import summary  # only for a report

    with journal.readable(folder / journal.FILE_NAME, f"the report of the run {run.run_id}"):
        lines = [*summary.lines(report, terminal.room()), *summary.errors(report)]
    for line in lines:
        terminal.line(line)


@app.command()
def prune(
    context: typer.Context,
    keep: Annotated[
        int | None, typer.Option(min=0, help="Keep the N newest runs of each job.", metavar="N")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            help="Remove only runs that began before: 30d, 2026-11-01.",
            metavar="TIME",
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="Remove only runs of this service; may be repeated.", metavar="NAME"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be removed, and remove nothing.")
    ] = False,
    state: StateHere = None,
    as_json: Json = False,
) -> None:
    """Remove old runs, with their dead letters and reports.

    What goes on stays, and of each job the latest run and the latest that succeeded.
    """
    from om_ingest.errors import WorkflowError
    from om_ingest.workflow import retention, run_list  # see runs

    if keep is None and older_than is None:
        raise WorkflowError(
            "Nothing says which runs are old", "Give --keep N, --older-than 30d, or both."
        )
    before = run_list.moment(older_than, "--older-than") if older_than else None
    folder = _given(state, context)
    pruned = retention.prune(
        folder, keep=keep or 0, before=before, services=service or (), dry_run=dry_run
    )
    if as_json:
        terminal.as_json({"dryRun": dry_run, "runs": [one.as_dict() for one in pruned]})
    else:
        run_tables.print_pruned(pruned, dry_run=dry_run)
    raise typer.Exit(1 if any(one.is_kept for one in pruned) else 0)


def _folder(state: Path | None) -> Path:
    """The folder of the journal; raises `WorkflowError` for a state of runs that is none."""
    if state is None:
        return Path.cwd()
    if str(state) in set(Status) and not state.is_dir():
        from om_ingest.errors import WorkflowError

        raise WorkflowError(
            f"There is no folder {state}: --state names the folder of the journal",
            f"Runs in this state: om-ingest runs --status {state}",
        )
    return state.expanduser()


def _given(state: Path | None, context: typer.Context) -> Path:
    """The folder of the journal for a command below `runs`."""
    folder: Path = _folder(state) if state else context.obj
    return folder


def _refuse_mixture(given: Sequence[str], context: typer.Context) -> None:
    """Raise `WorkflowError` for options of the list that another command, or option, ignores."""
    from om_ingest.errors import WorkflowError

    command = context.invoked_subcommand
    if command is not None and given:
        raise WorkflowError(
            f"{', '.join(given)} before {command}: that is of the list of runs",
            f"Write options of {command} behind it; `om-ingest runs {command} --help` names them.",
        )
    if "--last-success" in given and "--status" in given:
        raise WorkflowError(
            "--last-success and --status exclude each other: a success is in one state",
            "Leave one of them out.",
        )


def _unsuccessful(jobs: Sequence[JobSuccess], folder: Path, since: str | None) -> int:
    """Tell how many jobs have no success in time; the exit code."""
    missing = [job for job in jobs if not job.is_in_time]
    if not jobs:
        terminal.message(f"error: There are no such runs in {folder}.")
    elif missing:
        ago = f" since {since}" if since else ""
        verb = "has" if len(missing) == 1 else "have"
        of_all = counted(len(jobs), "job")
        terminal.message(f"error: {len(missing)} of {of_all} {verb} no success{ago}.")
    return 0 if jobs and not missing else 1
