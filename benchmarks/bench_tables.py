"""The connector that the benchmarks run: a service, a database, a schema, and many tables.

Copied into a distribution of its own for `om-ingest run bench-tables`; the bare loops import
the same `records`, so that both sides build the same models.
"""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
)
from om_ingest.model import Column, CreateRequest, DatabaseServiceType, DataType, TableType

DATA_TYPES = (DataType.BIGINT, DataType.VARCHAR, DataType.TIMESTAMP, DataType.DOUBLE)


class BenchTablesConfig(ConnectorConfig):
    """Config of the connector `bench-tables`."""

    count: int = 100
    """How many tables."""

    columns: int = 5
    """Columns of each table."""


class BenchTablesSource(ConfiguredSource[BenchTablesConfig]):
    """Yields tables that exist nowhere, as fast as the models can be built."""

    def next_record(self) -> Iterator[Record]:
        """The parents, then the tables."""
        return records(self.ctx.service_name, self.config.count, self.config.columns)


def records(service: str, count: int, columns: int) -> Iterator[CreateRequest]:
    """A service with one database and one schema, then `count` tables."""
    yield CreateDatabaseServiceRequest(name=service, serviceType=DatabaseServiceType.CustomDatabase)
    yield CreateDatabaseRequest(name="warehouse", service=service)
    yield CreateDatabaseSchemaRequest(name="public", database=f"{service}.warehouse")
    schema = f"{service}.warehouse.public"
    for number in range(count):
        yield CreateTableRequest(
            name=f"table_{number:07}",
            description=f"Table {number} of a benchmark",
            tableType=TableType.Regular,
            databaseSchema=schema,
            columns=[
                Column(
                    name=f"column_{position}",
                    dataType=DATA_TYPES[position % len(DATA_TYPES)],
                    dataLength=64,
                    ordinalPosition=position + 1,
                )
                for position in range(columns)
            ],
        )
