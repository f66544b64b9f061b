"""A sink as its author writes it; it lends its records to the store of another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from om_ingest import DeliveryError, MetadataStore, Outcome, Record, Sink, SinkContext, WriteResult


class CountingSink(Sink):
    """Writes into a store, and counts the failures."""

    def __init__(self, store: MetadataStore, ctx: SinkContext) -> None:
        self._store = store
        self.ctx = ctx
        self.waiting: list[Record] = []
        self.failed_count = 0

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> CountingSink:
        store = config_dict["store"]
        if not isinstance(store, MetadataStore):
            raise DeliveryError("There is no store", "Pass one.")
        return cls(store, ctx)

    @property
    def store(self) -> MetadataStore:
        return self._store

    @property
    def target(self) -> str:
        return "another store"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        self.waiting.extend(records)
        return ()

    def flush(self) -> Iterable[WriteResult]:
        results = self._store.write(self.waiting)
        self.waiting = []
        for result in results:
            if result.outcome is Outcome.FAILED:
                self.failed_count += 1
                self.ctx.logger.warning("%s", result.reason)
        return results
