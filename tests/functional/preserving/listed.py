"""A connector that yields the records of a file, as the jsonl sink writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from om_ingest import ConfiguredSource, ConnectorConfig, Record
from om_ingest.kinds.lines import from_document


class Config(ConnectorConfig):
    """Which file."""

    records: str
    """Path of the file."""


class ListedSource(ConfiguredSource[Config]):
    """Yields each line."""

    def next_record(self) -> Iterator[Record]:
        """The records, in the order of the file."""
        for line in Path(self.config.records).read_text("utf-8").splitlines():
            yield from_document(json.loads(line))
