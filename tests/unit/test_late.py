"""What comes before the things that it refers to is delivered all the same, and counted once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from om_ingest import (
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    DeliveryError,
    MetadataStore,
    Outcome,
    Record,
    RecordError,
    SinkContext,
    WriteResult,
)
from om_ingest.kinds import Identity, encode
from om_ingest.kinds.references import without
from om_ingest.model import (
    Chart,
    Column,
    Dashboard,
    DataType,
    GlossaryTerm,
    Table,
    TagLabel,
    TagSource,
)
from om_ingest.sinks import StoreSink
from om_ingest.store import ForwardingStore
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.processing import SinkStoppedError
from om_ingest_catalog import Catalog

from tests.early import (
    ANN,
    EARLY,
    GLOSSARY,
    Ran,
    assert_all_there,
    boards,
    containers,
    crowd,
    edge,
    parents,
    reference,
    ring,
    sample,
    table,
    term,
)
from tests.selection import few, rarely


class OneAtATime(ForwardingStore):
    """A catalog that several threads may write to, one after the other."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.written: list[Record] = []
        self.breaks_at = -1
        """Number of the record at which it raises `error`."""
        self.error: BaseException = DeliveryError("The disk is full", "Make room.")
        self.on_write: Callable[[int], None] = lambda written_count: None
        self._lock = threading.Lock()

    def _target(self) -> MetadataStore:
        return self.catalog

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        with self._lock:
            self.written += records
            self.on_write(len(self.written))
            if 0 <= self.breaks_at <= len(self.written):
                raise self.error
            return self.catalog.write(records)

    def close(self) -> None:
        self.catalog.close()


class CatalogSink(StoreSink):
    """A store sink into such a catalog."""

    def __init__(self, worker_count: int = 0, batch_count: int = 100) -> None:
        super().__init__(SinkContext())
        self.worker_count, self.batch_count = worker_count, batch_count
        self.kept = OneAtATime(Catalog.temporary())

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: Any) -> CatalogSink:
        return cls()

    def open_store(self) -> MetadataStore:
        return self.kept

    @property
    def target(self) -> str:
        return "catalog"


@contextmanager
def opened(worker_count: int = 0, batch_count: int = 100) -> Iterator[CatalogSink]:
    sink = CatalogSink(worker_count, batch_count)
    sink.prepare()
    try:
        yield sink
    finally:
        sink.close()


@pytest.mark.parametrize("worker_count", few([0, 8, 1], 2))
@pytest.mark.parametrize("family", EARLY)
def test_early_records_arrive(tmp_path: Path, family: str, worker_count: int) -> None:
    """A record may come before what it refers to, whatever the volume and the workers."""
    records = EARLY[family]
    with opened(worker_count, batch_count=7 if worker_count == 1 else 100) as sink:
        ran = Ran(tmp_path, records, sink)
        assert ran.set_aside == {}
        assert ran.tally.total(Outcome.CREATED, Outcome.UPDATED) == len(records)
        assert_all_there(sink.kept.catalog, records)


def test_crowd_takes_few_writes(tmp_path: Path) -> None:
    """Each of many terms that are all related to each other is written a few times, not n times."""
    records = [GLOSSARY, *crowd(60)]
    with opened() as sink:
        assert Ran(tmp_path, records, sink).set_aside == {}
        assert_all_there(sink.kept.catalog, records)
        assert len(sink.kept.written) < 5 * len(records)


def test_parts_do_not_count(tmp_path: Path) -> None:
    """Terms that wait for each other are created once, and nothing of them is updated."""
    with opened() as sink:
        ran = Ran(tmp_path, [GLOSSARY, *ring(9)], sink)
        assert ran.tally.by_type == {
            ("glossary", Outcome.CREATED): 1,
            ("glossaryTerm", Outcome.CREATED): 9,
        }
        again = Ran(tmp_path, [GLOSSARY, *ring(9)], sink)
        assert again.tally.total(Outcome.UNCHANGED) == 10


def test_what_never_comes_fails_what_refers_to_it(tmp_path: Path) -> None:
    """Each record below is set aside once, with its reason; those beside it are delivered."""
    lost = CreateDatabaseSchemaRequest(name="lost", database="s.nowhere")
    below = [
        CreateTableRequest(name=f"t{i}", databaseSchema="s.nowhere.lost", columns=[])
        for i in range(700)
    ]
    for worker_count in (0, 8):
        with opened(worker_count) as sink:
            ran = Ran(tmp_path, [*below, table("a"), lost, *parents()], sink)
            assert ran.tally.total(Outcome.FAILED) == len(ran.set_aside) == 701
            assert "s.nowhere does not exist" in ran.set_aside["databaseSchema s.nowhere.lost"]
            assert "s.nowhere.lost" in ran.set_aside["table s.nowhere.lost.t7"]
            assert sink.kept.catalog.get_by_name(Table, "s.d.p.a") is not None
            assert len(sink.kept.written) <= 3 * 705


def test_part_is_not_written_of_what_misses_more(tmp_path: Path) -> None:
    """A term in a ring that misses a tag as well fails, and nothing of it is written."""
    tagged = term("t1", "t0", tags=[TagLabel(tagFQN="no.tag")])
    with opened() as sink:
        ran = Ran(
            tmp_path, [GLOSSARY, term("t0"), term("t2", "t3"), term("t3", "t2"), tagged], sink
        )
        assert list(ran.set_aside) == ["glossaryTerm g.t1"]
        assert sink.kept.catalog.get_by_name(GlossaryTerm, "g.t1") is None
    with opened() as sink:
        ran = Ran(tmp_path, [GLOSSARY, term("t0", "t1"), tagged], sink)
        assert set(ran.set_aside) == {"glossaryTerm g.t0", "glossaryTerm g.t1"}
        assert sink.kept.catalog.get_by_name(GlossaryTerm, "g.t1") is None


def test_part_takes_nothing_away(tmp_path: Path) -> None:
    """A term that is there keeps its relations until it is written whole."""
    with opened() as sink:
        Ran(tmp_path, [GLOSSARY, term("old"), term("t0", "old")], sink)
        sink.kept.written.clear()
        ran = Ran(tmp_path, [term("t0", "old", "t1"), term("t1", "t2"), term("t2", "t1")], sink)
        assert ran.set_aside == {}
        related = [each.relatedTerms for each in sink.kept.written if each.name == "t0"]
        assert related
        assert all("g.old" in (each or ()) and "g.t1" in (each or ()) for each in related)


@pytest.mark.parametrize("worker_count", [0, 8])
def test_later_version_stays(tmp_path: Path, worker_count: int) -> None:
    """Of two versions of one record the later one stays, also where the first one was too early."""
    first, second = table("t"), table("t")
    second.columns.append(Column(name="more", dataType=DataType.INT))
    rest = [table(f"t{i}") for i in range(600)]
    orders: list[list[Record]] = [
        [first, *rest, *parents(), second],
        [first, second, *rest, *parents()],
        [first.model_copy(update={"owners": [reference("user", "ann")]}), *parents(), second, ANN],
        [*parents(), first, second.model_copy(update={"owners": [reference("user", "ann")]}), ANN],
    ]
    for number, records in enumerate(orders):
        with opened(worker_count, batch_count=10) as sink:
            ran = Ran(tmp_path, [each.model_copy() for each in records], sink)
            assert ran.set_aside == {}, number
            found = sink.kept.catalog.get_by_name(Table, "s.d.p.t")
            assert found is not None
            assert len(found.columns) == 2, number


def test_source_that_dies(tmp_path: Path) -> None:
    """What it yielded before is delivered, in whatever order it came."""
    with opened() as sink:
        ran = Ran(tmp_path, [*EARLY["100 tables"], RuntimeError("gone")], sink)
        assert str(ran.pipeline.error) == "gone"
        assert ran.set_aside == {}
        assert ran.tally.total(Outcome.CREATED) == 103


def test_limit(tmp_path: Path) -> None:
    """What was read up to the limit is tried again as well."""
    with opened() as sink:
        ran = Ran(tmp_path, [table("a"), *parents(), table("b")], sink, limit=4)
        assert ran.tally.total(Outcome.CREATED) == 4


@pytest.mark.parametrize(
    ("breaks_at", "worker_count"),
    # Each place with one of both.
    rarely(
        product([1, 600, 603, 604, 700, 1000], [0, 8]),
        lambda position, case: position % 2 == position // 2 % 2,
    ),
)
def test_sink_that_stops(tmp_path: Path, worker_count: int, breaks_at: int) -> None:
    """Every record is delivered or set aside when the sink stops, also among the last tries."""
    records = [*(table(f"t{i}") for i in range(600)), *parents()]
    with opened(worker_count) as sink:
        sink.kept.breaks_at = breaks_at
        ran = Ran(tmp_path, records, sink)
        assert isinstance(ran.pipeline.error, SinkStoppedError)
        there = sum(1 for _ in sink.kept.catalog.list_entities(Table))
        tables = sum(1 for name in ran.set_aside if name.startswith("table "))
        assert there + tables >= ran.tally.yielded - 3
        assert not any(reason.endswith("does not exist") for reason in ran.set_aside.values())
        assert ran.tally.total(Outcome.CREATED) + len(ran.set_aside) == ran.tally.yielded


@pytest.mark.parametrize("breaks_at", [1, 603, 604, 900])
def test_second_signal(tmp_path: Path, breaks_at: int) -> None:
    """What is not delivered when a second signal comes is set aside, also among the last tries."""
    records = [*(table(f"t{i}") for i in range(600)), *parents()]
    interrupt = Interrupt()
    interrupted = [*records, lambda: setattr(interrupt, "signal_number", 15)]
    with opened() as sink:
        sink.kept.breaks_at, sink.kept.error = breaks_at, KeyboardInterrupt()
        ran = Ran(tmp_path, interrupted, sink, interrupt=interrupt)
        assert ran.was_ended
        assert ran.tally.total(Outcome.CREATED) + len(ran.set_aside) == ran.tally.yielded
        assert all("interrupted" in reason for reason in ran.set_aside.values())


@pytest.mark.parametrize("name", ["1,000 tables", "owners", "chain of terms", "ring of terms"])
def test_interrupt(tmp_path: Path, name: str) -> None:
    """What was yielded before a signal is delivered, in whatever order it came."""
    interrupt = Interrupt()
    records = EARLY[name]
    with opened() as sink:
        items = [*records, lambda: setattr(interrupt, "signal_number", 15)]
        ran = Ran(tmp_path, items, sink, interrupt=interrupt)
        assert ran.set_aside == {}
        assert_all_there(sink.kept.catalog, records)


def test_interrupt_while_trying(tmp_path: Path) -> None:
    """A signal among the last tries does not keep the others from being tried."""
    interrupt = Interrupt()

    def stop(written_count: int) -> None:
        if written_count > 70:
            interrupt.signal_number = 15

    with opened() as sink:
        sink.kept.on_write = stop
        ran = Ran(tmp_path, EARLY["chain of terms"], sink, interrupt=interrupt)
        assert interrupt.signal_number
        assert ran.set_aside == {}


def test_interrupt_with_no_time_left(tmp_path: Path) -> None:
    """What is not tried again in time is set aside, and its reason says why: it may be outdated."""
    interrupt = Interrupt()
    with opened() as sink:
        items = [*EARLY["1,000 tables"], lambda: setattr(interrupt, "signal_number", 15)]
        ran = Ran(tmp_path, items, sink, interrupt=interrupt, grace_s=0)
        assert len(ran.set_aside) == 1000
        reason = ran.set_aside["table s.d.p.t7"]
        assert reason.startswith("not tried again: the run was interrupted (")
        assert "does not exist" in reason
        assert ran.tally.total(Outcome.CREATED) == 3


def test_runs_in_order_write_once(tmp_path: Path) -> None:
    """A run in which nothing comes too early writes each record once."""
    with opened() as sink:
        ran = Ran(tmp_path, [*parents(), table("a")], sink)
        assert ran.tally.total(Outcome.CREATED) == len(sink.kept.written) == 4


SMALL = [
    *parents(),
    *(table(name, owners=[reference("user", "ann")]) for name in "ab"),
    edge("s.d.p.a", "s.d.p.b"),
    sample("s.d.p.b"),
    *boards(),
    *containers(),
    GLOSSARY,
    *ring(3),
    ANN,
]


@settings(deadline=None, max_examples=25)
@given(st.permutations(SMALL), st.integers(1, 5), st.sampled_from([0, 3]))
def test_any_order(records: list[Record], batch_count: int, worker_count: int) -> None:
    """The records of a warehouse arrive whole in any order, whatever is written together."""
    with TemporaryDirectory() as folder, opened(worker_count, batch_count) as sink:
        copies = [each.model_copy() for each in records]
        ran = Ran(Path(folder), copies, sink, reads_after=batch_count)
        assert ran.set_aside == {}
        assert ran.tally.total(Outcome.CREATED, Outcome.UPDATED) == len(SMALL)
        assert_all_there(sink.kept.catalog, records)


@pytest.mark.parametrize(
    ("record", "dropped", "field", "left"),
    [
        (term("t", "a", "b"), ("glossaryTerm", "g.a"), "relatedTerms", ["g.b"]),
        (boards()[3], ("chart", "bi.c0"), "charts", ["bi.c2"]),
        (table("t", owners=[reference("user", "ann")]), ("user", "ann"), "owners", []),
        (table("t", domains=["d1", "d2"]), ("domain", "d1"), "domains", ["d2"]),
        (
            term("t", tags=[TagLabel(tagFQN="g.u", source=TagSource.Glossary)]),
            ("glossaryTerm", "g.u"),
            "tags",
            [],
        ),
        (containers()[0], ("container", "st.c0.c1.c2"), "parent", None),
        (table("t"), ("databaseSchema", "s.d.p"), "databaseSchema", None),
        (edge("s.d.p.a", "s.d.p.b"), ("table", "s.d.p.a"), "edge", None),
        (
            table(
                "t",
                tableConstraints=[
                    {"constraintType": "PRIMARY_KEY", "columns": ["id"]},
                    {
                        "constraintType": "FOREIGN_KEY",
                        "columns": ["id"],
                        "referredColumns": ["s.d.p.u.id"],
                    },
                ],
            ),
            ("table", "s.d.p.u"),
            "tableConstraints",
            [{"constraintType": "PRIMARY_KEY", "columns": ["id"]}],
        ),
    ],
)
def test_request_without_a_reference(
    record: Record, dropped: Identity, field: str, left: object
) -> None:
    """A request can do without a reference to another entity, but not without its parent."""
    part = without(encode(record), lambda identity: identity == dropped)
    if left is None:
        assert part is None
    else:
        assert json.loads(encode(part))["record"][field] == left  # type: ignore[arg-type]  # not None


def test_what_was_deleted_comes_back(tmp_path: Path) -> None:
    """Charts and a dashboard that name each other return with their relations after a deletion."""
    with opened() as sink:
        Ran(tmp_path, boards(), sink)
        assert sink.kept.catalog.delete(Dashboard, "bi.d")
        for name in ("bi.c0", "bi.c1", "bi.c2"):
            assert sink.kept.catalog.delete(Chart, name)
        ran = Ran(tmp_path, boards(), sink)
        assert ran.set_aside == {}
        assert ran.tally.total(Outcome.UPDATED) == 4
        assert_all_there(sink.kept.catalog, boards())


class Liar(OneAtATime):
    """Refuses every term, and names something else as missing each time, or always the same."""

    def __init__(self, catalog: Catalog, missing: Callable[[int], str]) -> None:
        super().__init__(catalog)
        self.missing = missing

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        self.written += records
        return [
            WriteResult(
                record,
                Outcome.FAILED,
                "no",
                ("glossaryTerm", self.missing(len(self.written) + place)),
            )
            for place, record in enumerate(records)
        ]


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    "missing",
    [
        str,
        lambda number: "g.t0",
        lambda number: f"g.t{number % 9}",
        lambda number: f"g.t{number % 2}",
    ],
    ids=["another", "the same", "one of them", "one of two"],
)
def test_store_that_lies(tmp_path: Path, missing: Callable[[int], str], exists: bool) -> None:
    """Whatever a store calls missing, a run ends, and each record is set aside once."""
    with opened() as sink:
        if exists:
            sink.kept.catalog.write([GLOSSARY, *(term(f"t{i}") for i in range(9))])
        liar = sink.kept = Liar(sink.kept.catalog, missing)
        sink.prepare()
        ran = Ran(tmp_path, ring(9), sink)
        assert len(ran.set_aside) == 9
        assert len(liar.written) < 200


class Refuses(OneAtATime):
    """Does not look up one of the terms."""

    def get_by_name(self, entity: type[Any], fqn: str) -> Any:
        if fqn == "g.t0":
            raise RecordError("This name cannot be looked up", "Give it another one.")
        return super().get_by_name(entity, fqn)


def test_look_up_that_is_refused(tmp_path: Path) -> None:
    """A record that the store does not look up fails alone: the run goes on."""
    with opened() as sink:
        sink.kept = Refuses(sink.kept.catalog)
        sink.prepare()
        more = [term("a", "b"), term("b", "a")]
        ran = Ran(tmp_path, [GLOSSARY, *more, *ring(9)], sink)
        assert ran.pipeline.error is None
        assert {"glossaryTerm g.a", "glossaryTerm g.b"}.isdisjoint(ran.set_aside)
