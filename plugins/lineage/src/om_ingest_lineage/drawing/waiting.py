"""Statements that wait in a scratch file until everything that they name can be known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE waiting (
    number INTEGER PRIMARY KEY, sort INTEGER, scope TEXT, owner TEXT, sql TEXT, language TEXT,
    names TEXT
);
CREATE INDEX waiting_of_sort ON waiting (sort, scope);
CREATE INDEX waiting_of_owner ON waiting (owner);
"""
_PAGE_COUNT = 100


class Sort(IntEnum):
    """What a statement belongs to, in the order in which they are analysed."""

    VIEW = 1
    MODEL = 2
    ROUTINE = 3


class Waiting(NamedTuple):
    """A statement, and whose it is."""

    number: int
    sort: Sort
    scope: str
    """FQN of the schema that it stands in."""

    owner: str
    """FQN of the view or routine."""

    sql: str
    language: str | None = None
    """Language of a routine, as the database calls it; None if it is not known."""

    names: str | None = None
    """The tables that it names, as text, if it was looked at too early."""


class WaitingStatements:
    """Views and routines whose statements were not analysed yet."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_SCHEMA)

    def add(
        self, sort: Sort, scope: str, owner: str, sql: str, language: str | None = None
    ) -> None:
        """Keep a statement."""
        row = (sort, scope, owner, sql, language)
        self._connection.execute("INSERT INTO waiting VALUES (NULL, ?, ?, ?, ?, ?, NULL)", row)

    def scopes(self, sort: Sort) -> list[str]:
        """FQNs of the schemas that statements of a sort wait in."""
        sql = "SELECT DISTINCT scope FROM waiting WHERE sort = ?"
        return [scope for (scope,) in self._connection.execute(sql, (sort,))]

    def of(self, sort: Sort, scope: str | None = None) -> Iterator[Waiting]:
        """Statements in their order, those of one schema if it is given; others may be removed."""
        where = "sort = ?" if scope is None else "sort = ? AND scope = ?"
        sql = f"SELECT * FROM waiting WHERE {where} AND number > ? ORDER BY number LIMIT ?"
        last = 0
        while rows := self._connection.execute(
            sql, (sort, *([scope] if scope is not None else []), last, _PAGE_COUNT)
        ).fetchall():
            for number, sort_number, *rest in rows:
                yield Waiting(number, Sort(sort_number), *rest)
            last = rows[-1][0]

    def of_owner(self, owner: str) -> Waiting | None:
        """The statement of a view, if it waits."""
        sql = "SELECT * FROM waiting WHERE owner = ? AND sort != ? ORDER BY number DESC"
        row = self._connection.execute(sql, (owner, Sort.ROUTINE)).fetchone()
        return None if row is None else Waiting(row[0], Sort(row[1]), *row[2:])

    def note_names(self, number: int, names: str) -> None:
        """Keep the names of a statement that was looked at too early."""
        self._connection.execute("UPDATE waiting SET names = ? WHERE number = ?", (names, number))

    def remove(self, number: int) -> None:
        """Forget a statement that was analysed."""
        self._connection.execute("DELETE FROM waiting WHERE number = ?", (number,))
