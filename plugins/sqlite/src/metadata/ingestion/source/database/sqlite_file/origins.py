"""Lineage of views: the tables a view reads and the columns it copies, as SQLite resolves them.

A scratch database in memory holds every table *and view* of the file as an empty table with
the same column names, each column declared with a type of its own. One view at a time joins
them as a temporary view, which hides the table of its name. Then

- the authorizer tells which columns SQLite resolves while it compiles the view
  (https://sqlite.org/c3ref/set_authorizer.html). As other views are tables here, a view on a
  view is seen to read that view, not the tables behind it;
- a view's column that is a plain copy keeps the declared type of what it copies
  (https://sqlite.org/c3ref/column_decltype.html), and that type names its origin. An
  expression has no declared type, so nothing is ever claimed for one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import NamedTuple

from metadata.ingestion.source.database.sqlite_file.file import UnresolvedError
from metadata.ingestion.source.database.sqlite_file.schema import folded


class Origins(NamedTuple):
    """The upstream tables and columns of a view."""

    tables: list[str]
    """Tables and views that it reads directly, in the order in which SQLite resolves them."""

    copies: list[tuple[str, str, str]]
    """Column of the view, its source table and source column."""


class ViewReader:
    """Finds the origins of views; `add` every table and view first."""

    def __init__(self) -> None:
        self._scratch = _memory()
        self._tables: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._columns: list[tuple[str, str]] = []
        self._reads: list[tuple[str, str]] = []
        self._scratch.set_authorizer(self._note)

    def add(self, name: str, columns: Iterable[str]) -> None:
        """Register a table or view with its column names."""
        if folded(name).startswith("sqlite_"):
            return  # reserved: only SQLite itself can create one
        declared = []
        for column in columns:
            declared.append(f"{_quoted(column)} T{len(self._columns)}")
            self._columns.append((name, column))
        if declared:  # a broken view has none, and no other view can read it
            statement = f"CREATE TABLE main.{_quoted(name)} ({', '.join(declared)})"
            self._scratch.execute(statement)
            self._tables[folded(name)] = name
            self._declared[name] = statement

    def origins(self, name: str, columns: Sequence[str], definition: str) -> Origins:
        """The origins of the view with this `CREATE VIEW` statement.

        Raises `UnresolvedError` if SQLite cannot resolve it.
        """
        self._reads.clear()
        try:
            with _temporary_view(self._scratch, name, definition):
                reads = list(self._reads)
                copies = self._copies(name, columns)
        except sqlite3.Error as error:
            raise UnresolvedError(str(error), "Simplify the view.") from error
        return Origins(self._tables_of(name, definition, reads), copies)

    def close(self) -> None:
        """Drop the scratch database."""
        self._scratch.close()

    def _tables_of(self, view: str, definition: str, reads: Sequence[tuple[str, str]]) -> list[str]:
        by_column: dict[str, bool] = {}
        for table, column in reads:
            name = self._tables.get(folded(table))
            if name is not None and name != view:
                by_column[name] = by_column.get(name, False) or bool(column)
        # A read without a column, as by count(*), may also be one of a common table
        # expression of the same name. Only the real table is missed when it is not there.
        return [
            name
            for name, certain in by_column.items()
            if certain or not self._compiles(view, definition, set(by_column) - {name})
        ]

    def _compiles(self, view: str, definition: str, tables: Iterable[str]) -> bool:
        with closing(_memory()) as scratch:
            for name in tables:
                scratch.execute(self._declared[name])
            try:
                with _temporary_view(scratch, view, definition):
                    return True
            except sqlite3.OperationalError:
                return False

    def _copies(self, view: str, columns: Sequence[str]) -> list[tuple[str, str, str]]:
        rows = self._scratch.execute(
            "SELECT name, type FROM pragma_table_xinfo(?, 'temp') ORDER BY cid", (view,)
        ).fetchall()
        if [name for name, _ in rows] != list(columns):
            return []  # a virtual table's hidden columns, visible here, have moved `SELECT *`
        return [
            (name, *self._columns[int(kind[1:])])
            for name, kind in rows
            if kind and kind[0] == "T" and kind[1:].isdecimal()
        ]

    def _note(
        self,
        action: int,
        table: str | None,
        column: str | None,
        database: str | None,
        view: str | None,
    ) -> int:
        if action == sqlite3.SQLITE_READ and table:
            self._reads.append((table, column or ""))
        return sqlite3.SQLITE_OK


def _memory() -> sqlite3.Connection:
    return sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=0
    )


@contextmanager
def _temporary_view(scratch: sqlite3.Connection, name: str, definition: str) -> Iterator[None]:
    """Create and compile a view, and drop it. SQLite stores statements as `CREATE VIEW …`."""
    scratch.execute(f"CREATE TEMP {definition.removeprefix('CREATE ')}")
    try:
        scratch.execute(f"EXPLAIN SELECT * FROM temp.{_quoted(name)}").close()
        yield
    finally:
        scratch.execute(f"DROP VIEW temp.{_quoted(name)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
