"""What names mean: per dialect, by search path, in other databases and services, in the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from om_ingest.config import DatabaseSourceConfig, FilterPattern
from om_ingest.model import DatabaseServiceType
from om_ingest_catalog import Catalog
from om_ingest_lineage.analysis import NamePart, Unresolved, dialects as analysis_dialects
from om_ingest_lineage.analysis.dialect_names import DEFAULT_SCHEMAS
from om_ingest_lineage.knowledge.dialects import dialect_named, dialect_of
from om_ingest_lineage.knowledge.resolving import Resolver, Standpoint
from om_ingest_lineage.knowledge.stored import LeavingOut, Stored
from om_ingest_lineage.knowledge.tables import Tables

from described_source import Ran, flow_of

AMBIGUOUS, UNKNOWN = Unresolved.AMBIGUOUS, Unresolved.UNKNOWN


@pytest.fixture
def tables() -> Iterator[Tables]:
    """Knows no table."""
    connection = sqlite3.connect("", isolation_level=None)
    yield Tables(connection)
    connection.close()


def parts(text: str) -> list[NamePart]:
    """The parts of a name; one in quotes is quoted."""
    return [NamePart(part.strip('"'), part.startswith('"')) for part in text.split(".")]


def resolved(
    tables: Tables, name: str, at: Standpoint, stored: Stored | None = None, **more: Any
) -> Any:
    """FQN of what a name means, or why it means nothing."""
    answer = Resolver(tables, at, stored, **more).resolve(parts(name))
    return answer if isinstance(answer, Unresolved) else answer.fqn


def standing(dialect: str, schema: str = "public", **more: Any) -> Standpoint:
    """In a schema of the database db."""
    return Standpoint("svc", dialect_named(dialect), "db", schema, **more)


@pytest.mark.parametrize(
    ("dialect", "stored", "name", "meant"),
    [
        ("postgres", ["orders", "Orders"], "ORDERS", "orders"),
        ("postgres", ["orders", "Orders"], '"Orders"', "Orders"),
        ("postgres", ["Orders"], "Orders", UNKNOWN),
        ("snowflake", ["ORDERS", "orders"], "orders", "ORDERS"),
        ("snowflake", ["ORDERS", "orders"], '"orders"', "orders"),
        ("oracle", ["orders"], "Orders", "orders"),  # as SQLAlchemy's connectors store it
        ("oracle", ["Orders"], "orders", UNKNOWN),
        ("tsql", ["Orders"], '"ORDERS"', "Orders"),
        ("tsql", ["Orders", "orders"], "ORDERS", AMBIGUOUS),
        ("tsql", ["Orders", "orders"], "orders", "orders"),
        ("mysql", ["Orders", "orders"], "Orders", "Orders"),
        ("mysql", ["Orders"], "orders", "Orders"),
        ("bigquery", ["Orders"], "orders", UNKNOWN),
        ("duckdb", ["Orders"], "orders", "Orders"),
    ],
)
def test_case(
    tables: Tables, dialect: str, stored: Sequence[str], name: str, meant: str | Unresolved
) -> None:
    """Names are compared as the database does it."""
    for table in stored:
        tables.note("svc.db.public", table, ["x"])
    expected = meant if isinstance(meant, Unresolved) else f"svc.db.public.{meant}"
    assert resolved(tables, name, standing(dialect)) == expected


def test_reserved_sequences(tables: Tables) -> None:
    """A stored name with rewritten sequences is found by what SQL calls it, and so are columns."""
    tables.note("svc.db.public", "a__reserved__colon__b", ["x__reserved__arrow__y"])
    answer = Resolver(tables, standing("postgres"), None).resolve([NamePart("a::b", True)])
    assert not isinstance(answer, Unresolved)
    assert (answer.fqn, answer.columns) == ("svc.db.public.a__reserved__colon__b", ["x>y"])


def test_search_path(tables: Tables) -> None:
    """A name without a schema is looked for in the dialect's way, or in the given schemas."""
    for schema, table in (("rep", "a"), ("public", "a"), ("public", "b"), ("dbo", "a")):
        tables.note(f"svc.db.{schema}", table, ["x"])
    # PostgreSQL prints views without the schemas in the search path: either may be meant.
    assert resolved(tables, "a", standing("postgres", "rep")) is AMBIGUOUS
    assert resolved(tables, "b", standing("postgres", "rep")) == "svc.db.public.b"
    assert resolved(tables, "a", standing("tsql", "rep")) == "svc.db.rep.a"
    assert resolved(tables, "a", standing("tsql", "other")) == "svc.db.dbo.a"
    assert resolved(tables, "b", standing("mysql", "rep")) is UNKNOWN
    path = standing("postgres", "rep", path=("public", "$schema"))
    assert resolved(tables, "a", path) == "svc.db.public.a"
    path = standing("postgres", "rep", path=("$schema", "public"))
    assert resolved(tables, "a", path) == "svc.db.rep.a"


def test_a_view_does_not_read_itself(tables: Tables) -> None:
    """The name of a view in its own definition means another table, or none that is known."""
    for schema in ("mart", "public", "raw"):
        tables.note(f"svc.db.{schema}", "orders", ["x"])
    own = {"itself": "svc.db.mart.orders"}
    assert resolved(tables, "orders", standing("postgres", "mart")) is AMBIGUOUS
    assert resolved(tables, "orders", standing("postgres", "mart"), **own) == "svc.db.public.orders"
    assert resolved(tables, "orders", standing("tsql", "mart"), **own) is UNKNOWN


def test_logged_queries(tables: Tables) -> None:
    """A query looks first into the schema that its log tells, and means nothing if that is not
    known.
    """
    for schema in ("other", "public"):
        tables.note(f"svc.db.{schema}", "orders", ["x"])
    at = standing("postgres", "other", is_logged=True)
    assert resolved(tables, "orders", at) == "svc.db.other.orders"
    at = standing("postgres", "left_out", is_logged=True)
    assert resolved(tables, "orders", at) is AMBIGUOUS


def test_many_schemas(tables: Tables) -> None:
    """A name without a schema is looked for in all schemas of the run, however many."""
    for number in range(30):
        tables.note(f"svc.db.s{number}", "other", ["x"])
    tables.note("svc.db.s28", "u", ["x"])
    at = Standpoint("svc", dialect_named("mysql"))
    assert resolved(tables, "u", at) == "svc.db.s28.u"
    tables.note("svc.db.s3", "u", ["x"])
    assert resolved(tables, "u", at) is AMBIGUOUS


def test_statements_that_stand_nowhere(tables: Tables) -> None:
    """A query without a schema means the one table of its service that has the name."""
    tables.note("svc.db.a", "orders", ["x"])
    tables.note("svc.other.b", "lines", ["x"])
    tables.note("svc.other.b", "orders", ["x"])
    at = Standpoint("svc", dialect_named("mysql"))
    assert resolved(tables, "lines", at) == "svc.other.b.lines"
    assert resolved(tables, "orders", at) is AMBIGUOUS
    assert resolved(tables, "b.orders", at) == "svc.other.b.orders"
    at = Standpoint("svc", dialect_named("mysql"), "db")
    assert resolved(tables, "orders", at) == "svc.db.a.orders"


def test_other_databases_and_services(tables: Tables) -> None:
    """Three parts lead into another database; further services count where the own has none."""
    tables.note("svc.db.public", "a", ["x"])
    tables.note("svc.hr.dbo", "a", ["x"])
    for service in ("lake", "pond"):
        tables.note(f"{service}.raw.dbo", "events", ["x"])
    tables.note("lake.raw.dbo", "a", ["x"])
    at = standing("tsql", "public", services=("lake",))
    assert resolved(tables, "HR.dbo.a", at) == "svc.hr.dbo.a"
    assert resolved(tables, "hr..a", at) == "svc.hr.dbo.a"
    assert resolved(tables, "raw.dbo.events", at) == "lake.raw.dbo.events"
    assert resolved(tables, "a", at) == "svc.db.public.a"
    both = standing("tsql", "public", services=("lake", "pond"))
    assert resolved(tables, "raw.dbo.events", both) is AMBIGUOUS
    assert resolved(tables, "linked.hr.dbo.a", at) is UNKNOWN


def test_duckdb_mixes_levels(tables: Tables) -> None:
    """In DuckDB the first of two parts may be a database with a default schema."""
    tables.note("svc.lake.main", "events", ["x"])
    assert resolved(tables, "lake.events", standing("duckdb", "main")) == "svc.lake.main.events"
    assert resolved(tables, "lake.events", standing("postgres")) is UNKNOWN


class Counting(Catalog):
    """Counts what it is asked."""

    asked: list[str]

    def get_by_name(self, entity: Any, fqn: str, **more: Any) -> Any:
        """As the catalog does it."""
        self.asked.append(fqn)
        return super().get_by_name(entity, fqn, **more)


def test_the_store_is_asked_once(tmp_path: Any, tables: Tables) -> None:
    """A name that the run does not have is asked for once, found or not; schemas by one list."""
    path = tmp_path / "c.db"
    table = {"table": ["sales.leads", ["id"]]}
    assert Ran(tmp_path, flow_of(tmp_path, [table], sink=str(path))).code == 0
    tables.note("svc.db.public", "orders", ["x"])
    with Counting(path, read_only=True) as store:
        store.asked = []
        stored = Stored(tables, lambda: store)
        for _ in range(2):
            at = standing("postgres")
            assert resolved(tables, "sales.leads", at, stored) == "svc.db.sales.leads"
            assert resolved(tables, "sales.none", at, stored) is UNKNOWN
            assert resolved(tables, "nowhere.none", at, stored) is UNKNOWN
            assert resolved(tables, "orders", at, stored) == "svc.db.public.orders"
        assert store.asked == ["svc.db.sales.leads", "svc.db.sales.none"]


def test_tables_that_a_filter_left_out(tmp_path: Any, tables: Tables) -> None:
    """A table of the search path that the run does not show may be there: no other replaces it."""
    path = tmp_path / "c.db"
    steps = [{"table": ["sales.t", ["id"]]}]
    assert Ran(tmp_path, flow_of(tmp_path, steps, sink=str(path))).code == 0
    for place, table in (("sales", "v"), ("dbo", "t"), ("public", "t"), ("dbo", "u")):
        tables.note(f"svc.db.{place}", table, ["x"])
    tables.complete("svc")
    tsql, postgres = standing("tsql", "sales"), standing("postgres", "sales")
    assert resolved(tables, "t", tsql) == "svc.db.dbo.t", "no store, no filter"
    with Catalog(path, read_only=True) as store:
        stored = Stored(tables, lambda: store)
        for at, is_at_end in product((tsql, postgres), (False, True)):
            assert resolved(tables, "t", at, stored, is_at_end=is_at_end) is AMBIGUOUS
        assert resolved(tables, "u", tsql, stored) == "svc.db.dbo.u"
        assert resolved(tables, "sales.t", tsql, stored) == "svc.db.sales.t"
        left_out = FilterPattern(excludes=[r"svc\.db\.sales\.u"])
        settings = DatabaseSourceConfig(useFqnForFiltering=True, tableFilterPattern=left_out)
        stored = Stored(tables, lambda: store, LeavingOut("svc", settings))
        assert resolved(tables, "u", tsql, stored) is AMBIGUOUS
        settings = DatabaseSourceConfig(schemaFilterPattern=FilterPattern(excludes=["staging"]))
        stored = Stored(tables, lambda: store, LeavingOut("svc", settings))
        at = standing("tsql", "sales", path=("staging", "dbo"))
        assert resolved(tables, "u", at, stored) is AMBIGUOUS


def test_settled(tables: Tables) -> None:
    """An answer is settled once no table that may still come can change it."""
    tables.note("svc.db.rep", "a", ["x"])
    resolver = Resolver(tables, standing("tsql", "own"), None)
    tables.note("svc.db.own", "other", ["x"])
    tables.note("svc.db.dbo", "a", ["x"])
    resolver.resolve(parts("a"))
    assert not resolver.is_settled, "own.a may still come"
    tables.complete("svc.db.own")
    resolver = Resolver(tables, standing("tsql", "own"), None)
    resolver.resolve(parts("a"))
    assert resolver.is_settled
    resolver.resolve(parts("nowhere"))
    assert not resolver.is_settled


def test_types_of_services() -> None:
    """The type of a service tells its dialect, unless it may be anything; names in it and names of
    columns are those of one dialect.
    """
    kinds = ("Mssql", "MariaDB", "BigTable", "Db2", "duckdb", "CustomDatabase", "Dbt")
    found = {name: dialect_of(name) for name in kinds}
    assert {name: dialect and dialect.name for name, dialect in found.items()} == {
        "Mssql": "tsql",
        "MariaDB": "mysql",
        "BigTable": "bigquery",
        "Db2": "",
        "duckdb": "duckdb",
        "CustomDatabase": None,
        "Dbt": None,
    }
    for kind in (*DatabaseServiceType, *DEFAULT_SCHEMAS):
        name = kind.value if isinstance(kind, DatabaseServiceType) else kind
        dialect, parsed = dialect_of(name), analysis_dialects.dialect_of(name)
        assert (dialect and dialect.name) == (parsed and parsed[1].name), name
