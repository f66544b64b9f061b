"""Temporary files of a run: they disappear when they are closed, and may lack room."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from om_ingest.errors import DeliveryError
from om_ingest.private_file import full, reason, temporary_folder


class ScratchFile:
    """An SQLite database in a temporary file; any thread may use it.

    `what` it holds is named in messages. Raises `DeliveryError` when there is no room: SQLite
    throws the whole content away then.
    """

    def __init__(self, what: str, statements: Iterable[str]) -> None:
        self._what = what
        self._lock = threading.Lock()
        with ExitStack() as undo, no_room_told(what):
            self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            undo.callback(self._connection.close)
            # Never committed: the file is temporary.
            for statement in ("PRAGMA synchronous = OFF", *statements, "BEGIN"):
                self._connection.execute(statement)
            undo.pop_all()

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Execute one statement; the rows that it gives."""
        with self._lock, no_room_told(self._what):
            return self._connection.execute(sql, parameters).fetchall()

    def insert(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute one statement for each row."""
        with self._lock, no_room_told(self._what):
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        """Throw everything away."""
        self._connection.close()


@contextmanager
def no_room_told(what: str) -> Iterator[None]:
    """Turn errors of a temporary file into a `DeliveryError` that names what it holds."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        folder = Path(gettempdir()) if isinstance(error, OSError) else temporary_folder()
        if isinstance(error, OSError):
            text = reason(error, folder / "file").text
        else:  # SQLite gives the file back at once: there is room again by now
            text = full(folder).text if "full" in str(error) else str(error)
        raise DeliveryError(
            f"Cannot use the temporary file of {what}: {text}",
            "Make room in the temporary folder (TMPDIR), or name another one, and run again.",
        ) from None
