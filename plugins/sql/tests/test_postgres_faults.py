"""The `postgres` source while a database changes, or ends: what is lost, and what is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from om_ingest import CreateTableRequest, ScopeComplete, SourceError, WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import StoredProcedure, Table
from om_ingest_catalog import Catalog

from tests.databases.latency import Proxy
from tests.databases.postgres import Cluster, Database

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
        end_sessions(database)
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


def test_one_of_several_databases_that_ends_costs_itself(postgres: Cluster) -> None:
    """A database whose session is ended is a failure; the next is read, and is complete."""
    first, second = postgres.database(WIDE), postgres.database("CREATE TABLE t (x int)")
    names = f"({first.name}|{second.name})$"
    settings = DatabaseSourceConfig.model_validate({"databaseFilterPattern": {"includes": [names]}})
    config = first.config(database="postgres", ingestAllDatabases=True)
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "pg", source_config=settings)
        with PostgresSource.create(config, {}, context) as source:
            source.prepare()
            records = []
            for record in source.next_record():
                records.append(record)
                if isinstance(record, CreateTableRequest) and record.name == "t1":
                    end_sessions(first)
        status = source.get_status()
    scopes = [record for record in records if isinstance(record, ScopeComplete)]
    assert {scope.scope_fqn for scope in scopes} == {"pg", f"pg.{second.name}"}
    (failure,) = status.failures
    assert failure.key == f"pg.{first.name}"
    assert re.search(r"Cannot read PostgreSQL at .*[^.]\. \w.*\.$", failure.reason)
    first.drop()
    second.drop()


def end_sessions(database: Database) -> None:
    """End the sessions of the source with a database."""
    database.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        f" WHERE datname = '{database.name}' AND application_name = 'om-ingest'"
    )


def test_what_is_gone_is_marked_as_deleted(postgres: Cluster, flow: Flow) -> None:
    """Tables and routines that were dropped are, with those of a dropped schema; others stay.

    So it is beside things that OpenMetadata cannot hold, which are warnings.
    """
    database = postgres.database(
        "CREATE TABLE stays (x int); CREATE TABLE goes (x int); CREATE TABLE hidden (x int);"
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE SCHEMA old; CREATE TABLE old.t (x int);"
        'CREATE TABLE stays_too (a int, "A" int); CREATE TABLE "x\u2028y" (); CREATE SCHEMA "a\nb";'
    )
    source = {"type": "postgres", "serviceName": "pg", "config": database.config()}
    workflow = {"source": source, "sink": {"type": "catalog", "config": {"path": "out.db"}}}
    assert flow.run(workflow).exit_code == 0
    assert count_of_tables() == 5
    database.run("DROP TABLE goes; DROP FUNCTION f; DROP SCHEMA old CASCADE")
    filtered = {"tableFilterPattern": {"excludes": ["hidden"]}}
    source["sourceConfig"] = {"config": {"type": "DatabaseMetadata", **filtered}}
    report = flow.run(workflow, allow_mass_delete=True)
    assert (report.exit_code, report.source_status.warning_count) == (0, 3)
    with Catalog("out.db") as catalog:
        place = f"pg.{database.name}.public"
        kept = [f"{place}.{name}" for name in ("hidden", "stays", "stays_too")]
        assert list(catalog.list_fqns(Table)) == kept
        assert list(catalog.list_fqns(StoredProcedure)) == []
    database.drop()


def count_of_tables() -> int:
    with Catalog("out.db") as catalog:
        return len(list(catalog.list_fqns(Table)))
