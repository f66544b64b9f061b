"""Takes a second to import; works otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

time.sleep(1)


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
