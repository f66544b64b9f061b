"""Options that several commands share, with logging, progress and the final report."""

from __future__ import annotations

import contextlib
import functools
import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from om_ingest import terminal
from om_ingest.cli import completion

if TYPE_CHECKING:
    from om_ingest.host.hooks import Hooks
    from om_ingest.masking import Redactor
    from om_ingest.run.job import Job
    from om_ingest.workflow.pipeline import Pipeline
    from om_ingest.workflow.progress import Snapshot
    from om_ingest.workflow.report import RunReport


class LogLevel(str, Enum):
    """Least important level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(str, Enum):
    """How a log line looks."""

    TEXT = "text"
    JSON = "json"


Target = Annotated[
    str,
    typer.Argument(
        help="A workflow file, - for standard input, a recording, or a source.",
        autocompletion=completion.targets,
    ),
]
SourceName = Annotated[
    str, typer.Argument(help="A source from list-sources.", autocompletion=completion.sources)
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="A key of the connector's config.",
        metavar="KEY=VALUE",
        autocompletion=completion.keys,
    ),
]
Sink = Annotated[
    str | None,
    typer.Option(
        "--sink",
        help="catalog:FILE, openmetadata:URL, jsonl:FILE, console; wins over the file.",
        metavar="TYPE[:VALUE]",
        autocompletion=completion.sinks,
    ),
]
ServiceName = Annotated[str | None, typer.Option(help="Service that the entities are filed under.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything except writing.")]
State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        help="Folder of the journal; default: that of the file, or the working directory.",
        metavar="DIR",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Do not send again what an unfinished run delivered.")
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--path", help="Find code in this folder, too; for this command only.", metavar="DIR"
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse a source that works only in part.")]
Report = Annotated[Path | None, typer.Option("--report", help="Write the report as JSON.")]
Level = Annotated[LogLevel | None, typer.Option("--log-level", help="Default: info.")]
Format = Annotated[LogFormat, typer.Option("--log-format", help="Text or JSON lines.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print only errors; no report, no progress.")]


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text or record.exc_info:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]  # one of both is there
        return terminal.json_text(line)


class _TextFormatter(logging.Formatter):
    """Lines without control characters; the further ones of a record are indented."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        return "\n".join([terminal.printable(first), *map(terminal.continued, rest)])


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


def set_up_logging(level: LogLevel | None, log_format: LogFormat, quiet: bool) -> Redactor:
    """Log to standard error; `quiet` leaves only errors. Masks what the result gets to know."""
    from om_ingest.masking import RedactingFormatter, Redactor  # not for --help

    redact = Redactor()
    inner = (
        _JsonFormatter()
        if log_format is LogFormat.JSON
        else _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(inner, redact))
    chosen = level or (LogLevel.ERROR if quiet else LogLevel.INFO)
    logging.basicConfig(level=chosen.value.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = functools.partial(_print_masked, redact)
    return redact


def _print_masked(
    redact: Redactor, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the traceback of a bug, its secrets masked."""
    terminal.document(redact.traceback(error) + "\n", err=True)


def set_level(name: str) -> None:
    """Use the log level of the workflow file; the command line overrides it."""
    logging.getLogger().setLevel("WARNING" if name == "WARN" else name)


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

    logging.getLogger("om_ingest.progress").info(
        "%s, %.0f/s, %s", counted(now.records), now.records_per_s, now.scope or "waiting"
    )


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


def stop_words(log_format: LogFormat, quiet: bool, dry_run: bool) -> Sequence[str]:
    """What the first and the second Ctrl-C say at once, for who waits at a terminal or a log.

    Nothing where only errors, or JSON, are wanted.
    """
    if quiet or log_format is LogFormat.JSON:
        return ()
    start = "\r\x1b[K" if terminal.is_live(sys.stderr) else ""
    becomes = "nothing is written" if dry_run else "what was read is delivered"
    return (
        f"{start}stopping: {becomes}; once more cuts off, a third ends at once\n",
        f"{start}cutting off; once more ends at once, without a report\n",
    )


def finish(report: RunReport, path: Path | None, quiet: bool) -> None:
    """Print and write the report, and exit with its code."""
    from om_ingest.cli import summary  # needed once a run has ended
    from om_ingest.run import request

    if not quiet:
        summary.print_report(report)
    errors, where = list(report.errors), _where_report_is(report, path)
    if any(fault.stack_trace for fault in report.faults):
        space = " " if "\n" in errors[-1] else "\n  "
        has = f"{where} has" if where else "--report FILE keeps"
        errors[-1] += f"{space}{has} the traceback; --log-level debug prints it."
    if quiet and report.failed_count and report.state != "success":
        errors.append(_what_failed(report, where))
    for error in errors:
        terminal.message(f"error: {error}")
    if path is not None:
        request.write_report(path, report)
    raise typer.Exit(report.exit_code)
