"""The `duckdb` source over files that DuckDB wrote: everything that its catalogues say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from metadata.ingestion.source.database.sql_databases.duckdb.source import DuckdbSource
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    Record,
    ScopeComplete,
    WorkflowContext,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import AddSampleDataRequest, CreateStoredProcedureRequest
from om_ingest_catalog import Catalog
from om_ingest_testing import SourceSuite

SHOP = """
    CREATE SCHEMA sales;
    CREATE TYPE mood AS ENUM ('sad', 'o''k', 'happy');
    CREATE TABLE sales.customer (
        id INTEGER, region VARCHAR, "e-mail" VARCHAR NOT NULL UNIQUE, mood mood,
        twice INTEGER GENERATED ALWAYS AS (id * 2),
        PRIMARY KEY (id, region));
    CREATE TABLE sales.purchase (
        id BIGINT PRIMARY KEY, customer INTEGER, region VARCHAR, price DECIMAL(10, 2),
        FOREIGN KEY (customer, region) REFERENCES sales.customer (id, region));
    COMMENT ON TABLE sales.customer IS 'Who buys';
    COMMENT ON COLUMN sales.customer."e-mail" IS 'Where news goes';
    CREATE TABLE note (body JSON);
    CREATE VIEW revenue AS SELECT region, sum(price) AS total FROM sales.purchase GROUP BY region;
    COMMENT ON VIEW revenue IS 'By region';
    CREATE MACRO sales.add_tax(price) AS price * 1.2;
    CREATE MACRO sales.of_region(name) AS TABLE SELECT * FROM sales.customer WHERE region = name;
    CREATE MACRO sales.total(a) AS a, (a, b) AS a + b;
    CREATE MACRO sales.total(a) AS TABLE SELECT a;
"""

Make = Callable[..., Path]


class Read:
    """What one run of the source gave."""

    def __init__(self, path: object, source_config: DatabaseSourceConfig, **config: Any) -> None:
        with Catalog.temporary() as catalog:
            context = WorkflowContext(catalog, "svc", source_config=source_config)
            with DuckdbSource.create({"path": path, **config}, {}, context) as source:
                source.prepare()
                self.records: list[Record] = list(source.next_record())
                self.status = source.get_status()
                self.statement_count = source.statement_count

    def of(self, kind: type[Any]) -> list[Any]:
        """The records of one kind."""
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def tables(self) -> dict[str, CreateTableRequest]:
        """Tables and views by FQN below the service."""
        return {
            f"{table.databaseSchema}.{table.name}".removeprefix("svc."): table
            for table in self.of(CreateTableRequest)
        }

    def types(self, table: str) -> dict[str, Any]:
        """Columns of a table by name, each as `(type, type of elements, display)`."""
        return {
            column.name: (column.dataType.value, column.arrayDataType, column.dataTypeDisplay)
            for column in self.tables[table].columns
        }


def read(path: object, source_config: DatabaseSourceConfig | None = None, **config: Any) -> Read:
    return Read(path, source_config or DatabaseSourceConfig(), **config)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Build a file of DuckDB from SQL."""

    def build(script: str, name: str = "shop.duckdb") -> Path:
        path = tmp_path / name
        with closing(duckdb.connect(str(path))) as connection:
            connection.execute(script)
        return path

    return build


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of SHOP."""
    path = tmp_path_factory.mktemp("duckdb") / "shop.duckdb"
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(SHOP)
    return path


@pytest.fixture(scope="class", autouse=True)
def config_of_suite(request: pytest.FixtureRequest, shop: Path) -> None:
    """The file that the suite reads."""
    if request.cls is not None:
        request.cls.config = {"databasePath": str(shop)}


class TestDuckdb(SourceSuite):
    source = DuckdbSource


def constraints(table: CreateTableRequest) -> list[tuple[Any, ...]]:
    return [
        (found.constraintType, found.columns, found.referredColumns, found.relationshipType)
        for found in table.tableConstraints or []
    ]


def test_everything_that_the_catalogues_say(shop: Path) -> None:
    """Comments, keys with what they refer to, views with statements, macros with their code."""
    result = read(shop)
    customer, purchase = (result.tables[f"shop.sales.{name}"] for name in ("customer", "purchase"))
    assert customer.description == "Who buys"
    columns = {column.name: column for column in customer.columns}
    assert list(columns) == ["id", "region", "e-mail", "mood", "twice"]
    assert columns["e-mail"].description == "Where news goes"
    assert columns["mood"].dataType == "ENUM"
    assert columns["mood"].dataTypeDisplay == "ENUM('sad', 'o''k', 'happy')"
    assert constraints(customer) == [
        ("PRIMARY_KEY", ["id", "region"], None, None),
        ("UNIQUE", ["e-mail"], None, None),
    ]
    assert constraints(purchase) == [
        (
            "FOREIGN_KEY",
            ["customer", "region"],
            ["svc.shop.sales.customer.id", "svc.shop.sales.customer.region"],
            "MANY_TO_ONE",
        )
    ]
    price = purchase.columns[3]
    assert (price.dataType, price.precision, price.scale) == ("DECIMAL", 10, 2)
    revenue = result.tables["shop.main.revenue"]
    assert (revenue.tableType, revenue.description) == ("View", "By region")
    assert (revenue.schemaDefinition or "").startswith("CREATE VIEW main.revenue AS SELECT region")
    assert {
        routine.name: routine.storedProcedureCode.code
        for routine in result.of(CreateStoredProcedureRequest)
    } == {
        "add_tax": "CREATE MACRO sales.add_tax(price) AS (price * 1.2)",
        "of_region": 'CREATE MACRO sales.of_region("name") AS TABLE'
        ' SELECT * FROM sales.customer WHERE (region = "name")',
        "total": "CREATE MACRO sales.total(a) AS a",
        "total(a TABLE)": "CREATE MACRO sales.total(a) AS TABLE SELECT a",
        "total(a, b)": "CREATE MACRO sales.total(a, b) AS (a + b)",
    }
    assert len(result.of(ScopeComplete)) > 0
    assert not result.status.warning_count


def test_statements_do_not_grow_with_tables(make: Make, shop: Path) -> None:
    """Fifty tables take as many statements as three."""
    many = make(";".join(f"CREATE TABLE t{i} (a INTEGER)" for i in range(50)), "many.duckdb")
    result = read(many)
    assert len(result.tables) == 50
    assert result.statement_count == read(shop).statement_count < 12


def test_nested_types(make: Make) -> None:
    """Structs, lists, arrays, maps, unions and enums of any depth have their members."""
    result = read(
        make(
            """CREATE TABLE t (s STRUCT(a INTEGER, "b c" STRUCT(x DOUBLE, y VARCHAR[])),
            l INTEGER[], f FLOAT[3], ll STRUCT(a INTEGER)[][], m MAP(VARCHAR, STRUCT(q DATE)),
            u UNION(num INTEGER, str VARCHAR), e ENUM('a,b', ')')[])"""
        )
    )
    columns = {c.name: c for c in result.tables["shop.main.t"].columns}

    def shape(column: Any) -> Any:
        kind = "/".join(one.value for one in (column.dataType, column.arrayDataType) if one)
        return (kind, {c.name: shape(c) for c in column.children}) if column.children else kind

    assert {name: shape(column) for name, column in columns.items()} == {
        "s": ("STRUCT", {"a": "INT", "b c": ("STRUCT", {"x": "DOUBLE", "y": "ARRAY/TEXT"})}),
        "l": "ARRAY/INT",
        "f": "ARRAY/FLOAT",
        "ll": ("ARRAY/ARRAY", {"a": "INT"}),
        "m": ("MAP", {"key": "TEXT", "value": ("STRUCT", {"q": "DATE"})}),
        "u": ("UNION", {"num": "INT", "str": "TEXT"}),
        "e": "ARRAY/ENUM",
    }
    assert columns["f"].dataTypeDisplay == "FLOAT[3]"


def test_every_type_is_known(make: Make) -> None:
    """No type that DuckDB has is UNKNOWN in OpenMetadata."""
    with closing(duckdb.connect()) as connection:
        names = connection.execute(
            "SELECT DISTINCT logical_type FROM duckdb_types() WHERE database_name = 'system'"
            " AND type_category IS DISTINCT FROM 'COMPOSITE'"
        ).fetchall()
    nested = {"STRUCT", "LIST", "ARRAY", "MAP", "UNION", "ENUM", "NULL", '"NULL"', "TUPLE"}
    plain = sorted({name for (name,) in names} - nested)
    columns = []
    with closing(duckdb.connect()) as connection:
        for position, name in enumerate(plain):
            try:
                connection.execute(f"CREATE TABLE t{position} (a {name})")
            except duckdb.Error:  # a type of no column, such as TYPE or LAMBDA
                continue
            columns.append(f"c{position} {name}")
    assert len(columns) > 20
    result = read(make(f"CREATE TABLE t ({', '.join(columns)})"))
    types = result.types("shop.main.t")
    assert [shown for kind, _, shown in types.values() if kind == "UNKNOWN"] == []


def test_samples_are_as_duckdb_prints_them(make: Make) -> None:
    """Values that Python or JSON does not have are texts; a view that is broken costs a warning."""
    values = {
        "1": 1,
        "true": True,
        "0.5::DOUBLE": 0.5,
        "'nan'::DOUBLE": "nan",
        "170141183460469231731687303715884105727::HUGEINT": "1701411834604692317316873037158841057"
        "27",
        "1.50::DECIMAL(10, 2)": "1.50",
        "'\\xFF\\x00'::BLOB": "\\xFF\\x00",
        "DATE '0044-03-15 (BC)'": "0044-03-15 (BC)",
        "'infinity'::DATE": "infinity",
        "INTERVAL 3 MONTHS": "3 months",
        "[1, 2]": "[1, 2]",
        "repeat('x', 2000)": "x" * 1000 + "…",
        "'a' || chr(0)": "a",
        "NULL::INTEGER": None,
    }
    columns = ", ".join(f"{text} AS c{i}" for i, text in enumerate(values))
    path = make(
        f"CREATE TABLE t AS SELECT {columns}; CREATE TABLE gone (a INTEGER);"
        "CREATE VIEW v AS SELECT * FROM gone; DROP TABLE gone"
    )
    result = read(path, sampleCount=3)
    assert result.of(AddSampleDataRequest)[0].sampleData.rows == [list(values.values())]
    assert [note.key for note in result.status.warnings] == ["svc.shop.main.v"]


def test_a_view_that_never_ends_costs_its_sample(make: Make) -> None:
    """A sample that takes longer than sampleTimeout is left out, with a warning."""
    path = make(
        "CREATE VIEW v AS SELECT max(md5(r.range::VARCHAR)) AS m FROM range(100000000000) r"
    )
    result = read(path, sampleCount=1, sampleTimeout=0.05)
    assert result.tables.keys() == {"shop.main.v"}
    assert [note.reason for note in result.status.warnings] == [
        'no sample data: Reading "shop".main."v" took too long'
    ]


def test_schemas_in_schemas(make: Make) -> None:
    """DuckDB 2 has schemas in schemas: each is called by its path, and read under it."""
    try:
        path = make(
            """CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA a.deep; CREATE SCHEMA b.deep;
            CREATE TABLE a.deep.t (x INTEGER); INSERT INTO a.deep.t VALUES (7);
            CREATE TABLE b.deep.t (y INTEGER); CREATE TABLE b.t (z INTEGER)"""
        )
    except duckdb.Error:  # versions before have none, and nothing to get wrong
        return
    result = read(path, sampleCount=1)
    assert {name: [c.name for c in t.columns] for name, t in result.tables.items()} == {
        'shop."a.deep".t': ["x"],
        'shop."b.deep".t': ["y"],
        "shop.b.t": ["z"],
    }
    assert result.of(AddSampleDataRequest)[0].sampleData.rows == [[7]]


def test_attached_files_are_databases(make: Make, shop: Path) -> None:
    """A file that is attached, by key or by statement, is a database of the run."""
    other = make("CREATE TABLE z (a INTEGER)", "other.duckdb")
    third = make("CREATE TABLE y (a INTEGER)", "third.duckdb")
    result = read(shop, attach={"more": str(other)}, initSql=f"ATTACH '{third}' (READ_ONLY)")
    assert [d.name for d in result.of(CreateDatabaseRequest)] == ["more", "shop", "third"]
    assert {"more.main.z", "third.main.y", "shop.sales.customer"} <= result.tables.keys()


def test_a_database_in_memory_is_what_statements_make_of_it(tmp_path: Path) -> None:
    """`:memory:` with views over files is a database; their columns are read."""
    (tmp_path / "people.csv").write_text("id,name\n1,Ann\n")
    script = tmp_path / "init.sql"
    script.write_text(f"CREATE VIEW people AS SELECT * FROM read_csv('{tmp_path}/people.csv')")
    result = read(":memory:", initSqlFile=str(script), databaseName="lake")
    assert result.types("lake.main.people").keys() == {"id", "name"}


def test_names_and_order_survive_settings(make: Make) -> None:
    """Names of any characters, in a database that sorts and collates otherwise, keep their rows."""
    names = ["_x", "B", "a", "a.b", 'q"q', "é", "\uffff", "😀", "$", "select", "x" * 200]
    script = ";".join(
        f'CREATE TABLE "{name.replace(chr(34), chr(34) * 2)}" (c{position} INTEGER PRIMARY KEY)'
        for position, name in enumerate(names)
    )
    result = read(make(script), settings={"default_order": "DESC", "default_collation": "NOCASE"})
    found = {table.displayName or table.name: table for table in result.tables.values()}
    assert {name: table.columns[0].name for name, table in found.items()} == {
        name: f"c{position}" for position, name in enumerate(names)
    }
    assert all(table.columns[0].constraint == "PRIMARY_KEY" for table in found.values())


def test_keys_of_custom_connectors(shop: Path, make: Make) -> None:
    """The keys with which people ran connectors of their own for DuckDB are taken."""
    options = {"database_name": "dwh", "database_schema_list": "sales, none"}
    with Catalog.temporary() as catalog:
        config = {"database_file_path": str(shop), **options}
        with DuckdbSource.create(config, {}, WorkflowContext(catalog, "svc")) as source:
            source.prepare()
            records = list(source.next_record())
    assert [r.name for r in records if isinstance(r, CreateDatabaseRequest)] == ["dwh"]
    assert [r.name for r in records if isinstance(r, CreateDatabaseSchemaRequest)] == ["sales"]


def test_filters(shop: Path) -> None:
    """Patterns and include flags of `sourceConfig` are kept, by name."""
    settings = DatabaseSourceConfig.model_validate(
        {
            "includeViews": False,
            "includeStoredProcedures": False,
            "includeDDL": True,
            "schemaFilterPattern": {"includes": ["sales"]},
            "tableFilterPattern": {"excludes": ["purch.*"]},
        }
    )
    result = read(shop, settings)
    assert result.tables.keys() == {"shop.sales.customer"}
    statement = result.tables["shop.sales.customer"].schemaDefinition or ""
    assert statement.startswith("CREATE TABLE sales.customer(")
    assert not result.of(CreateStoredProcedureRequest)


def test_the_file_is_not_touched(shop: Path) -> None:
    """Reading creates no file beside it, and changes nothing; several may read at once."""
    before = {path: path.read_bytes() for path in shop.parent.iterdir()}
    with closing(duckdb.connect(str(shop), read_only=True, config={"threads": 1})):
        pass
    read(shop, sampleCount=1)
    assert {path: path.read_bytes() for path in shop.parent.iterdir()} == before
