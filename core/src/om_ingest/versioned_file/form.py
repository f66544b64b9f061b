"""A format of files: its versions, which version a file has, and which om-ingest wrote it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from om_ingest.distributions import host_version
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.private_file import reason

Step: TypeAlias = tuple[str | Callable[[sqlite3.Connection], None], ...]
"""A migration to the next version: SQL statements and functions."""

_HOSTS = "written_by"
"""A table of every file: the versions of om-ingest that have opened it for writing. It came after
the first formats, and belongs to none."""

BUSY_TIMEOUT_S = 60.0
"""Seconds that a writer waits for another process to commit."""

_NEW_HOSTS = f"CREATE TABLE IF NOT EXISTS {_HOSTS} (om_ingest TEXT NOT NULL, since TEXT NOT NULL)"


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

    upgrading: str = ""
    """What upgrades a file, for messages: a command with `{path}` or `{folder}`."""

    reads_older: bool = False
    """Whether an older file is read as it would be after its upgrade: from a temporary copy."""

    hosts_may_share: bool = False
    """Whether hosts write it at the same time on a file system that they share. SQLite's WAL, which
    needs memory that processes share (sqlite.org/wal.html), is not used there: that is slower."""

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

    def version_of(self, connection: sqlite3.Connection, path: Path) -> int:
        """Version of the tables of a file; 0 for an empty one; raises for other content."""
        # One statement sees one state, also while another process creates the tables.
        application_id, version, tables = connection.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if application_id == self.application_id:
            if version > self.version:
                host = next(iter(hosts_of(connection)[-1:]), ("",))[0]
                raise WorkflowError(
                    f"The {self.name} {path} was written by a newer om-ingest"
                    f" ({f'{host}, ' if host else ''}format {version}, this one,"
                    f" {host_version()}, knows {self.version})",
                    "Upgrade om-ingest, or choose another path.",
                )
            return int(version)
        if application_id or version or tables:
            raise self.foreign(path)
        return 0

    def foreign(self, path: Path) -> WorkflowError:
        """The error for a file of another kind."""
        return WorkflowError(
            f"{path} is not an om-ingest {self.name}, or is damaged from its beginning",
            "Choose another path, or move the file away; it was not touched.",
        )

    def outdated(self, path: Path, version: int) -> WorkflowError:
        """The error for an older file that is only to be read."""
        command = self.upgrading.format(path=path, folder=path.parent)
        upgrading = f"`{command}` upgrades it, after a backup" if command else "Upgrade it"
        return WorkflowError(
            f"The {self.name} {path} was written by an older om-ingest (format {version}, this"
            f" one reads {self.version}), and reading does not change it",
            f"{upgrading}; so does the next run that writes into it.",
        )

    def failed_to_open(self, path: Path, error: sqlite3.Error) -> WorkflowError | DeliveryError:
        """The error for a file that SQLite cannot open."""
        said = str(error)
        if "not a database" in said:  # also said of an encrypted one
            return self.foreign(path)
        if "malformed" in said:
            remedy = "The file is damaged: restore it from a copy, or choose another path."
        elif "locked" in said:
            return DeliveryError(
                f"Cannot open the {self.name} {path}: {said}", busy(), is_busy=True
            )
        elif (full := reason(None, path)).text:
            return DeliveryError(f"Cannot open the {self.name} {path}: {full.text}", full.remedy)
        else:
            remedy = "Check the permissions of the file and its directory."
        return WorkflowError(f"Cannot open the {self.name} {path}: {said}", remedy)


def busy() -> str:
    """What to do about a file that others write."""
    return f"Another process has held it for {BUSY_TIMEOUT_S:.0f} s; try again later."


def hosts_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The versions of om-ingest that have written a file, each with its first time, in order.

    Empty for a file that none has written since they are noted.
    """
    try:
        return connection.execute(
            f"SELECT om_ingest, since FROM {_HOSTS} ORDER BY rowid"
        ).fetchall()
    except sqlite3.Error:  # no such table
        return []


def note_host(connection: sqlite3.Connection) -> None:
    """Note that this om-ingest writes a file, unless it was the last one to do so."""
    if [host for host, _ in hosts_of(connection)[-1:]] != [host_version()]:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            enter_host(connection)


def enter_host(connection: sqlite3.Connection) -> None:
    """As `note_host`, in a transaction of the caller."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    connection.execute(_NEW_HOSTS)
    connection.execute(
        f"INSERT INTO {_HOSTS} SELECT ?1, ?2 WHERE ?1 IS NOT"
        f" (SELECT om_ingest FROM {_HOSTS} ORDER BY rowid DESC LIMIT 1)",
        (host_version(), now),
    )
