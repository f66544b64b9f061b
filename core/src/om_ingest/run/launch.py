"""One run from a checked workflow to its report.

Local mistakes are found before anything is touched: the source is resolved, imported and
created, and the sink's config checked, before the sink is opened and the source connects.
"""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from om_ingest.host import loading
from om_ingest.registry import SINK_GROUP
from om_ingest.run.assembly import Assembly, assemble, local_mistakes, named
from om_ingest.run.ending import Ending, end_of, mask
from om_ingest.run.job import Job
from om_ingest.run.journaling import journaled
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.secrets import Redactor
from om_ingest.workflow.stale import StaleEntities


def check(job: Job) -> Assembly:
    """Everything that can be checked without reading data; raises what is wrong."""
    with prints_to_stderr(job.redact), local_mistakes(job):
        assembly = assemble(job)
        try:
            with _sink_blamed(job):
                assembly.sink.check()
        finally:
            for part in assembly.parts:
                with loading.blamed(type(part).__name__):
                    part.close()
    return assembly


def launch(job: Job) -> RunReport:
    """Run to the end and report; raises only for what is wrong before the run begins."""
    with (
        Interrupt() as interrupt,
        prints_to_stderr(job.redact),
        _rare_collections(),
        contextlib.ExitStack() as kept,
    ):
        with local_mistakes(job):
            assembly = assemble(job, interrupt)
            ending = Ending(job, assembly.report)
            try:
                journal = kept.enter_context(journaled(job, assembly))
                with _sink_blamed(job):
                    assembly.sink.prepare()
                try:
                    journal.begin()
                except BaseException:
                    ending.finish(assembly.sink, end_of(assembly.report, "failed", died=True))
                    raise
            except BaseException:
                for part in assembly.parts:
                    ending.close(part)
                raise
        return _run(job, assembly, interrupt, ending)


def _sink_blamed(job: Job) -> contextlib.AbstractContextManager[None]:
    name = job.workflow.sink_or_default.type
    return loading.blamed(f"The sink {name!r}", SINK_GROUP, name)


def _workflow_file(job: Job) -> str | None:
    """The file that names the sink, so that a replay finds the server and its token there."""
    if job.document is None or job.sink_was_given:
        return None
    path = Path(job.document.name).expanduser()
    return str(path.resolve()) if path.is_file() else None


def _run(job: Job, assembly: Assembly, interrupt: Interrupt, ending: Ending) -> RunReport:
    report, workflow = assembly.report, job.workflow
    stale = StaleEntities(
        job.settings,
        fail_safe_percent=workflow.staleEntities.failSafePercent,
        allow_mass_delete=job.allow_mass_delete,
    )
    dead_letters = DeadLetters(
        None if job.dry_run else Path(f"om-ingest-failed-{report.run_id}.jsonl"),
        {
            "runId": report.run_id,
            "source": report.source,
            "sink": job.workflow.sink_or_default.model_dump(),
            "folder": str(Path.cwd()),
            "workflow": _workflow_file(job),
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
        note=stale.note,
    )
    error: BaseException | None = None
    try:
        began = time.monotonic()
        assembly.readback.bind(
            assembly.sink.store, pipeline.flush, pipeline.flush_for, pipeline.references.learn
        )
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
    ending.ended_by(error, source)
    ending.take_status(assembly.source, source)
    ending.close(assembly.source, source)
    for processor in assembly.processors:
        ending.close(processor)
    was_stopped = error is not None or interrupt.signal_number is not None
    report.read_to_end = not was_stopped and job.limit is None
    if report.read_to_end and not ending.code:
        ending.remove_stale(assembly.sink, stale, interrupt.cancelled)
    stale.close()
    state, _ = report.verdict(ending.code, interrupt.signal_number, **judged)
    complete = state == "success" and not report.failed_count and job.limit is None
    mask(report.tally.failures, job.redact)  # before anybody is told of them
    ending.finish(
        assembly.sink,
        end_of(
            report,
            state,
            complete=complete,
            died=bool(ending.code),
            threshold=settings.successThreshold,
        ),
    )
    ending.close(assembly.sink)
    dead_letters.close()
    if dead_letters.count:
        report.dead_letters = str(dead_letters.path)
    if dead_letters.lost:
        ending.codes.append(1)
        report.errors.append(
            f"Failed records could not be set aside: {dead_letters.lost}\n"
            "  Make it possible to write there, and run again."
        )
    report.skipped = assembly.acknowledgements.skipped_count
    report.finish(error_code=ending.code, signal_number=interrupt.signal_number, **judged)
    assembly.hooks.workflow_finished(report)
    return report


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
