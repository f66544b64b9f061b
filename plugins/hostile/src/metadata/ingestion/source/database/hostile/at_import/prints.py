"""Prints while it is imported; works otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

print("printed by the import")


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
