"""One life of a source - created, prepared, read, closed - and all that is seen of it.

It runs in a thread of its own, so that a source that never comes back does not hold up the
test session, and with a real catalog behind `ctx.metadata`.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import io
import logging
import threading
from collections.abc import Generator, Iterator
from typing import Any

from om_ingest.cancellation import Cancellation
from om_ingest.errors import RecordError
from om_ingest.kinds.lines import encode
from om_ingest.model.entity import CreateRequest
from om_ingest.model.records import RECORD_TYPES, Record
from om_ingest.source import Source, SourceStatus, WorkflowContext
from om_ingest.store import Outcome
from om_ingest.testing.delivery import deliver
from om_ingest.testing.double import OpenMetadataDouble
from om_ingest.testing.observation import Life, Plan, Seen
from om_ingest.testing.subject import Subject
from om_ingest.workflow.interrupt import RunInterrupted
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest.workflow.references import References

BATCH_COUNT = 200
"""Records that are written together when nobody asks what becomes of each."""

_END = object()

_RESTLESS: list[object] = []
"""Generators that do not end: when Python deletes them, whatever test runs then is disturbed."""


class AbandonedError(BaseException):
    """Raised in a source that nobody waits for any more."""


def live(subject: Subject, plan: Plan, patience_s: float) -> Life:
    """Let a fresh instance live as planned, at most for `patience_s` seconds."""
    life, abandoned = Life(), threading.Event()
    output, error_output, log = io.StringIO(), io.StringIO(), io.StringIO()
    run = _Run(subject, plan, life, abandoned)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run.run,), daemon=True)
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(error_output),
        _logged(log),
    ):
        thread.start()
        thread.join(patience_s)
    abandoned.set()
    life.finished = not thread.is_alive()
    life.output, life.error_output = output.getvalue(), error_output.getvalue()
    life.log = log.getvalue()
    return life


@contextlib.contextmanager
def _logged(log: io.StringIO) -> Iterator[None]:
    """Keep everything that is logged meanwhile, as it would be written."""
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


class _Run:
    """What happens in the thread."""

    def __init__(self, subject: Subject, plan: Plan, life: Life, abandoned: threading.Event):
        self.subject, self.plan, self.life, self.abandoned = subject, plan, life, abandoned
        self.double = OpenMetadataDouble()
        self.readback = ReadYourWrites()
        self.references = References(lambda: self.double, self.flush)
        self.pending: list[Record] = []
        self.context = WorkflowContext(
            metadata=self.readback,
            service_name=subject.service_name,
            run_id="conformance",
            source_config=subject.settings,
            logger=logging.getLogger("om_ingest.source.conformance"),
            cancelled=Cancellation(),
        )

    def run(self) -> None:
        """The whole life; everything that comes out of the source is kept."""
        with self.double:
            self._live()

    def _live(self) -> None:
        life, plan, subject = self.life, self.plan, self.subject
        config = copy.deepcopy(subject.config)
        with self._step("create"):
            life.source = subject.source_class.create(config, {}, self.context)
        life.config_after = config
        if not isinstance(life.source, Source):
            return
        source = self._counted(life.source)
        self.readback.bind(self.double, self.flush)
        if plan.prepare:
            with self._step("prepare"):
                source.prepare()
        if plan.read and "prepare" not in life.errors:
            with self._step("next_record"):
                self._read(source)
        with self._step("get_status"):
            status: Any = source.get_status()
            life.status = copy.deepcopy(status) if isinstance(status, SourceStatus) else status
        with self._step("close"):
            source.close()

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        try:
            yield
        except (Exception, SystemExit, KeyboardInterrupt, RunInterrupted, AbandonedError) as error:  # noqa: BLE001  # a source may raise anything
            self.life.errors[name] = error

    def _counted(self, source: Source) -> Source:
        """The source, whose `prepare` and `close` count how often they are called."""
        prepare, close, life = source.prepare, source.close, self.life

        def counted_prepare() -> None:
            life.prepare_count += 1
            prepare()

        def counted_close() -> None:
            life.close_count += 1
            close()

        with contextlib.suppress(AttributeError):  # a class with slots is not observed
            setattr(source, "prepare", counted_prepare)  # noqa: B010  # mypy forbids assigning a method
            setattr(source, "close", counted_close)  # noqa: B010  # as above
        return source

    def _read(self, source: Source) -> None:
        life, plan = self.life, self.plan
        if plan.arrange is not None:
            plan.arrange(self.double)
        if plan.pipeline:
            life.tally, error = deliver(source, self.double, self.readback, plan.pause_s)
            if error is not None:
                raise error
            return
        life.returned = source.next_record()
        try:
            records = iter(life.returned)
        except TypeError:
            return
        try:
            self._take_all(records)
        finally:
            close = getattr(records, "close", None)
            if close is not None and not life.ended:
                with self._step("generator"):
                    close()
                if "generator" in life.errors:
                    _RESTLESS.append(records)
        self.flush()

    def _take_all(self, records: Iterator[object]) -> None:
        life, plan = self.life, self.plan
        while plan.limit is None or life.count < plan.limit:
            record = next(records, _END)
            if record is _END:
                life.ended = True
                return
            life.count += 1
            if self.abandoned.is_set():
                raise AbandonedError
            self._take(record)
            del record  # or it would be seen as kept by the source
            if life.count == 1 and plan.cancel:
                self.context.cancelled.set()
            if life.count == plan.interrupt and isinstance(records, Generator):
                life.interrupted = True
                with contextlib.suppress(StopIteration):
                    records.throw(RunInterrupted())
                life.swallowed = True
                return

    def _take(self, record: object) -> None:
        if self.plan.watch is not None:
            self.plan.watch(self.life.count, record)
            if isinstance(record, RECORD_TYPES):  # the source may read it back, but nobody keeps it
                with contextlib.suppress(RecordError):
                    self.double.store.write([self.references.resolved(record)])
        elif self.plan.one_by_one:
            self.life.records.append(self._seen(record))
        elif isinstance(record, RECORD_TYPES):
            self.pending.append(record)
            if len(self.pending) >= BATCH_COUNT:
                self.flush()

    def _seen(self, record: object) -> Seen:
        seen = Seen(record, None, None, None, "")
        if not isinstance(record, RECORD_TYPES):
            return seen
        try:
            seen.line = encode(record)
            resolved = self.references.resolved(record)
            seen.sent = encode(resolved)
            if isinstance(resolved, CreateRequest):
                seen.fqn = self.double.store.fqn_of(resolved)
            (result,) = self.double.write([resolved])
            seen.refusal = result.reason if result.outcome is Outcome.FAILED else ""
        except RecordError as error:
            seen.refusal = error.what
        return seen

    def flush(self) -> None:
        """Write what waits; raises in a source that nobody waits for any more."""
        if self.abandoned.is_set():
            raise AbandonedError
        batch, self.pending = self.pending, []
        for record in batch:
            with contextlib.suppress(RecordError):
                self.double.write([self.references.resolved(record)])
