"""Sources that rely on a sink that never fails."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record
from om_ingest.model import Database

HURRY_S = 2.0


class TrustsTheSink(ConfiguredSource[NoConfig]):
    """Assumes that a yielded entity can be read back: a refused one is None."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, after a look at their database."""
        for record in records.tables(2):
            yield record
            if record.entity_type == "database":  # type: ignore[union-attr]  # no markers among them
                found: Any = self.ctx.metadata.get_by_name(Database, "hostile.db")
                self.ctx.logger.debug("The database has the id %s", found.id)


class RetriesForEver(ConfiguredSource[NoConfig]):
    """Repeats a look-up until the sink answers."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, after their database could be read."""
        for record in records.tables(2):
            yield record
            if record.entity_type == "database":  # type: ignore[union-attr]  # as above
                self._wait_for("hostile.db")

    def _wait_for(self, name: str) -> None:
        while True:
            try:
                self.ctx.metadata.get_by_name(Database, name)
                return
            except Exception:  # noqa: BLE001  # what it is here for
                time.sleep(0.01)


class InAHurry(ConfiguredSource[NoConfig]):
    """Fails when the next record is not requested in time."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, if they are taken at once."""
        for record in records.tables(2):
            asked = time.monotonic()
            yield record
            if time.monotonic() - asked > HURRY_S:
                raise TimeoutError("the session has expired")


class WorksInTestsOnly(ConfiguredSource[NoConfig]):
    """Needs something that exists only in a test session."""

    def prepare(self) -> None:
        if "pytest" not in sys.modules:
            raise RuntimeError("no such thing outside of tests")

    def next_record(self) -> Iterator[Record]:
        """Two tables."""
        return records.tables(2)
