"""The sink of a dry run: it checks everything and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from om_ingest.delivery import SinkContext
from om_ingest.model.records import Record
from om_ingest.sink import Sink
from om_ingest.store import MetadataStore, WriteResult


class DryRunSink(Sink):
    """Writes into a copy of the target, or into an empty scratch store."""

    def __init__(self, instead_of: Sink, ctx: SinkContext) -> None:
        self._ctx = ctx
        self._instead_of = instead_of
        self._store: MetadataStore | None = None
        self._is_copy = False

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> DryRunSink:
        """Not created by name."""
        raise TypeError("a dry run stands in for another sink")

    def check(self) -> None:
        """Check whether the real sink could be opened."""
        self._instead_of.check()

    def prepare(self) -> None:
        """Check the real sink, and open the store that replaces it."""
        self._instead_of.check()
        self._store = self._instead_of.rehearsal()
        self._is_copy = self._store is not None
        if self._store is None:
            self._store = self._ctx.scratch()

    @property
    def store(self) -> MetadataStore:
        """The store that replaces the target."""
        return self._open()

    def existing(self) -> MetadataStore | None:
        """What the target holds now; only read, since this is a dry run."""
        return self._store if self._is_copy else self._instead_of.existing()

    @property
    def target(self) -> str:
        """The real sink's target, marked as a dry run."""
        return f"nowhere (dry run of {self._instead_of.target})"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Apply the rules of the store that replaces the target."""
        return self._open().write(records)

    def close(self) -> None:
        """Discard everything."""
        if self._store is not None:
            self._store.close()
        self._instead_of.close()

    def _open(self) -> MetadataStore:
        if self._store is None:
            raise RuntimeError("the dry-run sink is used before prepare")
        return self._store
