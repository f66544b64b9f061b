"""One run of an assembled job, stage by stage."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from om_ingest import file_systems
from om_ingest.run.assembly import Assembly, named, sink_blamed
from om_ingest.run.bookmarking import RunState
from om_ingest.run.ending import Ending
from om_ingest.run.job import Job
from om_ingest.run.journaling import journaled
from om_ingest.run.observing import Observers
from om_ingest.run.outputs import RunOutputs
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt, is_fault
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.processing import SinkStoppedError
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.stale import StaleEntities


class Run:
    """One run of an assembled job; the methods are called once each, in their order.

    Only `open` raises what is wrong; whatever happens later is in the report.
    """

    def __init__(
        self, job: Job, assembly: Assembly, interrupt: Interrupt, observers: Observers
    ) -> None:
        self._job = job
        self._assembly = assembly
        self._interrupt = interrupt
        self._observers = observers
        self._report = report = assembly.report
        self._ending = Ending(job, report, interrupt, assembly.installed)
        self._source_name = named(assembly.installed)
        self._stale = StaleEntities(
            job.settings,
            fail_safe_percent=job.workflow.staleEntities.failSafePercent,
            allow_mass_delete=job.allow_mass_delete,
            service_name=report.service_name,
            keeps_left_out=job.workflow.staleEntities.leftOut == "keep",
        )
        self._state = RunState(job, assembly)
        self._dead_letters = DeadLetters(
            None if job.dry_run else Path.cwd() / f"om-ingest-failed-{report.run_id}.jsonl",
            {
                "runId": report.run_id,
                "source": report.source,
                "sink": job.sink.model_dump(),
                "folder": str(Path.cwd()),
                "workflow": _workflow_file(job),
                "allow": job.workflow.plugins.allow,
                **({"overrideMetadata": True} if report.override_metadata else {}),
            },
            job.redact,
        )
        self.pipeline = Pipeline(
            *(assembly.source, assembly.processors, assembly.sink, self._dead_letters, interrupt),
            limit=job.limit,
            tally=report.tally,
            note=self._stale.note,
            dropped=self._stale.note_dropped,
            latest=assembly.context.latest,
            state=assembly.context.state,
            keep=self._state.keep,
        )
        """Moves the records; its `stage` tells what else the run does."""
        observers.watch(self.pipeline.delivery)

    def open(self, kept: contextlib.ExitStack, written: RunOutputs) -> None:
        """Open the sink, and enter the run in its journal, which `kept` closes.

        How the run ends is for `written` to enter there.

        Raises `OmIngestError` for what is wrong; every part is closed then.
        """
        sink, ending = self._assembly.sink, self._ending
        try:
            journal = kept.enter_context(journaled(self._job, self._assembly, self._state))
            written.kept_by(journal)
            with self._observers.phase("open"), sink_blamed(self._job):
                sink.prepare()
            try:
                journal.begin()
                self._dead_letters.created = journal.set_aside
            except BaseException as error:
                ending.kept_from_beginning(error)
                ending.finish(sink, ending.end("failed"))
                raise
        except BaseException:
            for part in self._assembly.parts:
                ending.close(part)
            raise

    def read(self) -> None:
        """Connect the source, and move its records until it ends, or something ends the run."""
        interrupt, pipeline = self._interrupt, self.pipeline
        error: BaseException | None = None
        try:
            with interrupt.waiting():
                self._move(pipeline)
            error = pipeline.error
        except BaseException as raised:  # noqa: BLE001  # a plugin may raise anything
            error = None if interrupt.signal_number is not None else raised
        self._ending.ended_by(error, self._source_name)
        self._state.end(is_behind=pipeline.bookmarks.is_behind)
        self._ending.blame_processors(pipeline.processing.faults)
        was_stopped = error is not None or interrupt.signal_number is not None
        self._report.read_to_end = not was_stopped and self._job.limit is None

    def _move(self, pipeline: Pipeline) -> None:
        """Connect the source, and move its records."""
        with self._observers.phase("prepare"):
            self._prepare(pipeline)
        with self._observers.phase("read", lambda: pipeline.error):
            began = time.monotonic()
            pipeline.run()
        self._report.write_s = pipeline.delivery.write_s
        self._report.read_s = time.monotonic() - began - pipeline.delivery.write_s

    def _prepare(self, pipeline: Pipeline) -> None:
        """Let the source connect, and those who read back from the sink."""
        assembly = self._assembly
        began = time.monotonic()
        try:
            store, existing = assembly.sink.store, assembly.sink.existing()
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            raise SinkStoppedError(error) from error
        delivery = pipeline.delivery
        for readback in assembly.readbacks:
            readback.bind(
                *(assembly.acknowledgements.watching(store), delivery.flush, delivery.flush_for),
                learn=pipeline.references.learn,
                redact=pipeline.references.redact,
            )
        if existing is None:
            self._stale.ignore_all()
        assembly.hooks.workflow_started(assembly.context)
        self._listen()
        pipeline.stage = "preparing"
        with self._interrupt.source_runs():
            assembly.source.prepare()
        self._listen()  # preparing may have made another status
        self._report.prepare_s = time.monotonic() - began

    def _listen(self) -> None:
        self._stale.listen(self._assembly.source)
        self._state.listen(self._assembly.source, self.pipeline.bookmarks)

    def settle(self) -> None:
        """Take the source's status, close it, and mark as deleted what it no longer has."""
        assembly, ending = self._assembly, self._ending
        self.pipeline.stage = "closing"
        ending.take_status(assembly.source, self._source_name)
        ending.close(assembly.source, self._source_name)
        for processor, (_, step) in zip(assembly.processors, self._job.workflow.steps, strict=True):
            ending.take_status_of(processor, step.type)
            ending.close(processor)
        if self._report.read_to_end and not ending.code:
            self.pipeline.stage = "looking for what is gone"
            watching = assembly.acknowledgements.watching
            cancelled = self._interrupt.cancelled
            with self._observers.phase("stale"):
                ending.remove_stale(assembly.sink, self._stale, cancelled, watching)
        self._stale.close()

    def close(self) -> None:
        """Tell the sink how the run ended, and close it and the file of failed records."""
        report, ending = self._report, self._ending
        self.pipeline.stage = "closing"
        state, _ = report.verdict(ending.code, self._interrupt.signal_number)
        complete = state == "success" and not report.failed_count and report.read_to_end
        with self._observers.phase("close"):
            ending.finish(self._assembly.sink, ending.end(state, complete=complete))
            ending.close(self._assembly.sink)
            self._dead_letters.close()

    def judge(self) -> RunReport:
        """The finished report, with state and exit code."""
        report, dead_letters = self._report, self._dead_letters
        if dead_letters.path is not None and dead_letters.count:
            report.dead_letters = dead_letters.path.name  # the run ends where it began
            report.not_replayable = dead_letters.kept_count
        if dead_letters.lost:
            self._ending.codes.append(1)
            report.errors.append(
                f"Failed records could not be set aside: {dead_letters.lost}\n"
                f"  {dead_letters.remedy} Then run again."
            )
        report.skipped = self._assembly.acknowledgements.skipped_count
        report.finish(self._ending.code, self._interrupt.signal_number)
        self._assembly.hooks.workflow_finished(report)
        return report


def _workflow_file(job: Job) -> str | None:
    """The file that names the sink, so that a replay finds the server and its token there."""
    if job.document is None or job.sink_given is not None:
        return None
    path = Path(job.document.name).expanduser()
    return str(file_systems.lasting(path)) if path.is_file() else None
