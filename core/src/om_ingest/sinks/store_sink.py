"""What every sink into a `MetadataStore` does: order, batches, results, reading back."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from om_ingest.delivery import SinkContext
from om_ingest.kinds.identity import Identity, identity_of, level_of, parent_identity_of
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.sink import Sink
from om_ingest.sinks.dispatch import Dispatcher
from om_ingest.store import MetadataStore, Outcome, WriteResult

BATCH_COUNT = 100
"""Rows of one request: as many as OpenMetadata's own sink sends (REST contract §5.3)."""

_REMEMBERED_COUNT = 10_000


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
        self._refused: dict[Identity, str] = {}
        """Why records failed, for those that lie below them; the first ones only."""

    @abstractmethod
    def open_store(self) -> MetadataStore:
        """Open the target; raises `OmIngestError`."""

    def prepare(self) -> None:
        """Open the store, and start the workers."""
        self._store = self.open_store()
        if self.worker_count:
            self._dispatcher = Dispatcher(
                self._send, worker_count=self.worker_count, batch_count=self.batch_count
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
        """Take records; results come as they are settled. Waits while too many are on their way."""
        if self._dispatcher is None:
            yield from self.store.write(sorted(records, key=level_of))
            return
        dispatcher = self._dispatcher
        for record, is_unsent in zip(records, self._unsent(dispatcher, records), strict=True):
            if isinstance(record, ScopeComplete) or not is_unsent:
                yield WriteResult(record, Outcome.UNCHANGED)
            else:
                dispatcher.add(record)
        yield from self._explained(dispatcher.settled())
        yield from self._explained(dispatcher.until(lambda: not dispatcher.is_full))
        yield from self._stopped(dispatcher)

    def flush(self) -> Iterable[WriteResult]:
        """Deliver everything; raises what a worker has raised, once all others have finished."""
        if self._dispatcher is not None:
            yield from self._explained(self._dispatcher.until_idle())
            yield from self._stopped(self._dispatcher)

    def flush_for(self, entity_type: str, fqn: str) -> Iterable[WriteResult]:
        """Deliver what one entity needs to be read back, and nothing else."""
        if self._dispatcher is not None:
            yield from self._explained(self._dispatcher.until_delivered((entity_type, fqn)))
            yield from self._stopped(self._dispatcher)

    def close(self) -> None:
        """End the workers, then close the store."""
        if self._dispatcher is not None:
            self._dispatcher.close()
        if self._store is not None:
            self._store.close()

    def _unsent(self, dispatcher: Dispatcher, records: Sequence[Record]) -> list[bool]:
        """Which records have to be sent, one answer per record.

        One whose like is still on its way is, whatever the journal knows: what arrives after
        that would be the older content.
        """
        are_behind = [dispatcher.holds(identity_of(record)) for record in records]
        asked = [record for record, behind in zip(records, are_behind, strict=True) if not behind]
        answers = iter(self.ctx.journal.unsent(asked))
        return [behind or next(answers) for behind in are_behind]

    def _stopped(self, dispatcher: Dispatcher) -> Iterator[WriteResult]:
        """Once a worker has failed: what the others still delivered, then its error."""
        if dispatcher.error is not None:
            yield from self._explained(dispatcher.until(lambda: False))
            raise dispatcher.error

    def _send(self, records: Sequence[Record]) -> list[WriteResult]:
        """Write one batch, and remember at once what has arrived; called by the workers."""
        results = self.store.write(records)
        self.ctx.journal.acknowledge(
            [result.record for result in results if result.outcome is not Outcome.FAILED]
        )
        return results

    def _explained(self, results: Iterable[WriteResult]) -> Iterator[WriteResult]:
        """Results; where a parent has failed, that is told as the reason of its children."""
        for result in results:
            record, outcome, reason = result
            identity = identity_of(record) if self._refused or outcome is Outcome.FAILED else None
            if outcome is not Outcome.FAILED:
                if identity is not None:
                    self._refused.pop(identity, None)
                yield result
                continue
            parent = parent_identity_of(record)
            cause = self._refused.get(parent) if parent is not None else None
            if cause is not None and parent is not None and not _names(reason, parent[1]):
                cause = None  # it failed for a reason of its own
            if cause is not None and parent is not None:
                reason = f"its {parent[0]} {parent[1]} failed: {cause}"
            if identity is not None and len(self._refused) < _REMEMBERED_COUNT:
                self._refused[identity] = reason if cause is None else cause
            yield WriteResult(record, outcome, reason)


def _names(reason: str, fqn: str) -> bool:
    """Whether a reason speaks of this entity, and not only of something below it."""
    return re.search(re.escape(fqn) + r"(?![\w.])", reason) is not None
