"""Batches: what waits for what, and that nothing is lost or overtaken on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given, settings, strategies as st
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    EntityReference,
    Outcome,
    Record,
    WriteResult,
)
from om_ingest.delivery import Settled
from om_ingest.kinds import Parcel, identity_of, kind_of, level_of, parent_identity_of
from om_ingest.model import AddLineageRequest, CreateContainerRequest
from om_ingest.sinks.dispatch import Dispatcher


class Target:
    """Takes batches from several threads, and remembers in which order they began and ended."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.batches: list[list[Record]] = []
        self.events: list[tuple[str, Record]] = []
        self.most_at_once = 0
        self._lock = threading.Lock()
        self._at_once = 0

    def send(self, parcels: Sequence[Parcel]) -> Iterator[Settled]:
        records = [parcel.record for parcel in parcels]
        with self._lock:
            self.batches.append(records)
            self.events += [("begin", record) for record in records]
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(self.delay_s)
        with self._lock:
            self.events += [("end", record) for record in records]
            self._at_once -= 1
        yield [
            (place, WriteResult(record, Outcome.CREATED)) for place, record in enumerate(records)
        ]


@contextmanager
def dispatching(
    target: Target, *, worker_count: int = 4, batch_count: int = 10
) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(target.send, worker_count=worker_count, batch_count=batch_count)
    try:
        yield dispatcher
    finally:
        dispatcher.close()


def database(name: str) -> CreateDatabaseRequest:
    return CreateDatabaseRequest(name=name, service="s")


def schema(name: str, database: str = "d") -> CreateDatabaseSchemaRequest:
    return CreateDatabaseSchemaRequest(name=name, database=f"s.{database}")


def table(name: str, schema: str = "x", description: str = "") -> CreateTableRequest:
    return CreateTableRequest(
        name=name, databaseSchema=f"s.d.{schema}", columns=[], description=description
    )


def container(name: str, parent: str | None = None) -> CreateContainerRequest:
    above = EntityReference(type="container", fullyQualifiedName=parent) if parent else None
    return CreateContainerRequest(name=name, service="s", parent=above)


def edge(source: str, target: str) -> AddLineageRequest:
    ends = [{"type": "table", "fullyQualifiedName": name} for name in (source, target)]
    return AddLineageRequest.model_validate({"edge": {"fromEntity": ends[0], "toEntity": ends[1]}})


def test_a_batch_is_of_one_kind_and_full() -> None:
    """Records of one kind go out together, so many as a request takes."""
    target = Target()
    with dispatching(target) as dispatcher:
        for number in range(25):
            dispatcher.add(Parcel.of(table(f"t{number}")))
        results = list(dispatcher.until_idle())
    assert sorted(len(batch) for batch in target.batches) == [5, 10, 10]
    assert len(results) == 25


def test_children_wait_for_their_parents() -> None:
    """A table is not sent before its schema has arrived, nor that one before its database."""
    target = Target(0.01)
    with dispatching(target, batch_count=3) as dispatcher:
        for name in "abc":
            dispatcher.add(Parcel.of(database(name)))
            dispatcher.add(Parcel.of(schema(name, name)))
            for number in range(4):
                deep = CreateTableRequest(
                    name=f"t{number}", databaseSchema=f"s.{name}.{name}", columns=[]
                )
                dispatcher.add(Parcel.of(deep))
        assert len(list(dispatcher.until_idle())) == 18
    arrived = set()
    for event, record in target.events:
        if event == "end":
            arrived.add(identity_of(record))
        elif level_of(record) > level_of(database("a")):
            assert parent_identity_of(record) in arrived


def test_several_batches_are_on_their_way_at_once() -> None:
    """While one batch of tables is being sent, the next ones are, too: but no more than asked."""
    target = Target(0.05)
    with dispatching(target, worker_count=3, batch_count=1) as dispatcher:
        for number in range(12):
            dispatcher.add(Parcel.of(table(f"t{number}")))
        list(dispatcher.until_idle())
    assert target.most_at_once == 3


def test_a_nested_kind_waits_for_its_own_parents() -> None:
    """A container inside a container of the same batch goes out after it."""
    target = Target(0.01)
    with dispatching(target) as dispatcher:
        dispatcher.add(Parcel.of(container("a")))
        dispatcher.add(Parcel.of(container("b", "s.a")))
        dispatcher.add(Parcel.of(container("c", "s.a.b")))
        list(dispatcher.until_idle())
    assert [[record.name for record in batch] for batch in target.batches] == [["a"], ["b"], ["c"]]  # type: ignore[union-attr]  # these are requests


def test_lineage_comes_last() -> None:
    """Edges are sent when everything they can join has arrived, several at the same time."""
    target = Target(0.01)
    with dispatching(target, batch_count=4) as dispatcher:
        for number in range(6):
            dispatcher.add(Parcel.of(table(f"t{number}")))
            dispatcher.add(Parcel.of(edge(f"s.d.x.t{number}", f"s.d.x.t{(number + 1) % 3}")))
        list(dispatcher.until_idle())
    kinds = [(event, type(record)) for event, record in target.events]
    first_edges = [record for record in target.events if isinstance(record[1], AddLineageRequest)]
    assert len(first_edges) == 12
    for edge_event, record in first_edges:
        if edge_event == "begin":
            source = ("table", record.edge.fromEntity.fullyQualifiedName)  # type: ignore[union-attr]  # an edge
            position = target.events.index((edge_event, record))
            before = {
                identity_of(each) for event, each in target.events[:position] if event == "end"
            }
            assert source in before, kinds


def test_a_read_waits_only_for_what_it_needs() -> None:
    """One entity is delivered with what lies above it, while others stay where they are."""
    target = Target()
    with dispatching(target) as dispatcher:
        dispatcher.add(Parcel.of(database("d")))
        dispatcher.add(Parcel.of(schema("x")))
        dispatcher.add(Parcel.of(table("t")))
        results = list(dispatcher.until_delivered(("databaseSchema", "s.d.x")))
        assert [kind_of(result.record).entity_type for result in results] == [
            "database",
            "databaseSchema",
        ]
        assert dispatcher.holds(("table", "s.d.x.t"))
        assert list(dispatcher.until_delivered(("table", "s.d.x.other"))) == []
        assert len(target.batches) == 2
        list(dispatcher.until_idle())
    assert len(target.batches) == 3


def test_after_an_error_nothing_more_is_sent() -> None:
    """What a worker raises is kept, and the batches behind it stay undelivered."""
    sent: list[Sequence[Parcel]] = []

    def send(parcels: Sequence[Parcel]) -> Iterator[Settled]:
        sent.append(parcels)
        raise OSError("gone")

    dispatcher = Dispatcher(send, worker_count=1, batch_count=1)
    for number in range(5):
        dispatcher.add(Parcel.of(table(f"t{number}")))
    assert list(dispatcher.until_idle()) == []
    dispatcher.close()
    assert isinstance(dispatcher.error, OSError)
    assert len(sent) == 1


def test_the_order_per_entity_is_kept() -> None:
    """Of two records for one entity the later one arrives later, in whatever batches they are."""
    target = Target(0.002)
    with dispatching(target, batch_count=2) as dispatcher:
        for turn in range(8):
            dispatcher.add(Parcel.of(table("same", description=str(turn))))
            dispatcher.add(Parcel.of(table(f"other{turn}")))
            dispatcher.add(Parcel.of(edge("s.d.x.same", "s.d.x.same")))
        list(dispatcher.until_idle())
    tables = [
        r for event, r in target.events if event == "end" and isinstance(r, CreateTableRequest)
    ]
    ended = [record.description for record in tables if record.name == "same"]
    assert ended == [str(turn) for turn in range(8)]


_NAMES = st.sampled_from("abc")
_RECORDS = st.one_of(
    st.builds(database, _NAMES),
    st.builds(schema, _NAMES, _NAMES),
    st.builds(table, _NAMES, _NAMES),
    st.builds(container, _NAMES, st.sampled_from([None, "s.a", "s.b"])),
    st.builds(lambda a, b: edge(f"s.d.a.{a}", f"s.d.b.{b}"), _NAMES, _NAMES),
)


@settings(max_examples=60, deadline=None)
@given(
    records=st.lists(_RECORDS, max_size=60),
    worker_count=st.integers(1, 4),
    batch_count=st.integers(1, 7),
)
def test_every_record_comes_back_once_and_in_order(
    records: list[Record], worker_count: int, batch_count: int
) -> None:
    """Each record has one result; nothing of a higher level overtakes what was added before it."""
    target = Target()
    with dispatching(target, worker_count=worker_count, batch_count=batch_count) as dispatcher:
        results = []
        for record in records:
            dispatcher.add(Parcel.of(record))
            results += dispatcher.settled()
        results += dispatcher.until_idle()
        assert dispatcher.is_idle
    assert sorted(id(result.record) for result in results) == sorted(map(id, records))
    begun = {id(r): at for at, (event, r) in enumerate(target.events) if event == "begin"}
    ended = {id(r): at for at, (event, r) in enumerate(target.events) if event == "end"}
    for position, later in enumerate(records):
        for earlier in records[:position]:
            same = identity_of(earlier) == identity_of(later)
            if same or level_of(earlier) < level_of(later):
                together = any(
                    {id(earlier), id(later)} <= set(map(id, batch)) for batch in target.batches
                )
                if together:
                    assert begun[id(earlier)] < begun[id(later)]
                else:
                    assert ended[id(earlier)] < begun[id(later)]


@settings(max_examples=40, deadline=None)
@given(
    records=st.lists(_RECORDS, min_size=1, max_size=40),
    worker_count=st.integers(1, 4),
    batch_count=st.integers(1, 9),
    settled_count=st.integers(0, 3),
)
def test_batches_that_turn_out_not_to_be_taken(
    records: list[Record], worker_count: int, batch_count: int, settled_count: int
) -> None:
    """What comes back without results is divided: each record still has one, in the same order."""
    target = Target()
    takes = True

    def send(parcels: Sequence[Parcel]) -> Iterator[Settled]:
        nonlocal takes
        some = parcels
        if takes and len(parcels) > 1:
            takes, some = False, parcels[:settled_count]
        yield from target.send(some)

    dispatcher = Dispatcher(
        send,
        worker_count=worker_count,
        batch_count=batch_count,
        takes_batches=lambda entity_type: takes,
    )
    results = []
    for record in records:
        dispatcher.add(Parcel.of(record))
        results += dispatcher.settled()
    results += dispatcher.until_idle()
    dispatcher.close()
    assert dispatcher.error is None
    assert dispatcher.is_idle
    assert not any(dispatcher.holds(identity_of(record)) for record in records)
    assert sorted(id(result.record) for result in results) == sorted(map(id, records))
    begun = {id(r): at for at, (event, r) in enumerate(target.events) if event == "begin"}
    for position, later in enumerate(records):
        for earlier in records[:position]:
            if identity_of(earlier) == identity_of(later):
                assert begun[id(earlier)] < begun[id(later)]


@pytest.mark.parametrize("worker_count", [1, 3])
def test_taking_more_than_can_be_sent_waits(worker_count: int) -> None:
    """The dispatcher says when enough waits, so that memory does not grow with the data."""
    target = Target(0.001)
    with dispatching(target, worker_count=worker_count, batch_count=1) as dispatcher:
        most = 0
        for number in range(200):
            dispatcher.add(Parcel.of(table(f"t{number}")))
            list(dispatcher.until(lambda: not dispatcher.is_full))
            most = max(most, sum(1 for _ in dispatcher._closed))  # noqa: SLF001  # its size is the claim
        list(dispatcher.until_idle())
    assert most <= 2 * worker_count + 1
