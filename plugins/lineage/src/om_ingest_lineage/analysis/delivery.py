"""Rows into the columns of the table that gets them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.edges import Edges
from om_ingest_lineage.analysis.names import KnownTable
from om_ingest_lineage.analysis.relations import Column, Rows


class Delivery:
    """Finds the columns of a target by position or by name, and draws the edges."""

    def __init__(self, letters: Letters, edges: Edges) -> None:
        self._letters = letters
        self._edges = edges

    def rows(
        self,
        target: KnownTable,
        rows: Rows,
        listed: Sequence[exp.Expr],
        *,
        new: bool = False,
        by_name: bool = False,
    ) -> list[Column]:
        """Write rows into a table; the columns of the table that get something.

        `listed` are the columns that the statement names. `new`: the statement makes the table,
        so that its columns are those of the rows. `by_name`: it says that names count, not order.
        """
        self._edges.tables(target.fqn, rows.tables)
        names: Sequence[str] = [self._stored(target, name) for name in listed]
        if not names and not by_name and (not new or self._fits(target, rows)):
            names = target.columns
        written = []
        for at, column in enumerate(rows.columns):
            name: str | None = None
            if names:
                name = _by_position(at, rows, names)
            elif (new or by_name) and column.name:
                name = self._stored_by_key(target, column)
            if name is None:
                self._edges.lost(target.fqn, column.origin.cells)
                self._edges.untold(target.fqn, column.origin.untold)
            else:
                self._edges.column(target.fqn, name, column.origin)
                key = self._letters.stored_key(name)
                written.append(Column(key, name, column.origin))
        self._edges.untold(target.fqn, rows.tables_behind_opens())
        return written

    def _fits(self, target: KnownTable, rows: Rows) -> bool:
        """Whether the columns that a new table is known to have are those of rows, in order.

        They have the same names in another order where a catalog sorts them: then names count.
        """
        if not rows.opens:
            if len(rows.columns) != len(target.columns):
                return False
            given = [column.name.casefold() for column in rows.columns]
            known = [name.casefold() for name in target.columns]
            return given == known or len(set(given)) < len(given) or set(given) != set(known)
        keys = {self._letters.stored_key(name) for name in target.columns}
        return any(column.key not in keys for column in rows.columns)

    def _stored(self, target: KnownTable, name: exp.Expr) -> str:
        key = self._letters.key(name.name, bool(name.args.get("quoted")))
        for stored in target.columns:
            if self._letters.stored_key(stored) == key:
                return stored
        if not name.args.get("quoted"):
            alike = [s for s in target.columns if s.casefold() == name.name.casefold()]
            if len(alike) == 1:
                return alike[0]
        return self._letters.shown(name) if isinstance(name, exp.Identifier) else name.name

    def _stored_by_key(self, target: KnownTable, column: Column) -> str | None:
        if not target.columns:
            return column.name
        for stored in target.columns:
            if self._letters.stored_key(stored) == column.key:
                return stored
        alike = [s for s in target.columns if s.casefold() == column.key.casefold()]
        return alike[0] if len(alike) == 1 else None


def _by_position(at: int, rows: Rows, names: Sequence[str]) -> str | None:
    """The name at a position, counted from the end behind columns that are not known."""
    before = [part for part in rows.opens if part.position <= at]
    if before:
        if len(rows.opens) > 1:
            return None
        at = len(names) - len(rows.columns) + at
        if at < before[0].position:
            return None
    return names[at] if 0 <= at < len(names) else None
