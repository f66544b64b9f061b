"""Statements that wait in a scratch file until everything that they name can be known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from om_ingest_lineage.analysis.results import Analysis
from om_ingest_lineage.kept.texts import as_text, of_text

_SCHEMA = """
CREATE TABLE waiting (
    number INTEGER PRIMARY KEY, sort INTEGER, scope TEXT, owner TEXT, sql TEXT, language TEXT,
    names TEXT
);
CREATE TABLE logged (
    number INTEGER PRIMARY KEY, scope TEXT, owner TEXT, sql TEXT, executions TEXT,
    known INTEGER, was_kept INTEGER, analysis TEXT
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


class Logged(NamedTuple):
    """A query, what it seemed to do when it passed, and how much was known then."""

    scope: str
    owner: str
    """What the report calls it."""

    sql: str
    executions: Mapping[str, int]
    """How often it ran, by day."""

    known_count: int
    """Tables of the run that were known."""

    was_kept: bool
    analysis: Analysis


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

    def add_query(self, query: Logged) -> None:
        """Keep a query until the end of the run."""
        *told, executions, known_count, was_kept, analysis = query
        row = (*told, json.dumps(executions), known_count, was_kept, as_text(analysis))
        self._connection.execute("INSERT INTO logged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row)

    def queries(self) -> Iterator[Logged]:
        """The queries in their order."""
        last = 0
        sql = "SELECT * FROM logged WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self._connection.execute(sql, (last, _PAGE_COUNT)).fetchall():
            for _, scope, owner, query, executions, known_count, was_kept, text in rows:
                analysis = of_text(text) or Analysis()
                days = json.loads(executions)
                yield Logged(scope, owner, query, days, known_count, bool(was_kept), analysis)
            last = rows[-1][0]

    def remove(self, number: int) -> None:
        """Forget a statement that was analysed."""
        self._connection.execute("DELETE FROM waiting WHERE number = ?", (number,))
