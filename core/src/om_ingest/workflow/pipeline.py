"""The loop: source → processors → sink, with every record accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence

from om_ingest.errors import OmIngestError
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.sink import Processor, Sink
from om_ingest.source import Source
from om_ingest.state import JobState
from om_ingest.workflow.bookmarks import Changes
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.delivering import YIELDED_BEFORE, Delivery
from om_ingest.workflow.interrupt import Interrupt, RunInterrupted, is_fault
from om_ingest.workflow.processing import (
    Processing,
    RejectedError,
    SinkStoppedError,
    reason_of,
    records_of,
)
from om_ingest.workflow.references import References
from om_ingest.workflow.tally import Tally


class Pipeline:
    """Moves records from a source through processors to a sink, until something ends it."""

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
        dropped: Callable[[object], None] = lambda record: None,
        latest: MutableMapping[str, Record] | None = None,
        state: JobState | None = None,
        keep: Callable[[Changes], None] = lambda changes: None,
    ) -> None:
        self.source = source
        self.processors = tuple(processors)
        self.sink = sink
        self.interrupt = interrupt
        self.limit = limit
        self.tally = Tally() if tally is None else tally
        self.delivery = Delivery(sink, dead_letters, interrupt, self.tally)
        """The way into the sink; `flush` and `flush_for` serve those who read back."""
        self.source_ended = False
        """Whether the source ended by itself: neither an error, nor a signal, nor the limit."""
        self.latest: object = None
        """The record yielded last, for the progress line."""
        self.stage = ""
        """What the run does before and after it reads; empty while it does."""
        masks = None if sink.keeps_secrets else dead_letters.redact
        self.references = References(lambda: sink.store, self.delivery.flush, masks)
        """Resolves ids to FQNs, also for the read-back."""
        self.processing = Processing(self.references, self.processors, note, dropped)
        self.bookmarks = self.delivery.bookmarks
        """What the source assigns to its `state`; `keep` is called with what may be kept."""
        self.bookmarks.keep = keep
        if state is not None:
            state.listen(self.bookmarks.assign)
        self._yields_later = any(map(_yields_later, processors))
        if self._yields_later:
            self.bookmarks.hold_all()
        self._note = note
        self._latest = {} if latest is None else latest
        self._error: BaseException | None = None

    @property
    def error(self) -> BaseException | None:
        """What ended the run; None if nothing did. That the sink stopped comes first."""
        return self.delivery.stopped or self._error

    def run(self) -> None:
        """Read to the end and deliver what was read, whatever happens.

        Raises only `KeyboardInterrupt`, for the second signal: what has not been
        delivered by then is set aside.
        """
        with self.interrupt.settling():
            try:
                self.stage = ""
                self._stopping(self._read)
                self.stage = "delivering what is left"
                if self.source_ended:
                    self._stopping(self._end_processing)
                if self.delivery.stopped is None:
                    self._stopping(self.delivery.finish)
            finally:
                self.delivery.give_up(self.error)
                has_finished = self.source_ended and not self.processing.faults
                self.bookmarks.end(is_whole=has_finished or not self._yields_later)

    def _stopping(self, step: Callable[[], None]) -> None:
        """Take a step, and keep the first error: it ends the run."""
        try:
            with self.interrupt.waiting():
                step()
        except RunInterrupted:
            pass  # the interrupt keeps the signal; what was read is still delivered
        except BaseException as error:  # a plugin may raise anything
            if not is_fault(error):
                raise
            if self._error is None:
                self._error = error

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
            if not isinstance(record, RECORD_TYPES) or self.delivery.owes(record):
                self._refuse(record)
                return
            entity_type = record.entity_type  # type: ignore[union-attr]  # a marker was told apart
            if not first:
                self._latest[entity_type] = record
            try:
                processed = self.processing.apply(record, first)
            except RejectedError as rejected:
                self.delivery.fail(rejected.record, rejected.reason)
                return
            except (OmIngestError, SinkStoppedError) as error:
                self.delivery.fail(record, reason_of(error))
                raise
            if processed is None:
                self.tally.filtered += 1
            elif processed is not record and not first:
                self._latest[entity_type] = processed  # as it can be read back
        if processed is None:
            return
        self.delivery.take(processed)

    def _refuse(self, record: object) -> None:
        """Fail what is not a record, or was yielded before: its earlier content is lost."""
        self._note(record)
        reason = YIELDED_BEFORE
        if not isinstance(record, RECORD_TYPES):
            kind = type(record).__name__
            reason = f"not a record but {kind}: yield requests of om_ingest.model"
        self.delivery.fail(record, reason)


def _yields_later(processor: Processor) -> bool:
    """Whether records of a processor may follow from what it saw long before."""
    return (
        type(processor).finish is not Processor.finish
        or type(processor).scope_complete is not Processor.scope_complete
    )
