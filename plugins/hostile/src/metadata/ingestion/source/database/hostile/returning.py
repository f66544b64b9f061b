"""Sources whose methods return what the contract does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record, SourceStatus


class Nothing(ConfiguredSource[NoConfig]):
    """`next_record` forgets to return: there are no records."""

    def next_record(self) -> Any:
        """None."""


class NoIterable(ConfiguredSource[NoConfig]):
    """`next_record` returns one number instead of records."""

    def next_record(self) -> Any:
        """A number."""
        return 5


class SomethingElse(ConfiguredSource[NoConfig]):
    """`create` returns no source."""

    @classmethod
    def create(cls, *args: object) -> Any:
        """A text."""
        return "a source, believe me"

    def next_record(self) -> Iterator[Record]:
        """Never reached."""
        return records.tables(2)


class StatusLies(ConfiguredSource[NoConfig]):
    """Counts failures below zero, to make up for those of the sink."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and one that the sink must refuse."""
        yield from records.tables(2)
        yield records.table("orphan", schema="hostile.db.elsewhere")

    def get_status(self) -> SourceStatus:
        return SourceStatus(failure_count=-1)


class StatusIsNone(ConfiguredSource[NoConfig]):
    """`get_status` forgets to return."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def get_status(self) -> Any:
        """None."""


class FinishedList(ConfiguredSource[NoConfig]):
    """`next_record` returns a list instead of yielding."""

    def next_record(self) -> list[Record]:
        """Two tables, all of them built."""
        return list(records.tables(2))


class LimitsAreText(ConfiguredSource[NoConfig]):
    """`limits` returns a text instead of lines."""

    def limits(self) -> str:
        """One line, and no list of lines."""
        return "views are not read"

    def next_record(self) -> Iterator[Record]:
        """Never reached."""
        return records.tables(2)


class LimitsRaise(ConfiguredSource[NoConfig]):
    """`limits` raises."""

    def limits(self) -> Iterator[str]:
        """Raises behind its first line."""
        yield "views are not read"
        raise KeyError("limits")

    def next_record(self) -> Iterator[Record]:
        """Never reached."""
        return records.tables(2)
