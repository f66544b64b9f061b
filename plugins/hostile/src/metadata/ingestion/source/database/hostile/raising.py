"""Sources that raise something that is no `OmIngestError`, one per step of the life cycle."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record, SourceStatus, WorkflowContext


class InCreate(ConfiguredSource[NoConfig]):
    """Raises while it is created: the config is no excuse, it was checked before."""

    def __init__(self, config: NoConfig, ctx: WorkflowContext) -> None:
        raise KeyError("host")

    def next_record(self) -> Iterator[Record]:
        """Never reached."""
        return records.tables(2)


class InPrepare(ConfiguredSource[NoConfig]):
    """Raises while it connects, instead of `SourceError` with what to do about it."""

    def prepare(self) -> None:
        raise ConnectionError("no route to host")

    def next_record(self) -> Iterator[Record]:
        """Never reached."""
        return records.tables(2)


class AtFirstRecord(ConfiguredSource[NoConfig]):
    """Raises instead of yielding its first record."""

    def next_record(self) -> Iterator[Record]:
        """Raises before there is a generator to iterate."""
        raise ValueError("nothing to read")


class Midway(ConfiguredSource[NoConfig]):
    """Raises after some records: they must be delivered nevertheless."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, then no more."""
        yield from records.tables(2)
        raise RuntimeError("lost the connection")


class InClose(ConfiguredSource[NoConfig]):
    """Raises while it is closed, after everything was delivered."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def close(self) -> None:
        raise OSError("already gone")


class InStatus(ConfiguredSource[NoConfig]):
    """Raises when it is asked how it went."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)

    def get_status(self) -> SourceStatus:
        raise AttributeError("status")


class Exits(ConfiguredSource[NoConfig]):
    """Ends the process midway, and claims success by exit code 0."""

    def next_record(self) -> Iterator[Any]:
        """Two tables, then `sys.exit`."""
        yield from records.tables(2)
        sys.exit(0)
