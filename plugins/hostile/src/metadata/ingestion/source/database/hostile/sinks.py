"""Sinks that report something else than what became of each record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from metadata.ingestion.source.database.hostile.nowhere import Nowhere
from om_ingest import MetadataStore, Outcome, Record, Sink, SinkContext, WriteResult
from om_ingest.kinds import Parcel
from om_ingest.sinks import StoreSink


class _Pretends(Sink):
    """Reports every record as created, and delivers none: the start of those below."""

    def __init__(self) -> None:
        self._store = Nowhere()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Sink:
        return cls()

    @property
    def store(self) -> MetadataStore:
        return self._store

    @property
    def target(self) -> str:
        return "nowhere"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return [WriteResult(record, Outcome.CREATED) for record in records]


class Loses(_Pretends):
    """Never says what became of the last record of a batch."""

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return [WriteResult(record, Outcome.CREATED) for record in records[:-1]]


class ReportsTwice(_Pretends):
    """Reports the first record of a batch once more."""

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return [WriteResult(record, Outcome.CREATED) for record in (records[0], *records)]


class MixesUp(_Pretends):
    """Reports one record for all: the number is right, and one record's fate is known."""

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        return [WriteResult(records[0], Outcome.CREATED) for _ in records]


class Raises(_Pretends):
    """Raises after it has reported two records of a batch."""

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        for record in records[:2]:
            yield WriteResult(record, Outcome.CREATED)
        raise RuntimeError("the pipe is broken")


class AnswersNonsense(_Pretends):
    """Answers with something that is no `WriteResult`."""

    def write(self, records: Sequence[Record]) -> Any:
        return ["all is well"]


class HasNoTarget(_Pretends):
    """Cannot say where the records go."""

    @property
    def target(self) -> str:
        raise AttributeError("path")


class CreatesNone(_Pretends):
    """`create` forgets to return the sink."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Any:
        return None


class _Miscounts(Nowhere):
    """Returns so many results more than it got records."""

    def __init__(self, surplus: int) -> None:
        self._surplus = surplus

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Results of the first records, and of the last one again and again."""
        results = super().write(records)
        return [*results, *results[-1:] * self._surplus][: len(records) + self._surplus]


class StoreLoses(StoreSink):
    """Two workers, and a store that never says what became of the last record of a batch."""

    worker_count = 2
    surplus = -1

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> StoreSink:
        return cls(ctx)

    def open_store(self) -> MetadataStore:
        return _Miscounts(self.surplus)

    @property
    def target(self) -> str:
        return "nowhere"


class StoreReportsTwice(StoreLoses):
    """Two workers, and a store that reports the last record of a batch once more."""

    surplus = 1


class SettlesNothing(StoreLoses):
    """Two workers, to whom each record is given that no batch takes, and none has a result."""

    def settling(self, parcels: Sequence[Parcel]) -> Iterable[list[tuple[int, WriteResult]]]:
        return ()
