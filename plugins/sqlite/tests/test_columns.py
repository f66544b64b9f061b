"""Every table and column, on files that other programs wrote and on odd ones of our own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sqlite_file import SqliteSource
from om_ingest import CreateDatabaseServiceRequest, ScopeComplete, WorkflowContext
from om_ingest.config.settings import DatabaseSourceConfig
from om_ingest.model import Database, DatabaseServiceType, Table, TableType
from om_ingest.model.naming import encode_reserved
from om_ingest.store import Outcome
from om_ingest_catalog import Catalog

Ingest = Callable[..., Any]
Make = Callable[..., Path]


def according_to_sqlite(path: Path) -> dict[str, Any]:
    """Names, declared types, not-null flags of every column, as PRAGMA table_info says."""
    connection = sqlite3.connect(path)
    names = connection.execute(
        "SELECT name FROM sqlite_master"
        " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    described = {}
    for (name,) in names:
        quoted = name.replace('"', '""')
        rows = connection.execute(f'PRAGMA table_info("{quoted}")').fetchall()
        described[encode_reserved(name)] = [
            (encode_reserved(row[1]), row[2], bool(row[5])) for row in rows
        ]
    connection.close()
    return described


def according_to_us(result: Any) -> dict[str, Any]:
    described = {}
    for name, table in result.tables.items():
        keys = {
            column
            for constraint in table.tableConstraints or []
            if constraint.constraintType == "PRIMARY_KEY"
            for column in constraint.columns
        }
        described[name] = [
            (c.name, c.dataTypeDisplay or "", c.constraint == "PRIMARY_KEY" or c.name in keys)
            for c in table.columns
        ]
    return described


@pytest.fixture
def coverage_file(tmp_path: Path) -> Path:
    """The data file of a real `coverage run`."""
    program = tmp_path / "program.py"
    program.write_text("def f(x):\n    return x + 1\n\nf(1)\n")
    data = tmp_path / ".coverage"
    subprocess.run(
        [sys.executable, "-m", "coverage", "run", "--branch", f"--data-file={data}", program],
        check=True,
        cwd=tmp_path,
    )
    return data


def test_coverage_data_file(ingest: Ingest, coverage_file: Path) -> None:
    """The data file that coverage.py wrote is read table by table, column by column."""
    result = ingest(coverage_file, database_name="coverage")
    assert {"file", "context", "arc", "line_bits", "meta"} <= set(result.tables)
    assert according_to_us(result) == according_to_sqlite(coverage_file)
    assert result.complete
    assert not result.status.warning_count


def test_our_own_catalog(ingest: Ingest, tmp_path: Path, context: WorkflowContext) -> None:
    """A catalog of ours is a SQLite file too, in WAL mode and open in this process."""
    path = tmp_path / "catalog.db"
    with Catalog(path) as catalog:
        catalog.write(
            [CreateDatabaseServiceRequest(name="a", serviceType=DatabaseServiceType.SQLite)]
        )
        result = ingest(path)
        shadows = {key for key, why in result.reasons("filtered").items() if "shadow" in why}
        expected = according_to_sqlite(path)
        named = set(expected) - set(result.tables)
        assert named == shadows
        assert according_to_us(result) == {n: c for n, c in expected.items() if n not in named}
        assert len(result.tables) >= 2


ODD = """
CREATE TABLE plain (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, price DECIMAL(10,2), any);
CREATE TABLE "na me.with ""every"" :: thing>\t" ("a.b" INT, "c""d" TEXT, "e::f" BLOB, "ü 雪" REAL);
CREATE TABLE norowid (a TEXT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE TABLE strict_one (a INT, b ANY, c BLOB) STRICT;
CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE "USING fts5" (x);
CREATE VIEW "select" AS SELECT id, name AS "na.me", price * 2 FROM plain;
"""


def test_odd_schemas(ingest: Ingest, make: Make) -> None:
    """Odd names, STRICT, WITHOUT ROWID and untyped columns are read as PRAGMA tells them."""
    path = make(ODD)
    result = ingest(path)
    assert according_to_us(result) == according_to_sqlite(path)
    assert result.reasons("filtered") == {"sqlite_sequence": "a table of SQLite itself"}
    odd = result.tables[encode_reserved('na me.with "every" :: thing>\t')]
    assert odd.displayName == 'na me.with "every" :: thing>\t'
    assert [column.displayName for column in odd.columns] == [None, 'c"d', "e::f", None]


def test_every_record_is_accepted_by_a_catalog(
    ingest: Ingest, make: Make, context: WorkflowContext
) -> None:
    """A catalog takes every record, and finds the odd table under its FQN."""
    result = ingest(make(ODD))
    records = [record for record in result.records if not isinstance(record, ScopeComplete)]
    outcomes = context.metadata.write(records)
    assert [o for o in outcomes if o.outcome is not Outcome.CREATED] == []
    assert context.metadata.get_by_name(Database, "svc.data") is not None
    stored = {table.name for table in context.metadata.list_entities(Table, scope="svc.data.main")}
    assert stored == set(result.tables)
    again = context.metadata.write(records)
    assert {o.outcome for o in again} == {Outcome.UNCHANGED}


def test_generated_columns_are_read(ingest: Ingest, make: Make) -> None:
    """Generated columns belong to `SELECT *`, so they are columns in the catalog."""
    result = ingest(
        make("CREATE TABLE t (a INT, b INT AS (a + 1), c TEXT NOT NULL AS (a || 'x') STORED)")
    )
    assert list(result.columns("t")) == ["a", "b", "c"]
    assert result.columns("t")["c"].constraint == "NOT_NULL"


def test_virtual_tables_come_without_their_shadows(ingest: Ingest, make: Make) -> None:
    """A full-text table is one table; its five shadow tables are reported as filtered."""
    path = make(
        "CREATE VIRTUAL TABLE \"notes ''x\" USING fts5(title, body);"
        "CREATE VIRTUAL TABLE [old] USING fts4(text);"
        "CREATE VIRTUAL TABLE `area` USING rtree(id, x0, x1);"
        "CREATE TABLE notes_data (mine)"
    )
    result = ingest(path)
    assert set(result.tables) == {"notes ''x", "old", "area", "notes_data"}
    assert list(result.columns("notes ''x")) == ["title", "body"]
    connection = sqlite3.connect(path)
    shadows = {
        name
        for name, kind in connection.execute("SELECT name, type FROM pragma_table_list")
        if kind == "shadow"
    }
    connection.close()
    assert {key for key, why in result.reasons("filtered").items() if "shadow" in why} == shadows
    assert result.status.filtered_count == len(shadows) == 13


@pytest.mark.parametrize(
    ("own", "script"),
    [
        (
            "posts_content",
            (
                "CREATE TABLE posts_content (id INTEGER PRIMARY KEY, title, body);"
                "CREATE VIRTUAL TABLE posts USING fts5(title, body, content='posts_content')"
            ),
        ),
        (
            "posts_content",
            (
                "CREATE TABLE posts_content (docid INTEGER PRIMARY KEY, title);"
                'CREATE VIRTUAL TABLE posts USING fts4(title, content="posts_content")'
            ),
        ),
        (
            "posts_content",
            (
                "CREATE TABLE t (title); CREATE VIEW posts_content AS SELECT title FROM t;"
                "CREATE VIRTUAL TABLE posts USING fts5(title, content='posts_content')"
            ),
        ),
        (
            "posts_docsize",
            (
                "CREATE VIRTUAL TABLE posts USING fts5(title, columnsize=0);"
                "CREATE TABLE posts_docsize (id INTEGER PRIMARY KEY, pages INT)"
            ),
        ),
        (
            "posts_stat",
            "CREATE VIRTUAL TABLE posts USING fts3(title); CREATE TABLE Posts_Stat (day, visits)",
        ),
    ],
)
def test_a_table_of_ones_own_is_no_shadow(
    ingest: Ingest, make: Make, own: str, script: str
) -> None:
    """What has the name of a shadow table, and was not made by the module, is delivered."""
    result = ingest(make(script))
    assert own in map(str.lower, result.tables)
    assert not any(key.lower() == own for key in result.reasons("filtered"))


def test_renamed_virtual_tables_keep_their_shadows(ingest: Ingest, make: Make) -> None:
    """SQLite writes the statements of shadow tables anew when a table is renamed."""
    modules = ("fts3(a)", "fts4(a)", "fts5(a)", "fts4(a, languageid='l')", "rtree(id, x0, x1)")
    script = "".join(
        f"CREATE VIRTUAL TABLE t{number} USING {module}; ALTER TABLE t{number} RENAME TO u{number};"
        for number, module in enumerate(modules)
    )
    assert set(ingest(make(script)).tables) == {f"u{number}" for number in range(len(modules))}


def test_views_keep_their_definition(ingest: Ingest, make: Make) -> None:
    """A view has its statement; a table has one only with includeDDL."""
    path = make("CREATE TABLE t (a INT); CREATE VIEW v AS SELECT a FROM t")
    result = ingest(path)
    assert result.tables["v"].tableType is TableType.View
    assert result.tables["v"].schemaDefinition == "CREATE VIEW v AS SELECT a FROM t"
    assert result.tables["t"].tableType is TableType.Regular
    assert result.tables["t"].schemaDefinition is None
    result = ingest(path, DatabaseSourceConfig(includeDDL=True))
    assert result.tables["t"].schemaDefinition == "CREATE TABLE t (a INT)"


def test_broken_views_are_delivered_without_columns(ingest: Ingest, make: Make) -> None:
    """A view that no longer resolves stays in the catalog, with a warning and its statement."""
    result = ingest(
        make(
            "CREATE TABLE t (a INT); CREATE VIEW gone AS SELECT * FROM missing;"
            "CREATE VIEW app AS SELECT app_function(a) FROM t; CREATE VIEW fine AS SELECT a FROM t"
        )
    )
    assert result.tables["gone"].columns == []
    assert result.tables["app"].columns == []
    assert result.tables["gone"].schemaDefinition == "CREATE VIEW gone AS SELECT * FROM missing"
    assert "no such table: main.missing" in result.reasons("warnings")["gone"]
    assert "no such function: app_function" in result.reasons("warnings")["app"]
    assert result.lineage == {("t", "fine"): {"fine.a": "t.a"}}
    assert result.complete


def test_a_name_that_openmetadata_forbids_fails_that_table_only(ingest: Ingest, make: Make) -> None:
    """A name of 300 characters is a failure; the rest is delivered, the scope not complete."""
    result = ingest(make(f"CREATE TABLE {'x' * 300} (a); CREATE TABLE t (a)"))
    assert set(result.tables) == {"t"}
    assert result.status.failure_count == 1
    assert not result.complete


def test_a_column_without_a_name_is_reported(ingest: Ingest, make: Make) -> None:
    """A column that cannot be named in OpenMetadata is a failure; its table arrives without it."""
    result = ingest(make('CREATE TABLE t ("" INT, b INT)'))
    assert list(result.columns("t")) == ["b"]
    assert result.status.failure_count == 1
    assert not result.complete


def test_names_and_counts(ingest: Ingest, make: Make, context: WorkflowContext) -> None:
    """The database is called like the file, unless the config says otherwise."""
    path = make("CREATE TABLE t (a)", "my data.v2.db")
    result = ingest(path)
    assert result.tables["t"].databaseSchema == 'svc."my data.v2".main'
    assert result.status.scanned_count == 1
    result = ingest(path, database_name="shop", schema_name="public")
    assert result.tables["t"].databaseSchema == "svc.shop.public"


def test_tables_are_read_one_after_the_other(make: Make, context: WorkflowContext) -> None:
    """The source is lazy: a table that is created after the first record is not needed."""
    path = make("CREATE TABLE a (x); CREATE TABLE b (y)")
    with SqliteSource.create({"database_path": str(path)}, {}, context) as source:
        source.prepare()
        records = iter(source.next_record())
        for _ in range(4):
            record = next(records)
        assert record.name == "a"
        assert source.get_status().scanned_count == 1
        writer = sqlite3.connect(path, timeout=0)
        writer.execute("ALTER TABLE b RENAME COLUMN y TO z")  # nothing is locked in between
        writer.close()
        assert [column.name for column in next(records).columns] == ["z"]


def test_cancelling_ends_the_reading(make: Make, context: WorkflowContext) -> None:
    """A cancelled run yields no further table and does not say that the scope is complete."""
    path = make("CREATE TABLE a (x); CREATE TABLE b (y); CREATE VIEW v AS SELECT * FROM a")
    with SqliteSource.create({"database_path": str(path)}, {}, context) as source:
        source.prepare()
        records = iter(source.next_record())
        for _ in range(4):
            next(records)
        context.cancelled.set()
        assert list(records) == []


def test_create_touches_nothing(tmp_path: Path, context: WorkflowContext) -> None:
    """`create` does not look for the file; `prepare` does."""
    source = SqliteSource.create({"database_path": str(tmp_path / "later.db")}, {}, context)
    sqlite3.connect(tmp_path / "later.db").close()
    source.prepare()
    source.close()
    source.close()
