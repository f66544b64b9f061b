"""The `postgres` source while a database changes, or ends: what is lost, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from om_ingest import CreateTableRequest, SourceError, WorkflowContext
from om_ingest.model import StoredProcedure, Table
from om_ingest_catalog import Catalog

from tests.databases.latency import Proxy
from tests.databases.postgres import Cluster

if TYPE_CHECKING:
    from conftest import Flow

WIDE = (
    "DO $$ DECLARE columns text; BEGIN SELECT string_agg(format('c%s int', i), ', ') INTO columns"
    " FROM generate_series(1, 600) i;"
    " FOR i IN 1..14 LOOP EXECUTE format('CREATE TABLE t%s (%s)', i, columns); END LOOP; END $$"
)
"""More columns than are fetched ahead of the first table."""


def test_what_is_dropped_meanwhile_is_delivered_as_it_was(postgres: Cluster) -> None:
    """A run sees the database as it was at its beginning; a view that is gone has no definition."""
    database = postgres.database(
        "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE z (x int);"
        "CREATE VIEW gone AS SELECT x FROM a; CREATE VIEW stays AS SELECT x FROM z;"
        "CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM a; END"
    )
    with Catalog.temporary() as catalog:
        with PostgresSource.create(database.config(), {}, WorkflowContext(catalog, "pg")) as source:
            source.prepare()
            database.run("DROP TABLE a CASCADE; CREATE TABLE later (x int)")
            records = list(source.next_record())
        status = source.get_status()
    tables = {record.name: record for record in records if isinstance(record, CreateTableRequest)}
    assert set(tables) == {"a", "z", "gone", "stays"}
    assert (len(tables["gone"].columns), tables["gone"].schemaDefinition) == (1, None)
    assert tables["stays"].schemaDefinition == (
        "CREATE VIEW public.stays AS\n SELECT x\n   FROM public.z;"
    )
    assert not status.failures
    assert [note.reason.partition(":")[0] for note in status.warnings] == [
        "1 definitions of views may not be read"
    ]
    database.drop()


def test_a_session_that_is_ended_is_told_in_one_line(postgres: Cluster) -> None:
    """What was read is delivered before the source fails with where, why, and what to do."""
    database = postgres.database(WIDE)
    with (
        Catalog.temporary() as catalog,
        PostgresSource.create(database.config(), {}, WorkflowContext(catalog, "pg")) as source,
    ):
        source.prepare()
        records = iter(source.next_record())
        while not isinstance(next(records), CreateTableRequest):
            pass
        database.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            f" WHERE datname = '{database.name}' AND application_name = 'om-ingest'"
        )
        with pytest.raises(SourceError, match=r"(?s)Cannot read PostgreSQL at .*--resume"):
            list(records)
    database.drop()


def test_resume_completes_what_a_cut_connection_began(postgres: Cluster, flow: Flow) -> None:
    """A run whose connection is cut fails; `--resume` delivers all of it, and nothing twice."""
    database = postgres.database(WIDE)
    with Proxy((postgres.host, postgres.port), cut_after_bytes=250_000, cuts=1) as proxy:
        place = f"{proxy.host}:{proxy.port}"
        workflow = {
            "source": {
                "type": "postgres",
                "serviceName": "pg",
                "config": database.config(hostPort=place, sslMode="disable"),
            },
            "sink": {"type": "catalog", "config": {"path": "out.db"}},
        }
        first = flow.run(workflow)
        begun = count_of_tables()
        second = flow.run(workflow, resume=True)
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert 0 < begun < count_of_tables() == 14
    database.drop()


def test_what_is_gone_is_marked_as_deleted(postgres: Cluster, flow: Flow) -> None:
    """Tables and routines that were dropped are, with those of a dropped schema; others stay."""
    database = postgres.database(
        "CREATE TABLE stays (x int); CREATE TABLE goes (x int); CREATE TABLE hidden (x int);"
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE SCHEMA old; CREATE TABLE old.t (x int)"
    )
    source = {"type": "postgres", "serviceName": "pg", "config": database.config()}
    workflow = {"source": source, "sink": {"type": "catalog", "config": {"path": "out.db"}}}
    assert flow.run(workflow).exit_code == 0
    assert count_of_tables() == 4
    database.run("DROP TABLE goes; DROP FUNCTION f; DROP SCHEMA old CASCADE")
    filtered = {"tableFilterPattern": {"excludes": ["hidden"]}}
    source["sourceConfig"] = {"config": {"type": "DatabaseMetadata", **filtered}}
    assert flow.run(workflow, allow_mass_delete=True).exit_code == 0
    with Catalog("out.db") as catalog:
        place = f"pg.{database.name}.public"
        assert list(catalog.list_fqns(Table)) == [f"{place}.hidden", f"{place}.stays"]
        assert list(catalog.list_fqns(StoredProcedure)) == []
    database.drop()


def count_of_tables() -> int:
    with Catalog("out.db") as catalog:
        return len(list(catalog.list_fqns(Table)))
