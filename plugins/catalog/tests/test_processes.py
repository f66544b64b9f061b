"""Concurrent processes on one file, and processes that are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest.errors import DeliveryError
from om_ingest.model import DatabaseSchema, Table
from om_ingest_catalog import Catalog

BATCH_COUNT = 100

WRITER = f"""
import sys
from om_ingest_catalog import Catalog
from om_ingest import (
    CreateDatabaseRequest, CreateDatabaseSchemaRequest, CreateDatabaseServiceRequest,
    CreateTableRequest,
)

path, prefix, batches = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Catalog(path, actor=prefix) as catalog:
    print("open", flush=True)
    sys.stdin.readline()
    for batch in range(batches):
        parents = [
            CreateDatabaseServiceRequest(name="s", serviceType="SQLite"),
            CreateDatabaseRequest(name="d", service="s"),
            CreateDatabaseSchemaRequest(name="x", database="s.d"),
        ]
        tables = [
            CreateTableRequest(name=f"{{prefix}}{{i}}", databaseSchema="s.d.x", columns=[])
            for i in range(batch * {BATCH_COUNT}, (batch + 1) * {BATCH_COUNT})
        ]
        failed = [result for result in catalog.write([*parents, *tables]) if result.reason]
        assert not failed, failed
        print("batch", flush=True)
"""

FILLER = """
import resource, sys
from om_ingest_catalog import Catalog
from om_ingest.errors import DeliveryError
from om_ingest import CreateDatabaseRequest, CreateDatabaseServiceRequest
from om_ingest.model import Database

catalog = Catalog(sys.argv[1])
catalog.write([CreateDatabaseServiceRequest(name="s", serviceType="SQLite")])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
committed = 0
try:
    while True:
        batch = [
            CreateDatabaseRequest(name=f"d{committed + i}", service="s", description="x" * 5000)
            for i in range(20)
        ]
        committed += len(catalog.write(batch))
except DeliveryError as error:
    print(committed, error.remedy)
still_there = sum(1 for _ in catalog.list_entities(Database))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
again = catalog.write(batch)  # there is space again
catalog.close()
print(still_there, {result.outcome.value for result in again})
"""


def start(path: Path, prefix: str, batches: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), prefix, str(batches)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_intact(path: Path) -> None:
    """The file is intact, and every entity can be found by search."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        missing = "SELECT count(*) FROM entity WHERE rowid NOT IN (SELECT rowid FROM search)"
        assert connection.execute(missing).fetchone() == (0,)


def test_two_writers_both_finish(path: Path) -> None:
    """Two processes create one file and write to it at once; every row of both is there."""
    writers = [start(path, prefix, 15) for prefix in "ab"]
    answers = [writer.communicate("go\n", timeout=60) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], answers
    with Catalog(path, read_only=True) as catalog:
        names = [table.name for table in catalog.list_entities(Table)]
    assert sorted(names) == sorted(f"{p}{i}" for p in "ab" for i in range(15 * BATCH_COUNT))
    check_intact(path)


def test_a_reader_sees_whole_batches(path: Path) -> None:
    """A reader is never refused during writes, and sees only whole batches."""
    with start(path, "a", 30) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        counts = []
        with Catalog(path, read_only=True) as catalog:
            writer.stdin.write("go\n")
            writer.stdin.flush()
            while writer.poll() is None:
                counts.append(catalog.counts().get("table", 0))
                time.sleep(0.002)
            counts.append(catalog.counts()["table"])
    assert counts[-1] == 30 * BATCH_COUNT
    assert {count % BATCH_COUNT for count in counts} == {0}
    assert len(set(counts)) > 2, "the reader must have met the writer at work"


def test_a_killed_writer_leaves_whole_batches(path: Path) -> None:
    """After kill -9 in the middle of a load the file is intact and holds whole batches."""
    with start(path, "a", 10_000) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        lines = [writer.stdout.readline() for _ in range(8)]  # "open", then seven batches
        os.kill(writer.pid, signal.SIGKILL)
        told = len(lines) - 1 + writer.stdout.read().count("batch\n")
    with Catalog(path) as catalog:
        tables = catalog.counts()["table"]
    assert tables % BATCH_COUNT == 0
    assert told <= tables / BATCH_COUNT <= told + 1
    check_intact(path)


def test_a_full_disk_keeps_what_was_committed(path: Path) -> None:
    """A write to a full disk fails as a whole, with a remedy; earlier batches stay."""
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(path), "2000000"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told, after = done.stdout.splitlines()
    committed, remedy = told.split(" ", 1)
    assert int(committed) >= 20
    assert "Free some space" in remedy
    assert after == f"{committed} {{'created'}}"
    with Catalog(path, read_only=True) as catalog:
        assert catalog.counts()["database"] == int(committed) + 20
    check_intact(path)


def test_changes_of_another_process_are_seen(catalog: Catalog, path: Path, table: Any) -> None:
    """A cached parent is looked up again after another process deleted it."""
    catalog.write([table()])
    with Catalog(path) as other:
        assert other.delete(DatabaseSchema, "s.d.x", recursive=True)
    (result,) = catalog.write([table(name="u")])
    assert "the databaseSchema s.d.x does not exist" in result.reason


def test_a_broken_file_is_an_error_of_ours(catalog: Catalog, path: Path) -> None:
    """A file that becomes corrupt raises DeliveryError that says so."""
    ((page,),) = catalog.file.query("SELECT rootpage FROM sqlite_master WHERE name = 'tally'")
    ((size,),) = catalog.file.query("PRAGMA page_size")
    catalog.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)
    with Catalog(path) as damaged, pytest.raises(DeliveryError, match="malformed"):
        damaged.counts()
