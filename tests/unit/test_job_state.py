"""`ctx.state` from one run of a job to the next: where it is kept, and when it is not used."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseServiceRequest,
    DeliveryError,
    Record,
    WorkflowError,
)
from om_ingest.masking import Redactor
from om_ingest.model import CreateGlossaryRequest, Database
from om_ingest.run import bookmarking, kept_bookmarks, launch, request
from om_ingest.run.assembly import assemble
from om_ingest.store import MetadataStore
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.journal import FILE_NAME, Journal, runs_in
from om_ingest_catalog import Catalog
from om_ingest_catalog.sink import CatalogSink

TARGET = f"{__name__}:DiarySource"


class DiaryConfig(ConnectorConfig):
    last: int = 3
    bad: int = -1
    unread: int = -1
    glossaries: bool = False
    early: bool = False
    looks: bool = False


class DiarySource(ConfiguredSource[DiaryConfig]):
    """Yields a database for each day that it has not read, and a bookmark behind it."""

    def next_record(self) -> Iterator[Record]:
        service = self.ctx.service_name
        if self.config.early:
            self.ctx.state["format"] = 1
            self.ctx.metadata.get_by_name(Database, service)  # what was yielded is delivered
        if not self.config.glossaries:
            yield CreateDatabaseServiceRequest(name=service, serviceType="CustomDatabase")  # type: ignore[arg-type]  # the word will do
        for day in range(self.ctx.state.get("day", 0) + 1, self.config.last + 1):
            name, place = f"day {day}", "nowhere" if day == self.config.bad else service
            if day == self.config.unread:
                self.status.failure(name, "timed out")
            elif self.config.glossaries:
                yield CreateGlossaryRequest(name=name, description="what was said")
            else:
                yield CreateDatabaseRequest(name=name, service=place)
            self.ctx.state["day"] = day
            if self.config.looks:
                self.ctx.metadata.get_by_name(Database, service)


class Diary:
    """A job in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = folder / "diary.db"

    def job(self, *values: str, sink: str = "", **options: Any) -> Any:
        options = {"state": self.folder, "service_name": "diary", **options}
        sink = sink or f"catalog:{self.catalog}"
        return request.job(TARGET, values=values, sink=sink, redact=Redactor(), **options)

    def run(self, *values: str, sink: str = "", **options: Any) -> Any:
        """The report of a run."""
        return launch.launch(self.job(*values, sink=sink, **options))

    @property
    def day(self) -> int | None:
        """The bookmark that is kept."""
        _, kept = kept_bookmarks.kept_of(self.job())
        return kept.bookmarks["day"] if kept else None

    @property
    def days(self) -> int:
        """How many days are in the catalog."""
        with Catalog(self.catalog, read_only=True) as catalog:
            return len(list(catalog.list_entities(Database)))


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Diary:
    monkeypatch.chdir(tmp_path)  # dead letters lie in the working directory
    return Diary(tmp_path)


def test_the_next_run_reads_on(diary: Diary) -> None:
    """A run begins where the one before it ended; what it does not yield stays as it is."""
    assert diary.day is None
    assert diary.run().counts()["created"] == 4
    assert diary.day == 3
    assert diary.run("last=5").counts()["yielded"] == 3
    assert (diary.day, diary.days) == (5, 5)


def test_a_failed_record_holds_the_bookmark(diary: Diary) -> None:
    """The run says so, and the next one reads from before the record that failed."""
    report = diary.run("bad=2")
    assert (diary.day, report.exit_code) == (1, 1)
    ((_, told, _),) = report.delivery_warnings.noted()
    assert told.startswith("Bookmarks that were set after a record which has failed")
    assert diary.run().counts()["created"] == 1  # day 2
    assert (diary.day, diary.days) == (3, 3)


def test_a_failure_in_the_source_holds_the_bookmark(diary: Diary) -> None:
    """What the source could not read is read by the next run: bookmarks behind it are not kept."""
    report = diary.run("unread=2")
    assert (diary.day, diary.days, report.exit_code) == (1, 2, 1)
    ((_, told, _),) = report.delivery_warnings.noted()
    assert "after a failure in the source, are not kept" in told
    assert runs_in(diary.folder)[0].problem == "failures in the source: 1"
    diary.run()
    assert (diary.day, diary.days) == (3, 3)


def test_another_config(diary: Diary) -> None:
    """Bookmarks that were kept with another config of the source are used with a warning, once."""
    diary.run("last=1")
    for count in (1, 0):
        told = [reason for _, reason, _ in diary.run("last=2").delivery_warnings.noted()]
        assert ["with another config of the source" in reason for reason in told] == [True] * count


def test_a_limit(diary: Diary) -> None:
    """What was delivered before the limit counts."""
    diary.run(limit=3)
    assert diary.day == 1
    diary.run()
    assert (diary.day, diary.days) == (3, 3)


def test_a_dry_run_reads_it_and_leaves_no_trace(diary: Diary) -> None:
    """It tells what the next run would do, and moves no bookmark."""
    diary.run(dry_run=True)
    assert not (diary.folder / FILE_NAME).exists()
    diary.run()
    assert diary.run("last=4", dry_run=True).counts()["created"] == 1
    assert diary.day == 3


def test_another_job_has_its_own(diary: Diary) -> None:
    """The bookmarks of a job are those of its source, service, target and workflow file."""
    diary.run()
    assert diary.run(service_name="other").counts()["created"] == 4
    assert diary.run(sink=f"catalog:{diary.folder / 'other.db'}").counts()["created"] == 4


def test_a_target_that_is_new(diary: Diary, caplog: pytest.LogCaptureFixture) -> None:
    """Bookmarks of a target that no longer has the service are not used: everything is read."""
    diary.run()
    diary.catalog.unlink()
    assert diary.run().counts()["created"] == 4
    assert "everything is read: catalog" in caplog.text
    assert "no longer has the databaseService diary" in caplog.text


def test_a_target_that_is_new_without_a_service(
    diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no service is yielded, something else that was delivered tells the target apart."""
    diary.run("glossaries=true")
    diary.run("glossaries=true", "last=4")
    diary.catalog.unlink()
    assert diary.run("glossaries=true", "last=5").counts()["created"] == 5
    assert "no longer has the glossary day 3" in caplog.text


def test_a_bookmark_before_the_service(diary: Diary, caplog: pytest.LogCaptureFixture) -> None:
    """A target that is new is told as well where something was kept before anything was there."""
    diary.run("early=true")
    diary.catalog.unlink()
    assert diary.run("early=true").counts()["created"] == 4
    assert "no longer has the databaseService diary" in caplog.text


class ForgetfulSink(CatalogSink):
    """Fails when it is asked first what it holds, or answers as if nothing had been delivered."""

    answer: ClassVar[Catalog | None] = None
    asked_count: ClassVar = 0

    def existing(self) -> MetadataStore | None:
        ForgetfulSink.asked_count += 1
        if self.answer is None and self.asked_count == 1:
            raise ConnectionError("timed out")
        return self.answer or super().existing()


@pytest.fixture
def forgetful(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> str:
    info = diary.folder / "forgetful-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: forgetful\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[om_ingest.sink]\nforgetful = {__name__}:ForgetfulSink\n"
    )
    monkeypatch.syspath_prepend(diary.folder)
    ForgetfulSink.asked_count, ForgetfulSink.answer = 0, None
    return f"forgetful:{diary.catalog}"


def test_a_target_that_does_not_answer(diary: Diary, forgetful: str) -> None:
    """It may be another one than before: all is read, nothing is kept, and the run says so."""
    for last in (2, 3):
        ForgetfulSink.asked_count = 0
        report = diary.run(f"last={last}", sink=forgetful)
        assert report.counts()["yielded"] == last + 1
        ((_, told, _),) = report.delivery_warnings.noted()
        assert "does not answer what it holds" in told
        assert "Run again once it answers" in told


def test_a_target_without_what_was_delivered(diary: Diary, forgetful: str) -> None:
    """It is asked a few times in the whole, not each time that something may be kept."""
    with Catalog.temporary() as ForgetfulSink.answer:
        diary.run("last=60", "looks=true", sink=forgetful)
    assert ForgetfulSink.asked_count < 40


def test_an_output_that_each_run_writes_anew(
    diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    """A recording holds everything each time: nothing else would be in it."""
    caplog.set_level(logging.INFO)
    for _ in range(2):
        assert diary.run(sink=f"jsonl:{diary.folder / 'out.jsonl'}").counts()["created"] == 4
    assert "out.jsonl is written anew by each run" in caplog.text


@pytest.mark.parametrize("content", ["5", "{", '{"day": NaN}'])
def test_damaged(diary: Diary, content: str, caplog: pytest.LogCaptureFixture) -> None:
    """What no run has written is told; a run that must have its journal does not begin."""
    diary.run()
    with contextlib.closing(Journal(diary.folder)) as journal, journal.transaction():
        journal.execute("UPDATE state SET bookmarks = ?", (content,))
    for attempt in (diary.run, lambda: diary.day):
        with pytest.raises(WorkflowError, match=f"{FILE_NAME} is damaged: the state of a job"):
            attempt()
    caplog.clear()
    assert diary.run(state=None).counts()["unchanged"] == 4
    assert "The bookmarks of this job cannot be read" in caplog.text


def test_clear(diary: Diary) -> None:
    """A job that is cleared reads everything; while it runs it is not cleared."""
    assert kept_bookmarks.clear(diary.job())[1] is False
    diary.run()
    with contextlib.closing(Journal(diary.folder)) as journal, contextlib.ExitStack() as kept:
        job = diary.job()
        key = bookmarking.job_key(job.journal, assemble(job, Interrupt(), kept))
        lock = journal.lock_of(key)
        lock.take("a run", "now", 1)
        with pytest.raises(DeliveryError, match="still running"):
            kept_bookmarks.clear(diary.job())
        assert "another run of the job goes on" in str(
            diary.run("last=4").delivery_warnings.noted()
        )
        lock.release()
    assert diary.day == 3
    assert kept_bookmarks.clear(diary.job())[1] is True
    assert diary.day is None
    assert diary.run().counts()["unchanged"] == 4
