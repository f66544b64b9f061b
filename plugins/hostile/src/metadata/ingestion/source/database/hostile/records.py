"""Records to begin with, before the misbehaviour: one service, database, schema, some tables."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import (
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
)
from om_ingest.model import Column, DatabaseServiceType, DataType

SCHEMA = "hostile.db.public"


class NoConfig(ConnectorConfig):
    """Nothing to set."""


def parents() -> Iterator[Record]:
    """The service, the database and the schema, outermost first."""
    yield CreateDatabaseServiceRequest(
        name="hostile", serviceType=DatabaseServiceType.CustomDatabase
    )
    yield CreateDatabaseRequest(name="db", service="hostile")
    yield CreateDatabaseSchemaRequest(name="public", database="hostile.db")


def table(name: str, schema: str = SCHEMA) -> CreateTableRequest:
    """A table of one column."""
    columns = [Column(name="id", dataType=DataType.INT)]
    return CreateTableRequest(name=name, databaseSchema=schema, columns=columns)


def tables(count: int) -> Iterator[Record]:
    """The parents, and tables `t0`, `t1` …"""
    yield from parents()
    for number in range(count):
        yield table(f"t{number}")
