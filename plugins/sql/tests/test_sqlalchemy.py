"""The `sqlalchemy` source over SQLite, PostgreSQL, and dialects that do only a part of the work."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from metadata.ingestion.source.database.sql_databases.sqlalchemy.source import (
    SqlalchemyConfig,
    SqlalchemySource,
)
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    OmIngestError,
    Record,
    ScopeComplete,
    Source,
    SourceStatus,
    WorkflowContext,
)
from om_ingest.model import AddSampleDataRequest, DatabaseSchema, Table
from om_ingest_catalog import Catalog
from om_ingest_testing import SourceSuite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from tests.databases.postgres import Database

SHOP = """
    CREATE TABLE customer (
        id INTEGER PRIMARY KEY, region VARCHAR(20) NOT NULL, born DATE, score REAL,
        twice INTEGER GENERATED ALWAYS AS (id * 2) STORED,
        CONSTRAINT one_each UNIQUE (region, born));
    CREATE TABLE purchase (
        id BIGINT, line INTEGER, customer INTEGER REFERENCES customer (id),
        price DECIMAL(10, 2), PRIMARY KEY (id, line));
    CREATE UNIQUE INDEX one_born ON customer (born, score);
    CREATE UNIQUE INDEX one_north ON customer (score) WHERE region = 'north';
    CREATE UNIQUE INDEX one_lower ON customer (lower(region));
    CREATE VIEW revenue AS SELECT customer, sum(price) AS total FROM purchase GROUP BY customer;
    INSERT INTO customer (id, region) VALUES (1, 'north');
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite."""
    path = tmp_path_factory.mktemp("sqlalchemy") / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SHOP)
    return path


@pytest.fixture(scope="class", autouse=True)
def config_of_suite(request: pytest.FixtureRequest, shop: Path) -> None:
    """The URL that the suite reads."""
    if request.cls is not None:
        request.cls.config = {"url": f"sqlite:///{shop}"}


@pytest.mark.full
class TestSqlalchemy(SourceSuite):  # by default, other sources show it for the same reader
    source = SqlalchemySource


class Read:
    """What one run of a source gave."""

    def __init__(self, config: dict[str, Any], kind: type[Source] = SqlalchemySource) -> None:
        with (
            Catalog.temporary() as catalog,
            kind.create(config, {}, WorkflowContext(catalog, "svc")) as source,
        ):
            source.prepare()
            self.records: list[Record] = list(source.next_record())
            self.status: SourceStatus = source.get_status()

    def of(self, kind: type[Any]) -> list[Any]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def tables(self) -> dict[str, Any]:
        """Tables and views by name, as documents."""
        return {
            table.name: table.model_dump(mode="json", exclude_none=True)
            for table in self.of(CreateTableRequest)
        }

    @property
    def warnings(self) -> list[str]:
        return [f"{note.key}: {note.reason}" for note in self.status.warnings]


def test_what_sqlalchemy_reflects(shop: Path) -> None:
    """Names, types with sizes, keys, views with statements, samples; the statements are counted."""
    result = Read({"url": f"sqlite:///{shop}", "sampleCount": 1})
    (service,) = result.of(CreateDatabaseServiceRequest)
    assert service.serviceType == "SQLite"
    assert [d.name for d in result.of(CreateDatabaseRequest)] == ["shop"]
    assert [s.name for s in result.of(CreateDatabaseSchemaRequest)] == ["main"]
    tables = result.tables
    assert [
        (c["name"], c["dataType"], c["dataTypeDisplay"], c.get("constraint"))
        for c in tables["customer"]["columns"]
    ] == [
        ("id", "INT", "INTEGER", "PRIMARY_KEY"),
        ("region", "VARCHAR", "VARCHAR(20)", "NOT_NULL"),
        ("born", "DATE", "DATE", None),
        ("score", "FLOAT", "REAL", None),
        ("twice", "INT", "INTEGER", None),
    ]
    assert tables["customer"]["tableConstraints"] == [
        {"constraintType": "UNIQUE", "columns": ["born", "score"]},
        {"constraintType": "UNIQUE", "columns": ["region", "born"]},
    ]
    assert tables["purchase"]["tableConstraints"] == [
        {"constraintType": "PRIMARY_KEY", "columns": ["id", "line"]},
        {
            "constraintType": "FOREIGN_KEY",
            "columns": ["customer"],
            "referredColumns": ["svc.shop.main.customer.id"],
            "relationshipType": "MANY_TO_ONE",
        },
    ]
    price = tables["purchase"]["columns"][3]
    assert (price["precision"], price["scale"]) == (10, 2)
    assert tables["revenue"]["tableType"] == "View"
    assert tables["revenue"]["schemaDefinition"].startswith("CREATE VIEW revenue AS SELECT")
    assert result.of(AddSampleDataRequest)[0].sampleData.rows == [[1, "north", None, None, 2]]
    (taken,) = [text for text in result.warnings if "statements for" in text]
    assert int(taken.split("took ")[1].split()[0]) > 10
    assert "for 3 tables and views" in taken
    scopes = {(one.scope_fqn, one.entity) for one in result.of(ScopeComplete)}
    assert {("svc.shop", DatabaseSchema), ("svc.shop", Table)} <= scopes


def test_postgresql_is_read_as_by_its_own_source(postgres_database: Database) -> None:
    """Types, comments and keys of PostgreSQL are those of the source `postgres`; that is named."""
    postgres_database.run(
        """CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('sad', 'it''s ok');
        CREATE DOMAIN other.positive AS integer CHECK (VALUE > 0);
        CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m other.mood,
            p other.positive, a text[], n numeric(12,4), z timestamptz, j jsonb,
            u uuid NOT NULL UNIQUE);
        CREATE UNIQUE INDEX ON t (n, z); CREATE UNIQUE INDEX ON t (a) WHERE n > 0;
        CREATE TABLE other.c (t bigint REFERENCES t (id));
        CREATE MATERIALIZED VIEW other.m AS SELECT t FROM other.c;
        COMMENT ON TABLE t IS 'the T'; COMMENT ON COLUMN t.m IS 'how it is'"""
    )
    config = {"url": postgres_database.url("postgresql+psycopg")}
    ours, theirs = Read(config).tables, Read(postgres_database.config(), PostgresSource).tables
    for table in (*ours.values(), *theirs.values()):
        for column in table["columns"]:
            shown = column["dataTypeDisplay"].lower().replace(", ", ",")
            column["dataTypeDisplay"] = shown.removeprefix("other.positive as ")  # not in 2.0.0
        if "schemaDefinition" in table:
            table["schemaDefinition"] = " ".join(table["schemaDefinition"].split())
    assert [ours[name] for name in "ctm"] == [theirs[name] for name in "ctm"]
    with Catalog.temporary() as catalog:
        source = SqlalchemySource.create(config, {}, WorkflowContext(catalog, "svc"))
        slow, without = source.limits()
    assert "the source postgres reads the same database" in slow
    assert "includeStoredProcedures" in without


class Partial(SQLiteDialect_pysqlite):
    """Three schemas that are one file, one table that cannot be reflected, no keys, no views."""

    name = "partial"
    supports_statement_cache = True
    calls: ClassVar[list[tuple[str, str]]] = []

    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:
        return ["c_none", "a", "b", "information_schema"]

    def get_table_names(self, connection: Any, schema: Any = None, **kw: Any) -> list[str]:
        self.calls.append(("tables", schema))
        return [] if schema == "c_none" else super().get_table_names(connection, "main", **kw)

    def get_view_names(self, connection: Any, schema: Any = None, **kw: Any) -> list[str]:
        return [] if schema == "c_none" else super().get_view_names(connection, "main", **kw)

    def get_columns(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:
        if table_name == "purchase" and schema == "a":
            raise KeyError("no type 99")
        self.calls.append((table_name, schema))
        return super().get_columns(connection, table_name, "main", **kw)

    def get_view_definition(self, connection: Any, view_name: str, *a: Any, **kw: Any) -> Any:
        raise NotImplementedError

    get_foreign_keys = get_pk_constraint = get_unique_constraints = get_view_definition


@pytest.fixture
def partial() -> Iterator[type[Partial]]:
    """The dialect `partial`, installed."""
    module = ModuleType("partial_dialect")
    module.Partial = Partial  # type: ignore[attr-defined]  # as a module of a package has it
    sys.modules[module.__name__] = module
    registry.register("partial", module.__name__, "Partial")
    Partial.calls.clear()
    yield Partial
    del sys.modules[module.__name__]
    registry.impls.pop("partial", None)


def test_a_dialect_that_does_only_a_part(shop: Path, partial: type[Partial]) -> None:
    """What it lacks is said once, one table that raises costs only itself, and a schema with
    such a table is read table by table.
    """
    result = Read({"url": f"partial:///{shop}"})
    assert [s.name for s in result.of(CreateDatabaseSchemaRequest)] == ["a", "b", "c_none"]
    assert [f"{t.databaseSchema}.{t.name}" for t in result.of(CreateTableRequest)] == [
        *("svc.shop.a.customer", "svc.shop.a.revenue"),
        *("svc.shop.b.customer", "svc.shop.b.purchase", "svc.shop.b.revenue"),
    ]
    assert [(note.key, note.reason) for note in result.status.failures] == [
        ("svc.shop.a.purchase", "SQLAlchemy cannot reflect its columns: 'no type 99'")
    ]
    missing = ("comments", "foreign keys", "primary keys", "statements of views", "unique keys")
    lacks = "svc.shop: the dialect partial of SQLAlchemy does not give"
    hides = "are left out, if there are any: no dialect of SQLAlchemy tells, so nothing is taken"
    assert sorted(text for text in result.warnings if "statements for" not in text) == [
        "svc.shop.a: columns are read table by table, because SQLAlchemy says: 'no type 99'",
        f"svc.shop: schemas that the user may not see {hides} for gone from partial",
        f"svc.shop: tables and views that the user may not see {hides} for gone from partial",
        *(f"{lacks} {what}" for what in missing),
        "svc.shop: what is gone from it is marked as deleted only where nothing failed",
    ]
    assert not result.of(ScopeComplete)  # it may have users


def test_every_schema_is_reflected_once(shop: Path, partial: type[Partial]) -> None:
    """Whatever the schemas hold, each is reflected once, one after the other."""
    result = Read({"url": f"partial:///{shop}", "schemas": "c_none, b, nowhere, a"})
    columns = [call for call in partial.calls if call[0] == "revenue"]
    assert columns == [("revenue", "a"), ("revenue", "b")]
    assert "svc: there is no schema 'nowhere': see schemas" in result.warnings


def refusal(**config: Any) -> OmIngestError:
    """The error with which the source does not start."""
    with pytest.raises(OmIngestError) as caught:
        Read(config)
    assert not Path("no such.db").exists()
    assert caught.value.remedy
    assert "s3cret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("localhost/db", 2, "is no URL of SQLAlchemy"),
        ("postgresql+psycopg://u:s3cret@h:port/db", 2, "cannot take the url apart"),
        ("nothing://u:s3cret@h/db", 3, "no dialect nothing"),
        ("trino://u:s3cret@h/db", 3, "pip install 'trino[sqlalchemy]'"),
        ("mssql+pymssql://u:s3cret@h/db", 3, "No module named 'pymssql'"),
        ("postgresql+psycopg://u:s3cret@127.0.0.1:1/db", 1, "postgresql at 127.0.0.1:1"),
        ("sqlite:////none/such/file.db", 1, "unable to open database file"),
        ("sqlite:///no such.db", 1, "unable to open database file"),
    ],
)
def test_urls_that_cannot_be_used(url: str, code: int, words: str) -> None:
    """Bad URLs, dialects and drivers that are missing, servers and files that are not there."""
    error = refusal(url=url)
    assert error.exit_code == code
    assert words in str(error)


def test_arguments_that_the_driver_does_not_take(shop: Path) -> None:
    """A wrong parameter of the driver is a mistake in the workflow file."""
    error = refusal(url=f"sqlite:///{shop}", connect_args={"nonsense": 1})
    assert "connectArgs" in error.what
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("url", "kept", "password", "options"),
    [
        ("mssql://u:s3cret@h:1/db?driver=x", "mssql://u@h:1/db?driver=x", "s3cret", {}),
        ("x://u:s3cret%2F@a/b@h/db", "x://u@h/db", "s3cret/@a/b", {}),
        ("x://h/db?token=s3cret&a=b", "x://h/db?a=b", None, {"token": "s3cret"}),
        ("x://u@h/db", "x://u@h/db", None, {}),
        ("sqlite:////a:b@c.db", "sqlite:////a:b@c.db", None, {}),
    ],
)
def test_secrets_are_taken_out_of_the_url(
    url: str, kept: str, password: str | None, options: dict[str, str]
) -> None:
    """Passwords and secret options are secrets of the config; the rest may be shown."""
    config = SqlalchemyConfig.model_validate({"url": url})
    assert config.url == kept
    assert (config.password and config.password.get_secret_value()) == password
    assert {k: v.get_secret_value() for k, v in config.secretOptions.items()} == options
    assert "s3cret" not in f"{config!r} {config.model_dump_json()}"


def test_products_by_dialect() -> None:
    """The type of the service is the product of the dialect, or else a custom database."""
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc")
        for url, expected in (("mssql+pymssql://h/db", "Mssql"), ("iris://h/db", "CustomDatabase")):
            source = SqlalchemySource.create({"url": url}, {}, context)
            assert source.service_type == expected
