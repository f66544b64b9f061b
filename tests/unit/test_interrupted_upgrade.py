"""An upgrade that is killed half-way leaves the file as it was, or its backup beside it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.versioned_file import VersionedFormat, check_version, open_file, upgrade

FIRST = ("CREATE TABLE a (x)", "INSERT INTO a VALUES (1)")
OLD = VersionedFormat("notebook", 0x746E6F74, (FIRST,), 64)
NEW = VersionedFormat("notebook", 0x746E6F74, (FIRST, ("ALTER TABLE a ADD COLUMN y",)), 64)

KILLED = """
import os, sys
from pathlib import Path
from om_ingest.versioned_file import VersionedFormat, upgrade
def die(connection): os.kill(os.getpid(), 9)
steps = ((), ("ALTER TABLE a ADD COLUMN y", "UPDATE a SET y = 2", die))
upgrade(Path(sys.argv[1]), VersionedFormat("notebook", 0x746E6F74, steps, 64))
"""


def columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(a)")]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of the first version."""
    path = tmp_path / "old.db"
    open_file(path, OLD, read_only=False).close()
    return path


def test_an_upgrade_that_is_killed(old: Path) -> None:
    """The file has its old version, and the next attempt ends well, with a backup of its own."""
    run = subprocess.run([sys.executable, "-c", KILLED, str(old)], capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert (check_version(old, NEW), columns(old)) == (1, ["x"])
    done = upgrade(old, NEW)
    assert done.backup == old.with_name("old.db.format-1-2.backup")
    assert (check_version(old, NEW), columns(old)) == (2, ["x", "y"])
    for name in ("old.db.format-1.backup", "old.db.format-1-2.backup"):
        assert columns(old.with_name(name)) == ["x"]
    assert list(old.parent.glob("*.partial*")) == []


def test_an_upgrade_that_is_ended_after_its_last_step(old: Path) -> None:
    """What is committed is an upgrade: its backup stays."""

    def end(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA user_version = 2")
        connection.execute("COMMIT")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upgrade(old, replace(NEW, steps=(FIRST, (*NEW.steps[1], end))))
    assert columns(old) == ["x", "y"]
    assert columns(old.with_name("old.db.format-1.backup")) == ["x"]
    old.write_bytes(b"")
    assert "is empty" in str(upgrade(old, NEW))


def test_what_cannot_be_upgraded(old: Path) -> None:
    """A damaged file is refused, unchanged, and no backup is left of it."""
    damaged = bytearray(old.read_bytes())
    damaged[4096 + 8 : 4096 + 200] = b"\xff" * 192  # the root page of the table
    other = old.with_name("damaged.db")
    other.write_bytes(damaged)
    with pytest.raises((WorkflowError, DeliveryError)) as told:
        upgrade(other, NEW)
    assert str(other) in told.value.what
    assert other.read_bytes() == damaged
    assert list(old.parent.glob("*.backup*")) == []
