"""How a table's constraints and partition name its columns: exactly as these are called.

Servers compare these names with their case, in each release: `DatabaseUtil` in OpenMetadata's
sources from 0.13 on; its issue 17098. So they compare the columns of one table: two may differ in
case alone (issues 28077 and 28646). Only with stored columns do columns match whatever their case
(contract §6.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from om_ingest.kinds.comparing import Body
from om_ingest.model.naming import encode_reserved


class Misnamed(NamedTuple):
    """A column that a constraint or a partition names, and that the table does not have."""

    holder: str
    """What names it, e.g. `the UNIQUE constraint`."""

    name: str
    """The name there."""

    meant: str
    """The one column whose name differs in case alone; empty if there is none."""

    def __str__(self) -> str:
        if self.meant:
            return f"{self.holder} names the column {self.name}, which is called {self.meant}"
        return f"{self.holder} names the unknown column {self.name}"


def misnamed_columns(body: Body, stored: Body | None = None) -> Iterator[Misnamed]:
    """Column names in a table's constraints and partition that are no column of the table.

    A name that `stored` has in the same place may differ in case from the column's: tables that
    older releases have accepted remain valid.
    """
    if not body.get("tableConstraints") and not body.get("tablePartition"):
        return
    names = ColumnNames(body)
    kept = set(_named_in(stored or {}))
    for holder, name in _named_in(body):
        meant = names.meant(name)
        if meant != name and not (meant and (holder, name) in kept):
            yield Misnamed(holder, name, meant)


class ColumnNames:
    """The names of a table's own columns, to look up what others call them."""

    def __init__(self, body: Body) -> None:
        columns = [column.get("name") or "-" for column in body.get("columns") or ()]
        self._exact = set(columns)
        self._folded: dict[str, list[str]] = {}
        for name in columns:
            self._folded.setdefault(name.lower(), []).append(name)

    def meant(self, name: str) -> str:
        """The name itself if a column is called so, else the only one that differs in case.

        Empty if there is none. Reserved sequences may be rewritten or not.
        """
        written = encode_reserved(name)
        if written in self._exact:
            return name
        same = self._folded.get(written.lower(), ())
        return same[0] if len(same) == 1 else ""


def _named_in(body: Body) -> Iterator[tuple[str, str]]:
    """What names a column, and how, for each constraint and the partition."""
    for constraint in body.get("tableConstraints") or ():
        kind = constraint.get("constraintType") or "table"
        for name in constraint.get("columns") or ():
            yield f"the {kind} constraint", str(name)
    for part in (body.get("tablePartition") or {}).get("columns") or ():
        if part.get("columnName") is not None:
            yield "the partition", str(part["columnName"])
