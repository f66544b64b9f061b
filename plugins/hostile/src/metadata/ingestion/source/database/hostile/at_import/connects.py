"""Connects while it is imported; works otherwise."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

with contextlib.suppress(OSError):
    socket.create_connection(("localhost", 9), timeout=1).close()


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
