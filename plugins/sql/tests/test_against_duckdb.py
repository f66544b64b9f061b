"""What the `duckdb` source says of a database, beside what DuckDB exports and describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from metadata.ingestion.source.database.sql_databases.duckdb.source import DuckdbSource
from om_ingest import WorkflowContext
from om_ingest.config import DatabaseSourceConfig
from om_ingest_catalog import Catalog

from tests.databases.arbitrary import DUCKDB, arbitrary
from tests.databases.ddl import Words
from tests.databases.facts import (
    Column,
    Facts,
    ForeignKey,
    Relation,
    Routine,
    assert_same,
    of_records,
)
from tests.databases.samples import sample, samples
from tests.selection import rarely

KINDS = {
    "TINYINT": "TINYINT",
    "SMALLINT, UTINYINT": "SMALLINT",
    "INTEGER, USMALLINT": "INT",
    "UINTEGER": "UINT",
    "BIGINT, UBIGINT": "BIGINT",
    "HUGEINT, UHUGEINT": "LARGEINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "VARCHAR": "TEXT",
    "BLOB": "BLOB",
    "BIT": "BIT",
    "UUID": "UUID",
    "JSON": "JSON",
    "DATE": "DATE",
    "TIME, TIME WITH TIME ZONE": "TIME",
    "TIMESTAMP, TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP_NS": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPZ",
    "INTERVAL": "INTERVAL",
}
PLAIN = {name: kind for names, kind in KINDS.items() for name in names.split(", ")}


def kind_of(text: str) -> str:
    """What OpenMetadata calls a type of DuckDB, in the words of `facts.kind_text`."""
    if array := re.fullmatch(r"(.*)\[\d*\]", text, re.DOTALL):
        element = kind_of(array[1])
        return "ARRAY<ARRAY>" if element.startswith("ARRAY<") else f"ARRAY<{_unsized(element)}>"
    if text.startswith("ENUM("):
        return "ENUM"
    if text.startswith("DECIMAL("):
        return text
    if nested := re.match(r"STRUCT|MAP|UNION", text):
        words = Words(text.removeprefix(nested[0]))
        parts = words.list()
        if nested[0] == "MAP":
            parts = [f"{name} {part}" for name, part in zip(("key", "value"), parts, strict=True)]
        members = []
        for part in parts:
            inner = Words(part)
            name = inner.name()
            members.append(f"{name} {kind_of(inner.rest().strip())}")
        return f"{nested[0]}{{{', '.join(members)}}}"
    return PLAIN[text]


def _unsized(kind: str) -> str:
    return re.sub(r"^(\w+)\([\d,]+\)", r"\1", kind)


def told(connection: duckdb.DuckDBPyConnection, folder: Path, statements: str) -> Facts:
    """What DuckDB tells of its database, and the comments that were made."""
    facts = Facts()
    connection.execute(
        "SELECT schema_name FROM information_schema.schemata"
        " WHERE catalog_name = current_database()"
        " AND schema_name NOT IN ('information_schema', 'pg_catalog')"
    )
    facts.schemas = dict.fromkeys(name for (name,) in connection.fetchall())
    connection.execute("SELECT type, sql FROM sqlite_master WHERE type IN ('table', 'view')")
    for kind, statement in connection.fetchall():
        words = Words(statement)
        words.skip(f"CREATE {kind.upper()} ")
        place = _place(words)
        relation = facts.relations[place] = Relation("Regular" if kind == "table" else "View")
        relation.columns = list(_described(connection, place))
        if kind == "view":
            for column in relation.columns:  # DESCRIBE copies it from the columns of tables
                column.is_nullable = True
            relation.definition = statement
            if place[0] == "main":  # which DuckDB leaves out
                relation.definition = statement.replace(" VIEW ", " VIEW main.", 1)
        else:
            _keys(words, relation)
    if "CREATE MACRO" in statements:
        connection.execute(f"EXPORT DATABASE '{folder}'")
        exported = (folder / "schema.sql").read_text("utf-8")
        for statement in re.findall(r"^CREATE MACRO (.*?;)$", exported, re.MULTILINE | re.DOTALL):
            schema, name = _place(Words(statement))
            facts.routines[schema, name, ""] = Routine("Function", _body(statement))
    _comments(facts, statements)
    return facts


def _place(words: Words) -> tuple[str, str]:
    name = words.name()
    if not words.text.startswith(".", words.at):
        return "main", name
    words.skip(".")
    return name, words.name()


def _described(connection: duckdb.DuckDBPyConnection, place: tuple[str, str]) -> Iterator[Column]:
    schema, name = ('"' + part.replace('"', '""') + '"' for part in place)
    connection.execute(f"DESCRIBE {schema}.{name}")
    for column, kind, null, *_ in connection.fetchall():
        yield Column(column, kind, null == "YES")


def _keys(words: Words, relation: Relation) -> None:
    for text in words.list():
        part = Words(text)
        if text.startswith("PRIMARY KEY("):
            part.skip("PRIMARY KEY")
            relation.primary = _names(part)
        elif text.startswith("UNIQUE("):
            part.skip("UNIQUE")
            relation.unique.append(_names(part))
        elif text.startswith("FOREIGN KEY ("):
            part.skip("FOREIGN KEY ")
            columns = _names(part)
            part.skip(" REFERENCES ")
            referred = _place(part)
            relation.foreign.append(ForeignKey(columns, referred, _names(part)))
        elif text.endswith(" PRIMARY KEY"):
            relation.primary = [part.name()]
        elif text.endswith(" UNIQUE"):
            relation.unique.append([part.name()])


def _names(words: Words) -> list[str]:
    return [Words(text).name() for text in words.list()]


def _comments(facts: Facts, statements: str) -> None:
    """The comments as the sample makes them: DuckDB exports none."""
    for kind, subject, said in re.findall(
        r"COMMENT ON (\w+) (.*?) IS '((?:[^']|'')*)'", statements, re.DOTALL
    ):
        words = Words(subject)
        comment = said.replace("''", "'")
        relation = facts.relations[words.place()]
        if kind == "COLUMN":
            words.skip(".")
            name = words.name()
            next(each for each in relation.columns if each.name == name).comment = comment
        else:
            relation.comment = comment


def _body(code: str) -> str:
    body = code.partition(" AS ")[2].rstrip(";").removeprefix("TABLE ")
    return body.removeprefix("(").removesuffix(")") if body.startswith(("(SELECT", "((")) else body


@pytest.mark.parametrize("name", rarely(samples("duckdb"), lambda _, name: name == "chinook"))
def test_duckdb_says_what_it_exports(tmp_path: Path, name: str) -> None:
    """Schemas, relations, columns, types, keys, comments, views and macros."""
    compare(tmp_path, sample("duckdb", name))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(5))
def test_arbitrary_tables(tmp_path: Path, seed: int) -> None:
    """So it is with names and comments of odd signs, nested types and keys at random."""
    statements = ["CREATE SCHEMA s", *arbitrary(DUCKDB, seed, "s")]
    compare(tmp_path, ";\n".join(statements))


def compare(tmp_path: Path, statements: str) -> None:
    """Make a database, and compare both."""
    path = tmp_path / "sample.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(statements)
        expected = told(connection, tmp_path / "exported", statements)
    source_config = DatabaseSourceConfig(includeStoredProcedures=True)
    with Catalog.temporary() as catalog:
        context = WorkflowContext(catalog, "svc", source_config=source_config)
        with DuckdbSource.create({"path": str(path)}, {}, context) as source:
            source.prepare()
            facts = of_records(source.next_record())
            assert not source.get_status().failures
    for routine in facts.routines.values():
        routine.sql = _body(routine.sql)
    assert_same(facts.lines(), expected.lines(kind_of))
