"""Records that wait for another try are accounted for, although there is no room for them."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from om_ingest import (
    CreateTableRequest,
    DeliveryError,
    Outcome,
    Record,
    SinkContext,
    WriteResult,
)
from om_ingest.masking import Redactor
from om_ingest.sinks.console import ConsoleSink
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline

from tests.early import ListSource, Ran, table

COUNT = 60
SIZE_MAX = 1_000_000
"""Bytes of a file, where there is no room for more."""


class Missing(ConsoleSink):
    """Calls something missing for each record at first, and takes them when they are tried again.

    `missing_size` is the length of its name, of which only the index takes notice.
    """

    def __init__(self, missing_size: int = 1, full_after: int | None = None) -> None:
        super().__init__(SinkContext())
        self.missing = "s" * missing_size
        self.full_after = full_after
        """Number of records after which there is no more room."""
        self.count = 0

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        for record in records:
            self.count += 1
            if self.count == self.full_after:
                limit_files(SIZE_MAX)
            if self.count > COUNT:
                yield WriteResult(record, Outcome.CREATED)
            else:
                name = f"{self.missing}{self.count}"
                yield WriteResult(record, Outcome.FAILED, "too early", ("table", name))

    def write_parcels(self, parcels: Sequence[Any]) -> Iterable[WriteResult]:
        return self.write([parcel.record for parcel in parcels])

    def flush(self) -> Iterable[WriteResult]:
        return []


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@pytest.fixture(autouse=True)
def unlimited() -> Iterator[None]:
    """Files may grow again after each test, and lie in the usual folder."""
    before, folder = resource.getrlimit(resource.RLIMIT_FSIZE), tempfile.tempdir
    yield
    tempfile.tempdir = folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def tables(description: str = "") -> Iterator[CreateTableRequest]:
    return (table(f"t{number}", description=description) for number in range(COUNT))


def assert_accounted(ran: Ran) -> None:
    """Each record is delivered or set aside, and the run names the folder that is full."""
    assert ran.pipeline.delivery.dead_letters.lost is None
    names = {name.partition(" ")[2] for name in ran.set_aside}
    assert len(names) + ran.tally.total(Outcome.CREATED) == COUNT
    assert set(ran.set_aside.values()) <= {"too early"}
    assert isinstance(ran.pipeline.error, DeliveryError)
    assert "TMPDIR" in str(ran.pipeline.error)


@pytest.mark.parametrize("full_after", [1, 40, COUNT + 1, COUNT + 20])
def test_index_is_lost(tmp_path: Path, full_after: int) -> None:
    """SQLite throws its file away when the disk is full, early or late: no record goes with it."""
    ran = Ran(tmp_path, tables(), Missing(80_000, full_after))
    assert_accounted(ran)
    assert (len(ran.set_aside) > COUNT // 4) == (full_after <= COUNT)


def test_lines_have_no_room(tmp_path: Path) -> None:
    """Records for which there is no room fail at once; those that were kept are tried again."""

    def source() -> Iterator[CreateTableRequest]:
        limit_files(SIZE_MAX)
        yield from tables("d" * 25_000)
        limit_files(resource.RLIM_INFINITY)

    ran = Ran(tmp_path, source(), Missing(), reads_after=10)
    assert_accounted(ran)
    assert ran.tally.total(Outcome.CREATED) > COUNT // 2
    assert len(ran.set_aside) > COUNT // 4


def test_no_temporary_folder(tmp_path: Path) -> None:
    """Nothing is tried again where no temporary file can be made."""
    tempfile.tempdir = str(tmp_path / "gone")
    ran = Ran(tmp_path, tables(), Missing())
    assert_accounted(ran)
    assert len(ran.set_aside) == COUNT


def test_lines_that_cannot_be_read_back(tmp_path: Path) -> None:
    """Records that are lost with their file count as failed, and the run tells how many."""
    tempfile.tempdir = str(tmp_path)

    class Cuts(Missing):
        def flush(self) -> Iterable[WriteResult]:
            for file in Path("/proc/self/fd").iterdir():
                name = str(file.readlink()) if file.is_symlink() else ""
                if name.startswith(f"{tmp_path}/") and name.endswith(" (deleted)"):
                    os.truncate(file, 10)
            return []

    letters = DeadLetters(tmp_path / "letters.jsonl", {}, Redactor())
    pipeline = Pipeline(ListSource(tables(), None, 1), [], Cuts(), letters, Interrupt())
    pipeline.run()
    tally = pipeline.tally
    assert (tally.unaccounted, tally.total(Outcome.FAILED)) == (0, COUNT)
    assert letters.lost == f"{COUNT} table: not readable in the temporary folder (TMPDIR)"
    assert "it was cut" in str(pipeline.error)
