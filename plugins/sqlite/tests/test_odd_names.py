"""Names and statements that not every SQLite, and not every catalog, can take."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sqlite_file.file import SqliteFile, UnresolvedError
from om_ingest import WorkflowContext
from om_ingest.model import encode_reserved

Ingest = Callable[..., Any]
Make = Callable[..., Path]

GERMAN = (
    "CREATE TABLE straße (größe TEXT, id INTEGER PRIMARY KEY, 'k ü' INT UNIQUE,"
    " UNIQUE (größe, id));"
    "CREATE TABLE plain (a INT REFERENCES straße(id), b GÜTE);"
    "CREATE VIEW übersicht AS SELECT größe AS maß, a FROM straße, plain;"
    "CREATE VIEW kaputt AS SELECT * FROM größe"
)


@contextmanager
def schema_of(path: Path) -> Iterator[sqlite3.Connection]:
    """The schema of a file, to be written to as no program should."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        yield connection


def in_latin_1(path: Path) -> None:
    """Turn the schema of a file into Latin-1, as programs write it that know nothing else."""
    with schema_of(path) as connection:
        for rowid, *texts in connection.execute(
            "SELECT rowid, name, tbl_name, sql FROM sqlite_master"
        ).fetchall():
            connection.execute(
                "UPDATE sqlite_master SET name = CAST(? AS TEXT), tbl_name = CAST(? AS TEXT),"
                " sql = CAST(? AS TEXT) WHERE rowid = ?",
                (*(text and text.encode("latin-1") for text in texts), rowid),
            )


@pytest.mark.parametrize("module", ["fts4(title)", "fts5(title)", "rtree(title, a, b)"])
def test_names_that_are_not_utf8_beside_a_virtual_table(
    ingest: Ingest, make: Make, module: str
) -> None:
    """A view on both has its edges, and a warning where its columns are not certain; no other."""
    path = make(
        f"CREATE VIRTUAL TABLE ft USING {module}; CREATE VIEW ftv AS SELECT title FROM ft;"
        'CREATE TABLE straße ("größe" INT, ok TEXT); CREATE VIEW vlat AS SELECT ok FROM straße;'
        "CREATE VIEW vs AS SELECT ft.title, s.ok, ft.rowid FROM ft, straße s;"
    )
    in_latin_1(path)
    result = ingest(path)
    assert set(result.tables) == {"ft", "ftv", "straße", "vlat", "vs"}
    assert result.lineage["ft", "ftv"] == {"ftv.title": "ft.title"}
    assert result.lineage["straße", "vlat"] == {"vlat.ok": "straße.ok"}
    assert {("ft", "vs"), ("straße", "vs")} <= result.lineage.keys()
    unsure = {
        note.key.split(".")[-1]: note.reason
        for note in result.status.warnings
        if "lineage" in note.reason
    }
    told = {"vs": "lineage may be incomplete: it reads a name that is not UTF-8"}
    assert unsure == ({} if module.startswith("rtree") else told)
    assert result.complete
    assert not result.status.failure_count


def test_file_that_is_moved_away_while_it_is_read(make: Make) -> None:
    """What a view reads is not known then; tables that are open are read on."""
    path = make("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t")
    with closing(SqliteFile(path, 1)) as file:
        file.open()
        path.unlink()
        with pytest.raises(UnresolvedError, match="unable to open"):
            file.reads_of("v")
        assert file.rows("SELECT count(*) FROM sqlite_master") == [(2,)]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be", "Latin-1"])
def test_every_encoding_gives_the_same_records(ingest: Ingest, make: Make, encoding: str) -> None:
    """Tables, columns, keys and lineage arrive by their names, however a file writes them."""
    path = make(f"PRAGMA encoding = '{encoding.replace('Latin-1', 'UTF-8')}'; {GERMAN}")
    if encoding == "Latin-1":
        in_latin_1(path)
    result = ingest(path)
    assert {name: list(result.columns(name)) for name in result.tables} == {
        "straße": ["größe", "id", "k ü"],
        "plain": ["a", "b"],
        "übersicht": ["maß", "a"],
        "kaputt": [],
    }
    assert result.columns("plain")["b"].dataTypeDisplay == "GÜTE"
    assert result.constraints("plain") == [("FOREIGN_KEY", ["a"], ["svc.data.main.straße.id"])]
    assert result.constraints("straße") == [("UNIQUE", ["größe", "id"], None)]
    assert result.tables["kaputt"].schemaDefinition == "CREATE VIEW kaputt AS SELECT * FROM größe"
    assert result.lineage["straße", "übersicht"] == {"übersicht.maß": "straße.größe"}
    warnings = [(note.key.split(".")[-1], note.reason) for note in result.status.warnings]
    if encoding != "Latin-1" or sys.version_info >= (3, 11):  # else Python loses the message
        assert ("kaputt", "delivered without columns: no such table: main.größe") in warnings
    misread = {key for key, reason in warnings if "read as Windows-1252" in reason}
    assert misread == (set(result.tables) if encoding == "Latin-1" else set())
    assert result.complete


def test_a_file_name_that_is_not_utf_8(ingest: Ingest, make: Make) -> None:
    """The database is called as its file, read as Windows-1252."""
    path = make("CREATE TABLE t (a)")
    odd = path.rename(path.parent / os.fsdecode(b"stra\xdfe.db"))
    assert ingest(odd).tables["t"].databaseSchema == "svc.straße.main"


def test_an_unparsed_statement_that_is_not_utf_8(ingest: Ingest, make: Make) -> None:
    """Neither the name nor the message of what is malformed needs to be UTF-8."""
    path = make("CREATE TABLE straße (a); CREATE TABLE t (a)")
    with schema_of(path) as connection:
        changed("straße", "CREATE TABLE straße NEW (a)")(connection)
    in_latin_1(path)
    result = ingest(path)
    assert set(result.tables) == {"t"}
    assert set(result.reasons("failures")) == {"straße"}


def test_names_that_become_one_are_failures(ingest: Ingest, make: Make) -> None:
    """Of two names that are stored as one, the second is a failure: nothing is overwritten."""
    path = make(
        'CREATE TABLE "a>b" (x, "c>", c__reserved__arrow__, Ä, ä);'
        "CREATE TABLE a__reserved__arrow__b (y); CREATE TABLE t (z)"
    )
    result = ingest(path)
    assert {name: list(result.columns(name)) for name in result.tables} == {
        "a__reserved__arrow__b": ["x", "c__reserved__arrow__", "Ä"],
        "t": ["z"],
    }
    assert result.reasons("failures") == {
        "a__reserved__arrow__b.c__reserved__arrow__": "OpenMetadata takes it for the column c>",
        "a__reserved__arrow__b.ä": "OpenMetadata takes it for the column Ä",
        "a__reserved__arrow__b": "another table or view of the file is stored under this name",
    }
    assert not result.complete


LONG = "x" * 3100


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("", ["a"]),
        ("x" * 257, ["a"]),
        ("line\u2028break", ["a"]),
        ("t", ["", "b"]),
        ("t", ["a\u0085", "b"]),
        ("t", [LONG, "b"]),
    ],
)
def test_a_name_that_cannot_be_stored_is_a_failure(
    ingest: Ingest, make: Make, table: str, columns: list[str]
) -> None:
    """It costs what has the name, and never counts as filtered; the rest is delivered."""
    listed = ", ".join(f'"{column}"' for column in columns)
    result = ingest(
        make(
            f'CREATE TABLE "{table}" ({listed}, UNIQUE ({listed})); CREATE TABLE fine (a);'
            f'CREATE TABLE other (x REFERENCES "{table}"("{columns[0]}"));'
            f'CREATE VIEW v AS SELECT * FROM "{table}"'
        )
    )
    assert set(result.tables) >= {"fine", "other"}
    assert list(result.columns("t") if "t" in result.tables else ["b"]) == ["b"]
    assert result.status.failure_count >= 1
    assert not result.status.filtered_count
    assert not result.complete


@pytest.mark.parametrize("name", ["a\x01b", "a\x1b[31mb", "a.b", "a::b", '"', "a\nb", "'", "a\tb"])
def test_other_names_arrive(ingest: Ingest, make: Make, name: str) -> None:
    """Control characters, quotes, dots and colons are no reason to lose anything."""
    quoted = '"' + name.replace('"', '""') + '"'
    result = ingest(make(f"CREATE TABLE {quoted} ({quoted} INT); CREATE TABLE t (a)"))
    assert list(result.columns(encode_reserved(name))) == [encode_reserved(name)]
    assert result.complete


def test_a_filtered_table_is_called_by_its_fqn(ingest: Ingest, make: Make) -> None:
    """What a filter leaves out is known by the FQN that it has in the store."""
    path = make('CREATE TABLE "a""b.c" (x); CREATE TABLE t (a)')
    result = ingest(path, table_filter={"excludes": ["a"]})
    assert [n.key for n in result.status.filtered] == ['svc.data.main."a__reserved__quote__b.c"']


def unread(*rows: tuple[str, str, str]) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.executemany(
        "INSERT INTO sqlite_master VALUES (?1, ?2, ?2, 0, ?3)", rows
    )


def changed(name: str, sql: str | None) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(
        "UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name)
    )


@pytest.mark.parametrize(
    ("spoil", "lost", "message"),
    [
        (
            unread(("table", "odd", "CREATE VIRTUAL TABLE odd USING spellfix1(a)")),
            {"odd"},
            "no such module: spellfix1",
        ),
        (
            unread(("view", "odd", "CREATE VIEW odd AS SELECT * FROM other.t")),
            {"odd"},
            "view odd cannot reference objects in database other",
        ),
        (changed("b", "CREATE TABLE b NEW (y)"), {"b"}, 'near "NEW": syntax error'),
        (changed("v", "CREATE VIEW v AS PIVOT a"), {"v"}, 'near "PIVOT": syntax error'),
        (changed("b", None), {"b"}, "the file holds no statement that created it"),
        (
            lambda c: c.execute("UPDATE sqlite_master SET name = 'q' WHERE name = 'b'"),
            {"q"},
            "the file has it under another name than its statement",
        ),
    ],
)
def test_what_this_sqlite_cannot_read_costs_that_object_only(
    ingest: Ingest,
    make: Make,
    spoil: Callable[[sqlite3.Connection], object],
    lost: set[str],
    message: str,
) -> None:
    """The object is named with SQLite's message and a way out; the rest of the file arrives."""
    path = make(
        "CREATE TABLE a (x INT); CREATE TABLE b (y); CREATE VIEW v AS SELECT x FROM a;"
        "CREATE INDEX i ON a (x)"
    )
    with schema_of(path) as connection:
        spoil(connection)
    result = ingest(path)
    assert set(result.tables) == {"a", "b", "v"} - lost - ({"b"} if lost == {"q"} else set())
    failures = result.reasons("failures")
    assert set(failures) == lost
    assert message in failures[next(iter(lost))]
    assert "leave it out with table_filter" in failures[next(iter(lost))]
    assert not result.complete
    rest = ingest(path, table_filter={"excludes": [f"{name}$" for name in lost]})
    assert set(rest.tables) == set(result.tables)
    assert rest.complete


def test_an_index_or_trigger_that_cannot_be_read(ingest: Ingest, make: Make) -> None:
    """Its table arrives without it, and the run says so."""
    path = make(
        "CREATE TABLE a (x INT, y); CREATE UNIQUE INDEX i ON a (x);"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END"
    )
    with schema_of(path) as connection:
        changed("i", "CREATE UNIQUE INDEX i ON a NEW (x)")(connection)
        changed("t", "CREATE TRIGGER t NEW")(connection)
    result = ingest(path)
    assert list(result.columns("a")) == ["x", "y"]
    reasons = [note.reason for note in result.status.warnings]
    assert reasons[0].endswith("cannot read its index i")
    assert "leaves out a part of it: malformed database schema (i)" in reasons[1]
    assert result.complete


def test_a_damaged_virtual_table_costs_that_table(ingest: Ingest, make: Make) -> None:
    """Damage that only one table meets does not end the run."""
    path = make("CREATE VIRTUAL TABLE ft USING fts5(title); CREATE TABLE t (a)")
    with schema_of(path) as connection:
        changed("ft_config", "CREATE TABLE ft_config (x)")(connection)
    result = ingest(path)
    assert "t" in result.tables
    assert list(result.reasons("failures")) == ["ft"]


def test_a_view_keeps_the_columns_of_an_earlier_run(
    ingest: Ingest, make: Make, context: WorkflowContext
) -> None:
    """A view that was delivered whole is not delivered without columns later, but fails."""
    path = make("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t")
    context.metadata.write(ingest(path).records[:-1])
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP VIEW v; CREATE VIEW v AS SELECT newer_function(a) FROM t")
    result = ingest(path)
    assert set(result.tables) == {"t"}
    assert "no such function: newer_function" in result.reasons("failures")["v"]
    assert not result.complete


def test_a_collation_that_only_an_application_has(ingest: Ingest, make: Make) -> None:
    """A view that compares with it has its columns and its lineage."""
    path = make("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT)")
    with schema_of(path) as connection:
        changed("t", "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT COLLATE unicode)")(connection)
        unread(
            ("view", "v", "CREATE VIEW v AS SELECT rowid AS r, n FROM t WHERE n > 'a' GROUP BY n")
        )(connection)
    result = ingest(path)
    assert list(result.columns("v")) == ["r", "n"]
    assert result.lineage == {("t", "v"): {"v.r": "t.id", "v.n": "t.n"}}
    assert not result.status.warning_count
