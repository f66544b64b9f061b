"""The sink of a dry run, which writes nothing and tells what a run would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from om_ingest.delivery import SinkContext
from om_ingest.kinds import Parcel
from om_ingest.run.overlay.store import Overlay
from om_ingest.sink import Sink
from om_ingest.sinks.store_sink import StoreSink
from om_ingest.store import MetadataStore, Outcome, WriteResult
from om_ingest.workflow.presence import Presence


class DryRunSink(StoreSink):
    """The sink of a dry run: writes into a copy of the target, or into an empty scratch store.

    In the second case sources read the target through what is written (`Overlay`), and the target
    is asked whether it has what a run would write: where it does not show what would become of a
    record, that counts as `written`, never as created.
    """

    def __init__(self, instead_of: Sink, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.instead_of = instead_of
        """The real sink."""
        self._is_copy = False
        self._presence: Presence | None = None
        """What the target has; None where the results of the store say what is so."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> DryRunSink:
        """Not created by name."""
        raise TypeError("a dry run stands in for another sink")

    def check(self) -> None:
        """Check whether the real sink could be opened."""
        self.instead_of.check()

    def open_store(self) -> MetadataStore:
        """Check the real sink, and open the store that replaces it."""
        self.check()
        copy = self.instead_of.rehearsal()
        self._is_copy = copy is not None
        if copy is not None:
            return copy
        target = self.instead_of.existing()
        if target is None:
            return self.ctx.scratch()
        self._presence = Presence(target, with_deleted=True)
        override = bool(self.overrides())
        return Overlay(self.ctx.scratch(), target, self._presence, override=override)

    def write_parcels(self, parcels: Sequence[Parcel]) -> Iterable[WriteResult]:
        """Write into the store, and tell what the target would make of the records."""
        kept = []
        for parcel in parcels:
            if reason := self._lacking(parcel):
                result = WriteResult(parcel.record, Outcome.LEFT_OUT, reason)
                self.note_left_out(result)
                yield result
            else:
                kept.append(parcel)
        parcels = kept
        written = list(super().write_parcels(parcels))
        outcomes = {id(result.record): result.outcome for result in written}
        done = [parcel for parcel in parcels if outcomes[id(parcel.record)] is not Outcome.FAILED]
        if isinstance(self.instead_of, StoreSink):
            self.instead_of.delivered(done)
        new = [parcel for parcel in done if outcomes[id(parcel.record)] is Outcome.CREATED]
        foreseen = dict(self._foreseen(new))
        for result in written:
            yield result._replace(outcome=foreseen.get(id(result.record), result.outcome))

    def _lacking(self, parcel: Parcel) -> str:
        sink = self.instead_of
        return sink.cannot_hold(parcel.record) if isinstance(sink, StoreSink) else ""

    def limits(self) -> Sequence[str]:
        """What the target cannot hold."""
        return self.instead_of.limits()

    def _foreseen(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """What the target would make of records that this run writes for the first time."""
        if self._presence is None:
            if not self._is_copy and not self._knows_that_it_is_empty():
                yield from ((id(parcel.record), Outcome.WRITTEN) for parcel in parcels)
            return
        is_sure = not self.overrides()  # what people have set since is replaced
        for _, group in groupby(sorted(parcels, key=_level), _level):
            some = list(group)
            for parcel, outcome in zip(some, self._presence.foreseen(some), strict=True):
                if outcome is Outcome.UNCHANGED and not is_sure:
                    outcome = Outcome.WRITTEN
                yield id(parcel.record), outcome

    def _knows_that_it_is_empty(self) -> bool:
        """Whether the target has nothing: it is written anew, or has no copy to make."""
        sink = self.instead_of
        makes_copies = type(sink).rehearsal is not Sink.rehearsal
        return makes_copies or not isinstance(sink, StoreSink)

    def existing(self) -> MetadataStore | None:
        """What the target holds now; only read, since this is a dry run."""
        return self.store if self._is_copy else self.instead_of.existing()

    def overrides(self) -> bool | None:
        """Whether the real run would replace what people have set."""
        return self.instead_of.overrides()

    @property
    def target(self) -> str:
        """The real sink's target, marked as a dry run."""
        return f"nowhere (dry run of {self.instead_of.target})"

    def close(self) -> None:
        """Discard everything."""
        super().close()
        if self._presence is not None:
            self._presence.close()
        self.instead_of.close()


def _level(parcel: Parcel) -> int:
    return parcel.level
