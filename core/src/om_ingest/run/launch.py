"""One run from a checked workflow to its report.

Local mistakes are found before anything is touched: the source is resolved, imported and
created, and the sink's config checked, before the sink is opened and the source connects.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence

from om_ingest import logs, private_file, streams, terminal
from om_ingest.errors import OmIngestError
from om_ingest.host import loading
from om_ingest.host.surroundings import folder_of_now
from om_ingest.openmetadata.network import retries
from om_ingest.registry import host_version
from om_ingest.run import limits, observing, outputs
from om_ingest.run.assembly import Assembly, assemble, sink_blamed
from om_ingest.run.job import Job
from om_ingest.run.mistakes import local_mistakes
from om_ingest.run.printing import output_is_stderr, prints_to_stderr
from om_ingest.run.stages import Run
from om_ingest.workflow import last_resort
from om_ingest.workflow.deadline import exits_told
from om_ingest.workflow.interrupt import Interrupt, RunInterrupted
from om_ingest.workflow.report import RunReport

_LAST_WORDS = """The run was ended at once by a third signal: there is no summary
  Run again with --resume: what was on its way is sent once more."""

_STOPPED_EARLY = "interrupted before the run began: nothing was read or delivered"


def check(job: Job, tell_source: Callable[[RunReport], None] = lambda _: None) -> RunReport:
    """Check everything that can be checked without reading data; raises what is wrong.

    The report tells which source would run, and where its records would go. `tell_source` gets it
    if only the target cannot be used, before that is raised.
    """
    report: RunReport | None = None
    try:
        with assembled(job) as assembly, sink_blamed(job):
            report = assembly.report
            assembly.sink.check()
            report.limits = limits.of_sink(assembly.sink, job)
    except OmIngestError:
        if report is not None:
            tell_source(report)
        raise
    return report


@contextlib.contextmanager
def assembled(job: Job) -> Iterator[Assembly]:
    """A job that is looked at and not run: every part is closed at the end.

    Raises what is wrong with the job.
    """
    with (
        prints_to_stderr(job.redact),
        local_mistakes(job),
        plugins_run() as interrupt,
        contextlib.ExitStack() as kept,
    ):
        assembly = assemble(job, interrupt, kept)
        try:
            yield assembly
        finally:
            with contextlib.ExitStack() as closing:
                for part in reversed(assembly.parts):
                    closing.enter_context(loading.blamed(type(part).__name__))
                    closing.callback(part.close)


def launch(
    job: Job, tell: Callable[[RunReport], None] = lambda _: None, stop_words: Sequence[str] = ()
) -> RunReport:
    """Run to the end and report; raises only for what is wrong before the run begins.

    Files of the run lie in the working directory of its beginning, which is that of its end, too,
    whatever a connector makes of it. `tell` gets the report while signals still cannot end the
    process half-way. The first and the second signal write their `stop_words` to standard error.
    One that comes before the run begins raises `SystemExit` with its exit code.
    """
    private_file.let_read(job.workflow.files.readableBy)
    private_file.mode()  # a variable that is no umask is told before anything is read
    written = outputs.of_run()
    streams.leave_output()
    with (
        Interrupt(
            _LAST_WORDS, stop_words, grace_s=job.grace_s, farewell=written.cut_off
        ) as interrupt,
        output_is_stderr(job.redact),
        exits_told(functools.partial(_left, written)),
    ):
        with (
            written.settled(interrupt),
            prints_to_stderr(job.redact),
            _rare_collections(),
            contextlib.ExitStack() as kept,
        ):
            go_back = folder_of_now()  # outputs lie there, wherever a connector goes
            early = _STOPPED_EARLY if stop_words else ""
            with local_mistakes(job), _stopped_early(interrupt, early), interrupt.source_runs():
                observers = observing.begin(job)
            written.observed_by(observers)
            retries.begin()
            with local_mistakes(job), _stopped_early(interrupt, early):
                with observers.phase("assemble"), interrupt.source_runs():
                    assembly = assemble(job, interrupt, kept)
                written.assembled(assembly.report)
                go_on = folder_of_now()
                go_back()
                run = Run(job, assembly, interrupt, observers)
                run.open(kept, written)
                go_on()
            _tell_beginning(assembly.report)
            with interrupt.settling():
                with job.observe(job, run.pipeline):
                    run.read()
                    run.settle()
                    go_back()
                    run.close()
                report = run.judge()
                written.ended(report)
                kept.close()
        with interrupt.settling():
            written.tell_observers()
        with interrupt.waiting(patient=True):
            tell(report)
    return report


def _left(written: outputs.RunOutputs, status: int, exit_code: int) -> int:
    """Tell that code of a plugin ends the process, and of the run if there is one; its code."""
    said = f"Code of a plugin has ended the process: os._exit({status})\n  Tell its maintainer."
    if written.is_of_run:
        said = f"{said.removesuffix('.')}; --resume sends only what has not arrived."
    if written.verdict is None:
        last_resort.say(f"error: {said}\n".encode())
    return written.cut_off(exit_code, said)


def _tell_beginning(report: RunReport) -> None:
    if logs.captured() is None:
        return
    fields = {
        "hostVersion": host_version(),
        "distribution": report.distribution,
        "sink": report.sink,
        "resumedFrom": report.resumed_from,
        "dryRun": report.dry_run,
        "pid": os.getpid(),
        "hostName": socket.gethostname(),
    }
    logs.event("run.started", f"The run begins: {report.source} -> {report.sink}", fields)


@contextlib.contextmanager
def plugins_run() -> Iterator[Interrupt]:
    """Code of plugins runs inside, outside of a run: the first signal ends the command.

    A `KeyboardInterrupt` of their own does not: it is an error like any other.
    """
    with (
        Interrupt() as interrupt,
        exits_told(functools.partial(_left, outputs.RunOutputs())),
        _stopped_early(interrupt),
        interrupt.source_runs(),
    ):
        yield interrupt


@contextlib.contextmanager
def _stopped_early(interrupt: Interrupt, words: str = "") -> Iterator[None]:
    """What a signal raises inside ends the command with the exit code of that signal."""
    try:
        yield
    except (RunInterrupted, KeyboardInterrupt):
        if words:
            terminal.message(words)
        raise SystemExit(128 + (interrupt.signal_number or signal.SIGINT)) from None


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for cycles less often: records are trees, and a batch of them is large.

    With Python's own thresholds a run of many tables spends an eighth of its time on it.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
