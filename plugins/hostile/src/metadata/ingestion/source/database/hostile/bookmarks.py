"""Sources that keep how far they have read, and get it wrong."""

from __future__ import annotations

from collections.abc import Iterator

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import ConfiguredSource, Record, ScopeComplete
from om_ingest.model import Table

COUNT = 4


class BookmarksEarly(ConfiguredSource[NoConfig]):
    """Sets each bookmark before the record that it covers: a run that is cut there loses it."""

    def next_record(self) -> Iterator[Record]:
        """Those tables that no run has come to."""
        yield from records.parents()
        for number in range(self.ctx.state.get("next", 0), COUNT):
            self.ctx.state["next"] = number + 1
            yield records.table(f"t{number}")


class CompletesHalf(ConfiguredSource[NoConfig]):
    """Reads what is new, and says that it was everything."""

    def next_record(self) -> Iterator[Record]:
        """Those tables that no run has delivered, and the end of their schema."""
        yield from records.parents()
        for number in range(self.ctx.state.get("next", 0), COUNT):
            yield records.table(f"t{number}")
            self.ctx.state["next"] = number + 1
        yield ScopeComplete(records.SCHEMA, Table)
