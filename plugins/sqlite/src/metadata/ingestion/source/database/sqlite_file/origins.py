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
from functools import cache
from itertools import islice
from typing import NamedTuple

from metadata.ingestion.source.database.sqlite_file.file import UnresolvedError
from metadata.ingestion.source.database.sqlite_file.schema import Shape, folded
from metadata.ingestion.source.database.sqlite_file.scratch import Copy, Scratch, unlisted
from metadata.ingestion.source.database.sqlite_file.statements import (
    names_in,
    query_of,
    single_queries,
    without_arguments,
)

QUERY_COUNT = 500
"""Most choices of branches that are looked at in one view: as many as SQLite unites."""

_CALLED = re.compile(r"'(.*)' is not a function", re.DOTALL)


class Origins(NamedTuple):
    """The upstream tables and columns of a view."""

    tables: list[str]
    """Tables and views that it reads directly, in the order in which SQLite resolves them."""

    copies: list[tuple[str, str, str]]
    """Column of the view, its source table and source column."""

    gap: str = ""
    """Why lineage may be missing; empty if none is."""


class ViewReader:
    """Finds the origins of views."""

    def __init__(self, shape_of: Callable[[str], Shape | None]) -> None:
        """`shape_of` tells the columns of a table or view by its name without case."""
        self._shape_of = shape_of
        self._plain = Scratch(with_unlisted=False)
        self._full = Scratch(with_unlisted=True)
        self._error = ""

    def origins(
        self,
        name: str,
        columns: Sequence[str],
        definition: str,
        reads: Callable[[], set[tuple[str, str]]],
    ) -> Origins:
        """The origins of the view with this `CREATE VIEW` statement.

        `reads` tells which tables and columns the view reads in the file itself, without case, or
        raises `UnresolvedError`.
        Raises `UnresolvedError` if SQLite cannot resolve any of it.
        """
        reads = cache(reads)
        body = query_of(definition)
        queries = list(islice(single_queries(body, self._names_of), QUERY_COUNT + 1))
        gap = f"it has more than {QUERY_COUNT} branches" if len(queries) > QUERY_COUNT else ""
        whole = self._read(name, body, len(columns))
        parts = [(queries[0], whole)]
        if len(queries) > 1:
            parts = [(q, self._read(name, q.sql, len(columns))) for q in queries[:QUERY_COUNT]]
        if any(reading is None for _, reading in parts):
            gap = self._error
            if whole is None and all(reading is None for _, reading in parts):
                raise UnresolvedError(gap, "Simplify the view.")
        tables: dict[str, None] = {}
        copies: dict[Copy, None] = {}
        for query, reading in [(None, whole), *parts]:
            if reading is not None:
                tables.update(dict.fromkeys(reading.tables))
                if query is not None and query.is_copied:
                    try:
                        copies.update(dict.fromkeys(_certain(reading, reads)))
                    except UnresolvedError as error:
                        gap = error.what
        named = [(columns[place], table, column) for place, table, column in copies]
        return Origins(list(tables), named, gap)

    def close(self) -> None:
        """Drop the scratch databases."""
        self._plain.close()
        self._full.close()

    def _names_of(self, sql: str) -> list[str]:
        """The names of the columns that a query gives; none if they are not known."""
        for scratch, shapes in self._scratches(names_in(sql)):
            try:
                return scratch.names_of(sql, shapes)
            except (sqlite3.Error, ValueError):
                continue
        return []

    def _scratches(self, names: set[str]) -> Iterator[tuple[Scratch, list[Shape]]]:
        """The databases for a query with these names, the better one first, and their tables."""
        found = (self._shape_of(name) for name in sorted(names) if not name.startswith("sqlite_"))
        shapes = [shape for shape in found if shape is not None]
        if any(not names.isdisjoint(map(folded, unlisted(shape))) for shape in shapes):
            yield self._full, shapes
        yield self._plain, shapes

    def _read(self, view: str, sql: str, count: int) -> _Reading | None:
        """Compile a query as if it were the view; None, and `_error` is set, if that fails."""
        scratches = list(self._scratches(names_in(sql)))
        for scratch, shapes in scratches:
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
                    tables, copies, len(scratches) == 1, missed if scratch is self._plain else set()
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
