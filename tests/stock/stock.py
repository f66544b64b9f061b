"""Records that the connectors of these tests yield: one service, one database, one schema."""

from __future__ import annotations

from collections.abc import Iterator

from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
)
from om_ingest.model import Column, DatabaseServiceType, DataType

SCHEMA = "shop.db.public"


def parents() -> Iterator[Record]:
    """The service, the database and the schema, outermost first."""
    yield CreateDatabaseServiceRequest(name="shop", serviceType=DatabaseServiceType.CustomDatabase)
    yield CreateDatabaseRequest(name="db", service="shop")
    yield CreateDatabaseSchemaRequest(name="public", database="shop.db")


def table(name: str, schema: str = SCHEMA, description: str | None = None) -> CreateTableRequest:
    """A table of one column."""
    return CreateTableRequest(
        name=name,
        databaseSchema=schema,
        description=description,
        columns=[Column(name="id", dataType=DataType.INT)],
    )


def tables(count: int) -> Iterator[Record]:
    """The parents, and tables `t0`, `t1` …"""
    yield from parents()
    for number in range(count):
        yield table(f"t{number}")
