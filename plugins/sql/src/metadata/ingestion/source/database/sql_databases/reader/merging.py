"""Merges streams that are in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar


class _OfRelation(Protocol):
    @property
    def schema(self) -> str: ...

    @property
    def relation(self) -> str: ...


RowT = TypeVar("RowT", bound=_OfRelation)


class Groups(Generic[RowT]):
    """The rows of a stream, relation by relation, for relations that are asked for in order.

    Rows of relations that nobody asks for are passed over. `order` says how the database
    compares names; rows and relations stand in that order.
    """

    def __init__(self, rows: Iterator[RowT], order: Callable[[str], Any]) -> None:
        self._rows = rows
        self._order = order
        self._row = next(rows, None)

    def of(self, schema: str, relation: str) -> list[RowT]:
        """The rows of one relation; call it for relations in their order."""
        found: list[RowT] = []
        row = self._row
        while row is not None and not (row.relation == relation and row.schema == schema):
            if self._is_behind(row, schema, relation):
                row = next(self._rows, None)
            else:
                self._row = row
                return found
        rows = self._rows
        while row is not None and row.relation == relation and row.schema == schema:
            found.append(row)
            row = next(rows, None)
        self._row = row
        return found

    def _is_behind(self, row: RowT, schema: str, relation: str) -> bool:
        order = self._order
        return (order(row.schema), order(row.relation)) < (order(schema), order(relation))
