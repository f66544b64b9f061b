"""`StoreSink`, a sink into any `MetadataStore`: order, batches, results, reading back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from om_ingest.delivery import Settled, SinkContext
from om_ingest.errors import PluginFaultError, RecordError
from om_ingest.kinds import Parcel
from om_ingest.model.entity import AttachmentRequest
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.sink import Sink
from om_ingest.sinks.dispatch import Dispatcher, takes_batches
from om_ingest.store import MetadataStore, Outcome, WriteResult

BATCH_COUNT = 100
"""Rows of one request: as many as OpenMetadata's own sink sends (REST contract §5.3)."""

_NOT_DONE = (Outcome.FAILED, Outcome.LEFT_OUT)


class StoreSink(Sink):
    """Delivers into the store that `open_store` opens; a subclass says which.

    With `worker_count` 0 each call writes at once, parents first. Otherwise so many workers
    write batches of one kind at the same time: the store has to be thread-safe.
    """

    worker_count = 0
    """Batches that are written at the same time; 0 for a store that takes one at a time."""

    batch_count = BATCH_COUNT
    """Records of one batch."""

    def __init__(self, ctx: SinkContext) -> None:
        self.ctx = ctx
        self._store: MetadataStore | None = None
        self._dispatcher: Dispatcher | None = None

    @abstractmethod
    def open_store(self) -> MetadataStore:
        """Open the target; raises `OmIngestError`."""

    def delivered(self, parcels: Sequence[Parcel]) -> None:
        """Learn which records the store has taken, or would take: it may `warn` of what is lost.

        Nothing, unless overridden. Any thread calls it, also in a dry run, without `prepare`.
        """

    def cannot_hold(self, record: Record) -> str:
        """Why the target holds nothing of a record, in one line; empty if it can hold it.

        Empty, unless overridden. A dry run asks it, without `prepare`.
        """
        return ""

    def takes_batches(self, entity_type: str) -> bool:
        """Whether the store takes many records of this type in one request.

        Where it does not, they are divided among the workers. Asked again for each batch.
        """
        return takes_batches(entity_type)

    def settling(self, parcels: Sequence[Parcel]) -> Iterable[Settled]:
        """Write one batch; results, each with the place of its record, as soon as they are known.

        Called by the workers. Where this is overridden, records may be left over, if it has turned
        out that the store takes none of their type in batches: they are divided among the workers.
        Each of those gets one result at least, or the run ends with a `PluginFaultError`.
        """
        results = self.store.write_parcels(parcels)
        if len(results) != len(parcels):
            raise self._mixed_up(parcels)
        yield list(enumerate(results))

    def prepare(self) -> None:
        """Open the store, and start the workers."""
        self._store = self.open_store()
        if self.worker_count:
            self._dispatcher = Dispatcher(
                self._send,
                worker_count=self.worker_count,
                batch_count=self.batch_count,
                takes_batches=self.takes_batches,
            )

    @property
    def store(self) -> MetadataStore:
        """The store itself."""
        if self._store is None:
            raise RuntimeError(f"{type(self).__name__} is used before prepare")
        return self._store

    def existing(self) -> MetadataStore | None:
        """The store itself, which keeps what earlier runs delivered; None if it is not open,
        as in a dry run for a catalog that is not there yet.
        """
        return self._store

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Take records as they are now; see `write_parcels`."""
        parcels = []
        for record in records:
            try:
                parcels.append(Parcel.sealed(record))
            except RecordError as error:
                yield WriteResult(record, Outcome.FAILED, error.what)
        yield from StoreSink.write_parcels(self, parcels)

    def write_parcels(self, parcels: Sequence[Parcel]) -> Iterable[WriteResult]:
        """Take records; results come as they are settled. Waits while too many are in flight."""
        if self._dispatcher is None:
            markers = [parcel for parcel in parcels if isinstance(parcel.record, ScopeComplete)]
            others = [parcel for parcel in parcels if not isinstance(parcel.record, ScopeComplete)]
            others.sort(key=lambda parcel: parcel.level)
            if self.keeps_journal:
                yield from self._journaled(others)
            else:
                yield from self.store.write_parcels(others)
            yield from (WriteResult(marker.record, Outcome.UNCHANGED) for marker in markers)
            return
        dispatcher = self._dispatcher
        for parcel, is_unsent in zip(parcels, self._unsent(dispatcher, parcels), strict=True):
            if not is_unsent or isinstance(parcel.record, ScopeComplete):
                yield WriteResult(parcel.record, Outcome.UNCHANGED)
            else:
                dispatcher.add(parcel)
        yield from dispatcher.settled()
        yield from dispatcher.until(lambda: not dispatcher.is_full)
        yield from self._stopped(dispatcher)

    def flush(self) -> Iterable[WriteResult]:
        """Deliver everything; raises what a worker has raised, once all others have finished."""
        if self._dispatcher is not None:
            yield from self._dispatcher.until_idle()
            yield from self._stopped(self._dispatcher)

    def flush_for(self, entity_type: str, fqn: str) -> Iterable[WriteResult]:
        """Deliver what one entity needs to be read back, and nothing else."""
        if self._dispatcher is not None:
            yield from self._dispatcher.until_delivered((entity_type, fqn))
            yield from self._stopped(self._dispatcher)

    def close(self) -> None:
        """End the workers, then close the store."""
        if self._dispatcher is not None:
            self._dispatcher.close()
        if self._store is not None:
            self._store.close()

    def note_left_out(self, result: WriteResult) -> None:
        """Warn of a record that the target cannot hold."""
        if result.outcome is Outcome.LEFT_OUT:
            self.ctx.warn(_what(result.record), result.reason)

    def _journaled(self, parcels: Sequence[Parcel]) -> Iterator[WriteResult]:
        """Write at once what the journal does not know as delivered."""
        unsent = []
        for parcel, is_unsent in zip(parcels, self.ctx.journal.unsent(parcels), strict=True):
            if is_unsent:
                unsent.append(parcel)
            else:
                yield WriteResult(parcel.record, Outcome.UNCHANGED)
        result_count = 0
        for settled in self._send(unsent):
            result_count += len(settled)
            yield from (result for _, result in settled)
        if result_count < len(unsent):  # there are no workers to divide them among
            raise self._mixed_up(unsent)

    def _unsent(self, dispatcher: Dispatcher, parcels: Sequence[Parcel]) -> list[bool]:
        """Which records have to be sent, one answer per record.

        A record is always sent while an earlier version of it is in flight, whatever the journal
        knows: otherwise the earlier version would be the last to arrive.
        """
        are_behind = [dispatcher.holds(parcel.identity) for parcel in parcels]
        asked = [parcel for parcel, behind in zip(parcels, are_behind, strict=True) if not behind]
        answers = iter(self.ctx.journal.unsent(asked))
        return [behind or next(answers) for behind in are_behind]

    def _stopped(self, dispatcher: Dispatcher) -> Iterator[WriteResult]:
        """Once a worker has failed: what the others still delivered, then its error."""
        if dispatcher.error is not None:
            yield from dispatcher.until(lambda: False)
            raise dispatcher.error

    def _send(self, parcels: Sequence[Parcel]) -> Iterator[Settled]:
        """Write one batch; what has arrived is acknowledged at once. Called by the workers."""
        left = set(range(len(parcels)))
        redact = self.ctx.redact  # here, as what is settled later waits in memory
        for settled in self.settling(parcels):
            places = {
                place
                for place, result in settled
                if place in left and parcels[place].record is result.record
            }
            if len(places) != len(settled):
                raise self._mixed_up(parcels)
            left.difference_update(places)
            done = [parcels[at] for at, result in settled if result.outcome not in _NOT_DONE]
            if done:
                self.ctx.journal.acknowledge(done)
                self.delivered(done)
            if len(done) < len(settled):
                for _, result in settled:
                    self.note_left_out(result)
                settled = [
                    (place, result._replace(reason=redact.reason(result.reason)))
                    for place, result in settled
                ]
            yield settled
        if left and self.takes_batches(str(getattr(parcels[0].record, "entity_type", ""))):
            raise self._mixed_up(parcels)

    def _mixed_up(self, parcels: Sequence[Parcel]) -> PluginFaultError:
        return PluginFaultError(
            f"{type(self.store).__name__}.write does not return one result per record, for each of "
            f"{len(parcels)} records, in the order of the records",
            "Return a WriteResult for each record, in the same order.",
        )


def _what(record: Record) -> str:
    """The type of a record, and of what it is attached to."""
    what = getattr(record, "entity_type", "")
    if isinstance(record, AddLineageRequest):
        return f"{what} from {record.edge.fromEntity.type} to {record.edge.toEntity.type}"
    return f"{what} of {record.target.type}" if isinstance(record, AttachmentRequest) else what
