"""Upgrading a file to the newest version of its format, after a backup."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from om_ingest import private_file
from om_ingest.errors import DeliveryError, OmIngestError, WorkflowError
from om_ingest.versioned_file.connecting import check_version, configure, connect
from om_ingest.versioned_file.form import VersionedFormat, busy, enter_host, hosts_of

logger = logging.getLogger(__name__)

_PAGES_AT_ONCE = 4096


class Upgrade(NamedTuple):
    """What was done to a file; `str` is the sentence for people."""

    title: str
    """Kind and path of the file."""

    before: int
    """Its version so far."""

    after: int
    backup: Path | None
    """A copy of it as it was; None if it was up to date, or empty."""

    def __str__(self) -> str:
        if self.before == 0:
            return f"The {self.title} is empty: there is nothing to upgrade."
        if self.backup is None:
            return f"The {self.title} is up to date: format {self.after}."
        return (
            f"The {self.title} was upgraded from format {self.before} to {self.after};"
            f" as it was, it is kept in {self.backup}."
        )


def upgrade(path: Path, form: VersionedFormat) -> Upgrade:
    """Bring a file up to date: copy it, check the copy, and change it in one transaction.

    Another process that writes is waited for; of two that upgrade at once, the second finds
    nothing to do. Whatever ends this early, the file is as it was, or up to date. Raises
    `WorkflowError` as `open_file` does, and if the file is damaged; `DeliveryError` if there is
    no room, or others write it for too long.
    """
    title = f"{form.name} {path}"
    version = check_version(path, form)
    if version in (0, form.version):
        return Upgrade(title, version, form.version, None)
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise WorkflowError(
            f"The {title} was written by an older om-ingest, and you may not write it",
            "Let a user upgrade it who may write the file and its folder, or copy it.",
        )
    backup: Path | None = None
    try:
        with closing(connect(path, read_only=False)) as connection:
            configure(connection, form, synchronous="FULL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")  # nobody else upgrades from here on
                version = form.version_of(connection, path)
                if version == form.version:
                    return Upgrade(title, version, version, None)
                _check_room(connection, path, title)
                backup = _backed_up(path, form, version)
                form.bring_up_to_date(connection, version)
                enter_host(connection)
    except BaseException as error:
        is_upgraded = True
        with suppress(OmIngestError):  # who cannot look keeps the backup
            is_upgraded = check_version(path, form) == form.version
        if not is_upgraded:  # else it was ended after its last step
            _discard(backup)
        if isinstance(error, sqlite3.Error | OSError):
            raise _failed(title, path, error) from None
        raise
    return Upgrade(title, version, form.version, backup)


def written_by(path: Path, form: VersionedFormat) -> list[tuple[str, str]]:
    """The versions of om-ingest that have written a file, each with its first time (UTC).

    Raises `WorkflowError`; `check_version` tells more.
    """
    check_version(path, form)
    try:
        with closing(connect(path, read_only=True)) as connection:
            return hosts_of(connection)
    except sqlite3.Error as error:
        raise form.failed_to_open(path, error) from None


def _check_room(connection: sqlite3.Connection, path: Path, title: str) -> None:
    """Raise `DeliveryError` if the folder has no room for the backup and the upgrade."""
    ((pages,),) = connection.execute("PRAGMA page_count")
    ((page_bytes,),) = connection.execute("PRAGMA page_size")
    needed = 2 * pages * page_bytes + page_bytes  # the copy, and all pages in the log
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise DeliveryError(
            f"There is no room to upgrade the {title}: with its backup that needs"
            f" {needed / 2**20:.1f} MiB, and {path.parent} has {free / 2**20:.1f} MiB free",
            "Make room there, or move the file to a larger disk; it was not changed.",
        )


def _backed_up(path: Path, form: VersionedFormat, version: int) -> Path:
    """A checked copy of the file, which nobody writes meanwhile, beside it; its path."""
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        target = path.with_name(f"{path.name}.format-{version}{again}.backup")
        if not target.exists():
            break
        number += 1
    partial = target.with_name(f"{target.name}.partial")  # of an attempt that was killed, too
    partial.unlink(missing_ok=True)
    try:
        private_file.ensure(partial)
        with (
            closing(connect(path, read_only=True)) as source,
            closing(sqlite3.connect(partial, isolation_level=None)) as copy,
        ):
            source.backup(copy, pages=_PAGES_AT_ONCE)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            said = [text for (text,) in copy.execute("PRAGMA quick_check(1)")]
            if said != ["ok"] or form.version_of(copy, path) != version:
                raise WorkflowError(
                    f"The {form.name} {path} is damaged, and not upgraded: {said[0]}",
                    "Restore it from a copy, or choose another path.",
                )
        with suppress(OSError):
            partial.chmod(path.stat().st_mode & 0o777)
        partial.replace(target)
    except BaseException:
        _discard(partial)
        raise
    return target


def _discard(path: Path | None) -> None:
    """Remove a backup of a file that is as it was."""
    if path is not None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                path.with_name(path.name + suffix).unlink()


def _failed(title: str, path: Path, error: Exception) -> DeliveryError | WorkflowError:
    what = f"Cannot open the {title} to upgrade it: "
    if "locked" in str(error):
        return DeliveryError(f"{what}{error}", f"{busy()} The file is as it was.", is_busy=True)
    told = private_file.reason(error if isinstance(error, OSError) else None, path)
    kind = DeliveryError if told.is_full else WorkflowError
    return kind(
        f"{what}{told.text or error}",
        f"{told.remedy or 'Check the disk, and try again.'} The file is as it was.",
    )
