"""Reads a SQLite file without changing or creating any file; all SQL goes through here."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from om_ingest import SourceError, WorkflowError

_MAGIC = b"SQLite format 3\0"
_WAL_VERSIONS = b"\2\2"  # bytes 18 and 19 of the header, https://sqlite.org/fileformat.html §1.3
_HEAD_BYTES = 1024

# Parts of SQLite's own messages (sqlite3ErrStr): error codes reach Python only from 3.11 on.
_FAULTS = (
    (
        "is locked",
        "{path} is locked by another program",
        "Run again when that program is done, or wait longer with timeout_s (now {timeout_s} s).",
    ),
    (
        "not a database",
        "{path} is not a SQLite database, or it is encrypted",
        "Point database_path at a plain SQLite file.",
    ),
    (
        "malformed",
        "{path} is damaged: {error}",
        "Restore a backup, or recover what is left with the sqlite3 shell's .recover command.",
    ),
    (
        "readonly database",
        "{path} was left in the middle of a write",
        "Open it once with the program that writes it, so that SQLite can undo that write.",
    ),
    (
        "unable to open",
        "{path} cannot be opened, or a file that SQLite needs beside it",
        "Check that you may read the file, its -wal and -shm files, and its directory.",
    ),
    (
        "disk I/O error",
        "{path} cannot be read: {error}",
        "Check the disk or the network share that holds it.",
    ),
)


class UnresolvedError(SourceError):
    """SQLite can read the file, but cannot resolve one object in it, such as a broken view."""


class SqliteFile:
    """A SQLite file, opened strictly read-only.

    No lock is held between two calls of `rows`, so a slow reader blocks no writer.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self.remark: str | None = None
        """A warning about how the file was opened, for the report; None if there is none."""
        self._connection: sqlite3.Connection | None = None
        self._frozen_as: tuple[int, int] | None = None

    def open(self) -> None:
        """Open the file and read its schema.

        Raises `WorkflowError` if the path names no file, and `SourceError` if the file
        cannot be read: no permission, not SQLite, encrypted, locked, damaged.
        """
        head = self._head()
        if not head:
            self.remark = "The file is empty: SQLite takes it for a database without tables"
        wal_mode = head[18:20] == _WAL_VERSIONS
        # Even a read-only connection creates -wal and -shm for a file in WAL mode. If no
        # process has the file open, they are empty, and immutable=1 avoids them.
        try:
            self._connect(immutable=wal_mode and not self._has_wal())
        except SourceError as error:
            if not (wal_mode and isinstance(error.__cause__, sqlite3.OperationalError)):
                raise
            if "unable to open" not in str(error.__cause__):
                raise
            self._connect(immutable=True)
            self.remark = (
                "The directory is read-only and SQLite needs a -shm file there: "
                "changes that are only in the -wal file were not read"
            )

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query.

        Raises `UnresolvedError` when SQLite cannot resolve the object of the query, and
        `SourceError` when it cannot read the file.
        """
        assert self._connection is not None, "open() comes first"
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def changed(self) -> bool:
        """Whether the file was changed while it was read with `immutable=1`."""
        return self._frozen_as is not None and self._frozen_as != self._stamp()

    def close(self) -> None:
        """Close the file; may be called more than once."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _head(self) -> bytes:
        try:
            if not self.path.exists():
                raise WorkflowError(
                    f"There is no file {self.path}", "Set database_path to a SQLite file."
                )
            if not self.path.is_file():  # opening a named pipe would block
                kind = "a directory" if self.path.is_dir() else "not a regular file"
                raise WorkflowError(f"{self.path} is {kind}", "Set database_path to a SQLite file.")
            with self.path.open("rb") as stream:
                head = stream.read(_HEAD_BYTES)
        except PermissionError:
            raise SourceError(
                f"No permission to read {self.path}", "Let the user who runs om-ingest read it."
            ) from None
        except OSError as error:
            raise SourceError(
                f"{self.path} cannot be read: {error.strerror}",
                "Check the path, and the disk that holds it.",
            ) from None
        if head and not head.startswith(_MAGIC):
            raise self._not_sqlite(head)
        return head

    def _not_sqlite(self, head: bytes) -> SourceError:
        # Encrypted pages are random bytes in multiples of 512; next to nothing else is both.
        if self.path.stat().st_size % 512 == 0 and len(set(head)) > 200:
            return SourceError(
                f"{self.path} looks like an encrypted SQLite database",
                "Export a plain copy with the program that holds the key, and read that.",
            )
        return SourceError(
            f"{self.path} is not a SQLite database: it does not start like one",
            "Point database_path at a SQLite file; if it is encrypted, at a plain copy.",
        )

    def _has_wal(self) -> bool:
        real = str(self.path.resolve())  # SQLite puts its files beside the target of a link
        wal = Path(f"{real}-wal")
        return wal.exists() and (wal.stat().st_size > 0 or Path(f"{real}-shm").exists())

    def _connect(self, *, immutable: bool) -> None:
        self.close()
        self._frozen_as = self._stamp() if immutable else None
        uri = f"{self.path.absolute().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"
        try:
            self._connection = sqlite3.connect(
                uri,
                uri=True,
                timeout=self.timeout_s,
                isolation_level=None,
                check_same_thread=False,  # the host may prepare and read in different threads
            )
            self._connection.text_factory = _decoded
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except sqlite3.Error as error:
            self.close()
            raise self._fault(error) from error

    def _stamp(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_mtime_ns, status.st_size

    def _fault(self, error: sqlite3.Error) -> SourceError:
        for fragment, what, remedy in _FAULTS:
            if fragment in str(error):
                facts = {"path": self.path, "timeout_s": f"{self.timeout_s:g}", "error": error}
                return SourceError(what.format(**facts), remedy.format(**facts))
        if isinstance(error, sqlite3.OperationalError):
            return UnresolvedError(str(error), "Repair or drop the object.")
        return SourceError(
            f"SQLite cannot read {self.path}: {error}", "Check it with PRAGMA integrity_check."
        )


def _decoded(text: bytes) -> str:
    # SQLite does not check that text is UTF-8; a damaged name must not end the run.
    return text.decode("utf-8", "replace")
