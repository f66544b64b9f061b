"""The loop: every record yielded ends in exactly one count, whatever its parts do."""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseServiceRequest,
    DeliveryError,
    MetadataStore,
    Outcome,
    Processor,
    Record,
    ScopeComplete,
    Sink,
    SinkContext,
    SourceError,
    SourceStatus,
    WriteResult,
)
from om_ingest.masking import Redactor
from om_ingest.model import DatabaseConnection, DatabaseService, DatabaseServiceType, Table
from om_ingest.run import launch, request
from om_ingest.workflow.deadletter import DeadLetters, read, read_header
from om_ingest.workflow.delivering import BATCH_COUNT
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest.workflow.processing import SinkStoppedError
from om_ingest.workflow.progress import Progress, Snapshot
from om_ingest.workflow.readback import ReadYourWrites
from om_ingest_catalog import Catalog

from tests.early import ListSource


def record(name: str) -> CreateDatabaseRequest:
    return CreateDatabaseRequest(name=name, service="s")


class ListSink(Sink):
    """Keeps what it is given. The name of a record says what becomes of it."""

    def __init__(self, *, late: bool = False) -> None:
        self.batches: list[list[Record]] = []
        self.late = late
        self.owed: list[WriteResult] = []

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> ListSink:
        return cls()

    @property
    def store(self) -> MetadataStore:
        return Catalog.temporary()

    @property
    def target(self) -> str:
        return "list"

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        self.batches.append(list(records))
        results = []
        for each in records:
            name = getattr(each, "name", "")
            if name == "full":
                raise DeliveryError("The disk is full", "Make room.")
            outcome = Outcome.FAILED if name == "refused" else Outcome.CREATED
            results.append(WriteResult(each, outcome, "why"))
        if not self.late:
            return results
        self.owed += results
        return []

    def flush(self) -> Iterable[WriteResult]:
        owed, self.owed = self.owed, []
        return owed


class Picky(Processor):
    """Drops, breaks on and renames records by their names."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Picky:
        return cls()

    def process(self, record: Record) -> Record | None:
        name = getattr(record, "name", "")
        if name == "drop":
            return None
        if name == "break":
            raise SystemExit("broken")
        return record


class Derives(Picky):
    """Yields records of its own: those named in each scope, and `last` behind all."""

    def __init__(self, own: Sequence[Any] = (), last: Sequence[Any] = ()) -> None:
        self.own = own
        self.last = last

    def scope_complete(self, scope: ScopeComplete) -> Iterator[Any]:
        yield from yielded(self.own)

    def finish(self) -> Iterator[Any]:
        yield from yielded(self.last)


def yielded(items: Iterable[Any]) -> Iterator[Any]:
    """What is given, each a record of its own; an exception is raised instead."""
    for item in items:
        if isinstance(item, BaseException):
            raise item
        yield record(item.name) if isinstance(item, CreateDatabaseRequest) else item


def pipeline(
    items: Iterable[Any], folder: Path, sink: Sink | None = None, **options: Any
) -> Pipeline:
    redact = options.pop("redact", None) or Redactor()
    letters = DeadLetters(folder / "letters.jsonl", {"source": "test"}, redact)
    interrupt = options.pop("interrupt", None) or Interrupt()
    processors = options.pop("processors", [Picky()])
    return Pipeline(
        ListSource(items), processors, sink or ListSink(), letters, interrupt, **options
    )


NAMES = ["a", "refused", "drop", "break", "full"]
ITEMS = st.one_of(
    st.sampled_from(NAMES).map(record),
    st.just("word"),
    st.just(ScopeComplete("s", Table)),
    st.just(RuntimeError("died")),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ITEMS, max_size=12), st.booleans())
def test_every_record_is_accounted_for(tmp_path: Path, items: list[Any], late: bool) -> None:
    """Delivered + filtered + failed = yielded, and each failed record lies in the file."""
    made = pipeline(items, tmp_path, ListSink(late=late))
    made.run()
    made.delivery.dead_letters.close()
    assert made.tally.unaccounted == 0
    assert made.tally.total(Outcome.FAILED) == made.delivery.dead_letters.count
    made.delivery.dead_letters.path.unlink(missing_ok=True)
    died = next((i for i, item in enumerate(items) if isinstance(item, Exception)), len(items))
    records = [item for item in items[:died] if not isinstance(item, ScopeComplete)]
    if not isinstance(made.error, SinkStoppedError):
        assert made.tally.yielded == len(records)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(*[st.lists(ITEMS, max_size=5)] * 3, st.booleans())
def test_derived_records_are_accounted_for(
    tmp_path: Path, items: list[Any], own: list[Any], last: list[Any], late: bool
) -> None:
    """The same holds where processors yield whatever sources do; their errors end no run."""
    processors = [Derives(own, last), Derives(last, own)]
    made = pipeline(items, tmp_path, ListSink(late=late), processors=processors)
    made.run()
    made.delivery.dead_letters.close()
    assert made.tally.unaccounted == 0
    assert made.tally.unexpected == 0
    assert made.tally.total(Outcome.FAILED) == made.delivery.dead_letters.count
    made.delivery.dead_letters.path.unlink(missing_ok=True)
    if not any(isinstance(item, RuntimeError) for item in items):
        assert made.error is None or isinstance(made.error, SinkStoppedError)


def test_fault_of_a_processor(tmp_path: Path) -> None:
    """The first error of each step is kept; what came before it is delivered."""
    processor = Derives([record("own"), ValueError("no")], [record("last"), KeyError("k")])
    items = [record("a"), *[ScopeComplete("s", Table)] * 2, record("b")]
    made = pipeline(items, tmp_path, processors=[processor])
    made.run()
    assert {where: str(error) for where, error in made.processing.faults.items()} == {
        "The processor Derives failed in scope_complete": "no",
        "The processor Derives failed in finish": "'k'",
    }
    assert isinstance(made.sink, ListSink)
    (batch,) = made.sink.batches
    names = [getattr(each, "name", "end") for each in batch]
    assert names == ["a", "own", "end", "own", "end", "b", "last"]
    assert (made.error, made.tally.yielded, made.tally.derived) == (None, 5, 3)


def test_processor_that_fails_on_a_marker(tmp_path: Path) -> None:
    """The marker is dropped, the fault is kept, and the count adds up."""

    class Strict(Picky):
        def process(self, record: Record) -> Record | None:
            return CreateDatabaseRequest(name="odd", service="s")

    made = pipeline([ScopeComplete("s", Table)], tmp_path, processors=[Strict()])
    made.run()
    (error,) = made.processing.faults.values()
    assert "CreateDatabaseRequest of a ScopeComplete" in str(error)
    assert (made.tally.unaccounted, made.tally.unexpected) == (0, 0)


class Reuses(Picky):
    """Returns one object, with the name of each record, and yields it twice at the end."""

    def __init__(self) -> None:
        self.made = record("first")

    def process(self, record: Record) -> Record | None:
        self.made.name = record.name  # type: ignore[union-attr]  # a request
        return self.made

    def finish(self) -> Iterator[Any]:
        yield self.made
        yield self.made


@pytest.mark.parametrize("late", [False, True])
def test_processor_that_reuses_an_object(tmp_path: Path, late: bool) -> None:
    """An object that comes again before its result fails; the first keeps its own content."""
    made = pipeline(
        [record("refused"), record("b")], tmp_path, ListSink(late=late), processors=[Reuses()]
    )
    made.run()
    made.delivery.dead_letters.close()
    assert (made.tally.unaccounted, made.tally.unexpected) == (0, 0)
    assert made.tally.total(Outcome.FAILED) == 3 + (made.tally.total(Outcome.CREATED) == 0)
    letters = list(read(tmp_path / "letters.jsonl"))
    assert sum("the same object" in each.reason for each in letters) == 3


def test_limit_counts_the_records_of_the_source(tmp_path: Path) -> None:
    """What processors yield does not use the limit up."""
    items = [ScopeComplete("s", Table), record("a"), record("b"), RuntimeError("not reached")]
    processor = Derives([record("own")] * 3, [RuntimeError("not finished")])
    made = pipeline(items, tmp_path, processors=[processor], limit=2)
    made.run()
    assert (made.error, made.processing.faults, made.tally.yielded) == (None, {}, 5)


def test_signal_while_a_processor_yields(tmp_path: Path) -> None:
    """It stops the processor where it is, and no other is finished; the rest is delivered."""

    class Slow(Picky):
        def finish(self) -> Iterator[Record]:
            yield record("own")
            signal.raise_signal(signal.SIGTERM)
            yield record("never")

    with Interrupt() as interrupt:
        processors = [Slow(), Derives(last=[record("never")])]
        made = pipeline([record("a")], tmp_path, processors=processors, interrupt=interrupt)
        made.run()
    assert (made.tally.total(Outcome.CREATED), made.error) == (2, None)


def test_batches(tmp_path: Path) -> None:
    """The sink gets full batches, in order, and the rest at the end."""
    made = pipeline([record(f"r{n}") for n in range(BATCH_COUNT * 2 + 1)], tmp_path)
    made.run()
    assert isinstance(made.sink, ListSink)
    assert [len(batch) for batch in made.sink.batches] == [BATCH_COUNT, BATCH_COUNT, 1]
    names = [getattr(each, "name", "") for batch in made.sink.batches for each in batch]
    assert names == [f"r{n}" for n in range(BATCH_COUNT * 2 + 1)]


def test_limit(tmp_path: Path) -> None:
    """After the limit the source is not asked any more; markers do not count."""
    items = [ScopeComplete("s", Table), record("a"), record("b"), RuntimeError("not reached")]
    made = pipeline(items, tmp_path, limit=2)
    made.run()
    assert (made.error, made.tally.yielded) == (None, 2)


def test_source_error_is_kept(tmp_path: Path) -> None:
    """What the source raised is `error`; what came before is delivered."""
    error = SourceError("gone", "Look.")
    made = pipeline([record("a"), error, record("b")], tmp_path)
    made.run()
    assert made.error is error
    assert made.tally.total(Outcome.CREATED) == 1


def test_sink_that_stops(tmp_path: Path) -> None:
    """A sink that takes no more is asked once; what it did not take is set aside."""
    made = pipeline([record("full"), record("b")], tmp_path)
    made.run()
    made.delivery.dead_letters.close()
    assert isinstance(made.error, SinkStoppedError)
    assert isinstance(made.error.cause, DeliveryError)
    assert isinstance(made.sink, ListSink)
    assert len(made.sink.batches) == 1
    letters = list(read(made.delivery.dead_letters.path))
    assert [getattr(letter.record, "name", "") for letter in letters] == ["full", "b"]
    assert {letter.reason for letter in letters} == {"The disk is full"}


def test_reading_back_from_a_sink_that_buffers(tmp_path: Path) -> None:
    """A source finds what it yielded although the sink stores only what is flushed."""

    class Buffers(ListSink):
        catalog = Catalog.temporary()

        @property
        def store(self) -> MetadataStore:
            return self.catalog

        def flush(self) -> Iterable[WriteResult]:
            batches, self.batches = self.batches, []
            return [result for batch in batches for result in self.catalog.write(batch)]

    sink, found = Buffers(late=True), []
    readback = ReadYourWrites()

    def items() -> Iterator[Any]:
        yield CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.CustomDatabase)
        found.append(readback.get_by_name(DatabaseService, "s"))
        yield record("a")

    made = pipeline(items(), tmp_path, sink)
    readback.bind(sink.store, made.delivery.flush)
    made.run()
    sink.catalog.close()
    assert found != [None]
    assert (made.error, made.tally.total(Outcome.CREATED)) == (None, 2)


@pytest.mark.parametrize("keeps_secrets", [False, True])
def test_secrets_of_connections(keeps_secrets: bool, tmp_path: Path) -> None:
    """A sink gets the mask in place of a secret, unless its target is where secrets belong."""
    sink = ListSink()
    sink.keeps_secrets = keeps_secrets  # type: ignore[misc]  # of this object alone
    service = CreateDatabaseServiceRequest(
        name="s",
        serviceType=DatabaseServiceType.CustomDatabase,
        connection=DatabaseConnection(config={"connectionOptions": {"any": "hunter2"}}),
    )
    made = pipeline([service], tmp_path, sink, redact=Redactor(["hunter2"]))
    made.run()
    ((delivered,),) = sink.batches
    said = "hunter2" if keeps_secrets else "*********"
    assert delivered.connection.config == {"connectionOptions": {"any": said}}  # type: ignore[union-attr]  # a service


def test_outcome_that_is_none(tmp_path: Path) -> None:
    """A sink whose answer is no `Outcome` is broken: the records do not count as delivered."""

    class Vague(ListSink):
        def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
            return [WriteResult(each, "done") for each in records]  # type: ignore[arg-type]  # on purpose

    made = pipeline([record("a"), record("b")], tmp_path, Vague())
    made.run()
    made.delivery.dead_letters.close()
    assert isinstance(made.error, SinkStoppedError)
    assert (made.tally.total(Outcome.FAILED), made.tally.unaccounted) == (2, 0)


def test_masked_record_is_not_replayed(tmp_path: Path) -> None:
    """A record that held a secret is kept masked, and never delivered with the mask in it."""
    letters = DeadLetters(tmp_path / "letters.jsonl", {}, Redactor(["hunter22"]))
    letters.add(record("hunter22"), "why")
    letters.add(record("other"), "hunter22 is why")
    letters.close()
    assert "hunter22" not in letters.path.read_text()
    assert list(read(letters.path)) == [
        (None, "line 2 held a secret: run the source once more"),
        (record("other"), "********** is why"),
    ]


def test_signal_between_records(tmp_path: Path) -> None:
    """A signal ends the loop; what was yielded is delivered."""
    with Interrupt() as interrupt:

        def items() -> Iterator[Any]:
            yield record("a")
            signal.raise_signal(signal.SIGTERM)
            yield record("never")

        made = pipeline(items(), tmp_path, interrupt=interrupt)
        made.run()
    assert interrupt.signal_number == signal.SIGTERM
    assert interrupt.cancelled.is_set()
    assert (made.tally.total(Outcome.CREATED), made.error) == (1, None)


def test_handlers_are_put_back() -> None:
    """Behind a run, signals mean what they meant before."""
    before = signal.getsignal(signal.SIGINT)
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) is before


def test_event_loops_get_signals() -> None:
    """A loop in a source finds that nobody else is told of signals; nor is anybody behind a run."""

    async def told_of_one() -> bool:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, told.set)
        signal.raise_signal(signal.SIGUSR1)
        await asyncio.wait_for(told.wait(), 10)
        return loop.remove_signal_handler(signal.SIGUSR1)

    function = signal.set_wakeup_fd
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    with ends[0], ends[1], Interrupt():
        for end in ends:  # of one loop after another
            own = end.fileno()
            assert [signal.set_wakeup_fd(fd) for fd in (own, -1)] == [-1, own]
        assert asyncio.run(told_of_one())
    assert signal.set_wakeup_fd is function
    assert function(-1) == -1


def test_dead_letters_are_made_for_the_first_record(tmp_path: Path) -> None:
    """Without a failed record there is no file; with one it begins with its header."""
    made = pipeline([record("a")], tmp_path)
    made.run()
    made.delivery.dead_letters.close()
    assert not made.delivery.dead_letters.path.exists()
    made = pipeline([record("refused")], tmp_path)
    made.run()
    made.delivery.dead_letters.close()
    assert read_header(made.delivery.dead_letters.path)["source"] == "test"
    assert list(read(made.delivery.dead_letters.path)) == [(record("refused"), "why")]


def test_one_traceback_for_each_reason(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Records on which a processor fails in one way are logged with one traceback."""
    caplog.set_level(logging.DEBUG, "om_ingest")
    made = pipeline([record("break") for _ in range(30)], tmp_path)
    made.run()
    made.delivery.dead_letters.close()
    assert made.tally.reasons.as_list()[0]["count"] == 30
    assert len([one for one in caplog.records if one.exc_info]) == 1


def test_progress(tmp_path: Path) -> None:
    """Progress is told again and again while a run goes on, also when no record comes."""
    told: list[Snapshot] = []

    def items() -> Iterator[Any]:
        yield record("a")
        deadline = time.monotonic() + 60
        while len(told) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    made = pipeline(items(), tmp_path)
    with Progress(made, told.append, interval_s=0.01, first_s=0):
        made.run()
    count = len(told)
    time.sleep(0.05)
    assert len(told) == count
    assert (told[2].records, told[2].scope) == (1, "database s.a")
    assert told[2].elapsed_s > 0
    made.stage = ""
    made.source.get_status().current_scope = "schema public"
    assert Progress(made, told.append, interval_s=1).snapshot().scope == "schema public"


def test_progress_ends_with_the_run(tmp_path: Path) -> None:
    """A source that takes long to tell its status gets no line behind the end of the run."""
    told: list[Snapshot] = []
    asked = threading.Event()

    class Slow(ListSource):
        def get_status(self) -> SourceStatus:
            asked.set()
            time.sleep(0.3)
            return super().get_status()

    made = pipeline([], tmp_path)
    made.source, made.stage = Slow([]), ""
    with Progress(made, told.append, interval_s=60, first_s=0):
        assert asked.wait(60)
    assert told == []


WAITING = """
import time
from om_ingest import ConfiguredSource, ConnectorConfig, CreateDatabaseRequest

told, steps = [], []

class WaitingSource(ConfiguredSource[ConnectorConfig]):
    def wait(self, scope):
        deadline = time.monotonic() + 60
        while scope not in [snapshot.scope for snapshot in told]:
            assert time.monotonic() < deadline, scope
            time.sleep(0.001)
        steps.append(scope)
    def prepare(self): self.wait("preparing")
    def next_record(self):
        yield CreateDatabaseRequest(name="a.b", service="s")
        self.wait('database s."a.b"')
    def close(self): self.wait("closing")
"""


def test_progress_of_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told from `prepare` to `close`: a run that waits there is not silent, either."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "waiting_source.py").write_text(WAITING, "utf-8")
    told = importlib.import_module("waiting_source").told
    job = request.job(
        "waiting_source:WaitingSource",
        sink="jsonl:out.jsonl",
        redact=Redactor(),
        observe=lambda job, pipeline: Progress(pipeline, told.append, interval_s=0.001),
    )
    assert launch.launch(job).state == "success"
    steps = importlib.import_module("waiting_source").steps
    assert steps == ["preparing", 'database s."a.b"', "closing"]


@pytest.mark.parametrize("status", [None, RuntimeError("no status")])
def test_progress_of_a_source_without_status(tmp_path: Path, status: Any) -> None:
    """A source that has no status does not end the thread that tells progress."""

    class Silent(ListSource):
        def get_status(self) -> SourceStatus:
            if isinstance(status, Exception):
                raise status
            return status  # type: ignore[no-any-return]  # on purpose

    made = pipeline([], tmp_path)
    made.source = Silent([])
    assert Progress(made, print, interval_s=1).snapshot().scope == ""
