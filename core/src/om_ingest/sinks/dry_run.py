"""The sink of a dry run: it checks everything and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from om_ingest.delivery import SinkContext
from om_ingest.model.records import Record
from om_ingest.sink import Sink
from om_ingest.sinks.store_sink import StoreSink
from om_ingest.store import MetadataStore, WriteResult


class DryRunSink(StoreSink):
    """Writes into a copy of the target, or into an empty scratch store."""

    def __init__(self, instead_of: Sink, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self._instead_of = instead_of
        self._is_copy = False

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> DryRunSink:
        """Not created by name."""
        raise TypeError("a dry run stands in for another sink")

    def check(self) -> None:
        """Check whether the real sink could be opened."""
        self._instead_of.check()

    def open_store(self) -> MetadataStore:
        """Check the real sink, and open the store that replaces it."""
        self.check()
        copy = self._instead_of.rehearsal()
        self._is_copy = copy is not None
        return self.ctx.scratch() if copy is None else copy

    def existing(self) -> MetadataStore | None:
        """What the target holds now; only read, since this is a dry run."""
        return self.store if self._is_copy else self._instead_of.existing()

    @property
    def target(self) -> str:
        """The real sink's target, marked as a dry run."""
        return f"nowhere (dry run of {self._instead_of.target})"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Apply the rules of the store that replaces the target."""
        return self.store.write(records)

    def close(self) -> None:
        """Discard everything."""
        super().close()
        self._instead_of.close()
