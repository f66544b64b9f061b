"""Rows of statements, fetched from cursors of the server while records are made of earlier ones."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.postgres import statements

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]

_FETCHED_ROWS = (300, 1200, 5000)
"""Rows of the first FETCH, the second, and all others: the first records come early. While
records are made of 5,000 columns, the server has time for the next, wherever it is."""


class Transaction:
    """One read-only transaction that sees the catalogue as it was at its beginning.

    A thread of its own talks to the server: it fetches the next rows of each statement before
    they are asked for. Only that thread uses the connection.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        from psycopg import IsolationLevel  # the driver is an extra

        self._connection = connection
        self._connection.isolation_level = IsolationLevel.REPEATABLE_READ
        self._connection.read_only = True
        self._connection.prepare_threshold = None  # connection pools may not know them
        self._thread = ThreadPoolExecutor(1, "om-ingest-postgres")
        self._cursors = itertools.count(1)

    def begin(self) -> tuple[int, str]:
        """Set the transaction up; the version of the server (150004), and its encoding."""
        return self._thread.submit(self._set_up).result()

    def _set_up(self) -> tuple[int, str]:
        version = self._connection.info.server_version
        found = self._connection.execute(statements.SETUP.encode()).fetchone()
        if version >= 110000:
            self._connection.execute(statements.WITHOUT_JIT.encode())
        return version, found[0] if found else ""

    def rows(self, statement: str, parameters: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of a statement; it is sent now, and its rows come when they are asked for.

        Raises what psycopg raises.
        """
        name = f"om_ingest_{next(self._cursors)}"
        return self._rows(name, self._thread.submit(self._begun, name, statement, parameters))

    def _begun(self, name: str, statement: str, parameters: Mapping[str, Any]) -> list[Row]:
        declare = f"DECLARE {name} NO SCROLL CURSOR FOR {statement}"
        self._connection.execute(declare.encode(), parameters)
        return self._fetched(name, _FETCHED_ROWS[0])

    def _fetched(self, name: str, count: int) -> list[Row]:
        return self._connection.execute(f"FETCH {count} FROM {name}".encode()).fetchall()

    def _rows(self, name: str, begun: Future[list[Row]]) -> Iterator[Row]:
        rows = begun.result()
        asked, *later = _FETCHED_ROWS
        while len(rows) == asked:
            asked = later.pop(0) if later else asked
            following = self._thread.submit(self._fetched, name, asked)
            yield from rows
            rows = following.result()
        yield from rows

    def close(self) -> None:
        """End the transaction and the connection; a statement that runs is ended."""
        from psycopg import Error  # the driver is an extra

        self._thread.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(Error):  # else it ends when the server misses its client
            if not self._connection.closed:
                self._connection.cancel_safe(timeout=5)
        self._thread.shutdown(wait=True)
        self._connection.close()
