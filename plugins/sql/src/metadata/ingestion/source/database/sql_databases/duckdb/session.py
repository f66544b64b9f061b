"""DuckDB: a database that is open, read-only, and its streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.duckdb import statements
from metadata.ingestion.source.database.sql_databases.duckdb.faults import explained
from metadata.ingestion.source.database.sql_databases.duckdb.statements import Statements
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    RelationRow,
    RoutineRow,
    SchemaRow,
    UnseenRow,
    unproved,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted

if TYPE_CHECKING:
    import duckdb

_LONGEST = 1000
"""Characters of one value in a sample; one more tells that there are more."""

_ROWS = 1000
"""How many rows are taken from DuckDB at a time."""

_KINDS = {"PRIMARY KEY": "primary", "UNIQUE": "unique", "FOREIGN KEY": "foreign"}


_OF_FILES = {"duckdb", "sqlite"}
"""Types of databases without users. A server that is attached, and MotherDuck, whose shares may
leave out tables, hide what a user may not see."""

_PLAIN = {
    *("BOOLEAN", "FLOAT", "DOUBLE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
}
"""Types whose values are the same in Python."""


@contextmanager
def _ended_after(seconds: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt what a cursor executes; DuckDB has no limit of its own."""
    timer = Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


class DuckdbSession(Session):
    """Reads one database through the catalogue functions of DuckDB."""

    types = statements.TYPES
    has_columns_always = True

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        database: str,
        kind: str,
        place: str,
        sample_timeout: float,
    ) -> None:
        """`kind` is what DuckDB calls the type of the database, `place` is what is read, for
        messages; a sample may take `sample_timeout` seconds.
        """
        self._kind = kind
        self._connection = connection
        self._database = database
        self._place = place
        self._sample_timeout = sample_timeout
        columns = {name: self._columns_of(name) for name in statements.FUNCTIONS}
        nested = "parent_schema_oid" in columns["duckdb_schemas"] and any(
            count for (count,) in self._rows(statements.NESTED)
        )
        self._nested = nested
        self._keywords = {word for (word,) in self._rows(statements.KEYWORDS)}
        self._statements = Statements(columns, nested=nested)

    def close(self) -> None:
        """Nothing to do: the server closes the file."""

    def _columns_of(self, function: str) -> set[str]:
        with explained(self._place), closing(self._connection.cursor()) as cursor:
            self.statement_count += 1
            described = cursor.execute(f"SELECT * FROM {function}() LIMIT 0").description
            return {str(column[0]) for column in described or ()}

    def _rows(self, statement: str, wanted: Wanted | None = None) -> Iterator[tuple[Any, ...]]:
        parameters: dict[str, object] = {}
        if "$database" in statement:
            parameters["database"] = self._database
        if wanted is not None:
            parameters["schemas"] = None if wanted.schemas is None else list(wanted.schemas)
        self.statement_count += 1
        with closing(self._connection.cursor()) as cursor:
            with explained(self._place):
                cursor.execute(statement, parameters)
            while True:
                with explained(self._place):
                    rows = cursor.fetchmany(_ROWS)
                if not rows:
                    return
                yield from rows

    def schemas(self) -> Iterator[SchemaRow]:
        """Every schema; one inside another is called by its path, `outer.inner`."""
        for name, comment in self._rows(self._statements.schemas):
            yield SchemaRow(name, comment)

    def relations(self, wanted: Wanted) -> Iterator[RelationRow]:
        """Tables and views; views with their statements."""
        for schema, name, kind, comment, sql, count in self._rows(
            self._statements.relations, wanted
        ):
            definition = None
            if kind == "View" or wanted.definitions:
                definition = self._qualified(sql, schema, name)
            yield RelationRow(
                schema,
                name,
                kind,
                comment,
                definition=definition,
                row_count=count if wanted.row_counts else None,
            )

    def columns(self, wanted: Wanted) -> Iterator[ColumnRow]:
        """Columns of tables and views."""
        for *row, generation, comment, _ in self._rows(self._statements.columns, wanted):
            schema, relation, name, kind, is_nullable, default = row
            yield ColumnRow(schema, relation, name, kind, is_nullable, default, generation, comment)

    def constraints(self, wanted: Wanted) -> Iterator[ConstraintRow]:
        """Keys; a foreign key of DuckDB never leaves its schema."""
        for schema, relation, kind, columns, name, table, referred in self._rows(
            self._statements.constraints, wanted
        ):
            yield ConstraintRow(
                schema, relation, name, _KINDS[kind], columns, schema, table, referred
            )

    def routines(self, wanted: Wanted) -> Iterator[RoutineRow]:
        """Macros, with a statement that makes them; overloads are told apart by parameters.

        A macro for values and one for tables may have the same name and parameters.
        """
        last: tuple[str, str, str] | None = None
        for schema, name, parameters, types, body, comment, kind in self._rows(
            self._statements.routines, wanted
        ):
            arguments = ", ".join(
                f"{self._name(one)} {of}" if of else self._name(one)
                for one, of in zip(parameters, types or [None] * len(parameters), strict=False)
            )
            place = f"{self._path(schema)}.{self._name(name)}"
            gives = "TABLE " if kind == "table_macro" else ""
            code = f"CREATE MACRO {place}({arguments}) AS {gives}{body}"
            if last == (schema, name, arguments):
                arguments += " TABLE"
            last = schema, name, arguments
            yield RoutineRow(schema, name, "Function", "sql", code, arguments, comment)

    def unseen(self, wanted: Wanted) -> Iterator[UnseenRow]:
        """Everything, unless the database is a file, which has no users."""
        if self._kind not in _OF_FILES:
            yield from unproved(f"nothing is taken for gone from a database of {self._kind}")

    def sample(
        self, schema: str, relation: str, count: int
    ) -> tuple[list[str], list[list[object]]]:
        """The first rows; all but numbers and truth values as DuckDB prints them.

        Python has no dates before the year 1, no infinite ones, and no months.
        """
        place = f"{quoted(self._database)}.{self._path(schema)}.{quoted(relation)}"
        with explained(place), closing(self._connection.cursor()) as cursor:
            self.statement_count += 2
            columns = cursor.execute(f"DESCRIBE SELECT * FROM {place}").fetchall()
            printed = ", ".join(
                quoted(name) if kind in _PLAIN else f"left({quoted(name)}::VARCHAR, {_LONGEST + 1})"
                for name, kind, *_ in columns
            )
            with _ended_after(self._sample_timeout, cursor):
                rows = cursor.execute(f"SELECT {printed} FROM {place} LIMIT {count:d}").fetchall()
            return [name for name, *_ in columns], [list(row) for row in rows]

    def _name(self, name: str) -> str:
        """A name as DuckDB writes it, with quotes where they are needed."""
        is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in self._keywords
        return name if is_plain else quoted(name)

    def _path(self, schema: str) -> str:
        parts = schema.split(".") if self._nested else [schema]
        return ".".join(map(self._name, parts))

    def _qualified(self, sql: str | None, schema: str, name: str) -> str | None:
        """A CREATE statement with the schema before the name: DuckDB leaves out `main`."""
        for kind in ("VIEW", "TABLE"):
            for written in (name, quoted(name)):
                start = f"CREATE {kind} {written}"
                if sql and sql.startswith((f"{start} ", f"{start}(")):
                    return f"CREATE {kind} {self._path(schema)}.{written}{sql[len(start) :]}"
        return sql
