"""Runs a source for the checks, and keeps what is observed.

It runs in a thread of its own, so that a source that never returns does not block the test
session, and with a real store behind `ctx.metadata`.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import io
import logging
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from om_ingest.cancellation import Cancellation
from om_ingest.delivery import SinkContext
from om_ingest.errors import RecordError
from om_ingest.kinds import encode
from om_ingest.masking import Redactor
from om_ingest.model.entity import CreateRequest
from om_ingest.model.records import RECORD_TYPES, Record
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source, SourceStatus, WorkflowContext
from om_ingest.store import MetadataStore, Outcome, WriteResult
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt, RunInterrupted
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest.workflow.references import References

from om_ingest_testing.double import OpenMetadataDouble, source_settings
from om_ingest_testing.source_run import ObservedRecord, ObservedState, Plan, SourceRun, Subject

BATCH_COUNT = 200
"""Records per write, where the result of each record is not needed."""

PAUSE_AFTER = 2
"""The record after which the pipeline pauses."""

_END = object()

_UNFINISHED: list[object] = []
"""Generators that cannot be closed; kept, because deleting one raises in another test."""


class AbandonedError(BaseException):
    """Raised in a source that has run out of time."""


def run_source(subject: Subject, plan: Plan, patience_s: float) -> SourceRun:
    """Run a new instance as planned, for at most `patience_s` seconds."""
    run, abandoned = SourceRun(), threading.Event()
    output, error_output, log = io.StringIO(), io.StringIO(), io.StringIO()
    work = _Work(subject, plan, run, abandoned)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(work.do,), daemon=True)
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(error_output),
        _logged(log),
    ):
        thread.start()
        thread.join(patience_s)
    abandoned.set()
    run.finished = not thread.is_alive()
    run.output, run.error_output = output.getvalue(), error_output.getvalue()
    run.log = log.getvalue()
    return run


@contextlib.contextmanager
def _logged(log: io.StringIO) -> Iterator[None]:
    """Keep everything that is logged, as text."""
    handler, root = logging.StreamHandler(log), logging.getLogger()
    before, sources = root.level, logging.getLogger("om_ingest.source")
    source_level = sources.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    sources.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        sources.setLevel(source_level)


class _Work:
    """What the thread does."""

    def __init__(self, subject: Subject, plan: Plan, run: SourceRun, abandoned: threading.Event):
        self.subject, self.plan, self.run, self.abandoned = subject, plan, run, abandoned
        self.double = OpenMetadataDouble()
        self.readback = ReadYourWrites()
        self.references = References(lambda: self.double, self.flush)
        self.pending: list[Record] = []
        self.context = WorkflowContext(
            metadata=self.readback,
            service_name=subject.service_name,
            run_id="conformance",
            source_config=source_settings(subject.source_config),
            logger=logging.getLogger("om_ingest.source.conformance"),
            cancelled=Cancellation(),
            state=ObservedState(run),
        )

    def do(self) -> None:
        """Create, prepare, read and close the source; keep every error."""
        with self.subject.hooks.frameworks.provided(), self.double:
            self._steps()

    def _steps(self) -> None:
        run, plan, subject = self.run, self.plan, self.subject
        config = copy.deepcopy(subject.config)
        with self._step("create"):
            run.source = subject.source_class.create(config, {}, self.context)
        run.config_after = config
        source = run.source
        if not isinstance(source, Source):
            return
        with self._step("limits"):
            limits: Any = source.limits()
            run.limits = limits if isinstance(limits, str) else list(limits)
        self._count_calls(source, "prepare")
        self._count_calls(source, "close")
        self.readback.bind(self.double, self.flush)
        self.context.state.open(plan.state or {})
        if plan.prepare:
            with self._step("prepare"):
                source.prepare()
        if plan.read and "prepare" not in run.errors:
            with self._step("next_record"):
                self._read(source)
        with self._step("get_status"):
            status: Any = source.get_status()
            run.status = copy.deepcopy(status) if isinstance(status, SourceStatus) else status
        with self._step("close"):
            source.close()

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        try:
            yield
        except (Exception, SystemExit, KeyboardInterrupt, RunInterrupted, AbandonedError) as error:  # noqa: BLE001  # a source may raise anything
            self.run.errors[name] = error

    def _count_calls(self, source: Source, method: str) -> None:
        """Let the source count the calls of one of its methods."""
        call, calls = getattr(source, method), self.run.calls

        def counted() -> None:
            calls[method] += 1
            call()

        with contextlib.suppress(AttributeError):  # a class with slots is not observed
            setattr(source, method, counted)

    def _read(self, source: Source) -> None:
        run, plan = self.run, self.plan
        if plan.arrange is not None:
            plan.arrange(self.double)
        if plan.pipeline:
            self._deliver(source)
            return
        run.returned = source.next_record()
        try:
            records = iter(run.returned)
        except TypeError:
            return
        try:
            self._take_all(records)
        finally:
            close = getattr(records, "close", None)
            if close is not None and not run.ended:
                with self._step("generator"):
                    close()
                if "generator" in run.errors:
                    _UNFINISHED.append(records)
        self.flush()

    def _deliver(self, source: Source) -> None:
        """Read the source through the pipeline; raises what ended that early."""
        sink, letters = _DoubleSink(self.double), DeadLetters(None, {}, Redactor())
        pipeline = Pipeline(
            *(source, [_Pause(self.plan.pause_s)], sink, letters, Interrupt()),
            latest=self.context.latest,
        )
        self.readback.bind(self.double, pipeline.delivery.flush)
        pipeline.run()
        self.run.tally = pipeline.tally
        if pipeline.error is not None:
            raise pipeline.error

    def _take_all(self, records: Iterator[object]) -> None:
        run, plan = self.run, self.plan
        while plan.limit is None or run.count < plan.limit:
            record = next(records, _END)
            if record is _END:
                run.ended = True
                return
            run.count += 1
            if self.abandoned.is_set():
                raise AbandonedError
            self._take(record)
            del record  # or it would count as kept by the source
            if run.count == 1 and plan.cancel:
                self.context.cancelled.set()
            if run.count == plan.interrupt and isinstance(records, Generator):
                run.interrupted = True
                with contextlib.suppress(StopIteration):
                    records.throw(RunInterrupted())
                run.swallowed = True
                return

    def _take(self, record: object) -> None:
        if self.plan.watch is not None:
            self.plan.watch(self.run.count, record)
            if isinstance(record, RECORD_TYPES):  # readable for the source, but not kept
                with contextlib.suppress(RecordError):
                    self.double.store.write([self.references.resolved(record)])
        elif self.plan.one_by_one:
            self.run.records.append(self._observed(record))
        elif isinstance(record, RECORD_TYPES):
            self.pending.append(record)
            if len(self.pending) >= BATCH_COUNT:
                self.flush()
        if isinstance(record, CreateRequest):  # a copy: whether records are kept is looked at
            self.context.latest[record.entity_type] = record.with_valid()

    def _observed(self, record: object) -> ObservedRecord:
        observed = ObservedRecord(record)
        if not isinstance(record, RECORD_TYPES):
            return observed
        try:
            observed.line = encode(record)
            resolved = self.references.resolved(record)
            observed.sent = encode(resolved)
            if isinstance(resolved, CreateRequest):
                observed.fqn = self.double.store.fqn_of(resolved)
            (result,) = self.double.write([resolved])
            observed.refusal = result.reason if result.outcome is Outcome.FAILED else ""
        except RecordError as error:
            observed.refusal = error.what
        return observed

    def flush(self) -> None:
        """Write pending records; raises `AbandonedError` if the source has run out of time."""
        if self.abandoned.is_set():
            raise AbandonedError
        batch, self.pending = self.pending, []
        for record in batch:
            with contextlib.suppress(RecordError):
                self.double.write([self.references.resolved(record)])


class _DoubleSink(Sink):
    """Writes into the double."""

    def __init__(self, double: OpenMetadataDouble) -> None:
        self._double = double

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Sink:
        raise TypeError("it is not created by name")

    @property
    def store(self) -> MetadataStore:
        return self._double

    @property
    def target(self) -> str:
        return "a double"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return self._double.write(records)


class _Pause(Processor):
    """Holds the source up once, as a slow sink does."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._count = 0

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Processor:
        raise TypeError("it is not created by name")

    def process(self, record: Record) -> Record:
        self._count += 1
        if self._count == PAUSE_AFTER:
            time.sleep(self._pause_s)
        return record
