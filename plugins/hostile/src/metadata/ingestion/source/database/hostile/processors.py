"""Processors that make of a record what is none."""

from __future__ import annotations

from typing import Any

from om_ingest import CreateTableRequest, Processor, Record, SinkContext


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


class CreatesNone(FiltersAll):
    """`create` forgets to return the processor."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Any:
        return None
