"""Records on their way into the sink, and what became of each: every record is accounted for."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from om_ingest.errors import DeliveryError, OutputError, RecordError
from om_ingest.kinds import Parcel, kind_of
from om_ingest.kinds.lines import label
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.sink import Sink
from om_ingest.store import Outcome, WriteResult
from om_ingest.workflow.bookmarks import Bookmarks
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt, is_fault
from om_ingest.workflow.processing import SinkStoppedError, reason_of
from om_ingest.workflow.tally import Tally

if TYPE_CHECKING:
    from om_ingest.workflow.late import Late

BATCH_COUNT = 500
"""Records that are handed to the sink together."""

MAX_AGE_S = 2.0
"""Longest time that a record waits for its batch to fill."""

GRACE_S = 10.0
"""Longest time that records are tried again once a signal has come."""

YIELDED_BEFORE = "the same object was yielded before: build one for each record"
"""Why an object fails that comes again before its first result: that would count for either."""

logger = logging.getLogger(__name__)


class Delivery:
    """Hands records to a sink in batches, and settles each one in the tally exactly once.

    What failed because something that it refers to was missing is tried again at the end: that
    may have come later.
    """

    def __init__(
        self, sink: Sink, dead_letters: DeadLetters, interrupt: Interrupt, tally: Tally
    ) -> None:
        self.sink = sink
        self.dead_letters = dead_letters
        self.interrupt = interrupt
        self.tally = tally
        self.settle = tally.settle
        self.worked: Callable[[float], None] = lambda began_s: None
        """Called when the sink has worked, with the monotonic time when it began."""
        self.stopped: SinkStoppedError | None = None
        """Why the sink takes no more; None while it does."""
        self.write_s = 0.0
        """Seconds spent in the sink."""
        self.grace_s = GRACE_S
        self._over_at: float | None = None
        """When the tries at the end are over; None while no signal has come."""
        self._pending: list[Parcel] = []
        self._oldest = 0.0
        """When the first pending record came."""
        self._owed: dict[int, Parcel | None] = {}
        """Records without a result so far, by the `id` of the record; None is a bookmark."""
        self.bookmarks = Bookmarks(self._owed)
        """What the source has assigned to `ctx.state`, among these."""
        self._flushed = False
        """Whether the last flush has succeeded."""
        self._late: Late | None = None
        """What is tried again at the end; None if there is nothing."""
        self._unkept: DeliveryError | None = None
        """Why records that failed too early are not kept; None while they are."""

    def owes(self, record: object) -> bool:
        """Whether this very object was taken, and has no result so far."""
        return id(record) in self._owed

    def take(self, record: Record) -> None:
        """Take a record as it is now; delivers what waits, if it is time.

        A record that is not valid, or that no sink can keep, fails, and so does an object that
        waits for its result. Raises `SinkStoppedError`.
        """
        if self.owes(record) and not isinstance(record, ScopeComplete):
            self.fail(record, YIELDED_BEFORE)
            return
        try:
            parcel = Parcel.sealed(record)
        except RecordError as error:
            failed = WriteResult(record, Outcome.FAILED, error.what)
            if self._late is None or not self._late.concludes(failed):
                self._count(failed)
            return
        self._owed[id(record)] = parcel
        if not self._pending:
            self._oldest = time.monotonic()
        self._pending.append(parcel)
        if len(self._pending) >= BATCH_COUNT or time.monotonic() - self._oldest > MAX_AGE_S:
            self.deliver()

    def fail(self, record: object, reason: str, content: bytes | None = None) -> None:
        """Settle something as failed, and set it aside; as `content`, if it came so far."""
        self.bookmarks.fail(record)
        reason = self.dead_letters.redact.reason(reason)
        lost = self.stopped.cause if self.stopped is not None else None
        outcome = Outcome.FAILED
        if not isinstance(lost, OutputError):  # what is only printed is not set aside
            self.dead_letters.add(record, reason, content)
        elif lost.reader_left:
            outcome = Outcome.LEFT_OUT
        self.settle(WriteResult(record, outcome, reason))  # type: ignore[arg-type]  # may be no record at all

    def deliver(self) -> None:
        """Hand everything pending to the sink; raises `SinkStoppedError` if it takes no more."""
        if self.stopped is not None:
            raise self.stopped
        if self._pending:
            with self._writing():
                self._deliver_batch()
                self.bookmarks.advance()

    def flush(self) -> None:
        """Deliver everything, and let the sink settle it: only then can it be read back."""
        self._settle(self.sink.flush)

    def flush_for(self, entity_type: str, fqn: str) -> None:
        """Deliver what is needed to read one entity back; the rest may stay on its way."""
        self._settle(lambda: self.sink.flush_for(entity_type, fqn))

    def finish(self) -> None:
        """Deliver everything for the last time, and then what failed because it was too early."""
        self.flush()
        if self._late is not None:
            self._late.deliver(self.take, self.flush, self._exists, self._is_over)
        self._flushed = True
        if self._unkept is not None:
            raise self._unkept  # the records have failed, each for its own reason

    def give_up(self, error: BaseException | None) -> None:
        """Set aside every record that has no result, unless everything was delivered."""
        if not self._flushed:
            self._pending = []
            reason = error or "the run ended before it was delivered"
            self._fail_all([parcel for parcel in self._owed.values() if parcel], reason)
        if self._late is not None:
            late, self._late = self._late, None
            unread = late.give_up(self._cause())
            for entity_type, count in unread.items():
                self.tally.by_type[entity_type, Outcome.FAILED] += count
            if unread:
                self.bookmarks.drop_held()
                counts = ", ".join(f"{count} {name}" for name, count in unread.items())
                self.dead_letters.lost = f"{counts}: not readable in the temporary folder (TMPDIR)"

    def _deliver_batch(self) -> None:
        """Hand the pending records to the sink; raises `SinkStoppedError` if it takes no more."""
        batch, self._pending = self._pending, []
        try:
            for result in self.interrupt.awaited(lambda: self.sink.write_parcels(batch)):
                self._settle_one(result)
        except BaseException as error:
            # Nobody knows what became of them: setting them aside keeps a copy, and writes
            # are idempotent.
            owed = [parcel for parcel in batch if id(parcel.record) in self._owed]
            if not is_fault(error):
                self._fail_all(owed, "the run was interrupted while it was delivered")
                raise
            self.stopped = stopped = SinkStoppedError(error)
            self._fail_all(owed, error)
            raise stopped from error

    def _settle(self, flush: Callable[[], Iterable[WriteResult]]) -> None:
        self.deliver()
        with self._writing():
            try:
                for result in self.interrupt.awaited(flush):
                    self._settle_one(result)
                self.bookmarks.advance()
            except BaseException as error:
                if not is_fault(error):
                    raise
                self.stopped = stopped = SinkStoppedError(error)
                raise stopped from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Inside, the sink works: the first signal does not interrupt it, and its time is counted.

        A signal must not raise while nobody holds a batch: enter before one is taken.
        """
        with self.interrupt.delivering():
            began = time.monotonic()
            try:
                yield
            finally:
                self.write_s += time.monotonic() - began
                self.worked(began)

    def _settle_one(self, result: WriteResult) -> None:
        record, outcome, reason, _ = result
        if not isinstance(outcome, Outcome):
            raise TypeError(f"the outcome of a record is {outcome!r}")  # counts as none of them
        has_failed, key = outcome is Outcome.FAILED, id(record)
        owed = self._owed.get(key) if has_failed else self._owed.pop(key, None)
        if isinstance(record, ScopeComplete):
            if has_failed:
                logger.warning("%s: %s", label(record), self.dead_letters.redact.reason(reason))
        elif owed is None:
            self.tally.unexpected += 1
        else:
            self._conclude(result, owed)
        if has_failed:
            self._owed.pop(key, None)  # last: its place tells which bookmarks come after it

    def _fail_all(self, parcels: Iterable[Parcel], reason: str | BaseException) -> None:
        reason = reason if isinstance(reason, str) else reason_of(reason)
        for parcel in parcels:
            if not isinstance(parcel.record, ScopeComplete):
                self._conclude(WriteResult(parcel.record, Outcome.FAILED, reason), parcel)
            self._owed.pop(id(parcel.record), None)

    def _conclude(self, result: WriteResult, parcel: Parcel) -> None:
        """Count a result, unless it is not the last word on its record."""
        late = self._late
        if late is not None and late.concludes(result):
            return
        if result.missing is not None and result.outcome is Outcome.FAILED:
            if not self._keep(result, parcel):
                self._count(result, parcel.encoded)
            return
        self._count(result, parcel.encoded)
        if late is not None and result.outcome is not Outcome.FAILED:
            late.delivered(parcel)

    def _count(self, result: WriteResult, content: bytes | None = None) -> None:
        if result.outcome is Outcome.FAILED:
            self.fail(result.record, result.reason, content)
        else:
            self.settle(result)

    def _end_late(self, result: WriteResult) -> None:
        """Count the last result of a record that was tried again."""
        if result.outcome is Outcome.FAILED:
            self.bookmarks.drop_held()
        self._count(result)

    def _keep(self, result: WriteResult, parcel: Parcel) -> bool:
        """Keep a record for another try; False if that is not possible."""
        if self._unkept is not None:
            return False
        try:
            if self._late is None:
                from om_ingest.workflow.late import Late  # imports sqlite3

                self._late = Late(self._end_late)
            self._late.keep(result, parcel)
            self.bookmarks.hold(result.record)
        except (RecordError, RecursionError) as error:
            logger.debug("A record is not tried again: %s", error)
            return False
        except DeliveryError as error:
            self._unkept = error
            return False
        return True

    def _is_over(self) -> bool:
        """Whether the tries at the end have to stop: a signal has come, and its grace is over."""
        if self._over_at is None:
            if self.interrupt.signal_number is None:
                return False
            self._over_at = time.monotonic() + self.interrupt.cancelled.left_s(self.grace_s)
        return time.monotonic() >= self._over_at

    def _cause(self) -> str:
        """Why records may not have been tried again; empty if nothing is known."""
        if self.stopped is not None:
            return reason_of(self.stopped)
        return "" if self.interrupt.signal_number is None else "the run was interrupted"

    def _exists(self, entity_type: str, fqn: str) -> bool:
        """Whether the target has an entity, or does not tell: nothing is written over it then.

        Raises `SinkStoppedError` if it does not answer.
        """
        with self._writing():
            try:
                with self.interrupt.waiting():
                    return self.sink.store.get_by_name(kind_of(entity_type).entity, fqn) is not None
            except RecordError:
                return True  # it refuses to look this one up
            except BaseException as error:
                if not is_fault(error):
                    raise
                self.stopped = stopped = SinkStoppedError(error)
                raise stopped from error
