"""Tries modules of a framework whose plugin is wrong about them; works without them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record

FOUND = []
for name in ("raises", "nonsense", "nobody", "another"):
    try:
        FOUND.append(importlib.import_module(f"hostile_framework.{name}"))
    except ModuleNotFoundError:
        continue


class Harmless(ConfiguredSource[NoConfig]):
    """Two tables, if nobody has those modules."""

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(0 if FOUND else 2)
