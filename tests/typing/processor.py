"""A processor as its author writes it."""

from __future__ import annotations

from typing import Any

from om_ingest import CreateTableRequest, Processor, Record, SinkContext


class DropTemporaryTables(Processor):
    """Filters out the tables whose names begin with a prefix, and describes the others."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> DropTemporaryTables:
        return cls(str(config_dict.get("prefix", "tmp_")))

    def process(self, record: Record) -> Record | None:
        if not isinstance(record, CreateTableRequest):
            return record
        if record.name.startswith(self.prefix):
            return None
        return record.model_copy(update={"description": f"{len(record.columns)} columns"})
