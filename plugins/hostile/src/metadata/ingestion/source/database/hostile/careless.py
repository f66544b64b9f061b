"""Sources that do not check their config, or handle one step of the life cycle wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, ConnectorConfig, Record, WorkflowContext
from pydantic import ConfigDict, field_validator

NOTES_COUNT = 50


class LaxConfig(ConnectorConfig):
    """Config that accepts unknown keys."""

    model_config = ConfigDict(extra="ignore")


class IgnoresUnknownKeys(ConfiguredSource[LaxConfig]):
    """Does not notice a typing error in its config."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)


class MildConfig(ConnectorConfig):
    """Config that silently corrects wrong values."""

    port: int = 1
    """A port; whatever is no number becomes 1."""

    @field_validator("port", mode="before")
    @classmethod
    def _mend(cls, port: Any) -> int:
        return port if isinstance(port, int) else 1


class TakesAnyValue(ConfiguredSource[MildConfig]):
    """Replaces a wrong value by a default, and says nothing."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)


class EatsConfig(ConfiguredSource[NoConfig]):
    """Takes a key out of the dictionary that it is given: the next `create` does not find it."""

    @classmethod
    def create(
        cls,
        config_dict: dict[str, Any],
        metadata_config_dict: dict[str, Any],
        ctx: WorkflowContext,
    ) -> EatsConfig:
        config_dict.pop("table_count", None)
        return super().create(config_dict, metadata_config_dict, ctx)

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)


class PreparesItself(ConfiguredSource[NoConfig]):
    """Calls its own `prepare`: it connects twice, and one connection is never closed."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, after a second `prepare`."""
        self.prepare()
        yield from records.tables(2)


class ClosesItself(ConfiguredSource[NoConfig]):
    """Calls its own `close` after the last record; the host does so again."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        yield from records.tables(2)
        self.close()


class CloseNeedsPrepare(ConfiguredSource[NoConfig]):
    """Can only be closed after `prepare`: `om-ingest check` never calls that."""

    def prepare(self) -> None:
        self.connection: list[str] = []

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def close(self) -> None:
        self.connection.clear()


class IgnoresLimit(ConfiguredSource[NoConfig]):
    """Goes on when its generator is closed, as a bare `except` makes it."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, whatever happens."""
        for record in records.tables(2):
            try:
                yield record
            except GeneratorExit:
                yield record


class StatusGrows(ConfiguredSource[NoConfig]):
    """Adds a note for everything it sees to its status, past the methods that count."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and many notes."""
        self.status.sample_count = NOTES_COUNT
        for number in range(NOTES_COUNT):
            self.status.warning(f"row {number}", "looked at")
        yield from records.tables(2)


class ReadsHalf(ConfiguredSource[NoConfig]):
    """Cannot read one of its tables, whatever the config."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and a failure for the third."""
        yield from records.tables(2)
        self.status.failure("hostile.db.public.t2", "permission denied")


class Remembers(ConfiguredSource[NoConfig]):
    """Keeps in its class what it has yielded: the second run of a process finds nothing new."""

    known: ClassVar[set[str]] = set()

    def next_record(self) -> Iterator[Record]:
        """Two tables, if nobody has read them before."""
        yield from records.parents()
        for name in ("t0", "t1"):
            if name not in self.known:
                self.known.add(name)
                yield records.table(name)
