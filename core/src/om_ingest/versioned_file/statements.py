"""Transactions and statements on an open file; SQLite's errors become `DeliveryError`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from om_ingest.errors import DeliveryError
from om_ingest.versioned_file.opening import BUSY_TIMEOUT_S

LOOKUP_COUNT = 500
"""Maximum of values in one look-up: SQLite before 3.32 takes 999 parameters."""


class OpenFile:
    """An open file; thread-safe, one statement at a time."""

    def __init__(self, connection: sqlite3.Connection, title: str) -> None:
        """`title` begins messages, e.g. `The catalog demo.db`."""
        self._connection = connection
        self._lock = RLock()
        self._title = title

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements inside or none; other processes wait.

        Raises `DeliveryError` when SQLite fails; the transaction is then rolled back.
        """
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite rolls back some errors itself
                    self._connection.execute("ROLLBACK")
                raise

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small or paged result."""
        with self._lock, self._translated():
            return self._connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement inside a transaction; the number of rows it touched."""
        return self._connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of `rows` inside a transaction."""
        self._connection.executemany(sql, rows)

    def data_version(self) -> int:
        """A number that changes when another process has changed the file."""
        return int(self.query("PRAGMA data_version")[0][0])

    def copy_into(self, other: OpenFile) -> None:
        """Replace the content of another file by a copy of this one."""
        with self._lock, self._translated():
            self._connection.backup(other._connection)

    def close(self) -> None:
        """Close the file; also after an error."""
        with self._lock, self._translated():
            self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._delivery_error(str(error)) from None

    def _delivery_error(self, reason: str) -> DeliveryError:
        is_busy = "is locked" in reason  # the code itself comes only with Python 3.11
        if "full" in reason or "disk I/O" in reason:
            remedy = "Free some space or check the disk, and run again; earlier batches are kept."
        elif is_busy:
            remedy = f"Another process has held it for {BUSY_TIMEOUT_S:.0f} s; try again later."
        elif "malformed" in reason or "not a database" in reason:
            remedy = "The file is damaged: restore it from a copy, or delete it and run again."
        elif "readonly" in reason:
            remedy = "Open it for writing, and check the permissions of the file."
        else:
            remedy = "Check that the file is there and was not replaced, and run again."
        return DeliveryError(f"{self._title} failed: {reason}", remedy, is_busy=is_busy)
