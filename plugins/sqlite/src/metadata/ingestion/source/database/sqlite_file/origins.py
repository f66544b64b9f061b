"""Lineage of views: the tables a view reads and the columns it copies, as SQLite resolves them.

A scratch database in memory holds the tables *and views* that a view names as empty tables with
the same column names, each column declared with a type of its own. One view at a time joins
them as a temporary view, which hides the table of its name. Then

- the authorizer tells which columns SQLite resolves while it compiles the view
  (https://sqlite.org/c3ref/set_authorizer.html). As other views are tables here, a view on a
  view is seen to read that view, not the tables behind it;
- a view's column that is a plain copy keeps the declared type of what it copies
  (https://sqlite.org/c3ref/column_decltype.html), and that type names its origin. An
  expression has no declared type, so nothing is ever claimed for one. Of a compound only one
  branch has its types in the result, so each branch is read alone.

Some columns can be named without being in `SELECT *`: hidden ones of virtual tables, and
`rowid` and its like, which are the column declared as INTEGER PRIMARY KEY. A view that uses such a
name is read in a second database, where they are columns, too, each with a marker behind it that
no view can name: where a marker comes out, `*` has brought both. As names might be resolved in
another way there, a copy counts only if the view reads that column in the file itself.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import islice
from typing import NamedTuple

from metadata.ingestion.source.database.sqlite_file.file import UnresolvedError
from metadata.ingestion.source.database.sqlite_file.schema import Shape, folded
from metadata.ingestion.source.database.sqlite_file.statements import (
    names_in,
    query_of,
    quoted,
    single_queries,
    without_arguments,
)

QUERY_COUNT = 500
"""Most choices of branches that are looked at in one view: as many as SQLite unites."""

_ROWIDS = ("rowid", "oid", "_rowid_")
_MARKER = "M"
_MARKED = "\x1fmarker "  # begins the name of a marker
_CALLED = re.compile(r"'(.*)' is not a function", re.DOTALL)

Copy = tuple[int, str, str]
"""Position of a column in a view, its source table and source column."""


class Origins(NamedTuple):
    """The upstream tables and columns of a view."""

    tables: list[str]
    """Tables and views that it reads directly, in the order in which SQLite resolves them."""

    copies: list[tuple[str, str, str]]
    """Column of the view, its source table and source column."""

    is_cut: bool
    """Whether it has more branches than are looked at."""


class ViewReader:
    """Finds the origins of views."""

    def __init__(self, shape_of: Callable[[str], Shape | None]) -> None:
        """`shape_of` tells the columns of a table or view by its name without case."""
        self._shape_of = shape_of
        self._plain = _Scratch(with_unlisted=False)
        self._full = _Scratch(with_unlisted=True)
        self._error = ""

    def origins(
        self,
        name: str,
        columns: Sequence[str],
        definition: str,
        reads: Callable[[], set[tuple[str, str]]],
    ) -> Origins:
        """The origins of the view with this `CREATE VIEW` statement.

        `reads` tells which tables and columns the view reads in the file itself, without case.
        Raises `UnresolvedError` if SQLite cannot resolve the view.
        """
        reads = cache(reads)
        body = query_of(definition)
        queries = list(islice(single_queries(body, self._names_of), QUERY_COUNT + 1))
        is_cut = len(queries) > QUERY_COUNT
        whole = self._read(name, body, len(columns))
        parts = [(queries[0], whole)]
        if len(queries) > 1:
            parts = [(q, self._read(name, q.sql, len(columns))) for q in queries[:QUERY_COUNT]]
        if whole is None and (is_cut or any(reading is None for _, reading in parts)):
            raise UnresolvedError(self._error, "Simplify the view.")
        tables: dict[str, None] = {}
        copies: dict[Copy, None] = {}
        for query, reading in [(None, whole), *parts]:
            if reading is not None:
                tables.update(dict.fromkeys(reading.tables))
                if query is not None and query.is_copied:
                    copies.update(dict.fromkeys(_certain(reading, reads)))
        named = [(columns[place], table, column) for place, table, column in copies]
        return Origins(list(tables), named, is_cut)

    def close(self) -> None:
        """Drop the scratch databases."""
        self._plain.close()
        self._full.close()

    def _names_of(self, sql: str) -> list[str]:
        try:
            return self._plain.names_of(sql, self._shapes_in(names_in(sql)))
        except (sqlite3.Error, ValueError):
            return []

    def _shapes_in(self, names: set[str]) -> list[Shape]:
        found = (self._shape_of(name) for name in sorted(names) if not name.startswith("sqlite_"))
        return [shape for shape in found if shape is not None]

    def _read(self, view: str, sql: str, count: int) -> _Reading | None:
        """Compile a query as if it were the view; None, and `_error` is set, if that fails."""
        names = names_in(sql)
        shapes = self._shapes_in(names)
        is_plain = all(names.isdisjoint(map(folded, _unlisted(shape))) for shape in shapes)
        for scratch in (self._plain,) if is_plain else (self._full, self._plain):
            try:
                reads, copies = scratch.read(view, sql, count, shapes)
            except (sqlite3.Error, ValueError) as error:
                self._error = str(error)
                called = _CALLED.search(self._error)
                plain = without_arguments(sql, called[1]) if called else sql
                if plain != sql:
                    return self._read(view, plain, count)
            else:
                tables = scratch.tables_of(view, sql, reads, shapes)
                missed = {(folded(s.name), folded(c)) for s in shapes for c in s.hidden}
                return _Reading(
                    tables, copies, is_plain, set() if scratch is self._full else missed
                )
        return None


class _Reading(NamedTuple):
    """What SQLite says of one query."""

    tables: list[str]
    copies: list[Copy]
    is_certain: bool
    """Whether it names only columns that stand in `SELECT *`."""
    missed: set[tuple[str, str]]
    """Unlisted columns that the database which answered does not have, without case."""


def _certain(reading: _Reading, reads: Callable[[], set[tuple[str, str]]]) -> Iterable[Copy]:
    """The copies of a query of which it is certain that the file's own names mean them."""
    if reading.is_certain:
        return reading.copies
    real = reads()
    if not reading.missed.isdisjoint(real):
        return []
    return [copy for copy in reading.copies if (folded(copy[1]), folded(copy[2])) in real]


class _Scratch:
    """A database in memory that holds empty tables, with or without the unlisted columns."""

    def __init__(self, *, with_unlisted: bool) -> None:
        self._with_unlisted = with_unlisted
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=0
        )
        self._tables: set[str] = set()
        self._columns: list[tuple[str, str]] = []
        self._reads: list[tuple[str, str]] = []
        self._connection.set_authorizer(self._note)

    def read(
        self, view: str, sql: str, count: int, shapes: Iterable[Shape]
    ) -> tuple[list[tuple[str, str]], list[Copy]]:
        """The columns that a query reads, and those it copies if it gives so many columns.

        Raises `sqlite3.Error`, or `ValueError` for text that is no SQL.
        """
        for shape in shapes:
            self._add(shape)
        self._reads.clear()
        with self._temporary_view(view, sql):
            reads = list(self._reads)
            rows = self._connection.execute(
                "SELECT type FROM pragma_table_xinfo(?, 'temp') ORDER BY cid", (view,)
            ).fetchall()
        kinds: list[str] = []
        for (kind,) in rows:
            if kind == _MARKER and kinds:  # `*` has brought the column before it as well
                kinds.pop()
            else:
                kinds.append(kind or "")
        if len(kinds) != count:
            return reads, []
        # Where `*` has brought unlisted columns into a query inside, `rowid` may mean those.
        brought = sum(c.startswith(_MARKED) and folded(t) != folded(view) for t, c in reads)
        origin = "TR" if brought == sum(kind == _MARKER for (kind,) in rows) else "T"
        return reads, [
            (place, *self._columns[int(kind[1:])])
            for place, kind in enumerate(kinds)
            if kind[:1] in origin and kind[1:].isdecimal()
        ]

    def names_of(self, sql: str, shapes: Iterable[Shape]) -> list[str]:
        """The names of the columns that a query gives; raises as `read` does."""
        for shape in shapes:
            self._add(shape)
        with self._temporary_view("names", sql):
            rows = self._connection.execute("SELECT name FROM pragma_table_xinfo('names', 'temp')")
            return [name for (name,) in rows]

    def tables_of(
        self, view: str, sql: str, reads: Iterable[tuple[str, str]], shapes: Sequence[Shape]
    ) -> list[str]:
        """The tables behind what a query reads, other than the view itself."""
        names = {folded(shape.name): shape.name for shape in shapes}
        by_column: dict[str, bool] = {}
        for table, column in reads:
            name = names.get(folded(table))
            if name is not None and name != view:
                by_column[name] = by_column.get(name, False) or bool(column)
        # A read without a column, as by count(*), may also be one of a common table
        # expression of the same name. Only the real table is missed when it is not there.
        return [
            name
            for name, is_certain in by_column.items()
            if is_certain or not self._compiles(view, sql, [s for s in shapes if s.name != name])
        ]

    def close(self) -> None:
        """Drop everything."""
        self._connection.close()

    def _compiles(self, view: str, sql: str, shapes: Sequence[Shape]) -> bool:
        with closing(_Scratch(with_unlisted=self._with_unlisted)) as scratch:
            try:
                scratch.read(view, sql, 0, shapes)
            except sqlite3.OperationalError:
                return False
            return True

    def _add(self, shape: Shape) -> None:
        if shape.name in self._tables or not shape.columns:
            return
        declared = []
        for column in shape.columns:
            declared.append(f"{quoted(column)} T{len(self._columns)}")
            self._columns.append((shape.name, column))
        key = len(self._columns) - len(shape.columns)
        if self._with_unlisted:
            for number, name in enumerate(_unlisted(shape)):
                kind = "H"
                if shape.rowid is not None and name in _ROWIDS:
                    kind = f"R{key + shape.columns.index(shape.rowid)}"
                marker = f"{_MARKED}{number} of {shape.name}"
                declared += [f"{quoted(name)} {kind}", f"{quoted(marker)} {_MARKER}"]
        self._tables.add(shape.name)
        self._connection.execute(f"CREATE TABLE main.{quoted(shape.name)} ({', '.join(declared)})")

    @contextmanager
    def _temporary_view(self, name: str, sql: str) -> Iterator[None]:
        """Create and compile a view, and drop it."""
        view = f"temp.{quoted(name)}"
        self._connection.execute(f"CREATE TEMP VIEW {quoted(name)} AS {sql}")
        try:
            self._connection.execute(f"EXPLAIN SELECT * FROM {view}").close()
            yield
        finally:
            self._connection.execute(f"DROP VIEW {view}")

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


def _unlisted(shape: Shape) -> list[str]:
    """The columns that can be named and are not in `SELECT *`."""
    listed = set(map(folded, shape.columns))
    names = [*shape.hidden, *(_ROWIDS if shape.rowid is not None else ())]
    return [name for name in names if folded(name) not in listed]
