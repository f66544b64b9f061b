"""What a sink into a store does with records, results, errors and a journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    MetadataStore,
    Outcome,
    Record,
    ScopeComplete,
    ServerError,
    WriteResult,
)
from om_ingest.delivery import Settled, SinkContext
from om_ingest.errors import PluginFaultError
from om_ingest.kinds import Parcel, encode, level_of
from om_ingest.model import (
    AddLineageRequest,
    AddSampleDataRequest,
    CreateUserRequest,
    DatabaseServiceType,
    EntitiesEdge,
    Table,
    TableData,
)
from om_ingest.run.dry_run import DryRunSink
from om_ingest.sinks.store_sink import StoreSink
from om_ingest.workflow.acknowledgements import Acknowledgements
from om_ingest.workflow.journal import Journal
from om_ingest_testing import OpenMetadataDouble

SERVICE = CreateDatabaseServiceRequest(name="s", serviceType=DatabaseServiceType.CustomDatabase)
DATABASE = CreateDatabaseRequest(name="d", service="s")
SCHEMA = CreateDatabaseSchemaRequest(name="x", database="s.d")
PARENTS: list[Record] = [SERVICE, DATABASE, SCHEMA]


def table(name: str, description: str | None = None) -> CreateTableRequest:
    return CreateTableRequest(
        name=name, databaseSchema="s.d.x", columns=[], description=description
    )


class GatedStore(OpenMetadataDouble):
    """A store that takes as many batches as it is allowed to; any number unless it is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.is_shut = False
        self.distort: Callable[[list[WriteResult]], list[WriteResult]] = list
        self.allowed = threading.Semaphore(0)
        self.is_closed = False

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        if self.is_shut:
            assert self.allowed.acquire(timeout=60)
        results = super().write(records)
        return self.distort(results)

    def close(self) -> None:
        self.is_closed = True
        super().close()


class GatedSink(StoreSink):
    """A sink into such a store, with two workers and batches of ten."""

    keeps_journal = True
    worker_count = 2
    batch_count = 10

    def __init__(self, ctx: SinkContext, **limits: int) -> None:
        super().__init__(ctx)
        vars(self).update(limits)
        self.double = GatedStore()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> GatedSink:
        return cls(ctx, **config_dict)

    def open_store(self) -> MetadataStore:
        return self.double

    @property
    def target(self) -> str:
        return "double"


@pytest.fixture
def sink() -> Iterator[GatedSink]:
    """A sink that is open."""
    with GatedSink(SinkContext()) as opened:
        opened.prepare()
        yield opened


def delivered(sink: StoreSink, *records: Record) -> list[WriteResult]:
    """The results of these records, in their order."""
    results = {id(result.record): result for result in (*sink.write(records), *sink.flush())}
    return [results[id(record)] for record in records]


def test_children_tell_why_their_parent_failed(sink: GatedSink) -> None:
    """The first cause reaches every level below it, in whatever batches its children go."""
    sink.double.refuse("s.d")
    first, again = table("t1"), table("t2")
    results = delivered(sink, *PARENTS, first)
    results += delivered(sink, again)
    assert [result.outcome for result in results[1:]] == [Outcome.FAILED] * 4
    cause = results[1].reason
    assert "refused on request" in cause
    assert results[2].reason == f"its database s.d failed: {cause}"
    assert results[3].reason == f"its databaseSchema s.d.x failed: {cause}"
    assert results[4].reason == results[3].reason


def test_a_child_with_a_reason_of_its_own_tells_that(sink: GatedSink) -> None:
    """Where the parent is there, and only its update was refused, it explains nothing."""
    delivered(sink, *PARENTS)
    sink.double.refuse("s.d.x", "s.d.x.t")
    again = CreateDatabaseSchemaRequest(name="x", database="s.d", description="new")
    results = delivered(sink, again, table("t"))
    assert results[1].reason == "table s.d.x.t is refused on request"


def test_reading_a_table_waits_for_what_lies_beside_it(sink: GatedSink) -> None:
    """A sample that was yielded is there when its table is read back."""
    delivered(sink, *PARENTS, table("t"))
    beside = EntityReference(type="table", fullyQualifiedName="s.d.x.t")
    sample = AddSampleDataRequest(entity=beside, sampleData=TableData(columns=["a"], rows=[[1]]))
    assert list(sink.write([sample])) == []
    assert [result.record for result in sink.flush_for("table", "s.d.x.t")] == [sample]


def test_a_parent_that_arrives_after_all_is_no_reason(sink: GatedSink) -> None:
    """Once the parent is there, a child that fails does so for a reason of its own."""
    assert delivered(sink, SCHEMA)[0].outcome is Outcome.FAILED
    delivered(sink, *PARENTS)
    sink.double.refuse("s.d.x.t")
    (result,) = delivered(sink, table("t"))
    assert "refused on request" in result.reason
    assert "its databaseSchema" not in result.reason


@pytest.mark.parametrize("worker_count", [0, 2])
def test_markers_are_not_sent(worker_count: int) -> None:
    """That a scope is complete concerns the run, not the store."""
    marker = ScopeComplete("s.d.x", Table)
    with GatedSink(SinkContext(), worker_count=worker_count) as sink:
        sink.prepare()
        assert delivered(sink, marker)[0].outcome is Outcome.UNCHANGED
        sent = [record for call in sink.double.calls_of("write") for record in call["records"]]
        assert sent == []


def test_a_dry_run_writes_parents_first() -> None:
    """A dry run writes into the scratch store in the order that the contract of stores wants."""
    double = OpenMetadataDouble()
    real, ctx = GatedSink(SinkContext()), SinkContext(scratch=lambda: double)
    with DryRunSink(real, ctx) as sink:
        sink.prepare()
        delivered(sink, table("t"), *PARENTS)
        (call,) = double.calls_of("write")
        assert [record.name for record in call["records"]] == ["s", "d", "x", "t"]


def test_an_edge_with_a_malformed_fqn_fails_alone(sink: GatedSink) -> None:
    """An edge whose end is no FQN is refused by the store; what comes with it is delivered."""
    ends = [EntityReference(type="table", fullyQualifiedName=fqn) for fqn in ('a."b', "s.d.x.t")]
    edge = AddLineageRequest(edge=EntitiesEdge(fromEntity=ends[0], toEntity=ends[1]))
    results = delivered(sink, *PARENTS, table("t"), edge)
    assert [result.outcome for result in results] == [Outcome.CREATED] * 4 + [Outcome.FAILED]
    assert 'a."b' in results[-1].reason


def test_an_error_of_a_worker(sink: GatedSink) -> None:
    """It is raised here and at each call that follows, and nothing more is sent."""
    delivered(sink, *PARENTS)
    sink.double.fail(1, ServerError("away", "Start it."))
    with pytest.raises(ServerError, match="away"):
        delivered(sink, *(table(f"t{number}") for number in range(10)))
    sent = len(sink.double.calls_of("write"))
    with pytest.raises(ServerError, match="away"):
        list(sink.write([table("late")]))
    with pytest.raises(ServerError, match="away"):
        list(sink.flush_for("table", "s.d.x.late"))
    assert len(sink.double.calls_of("write")) == sent


def test_closing_ends_workers_and_store() -> None:
    """After `close` no thread is left, and the store is closed; an unopened sink can be closed."""
    sink = GatedSink(SinkContext())
    sink.close()
    before = threading.active_count()
    sink = GatedSink(SinkContext())
    sink.prepare()
    assert threading.active_count() == before + 2
    sink.close()
    assert threading.active_count() == before
    assert sink.double.is_closed


def test_used_before_it_is_opened() -> None:
    """A store that is not open yet is a fault of the caller."""
    with pytest.raises(RuntimeError, match="GatedSink is used before prepare"):
        _ = GatedSink(SinkContext()).store


def test_without_workers() -> None:
    """A store that takes one batch at a time gets each call's records at once, parents first."""
    with GatedSink(SinkContext(), worker_count=0) as sink:
        sink.prepare()
        results = list(sink.write([table("t"), *PARENTS]))
        assert [result.outcome for result in results] == [Outcome.CREATED] * 4
        assert results[-1].record.name == "t"  # type: ignore[union-attr]  # a table it is
        assert list(sink.flush()) == []


@pytest.fixture
def resuming(tmp_path: Path) -> Iterator[Acknowledgements]:
    """The journal of a run that is resumed."""
    with closing(Journal(tmp_path)) as journal:
        acknowledgements = Acknowledgements()
        acknowledgements.bind(journal, b"job", resuming=True)
        yield acknowledgements


@pytest.mark.parametrize("worker_count", [0, 2])
def test_what_was_acknowledged_is_not_sent_again(
    resuming: Acknowledgements, worker_count: int
) -> None:
    """The same content is unchanged without being sent; what failed is sent once more."""
    with GatedSink(SinkContext(journal=resuming), worker_count=worker_count) as sink:
        sink.prepare()
        sink.double.refuse("s.d.x.bad")
        delivered(sink, *PARENTS, table("t"), table("bad"))
        sent = len(sink.double.calls_of("write"))
        results = delivered(sink, table("t"), table("bad"), table("t", "new"))
    assert [result.outcome.value for result in results] == ["unchanged", "failed", "updated"]
    records = [call["records"] for call in sink.double.calls_of("write")[sent:]]
    assert [record.name for batch in records for record in batch] == ["bad", "t"]


def test_what_is_on_its_way_is_overtaken_by_nothing(resuming: Acknowledgements) -> None:
    """An old content that comes back while a newer one is on its way is sent behind it."""
    older, newer, once_more = table("t", "old"), table("t", "new"), table("t", "old")
    with GatedSink(SinkContext(journal=resuming), batch_count=1) as sink:
        sink.prepare()
        delivered(sink, *PARENTS)
        sink.double.is_shut = True
        assert [*sink.write([older]), *sink.write([newer])] == []
        sink.double.allowed.release()
        arrived: list[WriteResult] = []
        while not arrived:  # the first is acknowledged, and the second sets off
            arrived = list(sink.write([]))
        assert list(sink.write([once_more])) == []
        sink.double.allowed.release(2)
        assert [result.record for result in sink.flush()] == [newer, once_more]
        found = sink.double.get_by_name(Table, "s.d.x.t")
        assert found is not None
        assert found.description == "old"
        assert resuming.skipped_count == 0


DISTORTED: dict[str, Callable[[list[WriteResult]], list[WriteResult]]] = {
    "in reverse": lambda results: results[::-1],
    "one too few": lambda results: results[:-1],
    "one too many": lambda results: [*results, results[-1]],
    "none": lambda results: [],
    "one for all": lambda results: results[:1] * len(results),
}
"""What a store makes of its results that does not follow the records."""


@pytest.mark.parametrize("worker_count", [0, 2])
@pytest.mark.parametrize("entity_type", ["table", "user"])
@pytest.mark.parametrize("form", DISTORTED)
def test_a_store_that_mixes_up_its_results(
    resuming: Acknowledgements, form: str, entity_type: str, worker_count: int
) -> None:
    """Results that do not follow the records are refused, also of records without batches."""
    records: list[Record] = [table(f"t{number}") for number in range(8)]
    if entity_type == "user":
        records = [CreateUserRequest(name=f"u{n}", email=f"u{n}@x.test") for n in range(8)]
    with GatedSink(SinkContext(journal=resuming), worker_count=worker_count) as sink:
        sink.prepare()
        delivered(sink, *PARENTS)
        sink.double.distort = DISTORTED[form]
        with pytest.raises(PluginFaultError, match=r"GatedStore\.write does not return one result"):
            delivered(sink, *records)
    parcels = [Parcel.sealed(record) for record in records]
    assert list(resuming.unsent(parcels)) == [True] * 8  # none of them is acknowledged


class Forgetful(GatedSink):
    """A sink whose `settling` leaves over all records that are not taken in batches."""

    def settling(self, parcels: Sequence[Parcel]) -> Iterable[Settled]:
        return super().settling(parcels) if parcels[0].record in PARENTS else ()

    def takes_batches(self, entity_type: str) -> bool:
        return False


@pytest.mark.parametrize("worker_count", [0, 2])
def test_a_sink_that_settles_nothing(resuming: Acknowledgements, worker_count: int) -> None:
    """Records that get no result when each is sent alone are not sent again for ever."""
    with Forgetful(SinkContext(journal=resuming), worker_count=worker_count) as sink:
        sink.prepare()
        delivered(sink, *PARENTS)
        with pytest.raises(PluginFaultError, match="result"):
            delivered(sink, *[table(f"t{number}") for number in range(8)])


def test_a_parcel_encodes_its_record_once() -> None:
    """What follows from a record is in its parcel; the encoding is kept after its first use."""
    parcel = Parcel.of(table("t"))
    assert (parcel.identity, parcel.parent) == (("table", "s.d.x.t"), ("databaseSchema", "s.d.x"))
    assert parcel.level == level_of(parcel.record)
    assert parcel.encoded == encode(parcel.record)
    assert parcel.encoded is parcel.encoded
