"""Batches on their way to a store: parents before children, several in flight.

Only the thread that calls the `Dispatcher` changes its state. A worker takes a batch from one
queue, sends it, and puts it into another queue.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from queue import Empty, SimpleQueue

from om_ingest.delivery import Settled
from om_ingest.errors import PluginFaultError
from om_ingest.kinds import KINDS, Identity, Parcel, Refusals, target_identity_of
from om_ingest.store import Outcome, WriteResult

Send = Callable[[Sequence[Parcel]], Iterable[Settled]]
"""Writes one batch; results as soon as they are known. Called by the workers.

A record without one is sent once more, on its own: it turned out that batches are not taken.
"""


def takes_batches(entity_type: str) -> bool:
    """Whether servers take many records of a type in one request (REST contract §5.1)."""
    kind = KINDS.get(entity_type)
    return kind is not None and kind.bulk


_JOIN_S = 5.0
"""How long `close` waits for workers that are stuck; Python then ends them with the process."""


@dataclass(eq=False)
class Batch:
    """Records of one kind that are sent together."""

    entity_type: str
    level: int
    """Batches of a lower level that were begun earlier are delivered first."""

    whole: bool
    """Whether the store takes all records in one request, which keeps their order."""

    parcels: list[Parcel] = field(default_factory=list)
    identities: list[tuple[Identity, ...]] = field(default_factory=list)
    """Of each record: what it writes, and the entity that it is attached to."""

    waits_for: set[Batch] = field(default_factory=set)
    """Batches that must be delivered before this one is sent."""

    started: bool = False
    settled: set[int] = field(default_factory=set)
    """Places of the records that have their results."""

    error: BaseException | None = None
    """What sending it raised; the state of its records is then unknown."""


class Dispatcher:
    """Collects records into batches, and keeps every worker busy with one.

    A batch waits for all batches of lower levels that were begun before it, and for those
    with an earlier record of the same identity: the order per entity is kept. After the
    first error no further batch is sent. Where a record fails because its parent has failed,
    the cause is reported as its reason.
    """

    def __init__(
        self,
        send: Send,
        *,
        worker_count: int,
        batch_count: int,
        takes_batches: Callable[[str], bool] = takes_batches,
    ) -> None:
        self.error: BaseException | None = None
        """The first error of a worker; None while there is none."""
        self._send = send
        self._takes_batches = takes_batches
        self._batch_count = batch_count
        self._worker_count = worker_count
        self._open: dict[str, Batch] = {}
        """The batch of each entity type that is still being filled."""
        self._closed: dict[Batch, None] = {}
        """Batches that are full and not delivered, in order."""
        self._latest: dict[Identity, Batch] = {}
        """Where the latest record of an identity is, until it is delivered."""
        self._refusals = Refusals()
        self._running_count = 0
        self._todo: SimpleQueue[Batch | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Batch, Settled | None]] = SimpleQueue()
        """Results as they come in, and None once a batch has no more."""
        self._workers = [
            threading.Thread(target=self._work, name=f"om-ingest-delivery-{number}", daemon=True)
            for number in range(worker_count)
        ]
        for worker in self._workers:
            worker.start()

    @property
    def is_full(self) -> bool:
        """Whether enough batches wait: more would only take memory."""
        return len(self._closed) > 2 * self._worker_count

    @property
    def is_idle(self) -> bool:
        """Whether everything is delivered."""
        return not self._open and not self._closed

    def holds(self, identity: Identity | None) -> bool:
        """Whether a record of this identity is in flight; False for None."""
        return identity is not None and identity in self._latest

    def add(self, parcel: Parcel) -> None:
        """Put a record into the batch of its kind."""
        entity_type = str(getattr(parcel.record, "entity_type", ""))
        identity, parent = parcel.identity, parcel.parent
        batch = self._open.get(entity_type)
        if batch is not None and self._must_precede(batch, identity, parent):
            self._close(entity_type)
            batch = None
        if batch is None:
            batch = Batch(entity_type, parcel.level, whole=self._takes_batches(entity_type))
            self._open[entity_type] = batch
        target = target_identity_of(parcel.record)
        held = tuple(key for key in (identity, target) if key is not None)
        batch.parcels.append(parcel)
        batch.identities.append(held)
        for key in (*held, parent):
            earlier = self._latest.get(key) if key is not None else None
            if earlier is not None and earlier is not batch and earlier in self._closed:
                batch.waits_for.add(earlier)
        for key in held:
            self._latest[key] = batch
        if len(batch.parcels) >= self._batch_count:
            self._close(entity_type)

    def _must_precede(
        self, batch: Batch, identity: Identity | None, parent: Identity | None
    ) -> bool:
        """Whether a record must wait for the batch that it would go into.

        It must if the batch holds its parent, as with containers in containers, or an earlier
        version of it in a batch that is not sent as a whole, so that its parts may overtake.
        """
        if parent is not None and self._latest.get(parent) is batch:
            return True
        return not batch.whole and identity is not None and self._latest.get(identity) is batch

    def _close(self, entity_type: str) -> None:
        """Close a batch for further records, and first those of lower levels, which it needs."""
        batch = self._open.pop(entity_type)
        below = [name for name, other in self._open.items() if other.level < batch.level]
        for name in sorted(below, key=lambda name: self._open[name].level):
            if name in self._open:
                self._close(name)
        batch.waits_for.update(other for other in self._closed if other.level < batch.level)
        self._closed[batch] = None
        if not (batch.whole and self._takes_batches(entity_type)):
            self._divide(batch)

    def _divide(self, batch: Batch) -> None:
        """Divide what is left of a batch among the workers: each record takes a request."""
        left = [place for place in range(len(batch.parcels)) if place not in batch.settled]
        size = -(-len(left) // self._worker_count)
        parts: list[Batch] = []
        latest: dict[Identity, Batch] = {}
        for start in range(0, len(left), size):
            part = Batch(batch.entity_type, batch.level, False, waits_for=set(batch.waits_for))
            for place in left[start : start + size]:
                parcel, held = batch.parcels[place], batch.identities[place]
                part.parcels.append(parcel)
                part.identities.append(held)
                if parcel.identity is not None:  # a batch that was whole may have it twice
                    earlier = latest.get(parcel.identity, part)
                    part.waits_for.update({earlier} - {part})
                    latest[parcel.identity] = part
                for identity in held:
                    if self._latest.get(identity) in (batch, *parts):
                        self._latest[identity] = part
            parts.append(part)
        self._release(batch)  # of records that are settled
        for other in (*self._closed, *self._open.values()):
            if batch in other.waits_for:
                other.waits_for.remove(batch)
                other.waits_for.update(parts)
        self._closed = dict.fromkeys(
            chain.from_iterable(parts if it is batch else (it,) for it in self._closed)
        )

    def settled(self) -> Iterator[WriteResult]:
        """The results that have come in so far; starts what can be started, and does not wait."""
        yield from self._collect(wait=False)
        self._start()

    def until(self, done: Callable[[], bool]) -> Iterator[WriteResult]:
        """The results that come in until `done()`; stops early once a worker has failed."""
        while not done():
            self._start()
            if self._running_count == 0:
                return  # a worker has failed, and all others have finished
            yield from self._collect(wait=True)

    def until_idle(self) -> Iterator[WriteResult]:
        """Send everything that was added; the outstanding results."""
        while self._open:
            self._close(next(iter(self._open)))
        return self.until(lambda: self.is_idle)

    def until_delivered(self, identity: Identity) -> Iterator[WriteResult]:
        """Send only what reading this entity back needs; the results that come in."""
        batch = self._latest.get(identity)
        for entity_type in [name for name, other in self._open.items() if other is batch]:
            self._close(entity_type)
        return self.until(lambda: identity not in self._latest)

    def _start(self) -> None:
        for batch in self._closed:
            if self.error is not None or self._running_count >= self._worker_count:
                return
            if not batch.started and not batch.waits_for:
                batch.started = True
                self._running_count += 1
                self._todo.put(batch)

    def _collect(self, *, wait: bool) -> Iterator[WriteResult]:
        """Results of the batches that came back; with `wait`, of at least one."""
        while True:
            try:
                batch, settled = self._done.get(block=wait)
            except Empty:
                return
            wait = False
            if settled is not None:
                for place, result in settled:
                    batch.settled.add(place)
                    yield self._explained(batch.parcels[place], result)
                continue
            self._running_count -= 1
            if batch.error is None and not (batch.whole or batch.settled):
                batch.error = PluginFaultError(  # they would be sent again for ever
                    f"The sink gives no result for any of {len(batch.parcels)} records"
                    f" ({batch.entity_type}), which it does not take in batches",
                    "Let `settling` yield a result for each of them.",
                )
            if batch.error is not None:
                self.error = self.error or batch.error
            elif len(batch.settled) < len(batch.parcels):
                self._divide_all(batch)
            else:
                self._finish(batch)

    def _explained(self, parcel: Parcel, result: WriteResult) -> WriteResult:
        if result.outcome is Outcome.FAILED:
            reason, missing = self._refusals.add(parcel, result.reason, result.missing)
            return result._replace(reason=reason, missing=missing)
        self._refusals.discard(parcel)
        return result

    def _divide_all(self, batch: Batch) -> None:
        """Divide a batch that is not taken as a whole, and those that wait and would not be."""
        self._divide(batch)
        for other in [other for other in self._closed if other.whole and not other.started]:
            if not self._takes_batches(other.entity_type):
                self._divide(other)

    def _finish(self, batch: Batch) -> None:
        del self._closed[batch]
        for other in (*self._closed, *self._open.values()):
            other.waits_for.discard(batch)
        self._release(batch)

    def _release(self, batch: Batch) -> None:
        """Forget that a batch has the latest records of its identities."""
        for identity in chain.from_iterable(batch.identities):
            if self._latest.get(identity) is batch:
                del self._latest[identity]

    def _work(self) -> None:
        while (batch := self._todo.get()) is not None:
            try:
                for settled in self._send(batch.parcels):
                    self._done.put((batch, settled))
            except BaseException as error:  # noqa: BLE001  # told to the thread that delivers
                batch.error = error
            self._done.put((batch, None))

    def close(self) -> None:
        """End the workers; a batch that is being sent is finished, if that takes no longer."""
        for _ in self._workers:
            self._todo.put(None)
        deadline = time.monotonic() + _JOIN_S
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
