"""Processors that raise, or return something other than a record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest import (
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    Processor,
    Record,
    SinkContext,
)


class Raises(Processor):
    """Raises at every table."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Raises:
        return cls()

    def process(self, record: Record) -> Record | None:
        if isinstance(record, CreateTableRequest):
            raise ZeroDivisionError(record.name)
        return record


class ReturnsNoRecord(Processor):
    """Turns every table into text."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> ReturnsNoRecord:
        return cls()

    def process(self, record: Record) -> Any:
        return record.name if isinstance(record, CreateTableRequest) else record


class FiltersAll(Processor):
    """Lets nothing through."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> FiltersAll:
        return cls()

    def process(self, record: Record) -> None:
        return None


class PassesAll(Processor):
    """Lets everything through."""

    def __init__(self, ctx: SinkContext) -> None:
        self.ctx = ctx

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> PassesAll:
        return cls(ctx)

    def process(self, record: Record) -> Record:
        return record


class RaisesAtTheEnd(PassesAll):
    """Yields one record behind all others, and then raises."""

    def finish(self) -> Iterator[Record]:
        yield CreateDatabaseSchemaRequest(name="late", database="shop.db")
        raise ZeroDivisionError("nothing was seen")


class YieldsNoRecord(PassesAll):
    """Yields text behind all records."""

    def finish(self) -> Any:
        return ["the end"]


class CountsInADict(PassesAll):
    """Returns a dictionary as its status."""

    def get_status(self) -> Any:
        return {"tables": 3}


class AsksTooSoon(PassesAll):
    """Reads the store while it is created."""

    def __init__(self, ctx: SinkContext) -> None:
        super().__init__(ctx)
        ctx.metadata.flush()


class CreatesNone(FiltersAll):
    """`create` forgets to return the processor."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Any:
        return None
