"""Mistakes that a type checker has to find in a connector; each line says which."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import ConfiguredSource, ConnectorConfig, CreateTableRequest, Record
from om_ingest.model import Column, DataType, Table


class PortConfig(ConnectorConfig):
    """A config with one field."""

    port: int = 5432
    """TCP port."""


class PortSource(ConfiguredSource[PortConfig]):
    """Uses its config, its context and the model wrongly."""

    def next_record(self) -> Iterator[Record]:
        host: str = self.config.port  # error: assignment
        self.ctx.service_name = host  # error: misc
        table = self.ctx.metadata.get_by_name(Table, "a.b.c.d")
        print(table.name)  # error: union-attr
        print(self.config.prot)  # error: attr-defined
        yield "a table"  # error: misc
        yield CreateTableRequest(name="t", columns=[])  # error: call-arg
        yield CreateTableRequest(
            name="t",
            databaseSchema="a.b.c",
            columns=[Column(name="c", dataType=DataType.NUMBR)],  # error: attr-defined
        )


class NotAConfig:
    """No pydantic model."""


class WrongConfigSource(ConfiguredSource[NotAConfig]):  # error: type-var
    """Declares a config that cannot be validated."""

    def next_record(self) -> list[int]:  # error: override
        return [self.config.port]  # error: attr-defined
