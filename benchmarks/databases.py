"""Large databases on real servers, for what reads them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import mariadb, postgres

SCHEMA_COUNT = 10
VIEW_SHARE = 11
"""One relation in so many is a view."""

_COLUMNS = """
  id bigint NOT NULL PRIMARY KEY, parent_id bigint, code varchar(40) NOT NULL,
  name varchar(200), note text, amount numeric(12,2) DEFAULT 0 NOT NULL, rate double precision,
  quantity integer DEFAULT 1, small smallint, is_active boolean DEFAULT true NOT NULL,
  born date, opened_at time, created_at {timestamp} NOT NULL, changed_at {timestamp},
  document {json}, picture {bytes}, price numeric(10,4), total bigint, country char(2),
  tag varchar(64)
"""
_VIEW = """
  SELECT a.id, a.code, a.name, a.amount, a.quantity, a.created_at, b.id AS other_id,
    b.code AS other_code, b.name AS other_name, a.amount + b.amount AS sum_amount,
    upper(a.country) AS country, coalesce(a.tag, b.tag) AS tag, b.total
  FROM {first} a JOIN {second} b ON b.id = a.parent_id WHERE a.is_active
"""
_POSTGRES = {"timestamp": "timestamptz", "json": "jsonb", "bytes": "bytea"}
_MARIADB = {"timestamp": "datetime", "json": "json", "bytes": "blob"}
_DUCKDB = {"timestamp": "timestamp", "json": "json", "bytes": "blob"}


@dataclass(frozen=True)
class Served:
    """A database that is up."""

    source: str
    """Name of the source that reads it."""
    config: dict[str, Any]
    url: str
    """For SQLAlchemy; empty if it has no dialect here."""
    relation_count: int
    cluster: postgres.Cluster | None = None
    name: str = ""


def _per_schema(relations: int) -> tuple[int, int]:
    """How many tables and views each schema has."""
    views = relations // VIEW_SHARE // SCHEMA_COUNT
    return relations // SCHEMA_COUNT - views, views


@contextlib.contextmanager
def postgres_server(work: Path) -> Iterator[postgres.Cluster]:
    """PostgreSQL 18 with defaults, but for what keeps it from writing to the disk."""
    folder = work / "server"
    folder.mkdir()
    settings = {"max_locks_per_transaction": "512", "shared_buffers": "128MB"}
    with postgres.running(folder, settings=settings) as cluster:
        yield cluster


def on_postgres(cluster: postgres.Cluster, relations: int) -> Served:
    """Tables with 20 columns, keys and comments, and views, in 10 schemas."""
    tables, views = _per_schema(relations)
    database = cluster.database()
    columns = _COLUMNS.format(**_POSTGRES)
    for number in range(SCHEMA_COUNT):
        schema = f"area_{number}"
        statements = [f"CREATE SCHEMA {schema}"]
        for table in range(tables):
            name = f"{schema}.table_{table:04}"
            other = f"REFERENCES {schema}.table_{max(0, table - 1):04}"
            statements += [
                f"CREATE TABLE {name} ({columns}, UNIQUE (code), FOREIGN KEY (parent_id) {other})",
                f"COMMENT ON TABLE {name} IS 'Table {table} of a benchmark'",
                f"COMMENT ON COLUMN {name}.amount IS 'What it costs, in euros'",
                f"COMMENT ON COLUMN {name}.created_at IS 'When it was first seen'",
            ]
        statements += [
            f"CREATE VIEW {schema}.view_{view:04} AS"
            + _VIEW.format(first=f"{schema}.table_{view:04}", second=f"{schema}.table_{view:04}")
            for view in range(views)
        ]
        database.run("; ".join(statements))
    database.run("ANALYZE")
    count = (tables + views) * SCHEMA_COUNT
    return Served(
        "postgres",
        database.config(),
        database.url("postgresql+psycopg"),
        count,
        cluster,
        database.name,
    )


def small_tables(cluster: postgres.Cluster, relations: int) -> Served:
    """Tables of 19 columns without keys, which a server makes fast."""
    database = cluster.database()
    columns = ", ".join(f"column_{number} integer" for number in range(19))
    for number in range(SCHEMA_COUNT):
        database.run(f"CREATE SCHEMA area_{number}")
        for begin in range(0, relations // SCHEMA_COUNT, 1000):
            end = min(begin + 1000, relations // SCHEMA_COUNT)
            database.run(
                "; ".join(
                    f"CREATE TABLE area_{number}.table_{table:05} ({columns})"
                    for table in range(begin, end)
                )
            )
    database.run("ANALYZE pg_catalog.pg_class; ANALYZE pg_catalog.pg_attribute")
    return Served("postgres", database.config(), "", relations, cluster, database.name)


@contextlib.contextmanager
def on_mariadb(relations: int) -> Iterator[Served]:
    """The same on MariaDB; raises `NoMariaDbError` if there is none."""
    tables, views = _per_schema(relations)
    columns = _COLUMNS.format(**_MARIADB)
    with mariadb.MariaDb() as server, server.connect() as session, session.cursor() as cursor:
        for number in range(SCHEMA_COUNT):
            schema = f"area_{number}"
            cursor.execute(f"CREATE DATABASE {schema}")
            for table in range(tables):
                name = f"{schema}.table_{table:04}"
                other = f"REFERENCES {schema}.table_{max(0, table - 1):04} (id)"
                cursor.execute(
                    f"CREATE TABLE {name} ({columns}, UNIQUE (code),"
                    f" FOREIGN KEY (parent_id) {other}) COMMENT 'Table {table} of a benchmark'"
                )
            for view in range(views):
                name = f"{schema}.table_{view:04}"
                query = _VIEW.format(first=name, second=name)
                cursor.execute(f"CREATE VIEW {schema}.view_{view:04} AS {query}")
        config = {
            "hostPort": server.host_port,
            "username": server.user,
            "authType": {"password": server.password},
        }
        url = f"mysql+pymysql://{server.user}:{server.password}@{server.host_port}/"
        yield Served("mariadb", config, url, (tables + views) * SCHEMA_COUNT)


def in_duckdb(file: Path, relations: int) -> Served:
    """The same in a file of DuckDB."""
    import duckdb

    tables, views = _per_schema(relations)
    columns = _COLUMNS.format(**_DUCKDB)
    with duckdb.connect(str(file)) as connection:
        for number in range(SCHEMA_COUNT):
            schema = f"area_{number}"
            connection.execute(f"CREATE SCHEMA {schema}")
            for table in range(tables):
                name = f"{schema}.table_{table:04}"
                other = f"REFERENCES {schema}.table_{max(0, table - 1):04} (id)"
                key = f", FOREIGN KEY (parent_id) {other}" if table else ""
                connection.execute(f"CREATE TABLE {name} ({columns}, UNIQUE (code){key})")
                connection.execute(f"COMMENT ON TABLE {name} IS 'Table {table} of a benchmark'")
            for view in range(views):
                name = f"{schema}.table_{view:04}"
                query = _VIEW.format(first=name, second=name)
                connection.execute(f"CREATE VIEW {schema}.view_{view:04} AS {query}")
    return Served("duckdb", {"path": str(file)}, "", (tables + views) * SCHEMA_COUNT)
