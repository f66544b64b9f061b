"""The `postgres` source: what it reads of a database, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from om_ingest import CreateTableRequest, Record, ScopeComplete, SourceStatus, WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import (
    AddSampleDataRequest,
    AddTableProfileRequest,
    CreateStoredProcedureRequest,
    CreateUserRequest,
    DataType,
)
from om_ingest_catalog import Catalog
from om_ingest_testing import SourceSuite

from tests.databases.latency import Proxy
from tests.databases.postgres import Cluster, Database, quoted

SHOP = """
    CREATE SCHEMA shop;
    COMMENT ON SCHEMA shop IS 'What is sold';
    CREATE TYPE shop.mood AS ENUM ('sad', 'it''s ok');
    CREATE DOMAIN shop.email AS varchar(80) CHECK (VALUE LIKE '%@%');
    CREATE TYPE shop.line AS (street text, "zip code" shop.email, moods shop.mood[]);
    CREATE TYPE shop.address AS (lines shop.line[], country char(2));
    CREATE TABLE shop.customer (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        email shop.email NOT NULL UNIQUE,
        mood shop.mood DEFAULT 'sad',
        home shop.address,
        price numeric(3, -2),
        paid boolean,
        name text GENERATED ALWAYS AS ('x' || 'y') STORED
    );
    CREATE TABLE shop.purchase (
        customer_id int REFERENCES shop.customer, no int, day date, PRIMARY KEY (customer_id, no)
    );
    INSERT INTO shop.customer (email, mood, home, price, paid)
        VALUES ('a@b', 'sad', ROW(ARRAY[ROW('s', 'z@z', NULL)::shop.line], 'DE'), 1234, true);
    CREATE VIEW shop.revenue (who) AS VALUES ('nobody');
    CREATE FUNCTION shop.f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';
    CREATE FUNCTION shop.f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE AGGREGATE shop.f(bigint) (SFUNC = int8pl, STYPE = bigint);
    CREATE PROCEDURE shop.p() LANGUAGE sql BEGIN ATOMIC INSERT INTO shop.purchase VALUES (1); END;
    COMMENT ON PROCEDURE shop.p() IS 'Buys';
    ANALYZE shop.customer;
"""


@dataclass(frozen=True)
class Read:
    """Everything that one run of the source gave."""

    records: list[Record]
    status: SourceStatus
    statement_count: int

    @property
    def tables(self) -> dict[str, CreateTableRequest]:
        """Tables and views by name."""
        return {r.name: r for r in self.records if isinstance(r, CreateTableRequest)}

    @property
    def scopes(self) -> set[tuple[str, str]]:
        """Scopes that are complete, with what is complete in them."""
        return {
            (r.scope_fqn, r.entity.entity_type)
            for r in self.records
            if isinstance(r, ScopeComplete)
        }

    def notes(self, sort: str) -> dict[str, str]:
        """Reasons of `warnings`, `failures` or `filtered` by key."""
        return {note.key: note.reason for note in getattr(self.status, sort)}


def read(config: dict[str, Any], users: tuple[str, ...] = (), **source_config: Any) -> Read:
    """Run the source, with an empty catalog that has some users."""
    with Catalog.temporary() as catalog:
        for user in users:
            catalog.create_or_update(CreateUserRequest(name=user, email=f"{user}@example.com"))
        settings = DatabaseSourceConfig.model_validate(source_config)
        ctx = WorkflowContext(catalog, "pg", source_config=settings)
        with PostgresSource.create(config, {}, ctx) as source:
            source.prepare()
            return Read(list(source.next_record()), source.get_status(), source.statement_count)


@pytest.fixture(scope="module")
def shop(postgres: Cluster) -> Iterator[Database]:
    """A database with some of everything; its tests only read."""
    database = postgres.database(SHOP)
    yield database
    database.drop()


@pytest.fixture(scope="class", autouse=True)
def config_of_suite(request: pytest.FixtureRequest, shop: Database) -> None:
    """The database that the suite reads."""
    if request.cls is not None:
        place = f"{shop.cluster.socket}:{shop.cluster.port}"  # which takes no password
        request.cls.config = shop.config(hostPort=place, authType=None)


@pytest.mark.full  # each run of it, DuckDB's suite shows that the shared reader keeps the contract
class TestPostgres(SourceSuite):
    source = PostgresSource


def test_types_that_have_a_name_are_told_with_what_they_stand_for(shop: Database) -> None:
    """Enums have their values, domains a base type, composite types members, at any depth."""
    columns = {column.name: column for column in read(shop.config()).tables["customer"].columns}
    mood, email, home = columns["mood"], columns["email"], columns["home"]
    assert mood.dataTypeDisplay == "shop.mood as enum ('sad', 'it''s ok')"
    assert email.dataTypeDisplay == "shop.email as character varying(80)"
    assert (email.dataType.value, email.dataLength) == ("VARCHAR", 80)
    lines, country = home.children or ()
    assert (lines.arrayDataType and lines.arrayDataType.value, country.dataLength) == ("STRUCT", 2)
    street, code, moods = lines.children or ()
    assert (street.dataType.value, code.name, code.dataLength) == ("TEXT", "zip code", 80)
    assert moods.arrayDataType is DataType.ENUM


def test_views_are_whole_statements_with_names_of_columns(shop: Database) -> None:
    """The names of columns are in the statement, also where only the view has them."""
    definition = str(read(shop.config()).tables["revenue"].schemaDefinition)
    assert definition.startswith("CREATE VIEW shop.revenue AS\n")
    assert "AS who" in definition


def test_overloaded_routines_have_their_arguments_in_their_names(shop: Database) -> None:
    """The oldest of a name is called by it alone, which no later one changes; aggregates have none.

    Each has its whole statement and comment.
    """
    records = read(shop.config()).records
    found = {r.name: r for r in records if isinstance(r, CreateStoredProcedureRequest)}
    assert set(found) == {"f", "f(text)", "p"}
    assert found["p"].description == "Buys"
    assert "INSERT INTO shop.purchase" in str(found["p"].storedProcedureCode.code)


def test_the_number_of_statements_and_round_trips_stays(postgres: Cluster, shop: Database) -> None:
    """However many tables there are, ten statements and a second at 100 ms latency do."""
    many = postgres.database(
        "DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format("
        "'CREATE TABLE t%s (a int PRIMARY KEY, b int REFERENCES t%s, c text)',"
        " i, i - (i > 1)::int); END LOOP; END $$"
    )
    with Proxy((postgres.host, postgres.port)) as proxy:
        config = many.config(hostPort=f"{proxy.host}:{proxy.port}")
        found = read(config)
    assert len(found.tables) == 100
    assert found.statement_count <= 10
    assert found.statement_count == read(shop.config()).statement_count
    assert proxy.round_trip_count < 40
    many.drop()


def test_names_are_kept_whatever_they_are(postgres: Cluster) -> None:
    """Dots, quotes, dollars, emoji, 62 bytes, upper case; tables without columns."""
    names = ["a.b", 'say "hi"', "$1", "🐘", "ü" * 31, "Upper", "upper", " ", "::", "x'y", "%s{a}"]
    script = "".join(f"CREATE SCHEMA {quoted(name)};" for name in names if name != "::")
    script += "".join(
        f"CREATE TABLE {quoted(schema)}.{quoted(name)} ({quoted(name)} int PRIMARY KEY, gone int,"
        f" other int REFERENCES {quoted(schema)}.{quoted(name)});"
        f"ALTER TABLE {quoted(schema)}.{quoted(name)} DROP COLUMN gone;"
        for schema in ("a.b", "🐘", "%s{a}")
        for name in names
    )
    database = postgres.database(script + "CREATE TABLE nothing (); CREATE VIEW empty AS SELECT")
    found = read(database.config(sampleCount=1))
    assert (found.status.failures, found.status.warnings) == ([], [])
    tables = [record for record in found.records if isinstance(record, CreateTableRequest)]
    assert len(tables) == 3 * len(names) + 2
    for table in tables:
        if table.name in ("nothing", "empty"):
            assert table.columns == []
            continue
        assert [column.name for column in table.columns] == [table.name, "other"]
        (foreign,) = table.tableConstraints or ()
        assert str((foreign.referredColumns or [""])[0]).startswith(f"{table.databaseSchema}.")
    database.drop()


def test_filters_leave_out_and_count(shop: Database, postgres: Cluster) -> None:
    """What a pattern or flag leaves out is counted; no key refers to it; scopes are complete."""
    found = read(
        shop.config(),
        useFqnForFiltering=True,
        tableFilterPattern={"excludes": [rf"pg\.{shop.name}\.shop\.customer$"]},
        schemaFilterPattern={"excludes": [r".*\.public$"]},
        includeViews=False,
        includeStoredProcedures=False,
    )
    assert set(found.tables) == {"purchase"}
    assert [one.constraintType for one in found.tables["purchase"].tableConstraints or ()] == [
        "PRIMARY_KEY"
    ]
    place = f"pg.{shop.name}"
    assert found.notes("filtered") == {
        f"{place}.public": "left out by schemaFilterPattern",
        f"{place}.shop.customer": "left out by tableFilterPattern",
        f"{place}.shop.revenue": "views are not included",
    }
    assert found.scopes == {(place, "databaseSchema"), (place, "table")}
    only = read(shop.config(databaseSchema="shop"))
    assert only.scopes == {(f"{place}.shop", "table"), (f"{place}.shop", "storedProcedure")}


def test_owners_are_those_that_the_catalog_knows(shop: Database) -> None:
    """An owner refers to a user of the catalog; one that it does not have is told, once."""
    found = read(shop.config(), users=("postgres",), includeOwners=True)
    table = found.tables["customer"]
    assert [owner.name for owner in table.owners or ()] == ["postgres"]
    assert list(found.notes("warnings")) == ["owner pg_database_owner"]
    assert read(shop.config(), includeOwners=True).tables["customer"].owners is None


def test_statements_of_tables_create_them_again(postgres: Cluster, shop: Database) -> None:
    """With `includeDDL`, a table's statement makes the same table in another database."""
    tables = read(shop.config(), includeDDL=True).tables
    types = SHOP[: SHOP.index("CREATE TABLE")]
    again = postgres.database(types + str(tables["customer"].schemaDefinition))
    again.run(str(tables["purchase"].schemaDefinition))
    copies = read(again.config(), includeDDL=True).tables
    for name in ("customer", "purchase"):
        assert copies[name].schemaDefinition == tables[name].schemaDefinition
        assert copies[name].columns == tables[name].columns
    again.drop()


def test_samples_and_row_counts_are_read_on_request(shop: Database) -> None:
    """Values are as PostgreSQL prints them; numbers and truth values stay what they are."""
    records = read(shop.config(sampleCount=2, rowCounts=True)).records
    samples = [r for r in records if isinstance(r, AddSampleDataRequest)]
    sample = next(
        r.sampleData for r in samples if str(r.target.name or r.target) and r.sampleData.rows
    )  # type: ignore[union-attr]  # of tables
    assert sample.rows == [  # type: ignore[union-attr]  # of tables
        [1, "a@b", "sad", '("{""(s,z@z,)""}",DE)', "1200", True, "xy"]
    ]
    profiles = [r for r in records if isinstance(r, AddTableProfileRequest)]
    assert {str(r.table).rpartition(".")[2]: r.profile.tableProfile.rowCount for r in profiles} == {
        "customer": 1
    }


def test_what_the_user_may_not_read_is_said(postgres: Cluster, shop: Database) -> None:
    """The catalogue tells tables without grants; samples that are missing are counted."""
    user = postgres.role()
    found = read(shop.config(username=user, sampleCount=1))
    assert set(found.tables) == {"customer", "purchase", "revenue"}
    (reason,) = found.notes("warnings").values()
    assert reason == (
        f'3 samples of tables and views may not be read: GRANT USAGE ON SCHEMA "shop" TO "{user}";'
        f' GRANT SELECT ON ALL TABLES IN SCHEMA "shop" TO "{user}"'
    )


def test_a_database_without_a_schema_proves_nothing(postgres: Cluster) -> None:
    """Who sees no schema at all may have lost his rights: nothing is complete, and that is said."""
    database = postgres.database("DROP SCHEMA public")
    found = read(database.config())
    assert (found.scopes, list(found.notes("warnings"))) == (set(), [f"pg.{database.name}"])
    database.drop()


def test_every_database_is_read_or_named(postgres: Cluster, shop: Database) -> None:
    """Templates are filtered; one that the user may not connect to is told, with the grant."""
    closed = postgres.database()
    postgres.run(f"REVOKE CONNECT ON DATABASE {closed.name} FROM PUBLIC")
    user = postgres.role()
    names = f"(template1|{shop.name}|{closed.name})$"
    found = read(
        shop.config(username=user, ingestAllDatabases=True, database="postgres"),
        databaseFilterPattern={"includes": [names]},
    )
    assert "customer" in found.tables
    assert found.notes("filtered")["pg.template1"] == "it is a template"
    (told,) = found.notes("warnings").values()
    assert f'GRANT CONNECT ON DATABASE "{closed.name}" TO "{user}"' in told
    assert ("pg", "database") in found.scopes
    closed.drop()


@pytest.mark.parametrize(
    ("encoding", "name", "read_as"),
    [("SQL_ASCII", r"\xe9", "é"), ("LATIN1", r"\xe9", "é"), ("EUC_JP", r"\xc6\xfc", "日")],
)
def test_encodings_other_than_utf8(
    postgres: Cluster, encoding: str, name: str, read_as: str
) -> None:
    """Names and values come out as text, and all rows in their order, whatever their bytes are.

    Samples have the columns that are delivered, and the beginnings of large values.
    """
    database = f"in_{encoding.lower()}"
    postgres.run(
        f"CREATE DATABASE {database} ENCODING '{encoding}' TEMPLATE template0"
        " LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    with postgres.connect(database, client_encoding=encoding) as session:
        for begin in (b"a", b"z", b"B"):
            raw = begin + name.encode().decode("unicode_escape").encode("latin-1")
            session.execute(
                b'CREATE TABLE "%s" ("%s" int PRIMARY KEY, b text, "B" text);'
                b"INSERT INTO \"%s\" VALUES (1, '%s' || repeat('x', 5000), '')"
                % (raw, raw, raw, raw)
            )
    found = read({**Database(postgres, database).config(), "sampleCount": 1})
    assert not found.status.failures
    assert {name: [c.name for c in table.columns] for name, table in found.tables.items()} == {
        f"{begin}{read_as}": [f"{begin}{read_as}", "b"] for begin in "azB"
    }
    samples = [r.sampleData for r in found.records if isinstance(r, AddSampleDataRequest)]
    assert {sample.rows[0][1][:2] for sample in samples} == {f"{begin}{read_as}" for begin in "azB"}  # type: ignore[union-attr,index]  # of tables
    assert {len(sample.rows[0]) for sample in samples} == {2}  # type: ignore[union-attr,index]  # as above
    postgres.run(f"DROP DATABASE {database}")
