"""What comes before the things that it refers to is delivered all the same, and counted once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from om_ingest import DeliveryError, MetadataStore, Outcome, Record, SinkContext, WriteResult
from om_ingest.sinks import StoreSink
from om_ingest.store import ForwardingStore
from om_ingest_catalog import Catalog

from tests.early import EARLY, Ran, assert_all_there


class OneAtATime(ForwardingStore):
    """A catalog that several threads may write to, one after the other."""

    def __init__(self) -> None:
        self.catalog = Catalog.temporary()
        self.written: list[Record] = []
        self.breaks_at = -1
        """Number of the record at which it takes no more."""
        self._lock = threading.Lock()

    def _target(self) -> MetadataStore:
        return self.catalog

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        with self._lock:
            self.written += records
            if 0 <= self.breaks_at <= len(self.written):
                raise DeliveryError("The disk is full", "Make room.")
            return self.catalog.write(records)

    def close(self) -> None:
        self.catalog.close()


class CatalogSink(StoreSink):
    """A store sink into such a catalog."""

    def __init__(self, worker_count: int = 0, batch_count: int = 100) -> None:
        super().__init__(SinkContext())
        self.worker_count, self.batch_count = worker_count, batch_count
        self.kept = OneAtATime()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: Any) -> CatalogSink:
        return cls()

    def open_store(self) -> MetadataStore:
        return self.kept

    @property
    def target(self) -> str:
        return "catalog"


@contextmanager
def opened(worker_count: int = 0, batch_count: int = 100) -> Iterator[CatalogSink]:
    sink = CatalogSink(worker_count, batch_count)
    sink.prepare()
    try:
        yield sink
    finally:
        sink.close()


@pytest.mark.parametrize("worker_count", [0, 1, 8])
@pytest.mark.parametrize("family", EARLY)
def test_early_records_arrive(tmp_path: Path, family: str, worker_count: int) -> None:
    """A record may come before what it refers to, whatever the volume and the workers."""
    records = EARLY[family]
    with opened(worker_count, batch_count=7 if worker_count == 1 else 100) as sink:
        ran = Ran(tmp_path, records, sink)
        assert ran.set_aside == {}
        assert ran.tally.total(Outcome.CREATED, Outcome.UPDATED) == len(records)
        assert_all_there(sink.kept.catalog, records)
