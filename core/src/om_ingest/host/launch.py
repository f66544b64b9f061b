"""One run from a checked workflow to its report.

Local mistakes are found before anything is touched: the source is resolved, imported and
created, and the sink's config checked, before the sink is opened and the source connects.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from om_ingest.errors import OmIngestError, PluginFaultError
from om_ingest.host.assembly import (
    Assembly,
    Job,
    assemble,
    blamed,
    local_mistakes,
    named,
    sink_of,
)
from om_ingest.host.journaling import journaled
from om_ingest.registry import SINK_GROUP, find_plugin
from om_ingest.sink import RunEnd, Sink
from om_ingest.source import Closeable, Note, Source, SourceStatus
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.failure import SinkStoppedError
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.secrets import Redactor

logger = logging.getLogger(__name__)


def check(job: Job) -> Assembly:
    """Everything that can be checked without reading data; raises what is wrong."""
    with prints_to_stderr(job.redact), local_mistakes(job):
        assembly = assemble(job)
        try:
            with _sink_blamed(job):
                assembly.sink.check()
        finally:
            for part in assembly.parts:
                with blamed(type(part).__name__):
                    part.close()
    return assembly


def launch(job: Job) -> RunReport:
    """Run to the end and report; raises only for what is wrong before the run begins."""
    with (
        Interrupt() as interrupt,
        prints_to_stderr(job.redact),
        _rare_collections(),
        contextlib.ExitStack() as journal,
    ):
        with local_mistakes(job):
            assembly = assemble(job, interrupt)
            try:
                journal.enter_context(journaled(job, assembly))
                with _sink_blamed(job):
                    assembly.sink.prepare()
            except BaseException:
                for part in assembly.parts:
                    _close(part, assembly.report, job.redact)
                raise
        return _run(job, assembly, interrupt)


def _sink_blamed(job: Job) -> contextlib.AbstractContextManager[None]:
    name = sink_of(job).type
    return blamed(f"The sink {name!r}", SINK_GROUP, name)


def _run(job: Job, assembly: Assembly, interrupt: Interrupt) -> RunReport:
    report, workflow = assembly.report, job.workflow
    dead_letters = DeadLetters(
        None if job.dry_run else Path(f"om-ingest-failed-{report.run_id}.jsonl"),
        {
            "runId": report.run_id,
            "source": report.source,
            "sink": sink_of(job).model_dump(),
            "folder": str(Path.cwd()),
            "allow": workflow.plugins.allow,
        },
        job.redact,
    )
    pipeline = Pipeline(
        assembly.source,
        assembly.processors,
        assembly.sink,
        dead_letters,
        interrupt,
        limit=job.limit,
        tally=report.tally,
    )
    error: BaseException | None = None
    try:
        began = time.monotonic()
        assembly.readback.bind(assembly.sink.store, pipeline.flush, pipeline.flush_for)
        assembly.hooks.workflow_started(assembly.context)
        interrupt.enter_source()
        assembly.source.prepare()
        interrupt.in_source = False
        report.prepare_s = time.monotonic() - began
        began = time.monotonic()
        with job.observe(pipeline):
            pipeline.run()
        report.write_s = pipeline.write_s
        report.read_s = time.monotonic() - began - pipeline.write_s
        error = pipeline.error
    except BaseException as raised:
        if interrupt.signal_number is None and not isinstance(raised, (Exception, SystemExit)):
            raise
        error = None if interrupt.signal_number is not None else raised
    finally:
        interrupt.in_source = False
    source, settings = named(assembly.installed), workflow.workflowConfig
    judged: dict[str, Any] = {
        "threshold": settings.successThreshold,
        "raise_on_error": settings.raiseOnError,
    }
    codes = [
        _ended_by(error, source, job, report),
        _take_status(assembly.source, source, report, job.redact),
        _close(assembly.source, report, job.redact, source),
        *(_close(part, report, job.redact) for part in assembly.processors),
    ]
    state, _ = report.verdict(_first(codes), interrupt.signal_number, **judged)
    complete = state == "success" and not report.failed_count and job.limit is None
    codes += [
        _finish(assembly.sink, RunEnd(state, complete), report, job.redact),
        _close(assembly.sink, report, job.redact),
    ]
    _mask(report.tally.failures, job.redact)
    dead_letters.close()
    if dead_letters.count:
        report.dead_letters = str(dead_letters.path)
    if dead_letters.lost:
        codes.append(1)
        report.errors.append(
            f"Failed records could not be set aside: {dead_letters.lost}\n"
            "  Make it possible to write there, and run again."
        )
    report.skipped = assembly.acknowledgements.skipped_count
    report.finish(error_code=_first(codes), signal_number=interrupt.signal_number, **judged)
    assembly.hooks.workflow_finished(report)
    return report


def _close(part: Closeable, report: RunReport, redact: Redactor, name: str = "") -> int:
    """Close one part; the exit code of what went wrong, 0 if nothing did."""
    what = f"{name or type(part).__name__} died while it was closed"
    try:
        part.close()
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001  # a plugin may raise anything
        return _explain(error, what, report, redact)
    return 0


def _finish(sink: Sink, end: RunEnd, report: RunReport, redact: Redactor) -> int:
    """Tell the sink how the run ended; the exit code as for `_close`."""
    try:
        sink.finish(end)
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001  # as above
        return _explain(error, f"{type(sink).__name__} died at the end of the run", report, redact)
    return 0


def _first(codes: Iterable[int]) -> int:
    """The exit code of the first error, which decides; 0 if there was none."""
    return next(filter(None, codes), 0)


def _take_status(source: Source, name: str, report: RunReport, redact: Redactor) -> int:
    """Put the source's status into the report; the exit code as for `_close`."""
    try:
        status = source.get_status()
        _check_status(status, name)
        for notes in (status.warnings, status.failures, status.filtered):
            _mask(notes, redact)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # as above
        return _explain(error, f"{name} died in get_status", report, redact)
    report.source_status = status
    return 0


def _check_status(status: object, name: str) -> None:
    """Raise `PluginFaultError` for what is no status: it would falsify the exit code."""
    wrong = ""
    if not isinstance(status, SourceStatus):
        wrong = f"get_status returned {type(status).__name__}"
    else:
        for sort in ("scanned", "warning", "failure", "filtered"):
            count = getattr(status, f"{sort}_count")
            if not isinstance(count, int) or count < 0:
                wrong = f"its status counts {count!r} as {sort}"
    if wrong:
        raise PluginFaultError(f"{name} is broken: {wrong}", "Tell its maintainer.")


def _mask(notes: list[Note], redact: Redactor) -> None:
    notes[:] = [Note(redact(note.key), redact(note.reason)) for note in notes]


def _ended_by(error: BaseException | None, source: str, job: Job, report: RunReport) -> int:
    """Explain what ended the run, with whoever has to mend it."""
    if isinstance(error, PluginFaultError):
        error = PluginFaultError(f"{source} is broken: {error.what}", error.remedy)
    if not isinstance(error, SinkStoppedError):
        died = f"{source} died after {report.tally.yielded} records"
        return _explain(error, died, report, job.redact)
    owner = find_plugin(SINK_GROUP, sink_of(job).type)[1]
    kept = f"What it did not take is set aside. Tell the maintainer of {owner};"
    return _explain(error.cause, f"The sink {report.sink} died", report, job.redact, kept)


def _explain(
    error: BaseException | None,
    what: str,
    report: RunReport,
    redact: Redactor,
    kept: str = "What was read before has been delivered.",
) -> int:
    """Put an error into the report; its exit code, 0 for none.

    `what` begins the message about an error that nobody raised on purpose, and `kept` says
    what became of the records.
    """
    if error is None:
        return 0
    if isinstance(error, OmIngestError):
        report.errors.append(redact(str(error)))
        return error.exit_code
    logger.debug("%s", what, exc_info=error)
    said = " ".join(str(error).split())
    report.errors.append(
        redact(
            f"{what}: {type(error).__name__}: {said}\n"
            f"  {kept} --log-level debug shows where it failed."
        )
    )
    return 1


class _MaskedStderr(io.TextIOBase):
    """Standard error for people who print: secrets are masked, call by call."""

    def __init__(self, redact: Redactor, stderr: TextIO) -> None:
        self._redact = redact
        self._stderr = stderr

    def write(self, text: str) -> int:
        self._stderr.write(self._redact(text))
        return len(text)

    def flush(self) -> None:
        self._stderr.flush()

    def isatty(self) -> bool:
        return self._stderr.isatty()


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for cycles less often: records are trees, and a batch of them is large.

    With Python's own thresholds a run of many tables spends an eighth of its time so.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.contextmanager
def prints_to_stderr(redact: Redactor) -> Iterator[None]:
    """While active, `print` in a connector cannot disturb what the command prints."""
    masked = _MaskedStderr(redact, sys.stderr)
    with contextlib.redirect_stdout(masked), contextlib.redirect_stderr(masked):
        yield
