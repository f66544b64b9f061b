"""Opening and creating files of a versioned format."""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path

from om_ingest import file_systems, private_file
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.versioned_file.connecting import (
    check_place,
    connect,
    copy,
    opened,
    temporary,
)
from om_ingest.versioned_file.form import BUSY_TIMEOUT_S, VersionedFormat, note_host
from om_ingest.versioned_file.upgrading import logger, upgrade

_RETRY_S = 0.01


def open_temporary(form: VersionedFormat) -> sqlite3.Connection:
    """A private temporary file, deleted when it is closed."""
    connection = temporary(form)
    form.bring_up_to_date(connection, 0)
    return connection


def open_again(path: Path, within_s: float) -> sqlite3.Connection:
    """A further connection to a file that this process has open.

    It waits so long for others who write. Raises `DeliveryError` if the file is gone.
    """
    try:
        if path.is_file():  # SQLite would create it
            return connect(path, read_only=False, timeout_s=within_s)
        why = "it is gone"
    except (OSError, sqlite3.Error) as error:
        why = str(error)
    raise DeliveryError(f"{path} cannot be opened again: {why}", "Run again.")


def open_file(path: Path, form: VersionedFormat, *, read_only: bool) -> sqlite3.Connection:
    """The file at `path`; created unless `read_only`, with the mode of `om_ingest.private_file`.

    A file of an older version is upgraded first, after a backup, and keeps its content. If
    `read_only` it is not changed, but read from a copy if its format says so, or refused. Raises
    `WorkflowError` if the path cannot be used, holds another kind of file, or an older one that
    is refused; and `DeliveryError` if the disk is full.
    """
    if not read_only:
        _make(path, form)
    with ExitStack() as unless_opened:
        try:
            connection, version = opened(
                path, form, unless_opened, read_only=read_only, may_be_empty=not read_only
            )
            if not read_only:  # a foreign file was refused above, untouched
                if 0 < version < form.version:
                    done = upgrade(path, form)
                    if done.backup is not None:  # else another process has just done it
                        logger.warning("%s", done)
                _set_log(connection, path, form)
                if version == 0:
                    _complete(connection, path, form)
                note_host(connection)
            elif version != form.version:
                if not form.reads_older:
                    raise form.outdated(path, version)
                older, connection = connection, temporary(form)
                unless_opened.callback(connection.close)
                copy(older, connection, form, version)
                older.close()
        except sqlite3.Error as error:
            raise form.failed_to_open(path, error) from None
        unless_opened.pop_all()
        return connection
    raise AssertionError("an ExitStack swallows nothing")


def _make(path: Path, form: VersionedFormat) -> None:
    """Create an empty file unless there is one: SQLite gives its mode to those beside it."""
    check_place(path, form, read_only=False)
    try:
        private_file.ensure(path)
    except OSError as error:
        told = private_file.reason(error, path)
        what = f"Cannot open the {form.name} {path}: {told.text}"
        if told.is_full:
            raise DeliveryError(what, told.remedy) from None
        remedy = told.remedy or "Check the permissions of its folder."
        raise WorkflowError(what, remedy) from None


def _set_log(connection: sqlite3.Connection, path: Path, form: VersionedFormat) -> None:
    """Choose how changes are logged; a file that others have open keeps its log of one host."""
    # Two processes that switch one new file at the same moment: SQLite answers "locked"
    # at once, its busy timeout does not cover this step.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    is_shared = form.hosts_may_share and file_systems.of(path).is_shared
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if is_shared else 'WAL'}")
            return
        except sqlite3.OperationalError as error:
            if is_shared and "locked" in str(error):
                return
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)


def _complete(connection: sqlite3.Connection, path: Path, form: VersionedFormat) -> None:
    """Create the tables of a new file; another process may be doing so at the same time."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if form.version_of(connection, path) == 0:
            form.bring_up_to_date(connection, 0)
