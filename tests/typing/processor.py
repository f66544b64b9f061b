"""A processor as its author writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from om_ingest import CreateTableRequest, Processor, Record, ScopeComplete, SinkContext
from om_ingest.model import Table


class DropTemporaryTables(Processor):
    """Filters out the tables whose names begin with a prefix, and describes the others."""

    def __init__(self, prefix: str, ctx: SinkContext) -> None:
        self.prefix = prefix
        self.ctx = ctx

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> DropTemporaryTables:
        return cls(str(config_dict.get("prefix", "tmp_")), ctx)

    def process(self, record: Record) -> Record | None:
        if not isinstance(record, CreateTableRequest):
            return record
        if record.name.startswith(self.prefix):
            return None
        return record.model_copy(update={"description": f"{len(record.columns)} columns"})

    def scope_complete(self, scope: ScopeComplete) -> Iterable[Record]:
        return [CreateTableRequest(name="summary", databaseSchema=scope.scope_fqn, columns=[])]

    def finish(self) -> Iterator[Record]:
        found = self.ctx.metadata.get_by_name(Table, "shop.db.public.orders")
        if found is not None:
            yield CreateTableRequest(name=found.name, databaseSchema="shop.db.copy", columns=[])
