"""SQLite files with a versioned format: opened, created, upgraded, and written to.

A file of another format is refused. Errors of sqlite3 do not leave this module.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

from om_ingest.errors import DeliveryError, WorkflowError

LOOKUP_COUNT = 500
"""Maximum of values in one look-up: SQLite before 3.32 takes 999 parameters."""

BUSY_TIMEOUT_S = 60.0
"""Seconds that a writer waits for another process to commit."""

_RETRY_S = 0.01
_DAMAGE = (
    *("malformed", "not a database", "no such table", "no such column", "mismatch"),
    *("constraint failed", "not decode", "unsupported file format"),
)
"""What SQLite says of a file whose content nobody wrote through it."""

Step: TypeAlias = tuple[str | Callable[[sqlite3.Connection], None], ...]
"""A migration to the next version: SQL statements and functions."""


@dataclass(frozen=True)
class VersionedFormat:
    """A file format: its identification and its migrations."""

    name: str
    """Its name in messages, e.g. `catalog`."""

    application_id: int
    """Marks the file in its header: `PRAGMA application_id`."""

    steps: tuple[Step, ...]
    """Migrations in order. A new file takes all of them, an older one those that it lacks;
    a released step is never changed."""

    cache_kib: int
    """Size of the page cache in KiB."""

    @property
    def version(self) -> int:
        """Version after all steps, kept in `PRAGMA user_version`."""
        return len(self.steps)

    def bring_up_to_date(self, connection: sqlite3.Connection, version: int) -> None:
        """Run the steps after `version`, 0 for an empty file; the caller holds a transaction."""
        for step in self.steps[version:]:
            for action in step:
                if isinstance(action, str):
                    connection.execute(action)
                else:
                    action(connection)
        connection.execute(f"PRAGMA application_id = {self.application_id}")
        connection.execute(f"PRAGMA user_version = {self.version}")


def open_temporary(form: VersionedFormat) -> sqlite3.Connection:
    """A private temporary file, deleted when it is closed."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    _configure(connection, form, synchronous="OFF")
    form.bring_up_to_date(connection, 0)
    return connection


def open_file(path: Path, form: VersionedFormat, *, read_only: bool) -> sqlite3.Connection:
    """The file at `path`; created unless `read_only`.

    A file of an older version is upgraded first and keeps its content. Raises `WorkflowError`
    if the path cannot be used, holds another kind of file, or an older file that may not be
    written.
    """
    try:
        _check_place(path, form, read_only=read_only)
    except OSError as error:
        raise WorkflowError(
            f"Cannot access {path}: {error.strerror}", "Check the permissions of its folders."
        ) from None
    try:
        with ExitStack() as unless_opened:
            connection = _connect(path, read_only=read_only)
            unless_opened.enter_context(closing(connection))
            _configure(connection, form, synchronous="NORMAL")
            version = _version_of(connection, path, form)
            if read_only and version == 0:
                raise _foreign(path, form)
            if not read_only:  # a foreign file was refused above, untouched
                _switch_to_wal(connection)
                _complete(connection, path, form)
            if not read_only or version == form.version:
                unless_opened.pop_all()
                return connection
        return _upgraded(path, form, version)
    except sqlite3.Error as error:
        raise _cannot_open(path, form, error) from None


def _check_place(path: Path, form: VersionedFormat, *, read_only: bool) -> None:
    if path.is_dir():
        what, remedy = f"{path} is a directory", f"Name a file for the {form.name}."
    elif read_only and not path.is_file():
        what = f"There is no {form.name} at {path}"
        remedy = "Check the path, or run a workflow that writes it."
    elif not path.parent.is_dir():
        what = f"The directory {path.parent} does not exist"
        remedy = "Create it, or choose another path."
    elif not read_only and path.is_file() and not os.access(path, os.W_OK):
        what = f"The {form.name} {path} cannot be written"
        remedy = "Change its permissions, or choose another."
    else:
        return
    raise WorkflowError(what, remedy)


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # Reading in WAL mode needs two files beside this one. Only a connection that may
    # write removes them again, so a reader has one too, and is told not to use it.
    mode = "rwc"
    if read_only:
        mode = "rw" if _may_write(path) else "ro"
        alone = not path.with_name(path.name + "-wal").exists()
        if alone and not os.access(path.parent, os.W_OK):
            mode += "&immutable=1"  # no process can be writing without them
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _configure(connection: sqlite3.Connection, form: VersionedFormat, *, synchronous: str) -> None:
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA cache_size = -{form.cache_kib}")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Two processes that switch one new file at the same moment: SQLite answers "locked"
    # at once, its busy timeout does not cover this step.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)


def _upgraded(path: Path, form: VersionedFormat, version: int) -> sqlite3.Connection:
    """Upgrade an older file, then open it for reading."""
    if not _may_write(path):
        raise WorkflowError(
            f"The {form.name} {path} was written by an older om-ingest (format {version}, this"
            f" one reads {form.version}), and you may not write it",
            "Let a user with permission to write the file and its folder open it once, or copy it.",
        )
    open_file(path, form, read_only=False).close()
    return open_file(path, form, read_only=True)


def _may_write(path: Path) -> bool:
    """Whether the file and its folder, where SQLite puts two more files, may be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _complete(connection: sqlite3.Connection, path: Path, form: VersionedFormat) -> None:
    """Run the missing steps; another process may be doing so at the same time."""
    if _version_of(connection, path, form) == form.version:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        form.bring_up_to_date(connection, _version_of(connection, path, form))


def _version_of(connection: sqlite3.Connection, path: Path, form: VersionedFormat) -> int:
    """Version of the tables; 0 for an empty file; raises for other content."""
    # One statement sees one state, also while another process creates the tables.
    application_id, version, tables = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application_id == form.application_id:
        if version > form.version:
            raise WorkflowError(
                f"The {form.name} {path} was written by a newer om-ingest"
                f" (format {version}, this one knows {form.version})",
                "Upgrade om-ingest, or choose another path.",
            )
        return int(version)
    if application_id or version or tables:
        raise _foreign(path, form)
    return 0


def _foreign(path: Path, form: VersionedFormat) -> WorkflowError:
    return WorkflowError(
        f"{path} is not an om-ingest {form.name}, or is damaged from its beginning",
        "Choose another path, or move the file away; it was not touched.",
    )


def _cannot_open(path: Path, form: VersionedFormat, error: sqlite3.Error) -> WorkflowError:
    reason = str(error)
    if "not a database" in reason:  # also said of an encrypted one
        return _foreign(path, form)
    if "malformed" in reason:
        remedy = "The file is damaged: restore it from a copy, or choose another path."
    elif "locked" in reason:
        remedy = "Another program holds the file; try again when it has finished."
    else:
        remedy = "Check the permissions of the file and its directory, and the space on the disk."
    return WorkflowError(f"Cannot open the {form.name} {path}: {reason}", remedy)


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
            raise _failed(self._title, str(error)) from None


def _failed(title: str, reason: str) -> DeliveryError:
    is_busy = "is locked" in reason  # the code itself comes only with Python 3.11
    if "full" in reason or "disk I/O" in reason:
        remedy = "Free some space or check the disk, and run again; earlier batches are kept."
    elif is_busy:
        remedy = f"Another process has held it for {BUSY_TIMEOUT_S:.0f} s; try again later."
    elif any(sign in reason for sign in _DAMAGE):
        remedy = "The file is damaged: restore it from a copy, or delete it and run again."
    elif "readonly" in reason:
        remedy = "Open it for writing, and check the permissions of the file."
    else:
        remedy = "Check that the file is there and was not replaced, and run again."
    return DeliveryError(f"{title} failed: {reason}", remedy, is_busy=is_busy)
