"""Sets up logging while it is imported, as only a command may; works otherwise."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

logging.basicConfig(level=logging.ERROR)


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
