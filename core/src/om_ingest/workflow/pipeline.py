"""The loop: source → processors → sink, with every record accounted for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from om_ingest.errors import OmIngestError, PluginFaultError, RecordError
from om_ingest.kinds.lines import encode, label
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source
from om_ingest.store import Outcome, WriteResult
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.failure import SinkStoppedError, reason_of
from om_ingest.workflow.interrupt import Interrupt, RunInterrupted
from om_ingest.workflow.processing import Processing, RejectedError
from om_ingest.workflow.references import References
from om_ingest.workflow.report import Tally

BATCH_COUNT = 500
"""Records that are handed to the sink together."""

MAX_AGE_S = 2.0
"""Longest time that a record waits for its batch to fill."""

_END = object()

logger = logging.getLogger(__name__)


class Pipeline:
    """Moves records. Afterwards `error` is what ended the run, None if the source did."""

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
        self.sink = sink
        self.dead_letters = dead_letters
        self.interrupt = interrupt
        self.limit = limit
        self.tally = Tally() if tally is None else tally
        self.error: BaseException | None = None
        self.write_s = 0.0
        self.latest: object = None
        """The record yielded last, for the progress line."""
        self._pending: list[Record] = []
        self._owed: dict[int, Record] = {}
        """Records on their way that have no result yet, by `id`."""
        self._flushed = False
        """Whether the sink has said that it owes nothing more."""
        self.references = References(lambda: sink.store, self.flush)
        """What ids stand for."""
        self._processing = Processing(self.references, processors, note)
        self._note = note

    def run(self) -> None:
        """Read to the end and deliver what was read, whatever happens.

        Raises only `KeyboardInterrupt`, for the second signal: what has not been
        delivered by then is set aside.
        """
        try:
            self._stopping(self._read)
            if not isinstance(self.error, SinkStoppedError):
                self._stopping(self._finish)
        finally:
            if not self._flushed:
                self._give_up()

    def _stopping(self, step: Callable[[], None]) -> None:
        """Take a step, and keep what ends the run."""
        try:
            step()
        except RunInterrupted:
            pass  # the interrupt keeps the signal; what was read is still delivered
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self._stop(error)
        finally:
            self.interrupt.in_source = False

    def deliver(self) -> None:
        """Hand everything pending to the sink; raises `SinkStoppedError` if it takes no more."""
        if isinstance(self.error, SinkStoppedError):
            raise self.error
        if not self._pending:
            return
        # Before the batch is taken: a signal must not raise while nobody holds it.
        in_source, self.interrupt.in_source = self.interrupt.in_source, False
        batch, self._pending = self._pending, []
        began = time.monotonic()
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
        finally:
            self.write_s += time.monotonic() - began
            self.interrupt.in_source = in_source
        if self._pending:
            self.deliver()
        if in_source and self.interrupt.signal_number is not None:
            raise RunInterrupted

    def flush(self) -> None:
        """Deliver everything, and let the sink settle it: only then can it be read back."""
        self._settle(self.sink.flush)

    def flush_for(self, entity_type: str, fqn: str) -> None:
        """Deliver what is needed to read one entity back; the rest may stay on its way."""
        self._settle(lambda: self.sink.flush_for(entity_type, fqn))

    def _settle(self, flush: Callable[[], Iterable[WriteResult]]) -> None:
        self.deliver()
        in_source, self.interrupt.in_source = self.interrupt.in_source, False
        began = time.monotonic()
        try:
            for result in flush():
                self._settle_one(result)
        except (Exception, SystemExit) as error:
            self.error = stopped = SinkStoppedError(error)
            raise stopped from error
        finally:
            self.write_s += time.monotonic() - began
            self.interrupt.in_source = in_source
        if in_source and self.interrupt.signal_number is not None:
            raise RunInterrupted

    def _read(self) -> None:
        interrupt = self.interrupt
        interrupt.enter_source()
        records = _iterate(self.source)
        try:
            self._move(records)
        finally:
            interrupt.in_source = True
            close = getattr(records, "close", None)
            if close is not None:
                close()  # a generator that was not read to its end still holds its resources

    def _move(self, records: Iterator[object]) -> None:
        tally, interrupt = self.tally, self.interrupt
        oldest = 0.0
        while True:
            interrupt.in_source = True
            if interrupt.signal_number is not None:  # looked at last: from here on it raises
                return
            record = next(records, _END)
            interrupt.in_source = False
            if record is _END:
                return
            self.latest = record
            if not isinstance(record, ScopeComplete):
                tally.yielded += 1
            processed = self._process(record)
            if processed is not None:
                self._owed[id(processed)] = processed
                if not self._pending:
                    oldest = time.monotonic()
                self._pending.append(processed)
                if len(self._pending) >= BATCH_COUNT or time.monotonic() - oldest > MAX_AGE_S:
                    self.deliver()
            if self.limit is not None and tally.yielded >= self.limit:
                return

    def _process(self, record: object) -> Record | None:
        """The record as the processors leave it; None if it goes no further."""
        if not isinstance(record, RECORD_TYPES):
            kind = type(record).__name__
            self._note(record)
            self._fail(record, f"not a record but {kind}: yield requests of om_ingest.model")
            return None
        if id(record) in self._owed and not isinstance(record, ScopeComplete):
            # What it said the first time is gone, so that cannot be delivered.
            self._note(record)
            self._fail(record, "the same object was yielded before: build one for each record")
            return None
        try:
            processed = self._processing.apply(record)
        except RejectedError as rejected:
            self._fail(rejected.record, rejected.reason)
            return None
        except (OmIngestError, SinkStoppedError) as error:
            self._fail(record, reason_of(error))
            raise
        if processed is None and not isinstance(record, ScopeComplete):
            self.tally.filtered += 1
        return processed

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
        """Set aside what waits, and what the sink took without saying what became of it."""
        reason = reason_of(self.error) if self.error else "the run ended before it was delivered"
        self._pending = []
        self._fail_all(list(self._owed.values()), reason)

    def _stop(self, error: BaseException) -> None:
        """Keep the first error; a sink's error may come back through the source."""
        if self.error is None:
            logger.debug("The run was ended by an error", exc_info=error)
            self.error = error


def _iterate(source: Source) -> Iterator[object]:
    """The source's records; None counts as none at all."""
    records = source.next_record()
    if records is None:
        return iter(())
    try:
        return iter(records)
    except TypeError:
        raise PluginFaultError(
            f"{type(source).__name__}.next_record returned {type(records).__name__}, "
            "which cannot be iterated",
            "Write it as a generator that yields records.",
        ) from None
