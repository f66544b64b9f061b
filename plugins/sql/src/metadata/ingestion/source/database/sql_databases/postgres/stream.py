"""Rows of statements, fetched from cursors of the server while records are made of earlier ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.postgres import statements

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]

_FETCHED_ROWS = 10_000
"""Rows of one FETCH: with 10 ms to the server, 200,000 columns take 0.2 s of waiting."""


class Transaction:
    """One read-only transaction that sees the catalogue as it was at its beginning.

    A thread of its own talks to the server: it has fetched the next rows of each statement when
    they are asked for. Only that thread uses the connection.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        from psycopg import IsolationLevel  # the driver is an extra

        self._connection = connection
        self._connection.isolation_level = IsolationLevel.REPEATABLE_READ
        self._connection.read_only = True
        self._thread = ThreadPoolExecutor(1, "om-ingest-postgres")
        self._cursors = itertools.count(1)

    def rows(self, statement: str, parameters: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of a statement; it is sent now, and its rows come when they are asked for."""
        cursor = self._connection.cursor(name=f"om_ingest_{next(self._cursors)}")
        begun = self._thread.submit(self._begin, cursor, statement, parameters)
        return self._rows(cursor, begun)

    def begin(self) -> tuple[int, str]:
        """Set the transaction up; the version of the server (150004), and its encoding."""
        return self._thread.submit(self._set_up).result()

    def _set_up(self) -> tuple[int, str]:
        version = self._connection.info.server_version
        found = self._connection.execute(statements.SETUP.encode()).fetchone()
        if version >= 110000:
            self._connection.execute(statements.WITHOUT_JIT.encode())
        return version, found[0] if found else ""

    def _rows(self, cursor: psycopg.ServerCursor[Row], begun: Future[list[Row]]) -> Iterator[Row]:
        rows = begun.result()
        while len(rows) == _FETCHED_ROWS:
            following = self._thread.submit(cursor.fetchmany, _FETCHED_ROWS)
            yield from rows
            rows = following.result()
        self._thread.submit(cursor.close)
        yield from rows

    @staticmethod
    def _begin(
        cursor: psycopg.ServerCursor[Row], statement: str, parameters: Mapping[str, Any]
    ) -> list[Row]:
        cursor.execute(statement.encode(), parameters)
        return cursor.fetchmany(_FETCHED_ROWS)

    def close(self) -> None:
        """End the transaction and the connection; a statement that runs is ended."""
        from psycopg import Error  # the driver is an extra

        self._thread.shutdown(wait=False, cancel_futures=True)
        try:
            if not self._connection.closed:
                self._connection.cancel_safe(timeout=5)
        except Error:
            pass  # the server ends it when it notices that nobody is there
        self._thread.shutdown(wait=True)
        self._connection.close()
