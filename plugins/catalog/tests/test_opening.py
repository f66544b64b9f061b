"""Opening, creating and refusing catalog files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.model import CreateDatabaseServiceRequest, DatabaseService, DatabaseServiceType
from om_ingest_catalog import Catalog

SERVICE = CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.SQLite)


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()


def newer_version(path: Path) -> None:
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def plain_text(path: Path) -> None:
    path.write_text("no database " * 100, "utf-8")


@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        (other_program, "is not an om-ingest catalog"),
        (newer_version, "newer om-ingest"),
        (plain_text, "is not an om-ingest catalog"),
        (Path.mkdir, "is a directory"),
    ],
)
def test_a_foreign_file_is_refused_untouched(tmp_path: Path, prepare: object, what: str) -> None:
    """A file that is not a catalog raises WorkflowError and is not changed."""
    path = tmp_path / "file.db"
    assert callable(prepare)
    prepare(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(WorkflowError, match=what) as caught:
        Catalog(path)
    assert caught.value.remedy
    assert before == (path.read_bytes() if path.is_file() else b"")


@pytest.mark.parametrize("path", ["missing/catalog.db", "file/catalog.db"])
def test_a_missing_directory_is_named(tmp_path: Path, path: str) -> None:
    """A catalog below a directory that does not exist is refused by the directory's name."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(WorkflowError, match=r"The directory .* does not exist"):
        Catalog(tmp_path / path)


def test_a_place_that_takes_no_file_is_a_workflow_error() -> None:
    """A directory where no file can be created gives a WorkflowError."""
    with pytest.raises(WorkflowError, match="Cannot open the catalog"):
        Catalog("/proc/catalog.db")


def test_a_read_only_catalog_is_not_created(tmp_path: Path) -> None:
    """Opening a missing file for reading says so and creates nothing."""
    with pytest.raises(WorkflowError, match="no catalog at"):
        Catalog(tmp_path / "catalog.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_catalog_takes_no_write(path: Path) -> None:
    """Writing to a catalog that was opened for reading gives a DeliveryError."""
    Catalog(path).close()
    with Catalog(path, read_only=True) as catalog, pytest.raises(DeliveryError, match="readonly"):
        catalog.write([SERVICE])


def test_an_empty_file_becomes_a_catalog(path: Path) -> None:
    """A file of zero bytes, such as a temporary file, can be filled."""
    path.touch()
    with Catalog(path) as catalog:
        catalog.write([SERVICE])
        assert catalog.counts() == {"databaseService": 1}


def test_the_file_says_what_it_is(path: Path) -> None:
    """Application id, format version and WAL mode stand in the file's header."""
    Catalog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0x6F6D6967,)
        assert connection.execute("PRAGMA user_version").fetchone() == (4,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_odd_characters_in_the_path(tmp_path: Path) -> None:
    """A path may hold characters that mean something in a URI."""
    path = tmp_path / "50% of? #1 é.db"
    Catalog(path).close()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_temporary_catalog_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary catalog works like any other and leaves no file."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Catalog.temporary() as catalog:
        catalog.write([SERVICE])
        assert catalog.get_by_name(DatabaseService, "s") is not None
        assert catalog.path is None
    assert list(tmp_path.iterdir()) == []


def test_use_after_close_is_an_error_of_ours(path: Path) -> None:
    """A closed catalog raises DeliveryError, nothing of sqlite3's; closing twice is fine."""
    catalog = Catalog(path)
    catalog.close()
    catalog.close()
    with pytest.raises(DeliveryError):
        catalog.counts()


def test_reading_leaves_nothing_beside_the_catalog(tmp_path: Path) -> None:
    """A reader removes the two files that SQLite needs meanwhile, and cannot write."""
    path = tmp_path / "c.db"
    Catalog(path).close()

    with Catalog(path, read_only=True) as reader:
        assert reader.counts() == {}
        with pytest.raises(DeliveryError):
            reader.write([SERVICE])

    assert [file.name for file in tmp_path.iterdir()] == ["c.db"]
