"""Connections to files that are there: their place, their version, and copies of them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from om_ingest.errors import WorkflowError
from om_ingest.private_file import is_full
from om_ingest.versioned_file.form import BUSY_TIMEOUT_S, VersionedFormat


def check_version(path: Path, form: VersionedFormat) -> int:
    """The version of a file that is there, 0 for an empty one; changes nothing.

    Raises `WorkflowError` for a file that cannot be read, for another kind, and a newer version.
    """
    with ExitStack() as unless:
        try:
            return opened(path, form, unless, read_only=True, may_be_empty=True)[1]
        except sqlite3.Error as error:
            raise form.failed_to_open(path, error) from None
    raise AssertionError("an ExitStack swallows nothing")


def copy_into(target: sqlite3.Connection, path: Path, form: VersionedFormat) -> None:
    """Replace the content of a temporary file by that of another one, upgraded if it is older.

    Raises `WorkflowError` if that one cannot be read, and `sqlite3.Error` if the target fails.
    """
    with ExitStack() as unless:
        try:
            connection, version = opened(path, form, unless, read_only=True)
        except sqlite3.Error as error:
            raise form.failed_to_open(path, error) from None
        copy(connection, target, form, version)


def copy(
    source: sqlite3.Connection, target: sqlite3.Connection, form: VersionedFormat, version: int
) -> None:
    """Replace the content of a temporary file, and bring it up to date."""
    source.backup(target)
    if version != form.version:
        form.bring_up_to_date(target, version)


def temporary(form: VersionedFormat) -> sqlite3.Connection:
    """An empty file without tables, deleted when it is closed."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    configure(connection, form, synchronous="OFF")
    return connection


def opened(
    path: Path,
    form: VersionedFormat,
    closing_it: ExitStack,
    *,
    read_only: bool,
    may_be_empty: bool = False,
) -> tuple[sqlite3.Connection, int]:
    """A connection, which `closing_it` closes, and the version; of an empty file it is 0."""
    check_place(path, form, read_only=read_only)
    connection = connect(path, read_only=read_only)
    closing_it.enter_context(closing(connection))
    configure(connection, form, synchronous="NORMAL")
    version = form.version_of(connection, path)
    if read_only and version == 0 and not may_be_empty:
        raise form.foreign(path)
    return connection, version


def check_place(path: Path, form: VersionedFormat, *, read_only: bool) -> None:
    """Raise `WorkflowError` for a path where there can be no such file."""
    try:
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
    except OSError as error:
        what = f"Cannot access {path}: {error.strerror}"
        remedy = "Check the permissions of its folders."
    raise WorkflowError(what, remedy)


def connect(
    path: Path, *, read_only: bool, timeout_s: float = BUSY_TIMEOUT_S
) -> sqlite3.Connection:
    """A connection to a file, which waits so long for others; raises `sqlite3.Error`."""
    # Reading in WAL mode needs two files beside this one. Only a connection that may
    # write removes them again, so a reader has one too, and is told not to use it.
    mode = "rwc"
    if read_only:
        mode = "rw" if _may_write(path) else "ro"
        alone = not path.with_name(path.name + "-wal").exists()
        has_no_room = not os.access(path.parent, os.W_OK) or is_full(path.parent)
        if alone and has_no_room and _has_wal(path):
            mode += "&immutable=1"  # no process can be writing without them
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _has_wal(path: Path) -> bool:
    """Whether a file says that its changes go into a WAL (sqlite.org/fileformat.html, 1.3.3)."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(19)[18:] != b"\1"
    return True


def configure(connection: sqlite3.Connection, form: VersionedFormat, *, synchronous: str) -> None:
    """Set how a connection writes and caches."""
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA cache_size = -{form.cache_kib}")


def _may_write(path: Path) -> bool:
    """Whether the file and its folder, where SQLite puts two more files, may be written."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
