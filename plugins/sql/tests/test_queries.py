"""The queries that servers have counted: `queryLog` of the sources `postgres` and `mariadb`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.reader.queries import (
    QueryLog,
    QueryRow,
    is_wanted,
    requests,
)

from tests.databases.mariadb import MariaDb
from tests.databases.postgres import PASSWORD, Cluster, Database, running

DAY = date(2026, 1, 31)
LONG_AGO = datetime(2025, 1, 1, tzinfo=timezone.utc)


def executions(
    rows: dict[str, int],
    state: dict[str, Any],
    days: int = 0,
    since: datetime = LONG_AGO,
    limit: int = 9,
) -> dict[str, int]:
    """What a run counts for each text, so many days after the first one; 0 is unknown or none."""
    today = DAY + timedelta(days)
    counted = (QueryRow("db", None, text, calls, None, since) for text, calls in rows.items())
    made = requests(counted, "shop", "postgres", QueryLog(limit=limit), state, today)
    return {record.query: record.executions.get(today.isoformat(), 0) for record in made}


def test_executions_are_what_came_since_an_earlier_day() -> None:
    """The first run knows no day; later ones count from the last run of an earlier day on."""
    state: dict[str, Any] = {}
    assert executions({"a": 1000, "b": 5}, state) == {"a": 0, "b": 0}
    assert executions({"a": 1010, "b": 5, "new": 2}, state, 1) == {"a": 10, "b": 0, "new": 2}
    # A second run of the day counts the whole day, because it sets the count of the day.
    assert executions({"a": 1300, "b": 6}, state, 1) == {"a": 300, "b": 1}
    assert executions({"a": 1301, "b": 2}, state, 2) == {"a": 1, "b": 2}  # b: counted anew


def test_executions_that_began_today_are_all_of_today() -> None:
    """Where the server tells that it began to count today, no earlier run is needed."""
    today = datetime(2026, 1, 31, 3, tzinfo=timezone.utc)
    assert executions({"a": 7}, {}, since=today) == {"a": 7}


def test_a_query_that_was_beyond_the_limit_is_not_new() -> None:
    """A query that an earlier run may have left out has no count."""
    state: dict[str, Any] = {}
    executions({"a": 10, "b": 9}, state, limit=2)
    assert executions({"a": 11, "c": 10}, state, 1, limit=2) == {"a": 1, "c": 0}


def test_the_counts_of_two_thousand_queries_fit_into_the_state_of_a_job() -> None:
    """The state may have 64 kB; counts go up to billions."""
    state: dict[str, Any] = {}
    rows = {f"SELECT {n}": 4_000_000_000 + n for n in range(2000)}
    for day in range(2):
        executions(rows, state, day, limit=2000)
    assert len(str(state)) < 56_000
    assert set(executions(rows, state, 2, limit=2000).values()) == {0}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT a FROM t", True),
        ("/* x */ -- y\n(SELECT a FROM t)", True),
        ("CREATE TABLE t AS SELECT a FROM b", True),
        ("CREATE TABLE t (a int)", False),
        ("SELECT 1", False),
        ("SELECT * FROM pg_catalog.pg_class", False),
        ("SELECT * FROM `mysql` . `user`", False),
        ("SELECT typname FROM pg_type", False),
        ('SELECT * FROM "s"."t" AS om_ingest_sample LIMIT $1', False),
        ("SET x = 1", False),
        ("", False),
    ],
)
def test_only_statements_on_tables_are_read(text: str, wanted: bool) -> None:
    """Utility statements, and those on the catalogue of the system, are left out."""
    assert is_wanted(text) is wanted


COUNTED = """
CREATE TABLE src (a int);
CREATE SCHEMA stats;
CREATE TABLE stats.counted AS SELECT d.oid AS dbid, q.* FROM pg_database d, (VALUES
  (10, 'SELECT a FROM src WHERE a = $1', 5, 10.0::float8),
  (11, 'SELECT a FROM src WHERE a = $1', 1, 2.0),
  (10, 'VACUUM', 50, 1.0),
  (11, '<insufficient privilege>', 7, 1.0), (11, '<insufficient privilege>', 3, 1.0)
) AS q (userid, query, calls, total_exec_time) WHERE d.datname IN (current_database(), 'postgres');
"""


def flow_of(config: dict[str, Any], kind: str = "postgres") -> dict[str, Any]:
    """A workflow that reads queries into a file."""
    source = {"type": kind, "serviceName": "shop", "config": {**config, "queryLog": {}}}
    return {"source": source, "sink": {"type": "jsonl", "config": {"path": "out.jsonl"}}}


def queries(flow: Any) -> list[dict[str, Any]]:
    """The queries that a run delivered."""
    return [line["record"] for line in flow.records() if line["type"] == "query"]


def remarks(report: Any) -> list[str]:
    """What a run said about queries."""
    return [note.reason for note in report.source_status.warnings if "queryLog" in note.key]


@pytest.fixture(scope="module")
def database(postgres: Cluster) -> Iterator[Database]:
    """A database with counted queries."""
    made = postgres.database(COUNTED)
    yield made
    made.drop()


def test_counted_queries_of_a_database(flow: Any, database: Database) -> None:
    """Queries are added up over users; those of other databases are left out, hidden ones told."""
    report = flow.run(flow_of(database.config(queryStatementSource="stats.counted")))
    assert report.state == "success"
    (query,) = queries(flow)
    assert query["query"] == "SELECT a FROM src WHERE a = $1"
    assert query["duration"] == pytest.approx(0.002)
    (said,) = remarks(report)
    assert said.startswith("2 queries of other users are hidden: GRANT pg_read_all_stats TO")


def test_a_server_without_statistics_is_told_how_to_get_them(flow: Any, database: Database) -> None:
    """The run succeeds, with one warning that tells all steps."""
    report = flow.run(flow_of(database.config()))
    assert report.state == "success"
    (said,) = remarks(report)
    assert "shared_preload_libraries" in said
    assert "CREATE EXTENSION pg_stat_statements" in said


@pytest.mark.full
def test_pg_stat_statements(flow: Any, tmp_path: Path) -> None:
    """So it is with the extension itself, of PostgreSQL 15."""
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with running(tmp_path, "15", "statements", settings) as cluster:
        database = cluster.database("CREATE EXTENSION pg_stat_statements; CREATE TABLE src (a int)")
        for number in range(3):
            database.run(f"SELECT a FROM src WHERE a IN ({number}, 2)")
        assert flow.run(flow_of(database.config())).state == "success"
        assert [q["query"] for q in queries(flow)] == ["SELECT a FROM src WHERE a IN ($1, $2)"]
        reader = cluster.role()
        config = database.config(username=reader, authType={"password": PASSWORD})
        (said,) = remarks(flow.run(flow_of(config)))
        assert f'GRANT pg_read_all_stats TO "{reader}"' in said


@pytest.mark.mariadb
def test_digests_of_mariadb(flow: Any) -> None:
    """Lists of values are one value, what is cut is told, and so is a right that is missing."""
    with MariaDb(options=("--performance-schema=ON",)) as server:
        columns = ", ".join(f"a AS a_rather_long_alias_{n}" for n in range(60))
        server.execute(
            "CREATE DATABASE shop", "CREATE USER reader", "GRANT SELECT ON shop.* TO reader"
        )
        server.execute(
            "CREATE TABLE src (a int)",
            "INSERT INTO src VALUES (1), (2)",
            "SELECT a FROM src WHERE a IN (1, 2, 3)",
            f"SELECT {columns} FROM src",
            database="shop",
        )
        login = {"hostPort": server.host_port, "username": server.user, "password": server.password}
        report = flow.run(flow_of(login, "mariadb"))
        assert sorted(q["query"] for q in queries(flow)) == [
            "INSERT INTO `src` VALUES (?)",
            "SELECT `a` FROM `src` WHERE `a` IN (?)",
        ]
        (said,) = remarks(report)
        assert said.startswith("1 queries are longer than what the server keeps of them")
        login = {**login, "username": "reader", "password": ""}
        (said,) = remarks(flow.run(flow_of(login, "mariadb")))
        assert "GRANT SELECT ON performance_schema.* TO" in said


@pytest.mark.mariadb
def test_a_server_that_counts_nothing(flow: Any, mariadb: MariaDb) -> None:
    """MariaDB's performance schema is off by default: that is told with the setting."""
    login = {"hostPort": mariadb.host_port, "username": mariadb.user, "password": mariadb.password}
    (said,) = remarks(flow.run(flow_of(login, "mariadb")))
    assert "performance_schema = ON" in said
