"""The journal: runs and acknowledgements in one file, whatever happens to those who write it."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from om_ingest import (
    CreateDatabaseRequest,
    DeliveryError,
    EntityReference,
    OmIngestError,
    Record,
    ScopeComplete,
    WorkflowError,
)
from om_ingest.kinds import Parcel
from om_ingest.model import AddLineageRequest, EntitiesEdge, Table
from om_ingest.workflow.acknowledgements import Acknowledgements, mark_of
from om_ingest.workflow.journal import FILE_NAME, KEPT_COUNT, Journal, report_in, runs_in
from om_ingest.workflow.kept_run import shortened
from om_ingest.workflow.report import RunReport

JOB, OTHER_JOB = b"j" * 16, b"o" * 16


def database(name: str, description: str | None = None) -> CreateDatabaseRequest:
    return CreateDatabaseRequest(name=name, service="s", description=description)


def parcels(*records: Record) -> list[Parcel]:
    return [Parcel.of(record) for record in records]


def databases(count: int) -> list[Parcel]:
    return parcels(*(database(f"d{number}") for number in range(count)))


def report(run_id: str = "run-1", state: str = "running") -> RunReport:
    return RunReport(run_id, "shop", "shop-connector 1.0", "shop", "sink of tests", state=state)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path)) as opened:
        yield opened


def sink_side(journal: Journal, job: bytes = JOB, *, resuming: bool) -> Acknowledgements:
    """The journal as a sink of a run sees it."""
    acknowledgements = Acknowledgements()
    acknowledgements.bind(journal, job, resuming=resuming)
    return acknowledgements


def test_acknowledged_records_need_not_be_sent_again(journal: Journal) -> None:
    """A resumed run leaves out what was acknowledged with the same content, and nothing else."""
    first = sink_side(journal, resuming=False)
    assert first.unsent(databases(3)) == [True, True, True]
    first.acknowledge(databases(2))
    resumed = sink_side(journal, resuming=True)
    assert resumed.unsent([*databases(3), *parcels(database("d1", "changed"))]) == [
        False,
        False,
        True,
        True,
    ]
    assert resumed.skipped_count == 2
    assert sink_side(journal, OTHER_JOB, resuming=True).unsent(databases(1)) == [True]


def test_more_records_than_one_statement_looks_up(journal: Journal) -> None:
    """A batch may have any size."""
    sink_side(journal, resuming=False).acknowledge(databases(1700))
    answers = sink_side(journal, resuming=True).unsent(databases(1701))
    assert answers == [False] * 1700 + [True]


def test_a_run_that_is_not_resumed_starts_afresh(journal: Journal) -> None:
    """It forgets what was acknowledged before, but not until it has something to send."""
    sink_side(journal, resuming=False).acknowledge(databases(2))
    afresh = sink_side(journal, resuming=False)
    assert journal.acknowledged_count(JOB) == 2
    assert afresh.unsent(databases(2)) == [True, True]
    assert journal.acknowledged_count(JOB) == 0
    afresh.acknowledge(databases(1))
    assert afresh.unsent(databases(1)) == [True]
    assert journal.acknowledged_count(JOB) == 1


def test_the_latest_content_is_what_counts(journal: Journal) -> None:
    """Of a thing that is yielded twice, the second content arrives last, also when resumed."""
    old, new = database("d", "old"), database("d", "new")
    first = sink_side(journal, resuming=False)
    first.acknowledge(parcels(old))
    first.acknowledge(parcels(new))
    together = sink_side(journal, resuming=True)
    assert together.unsent(parcels(old, new)) == [True, True]
    together.acknowledge(parcels(old))
    together.acknowledge(parcels(new))
    one_by_one = sink_side(journal, resuming=True)
    assert one_by_one.unsent(parcels(old)) == [True]
    assert one_by_one.unsent(parcels(new)) == [True]


def test_records_without_a_name_are_always_sent(journal: Journal) -> None:
    """Markers, parents given by id, and what JSON cannot hold are never left out."""
    by_id = EntityReference(id=UUID(int=1), type="databaseService")
    records = parcels(
        ScopeComplete("s.d", Table),
        CreateDatabaseRequest(name="d", service=by_id),
        CreateDatabaseRequest(name="d", service="s", extension={"key": object()}),
    )
    assert [mark_of(record) for record in records] == [None, None, None]
    sink_side(journal, resuming=False).acknowledge(records)
    assert sink_side(journal, resuming=True).unsent(records) == [True, True, True]


def test_an_edge_is_known_by_both_ends(journal: Journal) -> None:
    """Two edges from one table are two things."""

    def edge(target: str) -> AddLineageRequest:
        ends = (EntityReference(type="table", fullyQualifiedName=fqn) for fqn in ("s.a", target))
        return AddLineageRequest(edge=EntitiesEdge(fromEntity=next(ends), toEntity=next(ends)))

    sink_side(journal, resuming=False).acknowledge(parcels(edge("s.b")))
    assert sink_side(journal, resuming=True).unsent(parcels(edge("s.b"), edge("s.c"))) == [
        False,
        True,
    ]


def test_without_a_journal_everything_is_sent() -> None:
    """A run that keeps none may ask and tell all the same."""
    unbound = Acknowledgements()
    unbound.acknowledge(databases(1))
    assert unbound.unsent(databases(1)) == [True]


def test_workers_acknowledge_at_once(tmp_path: Path, journal: Journal) -> None:
    """Threads of one run and a second process's connection write one file, and lose nothing."""
    with closing(Journal(tmp_path)) as second, ThreadPoolExecutor(8) as pool:
        sides = [sink_side(journal, resuming=False), sink_side(second, OTHER_JOB, resuming=False)]
        records = databases(400)
        parts = [records[start : start + 10] for start in range(0, 400, 10)]
        work = [pool.submit(side.acknowledge, part) for part in parts for side in sides]
        for done in work:
            done.result()
    for job in (JOB, OTHER_JOB):
        assert sink_side(journal, job, resuming=True).unsent(records) == [False] * 400


def test_a_failing_journal_costs_no_record(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    """When the file fails everything is sent, and that is told once."""
    sink_side(journal, resuming=False).acknowledge(databases(1))
    resumed = sink_side(journal, resuming=True)
    journal.close()
    assert resumed.unsent(databases(1)) == [True]
    resumed.acknowledge(databases(1))
    (told,) = caplog.messages
    assert "will be sent again" in told


KILLED = """
import os, signal, sys
from pathlib import Path
from om_ingest import CreateDatabaseRequest
from om_ingest.kinds import Parcel
from om_ingest.workflow.acknowledgements import Acknowledgements
from om_ingest.workflow.journal import Journal
from om_ingest.workflow.report import RunReport

journal = Journal(Path(sys.argv[1]))
report = RunReport("run-killed", "shop", "shop-connector 1.0", "shop", "sink of tests")
lock = journal.lock_of(b"j" * 16)
lock.take(report.run_id, report.started_at, os.getpid())
journal.begin(b"j" * 16, report, None, lock=lock)
side = Acknowledgements()
side.bind(journal, b"j" * 16, resuming=True)
number = 0
while True:
    side.acknowledge([Parcel.of(CreateDatabaseRequest(name=f"d{number}", service="s"))])
    print(number, flush=True)
    number += 1
"""


def test_kill_in_the_middle_of_acknowledging(tmp_path: Path) -> None:
    """After kill -9 everything acknowledged is remembered, and the run is shown as killed."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) == 200:
                (run,) = runs_in(tmp_path)
                assert run.state == "running"
                assert run.duration_s is not None
                writer.send_signal(signal.SIGKILL)
                break
        told = 200 + len(writer.stdout.readlines())
    (run,) = runs_in(tmp_path)
    assert (run.state, run.pid, run.duration_s) == ("killed", writer.pid, None)
    with closing(Journal(tmp_path)) as journal:
        resumed = sink_side(journal, resuming=True)
        assert resumed.unsent(databases(told + 1)) == [False] * (told + 1)


def test_success_forgets_and_failure_keeps(journal: Journal) -> None:
    """Only the acknowledgements of a job that did not succeed are kept."""
    for state, kept in (("failed", 1), ("interrupted", 1), ("success", 0)):
        number = journal.begin(JOB, report(f"run-{state}"), None)
        sink_side(journal, resuming=False).acknowledge(databases(1))
        sink_side(journal, OTHER_JOB, resuming=False).acknowledge(databases(1))
        journal.end(number, report(state=state))
        assert (journal.acknowledged_count(JOB), journal.acknowledged_count(OTHER_JOB)) == (kept, 1)
        latest = journal.latest(JOB)
        assert latest is not None
        assert latest.state == state
    assert journal.latest(b"none") is None


def test_a_run_is_found_by_the_beginning_of_its_id(tmp_path: Path, journal: Journal) -> None:
    """The beginning must be that of one id; an id that came twice means the newer run."""
    for run_id in ("aa-1", "ab-1", "ab"):
        journal.begin(JOB, report(run_id), None)
    journal.end(journal.begin(JOB, report("aa-1"), None), report("aa-1", "failed"))
    run, found = report_in(tmp_path, "aa")
    assert (run.run_id, run.state) == ("aa-1", "failed")
    assert found is not None
    assert found["runId"] == "aa-1"
    run, found = report_in(tmp_path, "ab")
    assert (run.run_id, found) == ("ab", None)
    for prefix, what in (("a", "Several runs"), ("x", "no run"), ("%", "no run")):
        with pytest.raises(WorkflowError, match=what):
            report_in(tmp_path, prefix)


def test_ids_are_shortened_to_what_tells_them_apart() -> None:
    """At least eight characters stand, and more where ids begin alike."""
    assert shortened(["0123456789", "9876543210"]) == ["01234567", "98765432"]
    assert shortened(["nightly-1", "nightly-2", "nightly-2"]) == ["nightly-1"] + ["nightly-2"] * 2
    assert shortened([]) == []


def copy_latest(journal: Journal, count: int, run_id: str, job: str = "job") -> None:
    """Enter the latest run so many times more; its id and job are SQL, where `n` counts from 1."""
    columns = [name for _, name, *_ in journal.query("PRAGMA table_info(run)")]
    values = {"number": "number + n", "id": run_id, "job": job}
    with journal.transaction():
        journal.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {count})"
            f" INSERT INTO run ({', '.join(columns)})"
            f" SELECT {', '.join(values.get(name, name) for name in columns)} FROM run, c"
            " WHERE number = (SELECT max(number) FROM run)"
        )


def test_old_runs_are_forgotten(journal: Journal) -> None:
    """The newest runs are kept, with those that go on; and of older ones the latest of each job,
    and its latest success. No acknowledgement is kept of a job that has no run left.
    """
    lives, lasting = journal.lock_of(b"l" * 16), report("lives")
    lives.take("lives", lasting.started_at, os.getpid())
    journal.end(journal.begin(OTHER_JOB, report("worked"), None), report(state="success"))
    for run_id in ("between", "latest"):
        journal.end(journal.begin(OTHER_JOB, report(run_id), None), report(state="failed"))
    journal.begin(b"l" * 16, lasting, None, lock=lives)
    journal.begin(b"l" * 16, report("later"), None)
    journal.begin(JOB, report("dropped"), None)
    journal.begin(JOB, report("run"), None)
    journal.acknowledge(OTHER_JOB, [(b"k" * 16, b"d" * 16)])
    copy_latest(journal, KEPT_COUNT - 1, "id || '-' || n")
    journal.begin(JOB, report("newest"), None)
    ids = [run.run_id for run in journal.runs()]
    assert ids[:KEPT_COUNT] == ["newest", *(f"run-{n}" for n in range(KEPT_COUNT - 1, 0, -1))]
    assert ids[KEPT_COUNT:] == ["later", "lives", "latest", "worked"]
    assert journal.acknowledged_count(OTHER_JOB) == 1
    lives.release()
    copy_latest(journal, 2 * KEPT_COUNT, "'other-' || n", "randomblob(16)")
    journal.begin(JOB, report("last"), None)
    assert journal.runs()[-1].run_id == "other-2"


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()


def newer_version(path: Path) -> None:
    Journal(path.parent).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def plain_text(path: Path) -> None:
    path.write_text("no database " * 100, "utf-8")


@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        (other_program, "is not an om-ingest journal of runs"),
        (plain_text, "is not an om-ingest journal of runs"),
        (newer_version, "newer om-ingest"),
        (Path.mkdir, "is a directory"),
    ],
)
def test_a_foreign_file_is_refused_untouched(tmp_path: Path, prepare: object, what: str) -> None:
    """A file of that name that is none of ours is a WorkflowError, and is left as it was."""
    path = tmp_path / FILE_NAME
    assert callable(prepare)
    prepare(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(WorkflowError, match=what):
        Journal(tmp_path)
    with pytest.raises(WorkflowError, match=what):
        runs_in(tmp_path)
    assert before == (path.read_bytes() if path.is_file() else b"")


ENTRIES = {
    "counts": ["'{'", "'[1]'", '\'{"a": "b"}\'', "x'00'"],
    "pid": ["9e99", "99999999999999999999", "-1", "'x'", "x'00'", "2147483647 * 1000"],
    "started_at": ["'yesterday'", "7", "'2026-01-01'"],
    "ended_at": ["x'ff'", "''"],
    "id": ["x'ff'", "CAST(x'ff' AS TEXT)"],
    "source": ["CAST(x'ff' AS TEXT)", "x'00'"],
    "state": ["x'01'"],
    "exit_code": ["'none'", "x'00'"],
    "resumed_from": ["x'00'"],
    "job": ["'text'"],
    "is_locked": ["'yes'"],
    "lock": ["'../up'", "x'00'"],
    "files": ["'{'", "'[7]'", "'[[1, 2, 3]]'", "x'00'"],
}


@pytest.mark.parametrize(
    ("column", "value"), [(name, value) for name, values in ENTRIES.items() for value in values]
)
def test_a_damaged_entry_is_a_message(
    tmp_path: Path, journal: Journal, column: str, value: str
) -> None:
    """Whatever stands in a run's row, reading it names the file and says what to do."""
    journal.begin(JOB, report("aa-1"), None)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute(f"UPDATE run SET {column} = {value}")
        connection.commit()
    with pytest.raises(OmIngestError) as raised:
        runs_in(tmp_path)
    assert f"{tmp_path / FILE_NAME}" in raised.value.what
    assert "damaged" in str(raised.value)
    journal.begin(OTHER_JOB, report("bb-1"), None)  # an ordinary run goes on all the same


@pytest.mark.parametrize("text", ["{", "[1]", "7", "null", "x" * 10, "[" * 100_000])
def test_a_damaged_report_is_a_message(tmp_path: Path, journal: Journal, text: str) -> None:
    """A report that is no object of JSON is named, and the run can still be listed."""
    journal.end(journal.begin(JOB, report("aa-1"), None), report("aa-1", "failed"))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("UPDATE run SET report = ?", (text,))
        connection.commit()
    assert [run.run_id for run in runs_in(tmp_path)] == ["aa-1"]
    with pytest.raises(WorkflowError, match="damaged: the report of the run aa-1"):
        report_in(tmp_path, "aa")


def test_a_journal_that_was_cut_off_is_a_message(tmp_path: Path) -> None:
    """At whatever length it was cut, reading it is an error that names it."""
    with closing(Journal(tmp_path)) as journal:
        for number in range(200):
            journal.end(journal.begin(JOB, report(f"run-{number}"), None), report())
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    for length in range(40, len(whole), 8192 - 40):
        path.write_bytes(whole[:length])
        with (
            pytest.raises(OmIngestError, match=r"damaged|not an om-ingest journal") as raised,
            closing(Journal(tmp_path)) as journal,
        ):
            journal.runs()
        assert str(path) in raised.value.what


def test_a_forked_process_holds_no_lock(journal: Journal) -> None:
    """A child of the source that outlives the run does not keep the job from running again."""
    first, second = journal.lock_of(JOB), journal.lock_of(JOB)
    assert first.take("aa", "now", os.getpid()) is None
    held = second.take("bb", "now", 1)
    assert held is not None
    assert held.run_id == "aa"
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.read(reading, 1)
        os._exit(0)
    first.release()
    assert second.take("bb", "now", 1) is None
    second.release()
    assert not second.path.exists()
    os.write(writing, b"x")
    os.waitpid(child, 0)


def test_a_folder_without_a_journal_has_no_runs(tmp_path: Path) -> None:
    """Looking creates nothing; a folder that does not exist is an error."""
    assert runs_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(WorkflowError):
        runs_in(tmp_path / "gone")


def test_a_closed_journal_is_an_error_of_ours(tmp_path: Path) -> None:
    """Nothing of sqlite3's comes out of it."""
    journal = Journal(tmp_path)
    journal.close()
    with pytest.raises(DeliveryError, match="journal of runs"):
        journal.runs()


def test_text_that_is_no_unicode(tmp_path: Path, journal: Journal) -> None:
    """Half characters, as of undecodable file names, are written out."""
    odd = RunReport("run-\udcff", "shop", "", "shop", "jsonl \udcff.jsonl")
    number = journal.begin(JOB, odd, None)
    odd.finish()
    journal.end(number, odd)
    run, found = report_in(tmp_path, "run-\udcff")
    assert run.sink == "jsonl \\udcff.jsonl"
    assert found is not None
    assert found["state"] == "success"


def test_a_lock_that_nobody_can_ask(journal: Journal) -> None:
    """Without a lock, and where the lock cannot be read, a run is neither running nor killed."""
    journal.begin(JOB, report("never had one"), None)
    lock = journal.lock_of(OTHER_JOB)
    holding = report("held")
    lock.take("held", holding.started_at, os.getpid())
    journal.begin(OTHER_JOB, holding, None, lock=lock)
    old = "UPDATE run SET is_locked = 1, lock = '' WHERE id = 'held'"  # as version 3 had it
    with journal.transaction():
        journal.execute(old)
    assert [run.state for run in journal.runs()] == ["running", "unknown"]
    lock.path.write_text("")  # a full disk: held, and nobody knows for whom
    assert [run.state for run in journal.runs()] == ["unknown", "unknown"]
    lock.release()
    assert [run.state for run in journal.runs()] == ["killed", "unknown"]
    lock.path.mkdir()
    lock.take("held", holding.started_at, os.getpid())
    assert lock.problem
    assert [run.state for run in journal.runs()] == ["unknown", "unknown"]
    assert journal.runs()[0].duration_s is None


def test_a_lock_without_room(journal: Journal) -> None:
    """On a full disk a lock holds all the same, and is let go without an error."""
    lock, before = journal.lock_of(JOB), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        lock.take("run", "now", os.getpid())
        assert lock.is_mine
        lock.release()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not lock.path.exists()


def test_the_folder_is_made_for_those_who_write(tmp_path: Path) -> None:
    """Opening a journal makes its folder and those above; looking for runs makes nothing."""
    folder = tmp_path / "deep" / "state"
    with pytest.raises(WorkflowError, match="no journal of runs"):
        runs_in(folder)
    assert list(tmp_path.iterdir()) == []
    with closing(Journal(folder)):
        assert runs_in(folder) == []
