"""The scratch database in which views are compiled; `origins` says what for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager

from metadata.ingestion.source.database.sqlite_file.schema import Shape, folded
from metadata.ingestion.source.database.sqlite_file.statements import quoted

Copy = tuple[int, str, str]
"""Position of a column in a view, its source table and source column."""

_ROWIDS = ("rowid", "oid", "_rowid_")
_MARKER = "M"
_MARKED = "\x1fmarker "  # begins the name of a marker


class Scratch:
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
            rows, marker_count = self._result_of(view)
        if len(rows) != count:
            return reads, []
        # Where `*` has brought unlisted columns into a query inside, `rowid` may mean those.
        brought = sum(c.startswith(_MARKED) and folded(t) != folded(view) for t, c in reads)
        origin = "TR" if brought == marker_count else "T"
        return reads, [
            (place, *self._columns[int(kind[1:])])
            for place, (_, kind) in enumerate(rows)
            if kind[:1] in origin and kind[1:].isdecimal()
        ]

    def names_of(self, sql: str, shapes: Iterable[Shape]) -> list[str]:
        """The names of the columns that a query gives; raises as `read` does."""
        for shape in shapes:
            self._add(shape)
        with self._temporary_view("names", sql):
            return [name for name, _ in self._result_of("names")[0]]

    def _result_of(self, view: str) -> tuple[list[tuple[str, str]], int]:
        """Name and type of each column of a temporary view, and how many markers it has.

        What stands before a marker is left out, as `*` has brought both.
        """
        columns: list[tuple[str, str]] = []
        marker_count = 0
        for name, kind in self._connection.execute(
            "SELECT name, type FROM pragma_table_xinfo(?, 'temp') ORDER BY cid", (view,)
        ).fetchall():
            if kind == _MARKER and columns:
                columns.pop()
                marker_count += 1
            else:
                columns.append((name, kind or ""))
        return columns, marker_count

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
        with closing(Scratch(with_unlisted=self._with_unlisted)) as scratch:
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
            for number, name in enumerate(unlisted(shape)):
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


def unlisted(shape: Shape) -> list[str]:
    """The columns that can be named and are not in `SELECT *`."""
    listed = set(map(folded, shape.columns))
    names = [*shape.hidden, *(_ROWIDS if shape.rowid is not None else ())]
    return [name for name in names if folded(name) not in listed]
