"""The catalog file: its tables, and how one is opened, created or refused."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from om_ingest.errors import WorkflowError

APPLICATION_ID = 0x6F6D6967
"""Marks a SQLite file as ours in its header: "omig" in ASCII."""

SCHEMA_VERSION = 1
"""Of the tables below; kept in `PRAGMA user_version`."""

BUSY_TIMEOUT_S = 60.0
"""How long a writer waits for another process to commit its batch."""

_CACHE_KIB = 16 * 1024
_RETRY_S = 0.01

_TABLES = (
    # `fqn` sorts by code point, so the descendants of x are the range x. <= fqn < x/
    # ("/" follows "." in ASCII) and no parent column is needed.
    # `deleted` is 0, or the rowid of the entity whose deletion took this one along.
    # `put_hash` is the digest of the bot's request that left the row as it is, else NULL;
    # it stands before the body, so that reading it touches none of a long body's pages.
    """
    CREATE TABLE entity (
        rowid INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        entity_type TEXT NOT NULL,
        fqn TEXT NOT NULL,
        name TEXT NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL DEFAULT 0,
        put_hash BLOB,
        body TEXT NOT NULL,
        change TEXT,
        UNIQUE (entity_type, fqn)
    )
    """,
    """
    CREATE TABLE history (
        entity INTEGER NOT NULL,
        version REAL NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        body TEXT NOT NULL,
        change TEXT,
        PRIMARY KEY (entity, version)
    )
    """,
    """
    CREATE TABLE lineage (
        source INTEGER NOT NULL,
        target INTEGER NOT NULL,
        description TEXT,
        details TEXT NOT NULL,
        PRIMARY KEY (source, target)
    )
    """,
    "CREATE INDEX lineage_target ON lineage (target)",
    """
    CREATE VIRTUAL TABLE search USING fts5 (
        name, display_name, description, columns, tokenize = "unicode61 remove_diacritics 2"
    )
    """,
)


def open_temporary() -> sqlite3.Connection:
    """A private catalog in a temporary file that disappears when it is closed."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    _configure(connection, synchronous="OFF")
    _create(connection)
    return connection


def open_file(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """The catalog at `path`; created unless `read_only`.

    Raises `WorkflowError` when the place cannot hold a catalog, or holds something else.
    """
    try:
        _check_place(path, read_only=read_only)
    except OSError as error:
        raise WorkflowError(
            f"Cannot look at {path}: {error.strerror}", "Check the permissions on the way to it."
        ) from None
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(path, read_only=read_only)
        _configure(connection, synchronous="NORMAL")
        if not _is_current(connection, path) and read_only:
            raise _foreign(path)
        if not read_only:  # a foreign file was refused above, untouched
            _switch_to_wal(connection)
            _complete(connection, path)
    except sqlite3.Error as error:
        _close(connection)
        raise _cannot_open(path, error) from None
    except BaseException:
        _close(connection)
        raise
    return connection


def _check_place(path: Path, *, read_only: bool) -> None:
    if path.is_dir():
        raise WorkflowError(f"{path} is a directory", "Name a file for the catalog.")
    if read_only and not path.is_file():
        raise WorkflowError(
            f"There is no catalog at {path}", "Check the path, or run a workflow that writes it."
        )
    if not path.parent.is_dir():
        raise WorkflowError(
            f"The directory {path.parent} does not exist", "Create it, or choose another path."
        )
    if not read_only and path.is_file() and not os.access(path, os.W_OK):
        raise WorkflowError(
            f"The catalog {path} cannot be written", "Change its permissions, or choose another."
        )


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # Reading in WAL mode needs two files beside the catalog. Only a connection that may
    # write removes them again, so a reader has one too, and is told not to use it.
    mode = "rwc"
    if read_only:
        may_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        mode = "rw" if may_write else "ro"
        alone = not path.with_name(path.name + "-wal").exists()
        if alone and not os.access(path.parent, os.W_OK):
            mode += "&immutable=1"  # where the two cannot be, nobody can be writing either
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


def _configure(connection: sqlite3.Connection, *, synchronous: str) -> None:
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


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


def _complete(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables, unless they are there or another process creates them now."""
    if _is_current(connection, path):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_current(connection, path):
            _create(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there; False for an empty file; raises for any other content."""
    # One statement sees one state, also while another process creates the tables.
    application_id, version, tables = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application_id == APPLICATION_ID:
        if version > SCHEMA_VERSION:
            raise WorkflowError(
                f"The catalog {path} was written by a newer om-ingest"
                f" (format {version}, this one knows {SCHEMA_VERSION})",
                "Upgrade om-ingest, or choose another path.",
            )
        return True
    if application_id or version or tables:
        raise _foreign(path)
    return False


def _create(connection: sqlite3.Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _foreign(path: Path) -> WorkflowError:
    return WorkflowError(
        f"{path} is not an om-ingest catalog",
        "Choose another path; this file belongs to something else and was not touched.",
    )


def _cannot_open(path: Path, error: sqlite3.Error) -> WorkflowError:
    reason = str(error)
    if "not a database" in reason:  # also said of an encrypted one
        return _foreign(path)
    if "malformed" in reason:
        remedy = "The file is damaged: restore it from a copy, or choose another path."
    elif "locked" in reason:
        remedy = "Another program holds the file; try again when it has finished."
    else:
        remedy = "Check the permissions of the file and its directory, and the space on the disk."
    return WorkflowError(f"Cannot open the catalog {path}: {reason}", remedy)


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
