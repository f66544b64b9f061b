"""What is in an open file: transactions and queries, and what to do when SQLite fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any

from om_ingest.errors import DeliveryError
from om_ingest.private_file import full, reason, temporary_folder
from om_ingest.versioned_file.connecting import copy_into
from om_ingest.versioned_file.form import VersionedFormat, busy

LOOKUP_COUNT = 500
"""Maximum of values in one look-up: SQLite before 3.32 takes 999 parameters."""

_DAMAGE = (
    *("malformed", "not a database", "no such table", "no such column", "mismatch"),
    *("constraint failed", "not decode", "unsupported file format"),
)
"""What SQLite says of a file whose content nobody wrote through it."""


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
        with self._lock, self._translated(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield

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

    def become(self, path: Path, form: VersionedFormat) -> None:
        """Replace the content by a copy of a file, as that would be after an upgrade.

        Raises `WorkflowError` for a file that cannot be read.
        """
        with self._lock, self._translated():
            copy_into(self._connection, path, form)

    def close(self) -> None:
        """Close the file; also after an error."""
        with self._lock, self._translated():
            self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._failed(str(error)) from None

    def _failed(self, said: str) -> DeliveryError:
        is_busy = "is locked" in said  # the code itself comes only with Python 3.11
        remedy = "Check that the file is there and was not replaced, and run again."
        if "full" in said or "disk I/O" in said or "unable to open" in said:
            path = self._path()
            folder = path.parent if path else temporary_folder()
            # SQLite gives a temporary file back at once: there is room again by now.
            told = full(folder) if "full" in said else reason(None, folder / "file")
            if told.text or "unable to open" not in said:
                said = told.text or said
                remedy = told.remedy.rstrip(".") or "Free some space or check the disk"
                remedy += (
                    ", and run again; earlier batches are kept."
                    if path
                    else ", or name another folder for temporary files (TMPDIR), and run again."
                )
        elif is_busy:
            remedy = busy()
        elif any(sign in said for sign in _DAMAGE):
            remedy = "The file is damaged: restore it from a copy, or delete it and run again."
        elif "readonly" in said:
            remedy = "Open it for writing, and check the permissions of the file."
        return DeliveryError(f"{self._title} failed: {said}", remedy, is_busy=is_busy)

    def _path(self) -> Path | None:
        """The file that is open; None for a temporary one."""
        name = ""
        with suppress(sqlite3.Error):
            ((_, _, name),) = self._connection.execute("PRAGMA database_list").fetchall()[:1]
        return Path(name) if name else None
