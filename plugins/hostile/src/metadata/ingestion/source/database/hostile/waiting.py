"""Sources that do not stop when they are asked to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from metadata.ingestion.source.database.hostile import records
from om_ingest import ConfiguredSource, ConnectorConfig, Record


class WaitingConfig(ConnectorConfig):
    """Config of a source that waits."""

    started: Path
    """File that is made when the waiting begins."""


class Hangs(ConfiguredSource[WaitingConfig]):
    """Waits for ever, and never looks at `ctx.cancelled`."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, then silence."""
        yield from records.tables(2)
        self.config.started.touch()
        while True:
            time.sleep(0.05)  # a signal just before a sleep waits for its end


class SwallowsInterrupt(ConfiguredSource[WaitingConfig]):
    """Catches `BaseException`, and with it every request to stop."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and one of them again and again."""
        yield from records.tables(2)
        self.config.started.touch()
        while True:
            try:
                time.sleep(0.01)
                yield records.table("t1")
            except BaseException:  # noqa: BLE001  # what it is here for
                self.ctx.logger.debug("not me")
