"""The `mariadb` source over a real server: everything that its information_schema says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.mysql.source import MariadbSource
from om_ingest import (
    CreateTableRequest,
    Record,
    WorkflowContext,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest_catalog import Catalog

from tests.databases.mariadb import MariaDb

pytestmark = pytest.mark.mariadb


class Read:
    """What one run of the source gave."""

    def __init__(
        self, server: MariaDb, settings: dict[str, Any] | None = None, **config: Any
    ) -> None:
        config = {
            "hostPort": server.host_port,
            "username": server.user,
            "password": server.password,
            **config,
        }
        with Catalog.temporary() as catalog:
            chosen = DatabaseSourceConfig.model_validate(settings or {})
            context = WorkflowContext(catalog, "svc", source_config=chosen)
            with MariadbSource.create(config, {}, context) as source:
                source.prepare()
                self.records: list[Record] = list(source.next_record())
                self.status = source.get_status()
                self.statement_count = source.statement_count

    def of(self, kind: type[Any]) -> dict[str, Any]:
        """Records of a kind by name."""
        return {record.name: record for record in self.records if isinstance(record, kind)}

    @property
    def tables(self) -> dict[str, CreateTableRequest]:
        """Tables and views by name."""
        return self.of(CreateTableRequest)

    def columns(self, table: str) -> dict[str, Any]:
        """Columns of a table by name."""
        return {column.name: column for column in self.tables[table].columns}

    @property
    def warnings(self) -> list[str]:
        """What the status says, beside failures."""
        return [str(note.reason) for note in self.status.warnings]


_numbers = count(1)


@pytest.fixture
def schema(mariadb: MariaDb) -> Iterator[str]:
    """A new schema, gone after the test."""
    name = f"s{next(_numbers)}"
    mariadb.execute(f"CREATE DATABASE {name}")
    yield name
    mariadb.execute(f"DROP DATABASE {name}")


def test_types_are_told_in_full(mariadb: MariaDb, schema: str) -> None:
    """Every type keeps what it was declared with; `json` is no text."""
    declared = {
        "a": ("int(10) unsigned", "INT"),
        "b": ("int(5) unsigned zerofill", "INT"),
        "c": ("decimal(10,2)", "DECIMAL"),
        "d": ("bit(3)", "BIT"),
        "e": ("enum('a','b,c','it''s')", "ENUM"),
        "f": ("set('x','y')", "SET"),
        "g": ("json", "JSON"),
        "h": ("datetime(6)", "DATETIME"),
        "i": ("varchar(40)", "VARCHAR"),
        "j": ("mediumblob", "MEDIUMBLOB"),
        "k": ("geometrycollection", "GEOMETRY"),
        "l": ("longtext", "TEXT"),
        "m": ("uuid", "UUID"),
        "n": ("year(4)", "YEAR"),
    }
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in declared.items())
    mariadb.execute(f"CREATE TABLE {schema}.t ({columns})")
    found = Read(mariadb, databaseSchema=schema).columns("t")
    assert {
        name: (column.dataTypeDisplay, column.dataType.value) for name, column in found.items()
    } == declared
    assert (found["c"].precision, found["c"].scale, found["i"].dataLength) == (10, 2, 40)
