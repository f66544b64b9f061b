"""Reads a SQLite file without changing or creating any file; all SQL goes through here."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from metadata.ingestion.source.database.sqlite_file.snapshot import (
    Schemas,
    copy_into,
    head_of,
    log_of,
    readable,
)
from om_ingest import SourceError, WorkflowError

_MAGIC = b"SQLite format 3\0"
_WAL_VERSIONS = b"\2\2"  # bytes 18 and 19 of the header, https://sqlite.org/fileformat.html §1.3
_HEAD_BYTES = 1024

_MALFORMED = "malformed database schema"
_UNTOLD = "its schema is malformed"  # Python 3.10 loses a message that is not UTF-8

# An authorizer that is given a name which is not UTF-8 denies what is asked.
_DENIED = ("not authorized", "access to ")

# The host may prepare and read in different threads.
_OPTIONS: dict[str, Any] = {"uri": True, "isolation_level": None, "check_same_thread": False}

# How SQLite's own messages begin (sqlite3ErrStr): error codes reach Python only from 3.11 on.
_FAULTS = (
    (
        ("database is locked", "database table is locked", "database schema is locked"),
        "{path} is locked by another program",
        "Run again when that program is done, or wait longer with timeout_s (now {timeout_s} s).",
    ),
    (
        ("file is not a database",),
        "{path} is not a SQLite database, or it is encrypted",
        "Point database_path at a plain SQLite file.",
    ),
    (
        ("database disk image is malformed",),
        "{path} is damaged: {error}",
        "Restore a backup, or recover what is left with the sqlite3 shell's .recover command.",
    ),
    (
        ("attempt to write a readonly database",),
        "{path} was left in the middle of a write",
        "Open it once with the program that writes it, so that SQLite can undo that write.",
    ),
    (
        ("unable to open database file",),
        "{path} cannot be opened",
        "Check that you may read the file and its directory.",
    ),
    (
        ("disk I/O error",),
        "{path} cannot be read: {error}",
        "Check the disk or the network share that holds it.",
    ),
)


class UnresolvedError(SourceError):
    """SQLite can read the file, but cannot resolve one object in it, such as a broken view."""


class UnparsedError(UnresolvedError):
    """SQLite cannot parse the statement of one object, and does not know it therefore."""


class DamagedError(SourceError):
    """A part of the file is damaged."""


class SqliteFile:
    """A SQLite file, opened strictly read-only.

    No lock is held between two calls of `rows`, so a slow reader blocks no writer.
    """

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self.remark: str | None = None
        """A warning about how the file was opened, for the report; None if there is none."""
        self.malformed: str | None = None
        """What SQLite says of the first statement in the schema that it cannot parse."""
        self.is_misread = False
        """Set when text was read that is not UTF-8: it is taken for Windows-1252 then."""
        self._uri = ""
        self._connection: sqlite3.Connection | None = None
        self._observed: sqlite3.Connection | None = None
        """With an authorizer; see `reads_of`."""
        self._schemas: Schemas | None = None
        self._copy = ExitStack()

    def open(self) -> None:
        """Open the file and read its schema.

        Raises `WorkflowError` if the path names no file, and `SourceError` if the file
        cannot be read: no permission, not SQLite, encrypted, locked, damaged.
        """
        head = self._head()
        if not head:
            self.remark = "The file is empty: SQLite takes it for a database without tables"
        # Reading through a -wal file takes a -shm file, which SQLite would create or change.
        # immutable=1 avoids both where the file alone tells the schema; if not, a copy is read.
        log = log_of(self.path)
        try:
            if not (log.exists() or head[18:20] == _WAL_VERSIONS):
                self._connect(self.path, "ro")
                return
            schemas = Schemas(self.path)
            if schemas.are_one or not head or not head_of(log):
                self._schemas = schemas
                self._connect(self.path, "ro&immutable=1")
                return
            folder = self._copy.enter_context(tempfile.TemporaryDirectory(prefix="om-ingest-"))
            self._connect(copy_into(Path(folder), self.path), "rw")
            self._remove_copy()
        except OSError as error:
            raise self._unreadable(error) from None

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query.

        Raises `UnresolvedError` when SQLite cannot resolve the object of the query, and
        `SourceError` when it cannot read the file.
        """
        assert self._connection is not None, "open() comes first"
        try:
            return self._connection.execute(sql, parameters).fetchall()
        # Python fails to decode a message that quotes a name which is not UTF-8.
        except (sqlite3.Error, UnicodeDecodeError) as error:
            message = self._message(error)
            if self.malformed is not None or not message.startswith((_MALFORMED, _UNTOLD)):
                raise self._fault(error, message) from error
        # SQLite then leaves out what it cannot parse, and reads the rest.
        self.malformed = message
        self._connection.execute("PRAGMA writable_schema = ON")
        return self.rows(sql, *parameters)

    def reads_of(self, view: str) -> set[tuple[str, str]]:
        """Tables and columns that a view reads, in the case of the file; `rowid` by its column.

        Empty if SQLite cannot resolve the view. Raises `UnresolvedError` if one of the names is
        not UTF-8, and `SourceError` as `rows` does.
        """
        observed = self._observed or self._observe()
        reads: set[tuple[str, str]] = set()

        def note(action: int, table: str | None, column: str | None, *_: object) -> int:
            if action == sqlite3.SQLITE_READ and table and column:
                reads.add((table, column))
            return sqlite3.SQLITE_OK

        observed.set_authorizer(note)
        quoted = view.replace('"', '""')
        for _ in range(2):  # a view that only lacks a collation names all it reads the second time
            try:
                observed.execute(f'EXPLAIN SELECT * FROM main."{quoted}"').close()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                message = self._message(error)
                if message.startswith(_DENIED) or isinstance(error, UnicodeDecodeError):
                    reason = "it reads a name that is not UTF-8"
                    raise UnresolvedError(reason, "Rename it.") from error
                fault = self._fault(error, message)
                if not isinstance(fault, UnresolvedError):
                    raise fault from error
            else:
                break
        return reads

    def changed(self) -> bool:
        """Whether the schema was changed while it was read with `immutable=1`."""
        if self._schemas is None:
            return False
        try:
            return self._schemas != Schemas(self.path)
        except OSError:  # it was moved away, or replaced
            return True

    def close(self) -> None:
        """Close the file; may be called more than once."""
        for connection in (self._connection, self._observed):
            if connection is not None:
                connection.close()
        self._connection = self._observed = None
        self._copy.close()

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
        except OSError as error:
            raise self._unreadable(error) from None
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

    def _unreadable(self, error: OSError) -> SourceError:
        place = error.filename or self.path
        if isinstance(error, PermissionError):
            return SourceError(
                f"No permission to read {place}", "Let the user who runs om-ingest read it."
            )
        return SourceError(
            f"{place} cannot be read: {error.strerror}",
            "Check the path, and the disk that holds it.",
        )

    def _connect(self, path: Path, mode: str) -> None:
        try:
            self._uri = f"{path.absolute().as_uri()}?mode={mode}"
            self._connection = sqlite3.connect(self._uri, timeout=self.timeout_s, **_OPTIONS)
            self._connection.text_factory = self._decoded
            self.rows("SELECT count(*) FROM sqlite_master")
        except sqlite3.Error as error:
            self.close()
            raise self._fault(error, str(error)) from error
        except SourceError:
            self.close()
            raise

    def _observe(self) -> sqlite3.Connection:
        """Connect once more, for the authorizer: in Python 3.10 it cannot be taken off."""
        try:
            self._observed = sqlite3.connect(self._uri, timeout=self.timeout_s, **_OPTIONS)
            if self.malformed is not None:
                self._observed.execute("PRAGMA writable_schema = ON")
        except sqlite3.Error as error:  # it was moved away; the other connection reads on
            raise UnresolvedError(self._message(error), "Run again.") from error
        return self._observed

    def _remove_copy(self) -> None:
        """Remove the copy while it is open, so that it is gone even if the process is killed."""
        if sys.platform == "win32":  # an open file cannot be removed there
            return
        if self.rows("PRAGMA journal_mode = DELETE") == [("delete",)]:  # the log is in the file now
            self._observe()
            self._copy.close()

    def _fault(self, error: Exception, message: str) -> SourceError:
        for beginnings, what, remedy in _FAULTS:
            if message.startswith(beginnings):
                facts = {"path": self.path, "timeout_s": f"{self.timeout_s:g}", "error": message}
                kind = DamagedError if "damaged" in what else SourceError
                return kind(what.format(**facts), remedy.format(**facts))
        if isinstance(error, (sqlite3.OperationalError, UnicodeDecodeError)):
            return UnresolvedError(message, "Repair or drop the object.")
        return SourceError(
            f"SQLite cannot read {self.path}: {message}", "Check it with PRAGMA integrity_check."
        )

    def _message(self, error: Exception) -> str:
        if isinstance(error, UnicodeDecodeError):
            return self._decoded(error.object)
        if type(error) is sqlite3.DatabaseError and not str(error):
            return _UNTOLD
        return str(error) or "its message is not UTF-8"

    def _decoded(self, text: bytes) -> str:
        # SQLite does not check that text is UTF-8.
        try:
            return text.decode()
        except UnicodeDecodeError:
            self.is_misread = True
            return readable(text)
