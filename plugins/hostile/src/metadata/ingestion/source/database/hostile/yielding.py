"""Sources that yield what they must not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from metadata.ingestion.source.database.hostile import records
from metadata.ingestion.source.database.hostile.records import NoConfig
from om_ingest import (
    ConfiguredSource,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    Record,
    ScopeComplete,
)
from om_ingest.model import Table


class NoRecord(ConfiguredSource[NoConfig]):
    """Yields things that are no records between those that are."""

    def next_record(self) -> Iterator[Any]:
        """Five records, and three other things."""
        yield from (None, {"name": "t"}, Table)
        yield from records.tables(2)


class IllegalName(ConfiguredSource[NoConfig]):
    """Passes a name on that OpenMetadata refuses, instead of rewriting or reporting it."""

    def next_record(self) -> Iterator[Record]:
        """Two tables; the request that follows cannot be built."""
        yield from records.tables(2)
        yield CreateDatabaseRequest(name="a::b", service="hostile")


class Orphan(ConfiguredSource[NoConfig]):
    """Yields a child whose parent nobody has ever seen."""

    def next_record(self) -> Iterator[Record]:
        """A table in a schema that does not exist, and two that are right."""
        yield from records.parents()
        yield records.table("orphan", schema="hostile.db.elsewhere")
        yield records.table("t0")
        yield records.table("t1")


class ParentsLate(ConfiguredSource[NoConfig]):
    """Yields children before their parents, and the parents twice."""

    def next_record(self) -> Iterator[Record]:
        """A table that comes too early; then everything in its order, parents repeated."""
        yield records.table("t0")
        yield from records.tables(2)
        yield from records.parents()


class Mutates(ConfiguredSource[NoConfig]):
    """Fills one object again and again: records that wait for delivery change their name."""

    def next_record(self) -> Iterator[Record]:
        """Three tables, all of them the same object."""
        yield from records.parents()
        table = records.table("t")
        for number in range(3):
            table.name = f"t{number}"
            yield table


class NotDeterministic(ConfiguredSource[NoConfig]):
    """Yields another table in every run: each run looks as if everything had been replaced."""

    def next_record(self) -> Iterator[Record]:
        """Two tables and a random one."""
        yield from records.tables(2)
        yield records.table(f"t-{uuid.uuid4()}")


class ForeignScope(ConfiguredSource[NoConfig]):
    """Claims to have read a scope to its end that it never looked at."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and the end of somebody else's schema."""
        yield from records.tables(2)
        yield ScopeComplete("hostile.db.elsewhere", Table)


class UncheckedName(ConfiguredSource[NoConfig]):
    """Circumvents the model that checks names."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and a third with a name that nobody can store."""
        yield from records.tables(2)
        good = records.table("good")
        yield good.model_copy(update={"name": "a\nb"})


class InvalidRecord(ConfiguredSource[NoConfig]):
    """Yields what each field allows, and the whole does not."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, and one that has the same column twice."""
        yield from records.tables(2)
        table = records.table("twice")
        table.columns = [*table.columns, *table.columns]
        yield table


class ChangesYielded(ConfiguredSource[NoConfig]):
    """Completes a record after it has yielded it: it may be gone by then."""

    def next_record(self) -> Iterator[Record]:
        """Two tables, the descriptions of which come too late."""
        yield from records.parents()
        for name in ("t0", "t1"):
            table = records.table(name)
            yield table
            table.description = "a table"


class GoesOnAfterScope(ConfiguredSource[NoConfig]):
    """Says that a schema is complete, and yields another table of it."""

    def next_record(self) -> Iterator[Record]:
        """A table, the end of its schema, and another table."""
        yield from records.tables(1)
        yield ScopeComplete(records.SCHEMA, Table)
        yield records.table("t1")


class EndsNothingAbove(ConfiguredSource[NoConfig]):
    """Ends the schemas that it has found: one that is gone is not among them."""

    def next_record(self) -> Iterator[Record]:
        """A table in each of two schemas, and the end of each schema."""
        yield from records.tables(1)
        yield ScopeComplete(records.SCHEMA, Table)
        yield CreateDatabaseSchemaRequest(name="other", database="hostile.db")
        yield records.table("t0", schema="hostile.db.other")
        yield ScopeComplete("hostile.db.other", Table)
