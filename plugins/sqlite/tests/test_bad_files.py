"""Files that cannot be read, or only with care: one clear error each, and nothing touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from metadata.ingestion.source.database.sqlite_file import SqliteSource
from om_ingest import OmIngestError, SourceError, WorkflowContext, WorkflowError

Ingest = Callable[..., Any]
Make = Callable[..., Path]

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock() -> Iterator[Callable[[Path], Any]]:
    """Lock a file from another process, until the test ends or the lock is closed."""
    holders = []

    def hold(path: Path) -> Any:
        holder = subprocess.Popen(
            [sys.executable, "-c", LOCKER, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        holders.append(holder)
        assert holder.stdout.readline() == "locked\n"
        return holder

    yield hold
    for holder in holders:
        holder.communicate()


def refusal(
    ingest: Ingest, path: Path, kind: type[OmIngestError] = SourceError, **config: Any
) -> OmIngestError:
    with pytest.raises(kind) as caught:
        ingest(path, **config)
    assert str(path) in caught.value.what
    assert caught.value.remedy
    return caught.value


def traces(folder: Path) -> dict[str, tuple[int, bytes]]:
    """A folder and every file of it: when it was changed, and its content."""
    found = {
        p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in folder.iterdir() if p.is_file()
    }
    return {".": (folder.stat().st_mtime_ns, b""), **found}


def test_missing_file(ingest: Ingest, tmp_path: Path) -> None:
    """A missing file is a mistake in the workflow, exit code 2; it is not created."""
    error = refusal(ingest, tmp_path / "none.db", WorkflowError)
    assert error.exit_code == 2
    assert error.what.startswith("There is no file")
    assert not (tmp_path / "none.db").exists()


def test_directory(ingest: Ingest, tmp_path: Path) -> None:
    """A directory is a mistake in the workflow."""
    assert "is a directory" in refusal(ingest, tmp_path, WorkflowError).what


def test_named_pipe(ingest: Ingest, tmp_path: Path) -> None:
    """A pipe is refused at once instead of being waited for."""
    os.mkfifo(tmp_path / "pipe.db")
    assert "not a regular file" in refusal(ingest, tmp_path / "pipe.db", WorkflowError).what


@pytest.mark.parametrize("content", [b"id,name\n1,a\n", b"x", b"\0" * 4096, b"PK\3\4" + b"z" * 508])
def test_not_sqlite(ingest: Ingest, tmp_path: Path, content: bytes) -> None:
    """Another kind of file is named as such; whoever owns the data must act, exit code 1."""
    path = tmp_path / "x.db"
    path.write_bytes(content)
    error = refusal(ingest, path)
    assert "is not a SQLite database" in error.what
    assert error.exit_code == 1


def test_encrypted(ingest: Ingest, tmp_path: Path) -> None:
    """Random pages look encrypted, and the error says so."""
    path = tmp_path / "secret.db"
    path.write_bytes(os.urandom(4 * 4096))
    assert "encrypted" in refusal(ingest, path).what


def test_encrypted_behind_a_plain_header(ingest: Ingest, tmp_path: Path) -> None:
    """A file of which only the header is plain is refused, not read as an empty one."""
    path = tmp_path / "secret.db"
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096 - 16))
    assert "encrypted" in refusal(ingest, path).what


def test_truncated(ingest: Ingest, make: Make) -> None:
    """A file that lost its end is damaged."""
    path = make("BEGIN;" + "".join(f"CREATE TABLE t{i} (a, b, c);" for i in range(200)) + "COMMIT")
    os.truncate(path, 8192)
    assert "is damaged" in refusal(ingest, path).what


def test_damage_in_the_middle_of_a_run(make: Make, context: WorkflowContext) -> None:
    """Damage met later ends the run with an error; the tables before it were delivered."""
    path = make("CREATE TABLE a (x); CREATE TABLE b (y)")
    with SqliteSource.create({"database_path": str(path)}, {}, context) as source:
        source.prepare()
        records = iter(source.next_record())
        for _ in range(4):
            next(records)
        with path.open("r+b") as stream:
            for counter in (24, 40):  # of changes in the file, and in its schema
                stream.seek(counter)
                stream.write(b"\xff" * 4)
            stream.seek(100)
            stream.write(b"\xff" * 400)
        with pytest.raises(SourceError, match="is damaged"):
            next(records)


def test_locked_longer_than_the_timeout(
    ingest: Ingest, make: Make, lock: Callable[[Path], Any]
) -> None:
    """A file that stays locked is given up after timeout_s, not earlier and not much later."""
    path = make("CREATE TABLE t (a)")
    lock(path)
    begin = time.monotonic()
    error = refusal(ingest, path, timeout_s=0.5)
    assert 0.4 < time.monotonic() - begin < 30
    assert "is locked" in error.what
    assert "timeout_s (now 0.5 s)" in error.remedy


def test_lock_that_ends_in_time(ingest: Ingest, make: Make, lock: Callable[[Path], Any]) -> None:
    """A lock that is released within timeout_s only delays the run."""
    path = make("CREATE TABLE t (a)")
    holder = lock(path)
    holder.stdin.close()
    assert set(ingest(path, timeout_s=30).tables) == {"t"}
    holder.stdin = None


def test_locked_in_the_middle_of_a_run(
    make: Make, context: WorkflowContext, lock: Callable[[Path], Any]
) -> None:
    """A lock taken between two tables is reported as a lock."""
    path = make("CREATE TABLE a (x); CREATE TABLE b (y)")
    config = {"database_path": str(path), "timeout_s": 0}
    with SqliteSource.create(config, {}, context) as source:
        source.prepare()
        records = iter(source.next_record())
        for _ in range(4):
            next(records)
        lock(path)
        with pytest.raises(SourceError, match="is locked"):
            next(records)


def test_no_permission(ingest: Ingest, open_directory: Path, nobody: Callable[[], None]) -> None:
    """A file that the user may not read is an error about permission."""
    path = open_directory / "x.db"
    sqlite3.connect(path).executescript("CREATE TABLE t (a)").connection.close()
    path.chmod(0)
    nobody()
    assert "No permission to read" in refusal(ingest, path).what


def test_no_permission_for_the_directory(
    ingest: Ingest, open_directory: Path, nobody: Callable[[], None]
) -> None:
    """A file in a directory that the user may not enter is an error about permission."""
    inner = open_directory / "inner"
    inner.mkdir()
    sqlite3.connect(inner / "x.db").executescript("CREATE TABLE t (a)").connection.close()
    inner.chmod(0)
    nobody()
    assert "No permission to read" in refusal(ingest, inner / "x.db").what


def test_interrupted_write(ingest: Ingest, tmp_path: Path) -> None:
    """A file whose writer died is refused: undoing that write would change the file."""
    writer = sqlite3.connect(tmp_path / "live.db")
    writer.executescript("CREATE TABLE t (a); PRAGMA cache_size = 5")
    with writer:
        writer.executemany("INSERT INTO t VALUES (zeroblob(1000))", [()] * 500)
    writer.execute("UPDATE t SET a = zeroblob(999)")
    for name in ("live.db", "live.db-journal"):
        shutil.copy(tmp_path / name, tmp_path / name.replace("live", "dead"))
    writer.rollback()
    writer.close()
    before = traces(tmp_path)
    assert "in the middle of a write" in refusal(ingest, tmp_path / "dead.db").what
    assert traces(tmp_path) == before


def test_empty_file(ingest: Ingest, tmp_path: Path) -> None:
    """An empty file is a database without tables, as for SQLite, and a warning."""
    path = tmp_path / "empty.db"
    path.touch()
    result = ingest(path)
    assert result.tables == {}
    assert result.complete
    assert "The file is empty" in result.status.warnings[0].reason
    assert path.stat().st_size == 0


@pytest.mark.parametrize(
    "name",
    ["a b.db", "a?mode=rwc.db", "a#b.db", "100%25.db", "é雪.db", "a&immutable=1.db", "'\".db"],
)
def test_odd_paths(ingest: Ingest, make: Make, name: str) -> None:
    """No character of a path is taken for a part of SQLite's URI."""
    path = make("CREATE TABLE t (a)", name)
    assert set(ingest(path).tables) == {"t"}
    assert [entry.name for entry in path.parent.iterdir()] == [name]


def test_paths_relative_to_the_working_directory_and_home(
    ingest: Ingest, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path starts at the working directory, `~` at the home directory."""
    path = make("CREATE TABLE t (a)")
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("HOME", str(path.parent))
    assert set(ingest("data.db").tables) == set(ingest("~/data.db").tables) == {"t"}


WAL = "PRAGMA journal_mode = WAL; CREATE TABLE t (a);"


def test_a_wal_file_at_rest_stays_alone(ingest: Ingest, make: Make) -> None:
    """Reading a closed WAL-mode file creates no -wal and no -shm beside it."""
    path = make(WAL)
    before = path.read_bytes()
    result = ingest(path)
    assert set(result.tables) == {"t"}
    assert result.complete
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_wal_file_in_use_is_read_to_its_newest_state(ingest: Ingest, make: Make) -> None:
    """What another connection has committed but not moved out of the -wal file is read."""
    path = make(WAL)
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE fresh (b)")
    assert set(ingest(path).tables) == {"t", "fresh"}
    writer.close()


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[Path]:
    """The folder for temporary files, empty."""
    folder = tmp_path / "copies"
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before


def test_the_copy_of_a_file_in_use_is_gone_while_it_is_read(
    make: Make, context: WorkflowContext, copies: Path
) -> None:
    """A run that is killed while it reads leaves no copy behind; what is read is the same."""
    path = make(f"{WAL} CREATE TABLE key (id INTEGER PRIMARY KEY)")
    writer = sqlite3.connect(path)
    writer.execute("CREATE VIEW fresh AS SELECT rowid FROM key")
    with SqliteSource.create({"database_path": str(path)}, {}, context) as source:
        source.prepare()
        assert list(copies.iterdir()) == []
        records = [type(record).__name__ for record in source.next_record()]
        assert records.count("CreateTableRequest") == 3
        assert records.count("AddLineageRequest") == 1
        assert not source.get_status().warning_count
    writer.close()


def test_a_link_to_a_wal_file_in_use(ingest: Ingest, make: Make) -> None:
    """The -wal file stands beside the target of a link, and is found there."""
    path = make(WAL)
    link = path.parent / "link.db"
    link.symlink_to(path)
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE fresh (b)")
    assert set(ingest(link).tables) == {"t", "fresh"}
    writer.close()


def test_a_wal_file_in_a_read_only_directory(
    ingest: Ingest, make: Make, open_directory: Path, nobody: Callable[[], None]
) -> None:
    """Where SQLite could not create -shm, the -wal file is read all the same."""
    path = make(WAL)
    writer = sqlite3.connect(path)
    writer.execute("CREATE TABLE fresh (b)")
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.parent / name, open_directory / name)
        (open_directory / name).chmod(0o444)
    writer.close()
    open_directory.chmod(0o555)
    nobody()
    result = ingest(open_directory / path.name)
    assert set(result.tables) == {"t", "fresh"}
    assert not result.status.warning_count


JOURNALS = {
    "at rest": ("PRAGMA journal_mode = WAL", "CREATE TABLE t (a)", None),
    "data in the log": (
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (1)",
    ),
    "tables in the log": ("PRAGMA journal_mode = WAL", "SELECT 1", "CREATE TABLE t (a)"),
    "moving pages": (
        "PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = WAL",
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (1)",
    ),
    "rollback journal": ("PRAGMA journal_mode = PERSIST", "CREATE TABLE t (a)", None),
}


@pytest.mark.parametrize("is_alive", [True, False], ids=["in use", "left behind"])
@pytest.mark.parametrize("case", JOURNALS)
def test_reading_leaves_no_trace(
    ingest: Ingest, make: Make, tmp_path: Path, case: str, is_alive: bool
) -> None:
    """Nothing beside the file is created, changed or left, and the newest schema is read."""
    mode, before, after = JOURNALS[case]
    path = make(f"{mode}; {before}", "live.db")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("SELECT * FROM sqlite_master").fetchall()
    if after is not None:
        writer.execute(after)
    if not is_alive:  # as a program leaves its files that was killed; -shm may be gone
        folder = tmp_path / "dead"
        folder.mkdir()
        for name in ("live.db", "live.db-wal", "live.db-journal"):
            if (tmp_path / name).exists():
                shutil.copy(tmp_path / name, folder / name)
        path = folder / "live.db"
    known = traces(path.parent)
    result = ingest(path)
    assert set(result.tables) == {"t"}
    assert result.complete
    assert traces(path.parent) == known
    writer.close()


def test_a_change_behind_an_immutable_read_is_noticed(make: Make, context: WorkflowContext) -> None:
    """A writer that appears while a WAL file at rest is read makes the scope incomplete."""
    path = make(WAL)
    with SqliteSource.create({"database_path": str(path)}, {}, context) as source:
        source.prepare()
        records = iter(source.next_record())
        next(records)
        writer = sqlite3.connect(path)
        writer.execute("CREATE TABLE fresh (b)")
        writer.close()  # moves the change into the file
        assert "ScopeComplete" not in {type(record).__name__ for record in records}
        assert "written to while it was read" in source.get_status().warnings[0].reason
