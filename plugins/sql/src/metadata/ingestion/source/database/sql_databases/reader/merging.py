"""Merges streams that are in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from om_ingest import SourceError

Order = Callable[[str], Any]
"""How a database compares names, as a key of `sorted`."""


class _OfRelation(Protocol):
    @property
    def schema(self) -> str: ...

    @property
    def relation(self) -> str: ...


RowT = TypeVar("RowT", bound=_OfRelation)


class Place:
    """Where a stream stands; raises `SourceError` where it goes back: rows would be lost."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._last: tuple[Any, Any] | None = None

    def move(self, schema: str, relation: str) -> None:
        """Go on to a relation, which comes after the one before."""
        here = self._order(schema), self._order(relation)
        if self._last is not None and here < self._last:
            raise SourceError(
                f"The database gave {schema}.{relation} out of order",
                "Report this with the version of the server: rows are merged by their order.",
            )
        self._last = here


class Groups(Generic[RowT]):
    """The rows of a stream, relation by relation, for relations that are asked for in order.

    Rows of relations that nobody asks for are passed over. Rows and relations stand in `order`.
    """

    def __init__(self, rows: Iterator[RowT], order: Order) -> None:
        self._rows = rows
        self._order = order
        self._place = Place(order)
        self._started = False
        self._row: RowT | None = None

    def of(self, schema: str, relation: str) -> list[RowT]:
        """The rows of one relation; raises `SourceError` if the stream is not in order."""
        if not self._started:
            self._started = True
            self._row = next(self._rows, None)
        found: list[RowT] = []
        row = self._row
        while row is not None and not (row.relation == relation and row.schema == schema):
            self._place.move(row.schema, row.relation)
            if not self._is_behind(row, schema, relation):
                self._row = row
                return found
            row = next(self._rows, None)
        rows = self._rows
        while row is not None and row.relation == relation and row.schema == schema:
            found.append(row)
            row = next(rows, None)
        self._row = row
        if found:
            self._place.move(schema, relation)
        return found

    def _is_behind(self, row: RowT, schema: str, relation: str) -> bool:
        order = self._order
        return (order(row.schema), order(row.relation)) < (order(schema), order(relation))
