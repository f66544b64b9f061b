"""A file that another process holds."""

from __future__ import annotations

import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from om_ingest.errors import DeliveryError
from om_ingest.versioned_file import OpenFile, VersionedFormat


def test_a_held_file_is_busy(tmp_path: Path) -> None:
    """The error says that the file is busy, and is no longer raised once it is free.

    Who opens it is told the same.
    """
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        with closing(OpenFile(connection, "The file")) as file:
            with pytest.raises(DeliveryError, match="try again later") as held, file.transaction():
                pass
            other.execute("COMMIT")
            with file.transaction():
                pass
    assert held.value.is_busy
    assert pickle.loads(pickle.dumps(held.value)).is_busy
    form = VersionedFormat("notebook", 1, (), 64)
    opening = form.failed_to_open(path, sqlite3.OperationalError("database is locked"))
    assert isinstance(opening, DeliveryError)
    assert (opening.is_busy, opening.remedy) == (True, held.value.remedy)


def test_other_failures_are_not(tmp_path: Path) -> None:
    """A statement that cannot be run is a failure that trying again does not help."""
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    with (
        closing(OpenFile(connection, "The file")) as file,
        pytest.raises(DeliveryError, match="no such table") as failed,
    ):
        file.query("SELECT * FROM locked")
    assert not failed.value.is_busy
