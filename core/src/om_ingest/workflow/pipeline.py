"""The loop: source → processors → sink, with every record accounted for."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from om_ingest.errors import OmIngestError, RecordError
from om_ingest.kinds.lines import encode, label
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source
from om_ingest.store import Outcome, WriteResult
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt, RunInterrupted
from om_ingest.workflow.processing import (
    Processing,
    References,
    RejectedError,
    SinkStoppedError,
    reason_of,
    records_of,
)
from om_ingest.workflow.report import Tally

BATCH_COUNT = 500
"""Records that are handed to the sink together."""

MAX_AGE_S = 2.0
"""Longest time that a record waits for its batch to fill."""

logger = logging.getLogger(__name__)


class Pipeline:
    """Moves records. Afterwards `error` is what ended the run, None if nothing did."""

    def __init__(
        self,
        source: Source,
        processors: Sequence[Processor],
        sink: Sink,
        dead_letters: DeadLetters,
        interrupt: Interrupt,
        *,
        limit: int | None = None,
        tally: Tally | None = None,
        note: Callable[[object], None] = lambda record: None,
    ) -> None:
        self.source = source
        self.processors = tuple(processors)
        self.sink = sink
        self.dead_letters = dead_letters
        self.interrupt = interrupt
        self.limit = limit
        self.tally = Tally() if tally is None else tally
        self.error: BaseException | None = None
        self.source_ended = False
        """Whether the source ended by itself: neither an error, nor a signal, nor the limit."""
        self.write_s = 0.0
        self.latest: object = None
        """The record yielded last, for the progress line."""
        self._pending: list[Record] = []
        self._oldest = 0.0
        """When the first pending record came."""
        self._owed: dict[int, Record] = {}
        """Records without a result so far, by `id`."""
        self._flushed = False
        """Whether the last flush has succeeded."""
        self.references = References(lambda: sink.store, self.flush)
        """Resolves ids to FQNs, also for the read-back."""
        self.processing = Processing(self.references, self.processors, note)
        self._note = note

    def run(self) -> None:
        """Read to the end and deliver what was read, whatever happens.

        Raises only `KeyboardInterrupt`, for the second signal: what has not been
        delivered by then is set aside.
        """
        try:
            self._stopping(self._read)
            if self.source_ended:
                self._stopping(self._end_processing)
            if not isinstance(self.error, SinkStoppedError):
                self._stopping(self._finish)
        finally:
            if not self._flushed:
                self._give_up()

    def _stopping(self, step: Callable[[], None]) -> None:
        """Take a step, and keep the first error: it ends the run."""
        try:
            step()
        except RunInterrupted:
            pass  # the interrupt keeps the signal; what was read is still delivered
        except (Exception, SystemExit) as error:  # a plugin may raise anything
            if self.error is None:  # one of the sink may come back through the source
                logger.debug("The run was ended by an error", exc_info=error)
                self.error = error

    def deliver(self) -> None:
        """Hand everything pending to the sink; raises `SinkStoppedError` if it takes no more."""
        if isinstance(self.error, SinkStoppedError):
            raise self.error
        if self._pending:
            with self._writing():
                while self._pending:
                    self._deliver_batch()

    def _deliver_batch(self) -> None:
        """Hand the pending records to the sink; those that it may still take are pending again."""
        batch, self._pending = self._pending, []
        try:
            for result in self.sink.write(batch):
                self._settle_one(result)
        except BaseException as error:
            left = [record for record in batch if id(record) in self._owed]
            self._pending = left if isinstance(error, KeyboardInterrupt) else self._writable(left)
            if len(self._pending) == len(left):  # no record is to blame
                # Nobody knows what became of them: setting them aside keeps a copy, and writes
                # are idempotent.
                self._pending = []
                self._fail_all(left, reason_of(error))
                if isinstance(error, KeyboardInterrupt):
                    raise
                self.error = stopped = SinkStoppedError(error)
                raise stopped from error

    def flush(self) -> None:
        """Deliver everything, and let the sink settle it: only then can it be read back."""
        self._settle(self.sink.flush)

    def flush_for(self, entity_type: str, fqn: str) -> None:
        """Deliver what is needed to read one entity back; the rest may stay on its way."""
        self._settle(lambda: self.sink.flush_for(entity_type, fqn))

    def _settle(self, flush: Callable[[], Iterable[WriteResult]]) -> None:
        self.deliver()
        with self._writing():
            try:
                for result in flush():
                    self._settle_one(result)
            except (Exception, SystemExit) as error:
                self.error = stopped = SinkStoppedError(error)
                raise stopped from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Inside, the sink works: no signal interrupts it, and its time is counted.

        A signal must not raise while nobody holds a batch: enter before one is taken.
        """
        with self.interrupt.delivering():
            began = time.monotonic()
            try:
                yield
            finally:
                self.write_s += time.monotonic() - began

    def _read(self) -> None:
        with self.interrupt.source_runs():
            records = records_of(self.source)
        try:
            ended = self._move(records)
        finally:
            close = getattr(records, "close", None)
            if close is not None:
                with self.interrupt.source_runs(ending=True):
                    close()  # a generator that was not read to its end still holds its resources
        self.source_ended = ended

    def _move(self, records: Iterator[object]) -> bool:
        """Take record after record; whether the source has no more."""
        tally, limit = self.tally, self.limit
        for record in self.interrupt.reading(records):
            self._take(record)
            if limit is not None and tally.yielded - tally.derived >= limit:
                return False
        return self.interrupt.signal_number is None

    def _end_processing(self) -> None:
        """Let each processor finish, and take what it still yields."""
        for place, processor in enumerate(self.processors, 1):
            self._take_own(processor, place, "finish")

    def _end_scope(self, scope: ScopeComplete, first: int) -> Record | None:
        """Take a marker through the processors, after the records that they yield for it."""
        self._note(scope)
        marker: ScopeComplete | None = scope
        for place, processor in enumerate(self.processors[first:], first + 1):
            if marker is not None:
                self._take_own(processor, place, "scope_complete", marker)
                marker = self.processing.marked(processor, marker)
        return marker

    def _take_own(self, processor: Processor, place: int, step: str, *arguments: object) -> None:
        """Take what a processor yields of its own; the one at `place` is next for it."""
        for record in self.interrupt.reading(self.processing.own(processor, step, *arguments)):
            self._take(record, place)

    def _take(self, record: object, first: int = 0) -> None:
        """Take one record through the processors from number `first` on, to those that wait.

        With 0 the source has yielded it, otherwise the processor before that. Delivers what
        waits, if it is time.
        """
        self.latest = record
        if isinstance(record, ScopeComplete):
            processed = self._end_scope(record, first)
        else:
            self.tally.yielded += 1
            if first:
                self.tally.derived += 1
            if not isinstance(record, RECORD_TYPES) or id(record) in self._owed:
                self._refuse(record)
                return
            try:
                processed = self.processing.apply(record, first)
            except RejectedError as rejected:
                self._fail(rejected.record, rejected.reason)
                return
            except (OmIngestError, SinkStoppedError) as error:
                self._fail(record, reason_of(error))
                raise
            if processed is None:
                self.tally.filtered += 1
        if processed is None:
            return
        self._owed[id(processed)] = processed
        if not self._pending:
            self._oldest = time.monotonic()
        self._pending.append(processed)
        if len(self._pending) >= BATCH_COUNT or time.monotonic() - self._oldest > MAX_AGE_S:
            self.deliver()

    def _refuse(self, record: object) -> None:
        """Fail what is not a record, or was yielded before: its earlier content is lost."""
        self._note(record)
        if isinstance(record, RECORD_TYPES):
            self._fail(record, "the same object was yielded before: build one for each record")
        else:
            kind = type(record).__name__
            self._fail(record, f"not a record but {kind}: yield requests of om_ingest.model")

    def _writable(self, records: Sequence[Record]) -> list[Record]:
        """The records without those that no sink can write, which fail."""
        writable = []
        for record in records:
            try:
                encode(record)
                writable.append(record)
            except RecordError as error:
                self._fail_all([record], error.what)
        return writable

    def _finish(self) -> None:
        self.flush()
        self._flushed = True

    def _settle_one(self, result: WriteResult) -> None:
        record, outcome, reason = result
        if not isinstance(outcome, Outcome):
            raise TypeError(f"the outcome of a record is {outcome!r}")  # counts as none of them
        owed = self._owed.pop(id(record), None)
        if isinstance(record, ScopeComplete):
            if outcome is Outcome.FAILED:
                logger.warning("%s: %s", label(record), reason)
        elif owed is None:
            self.tally.unexpected += 1
        elif outcome is Outcome.FAILED:
            self._fail(record, reason)
        else:
            self.tally.settle(result)

    def _fail(self, record: object, reason: str) -> None:
        reason = self.dead_letters.redact(reason)
        self.tally.settle(WriteResult(record, Outcome.FAILED, reason))  # type: ignore[arg-type]  # may be no record at all
        self.dead_letters.add(record, reason)

    def _fail_all(self, records: Sequence[Record], reason: str) -> None:
        for record in records:
            self._owed.pop(id(record), None)
            if not isinstance(record, ScopeComplete):
                self._fail(record, reason)

    def _give_up(self) -> None:
        """Set aside every record that has no result."""
        reason = reason_of(self.error) if self.error else "the run ended before it was delivered"
        self._pending = []
        self._fail_all(list(self._owed.values()), reason)
