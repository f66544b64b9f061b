"""A dry run says what a run would do, as far as the target shows it, and asks it little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from om_ingest import CreateTableRequest, EntityReference, Outcome, Record, SinkContext
from om_ingest.kinds import Parcel
from om_ingest.model import (
    AddLineageRequest,
    Column,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateUserRequest,
    EntitiesEdge,
    Table,
)
from om_ingest.run.dry_run import DryRunSink
from om_ingest.sinks.store_sink import StoreSink
from om_ingest.store import ForwardingStore, MetadataStore
from om_ingest_catalog import Catalog

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

SCHEMA = "s.d.p"


class _Sink(StoreSink):
    """A sink into a server, or into a store that it does not show before a run."""

    target = "real"

    def __init__(self, server: MetadataStore | None, *, overrides: bool = False) -> None:
        super().__init__(SinkContext())
        self._server = server
        self._overrides = overrides
        self.taken: list[Record] = []

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> _Sink:
        return cls(None)

    def open_store(self) -> MetadataStore:
        raise AssertionError("a dry run opens no target")

    def existing(self) -> MetadataStore | None:
        return self._server

    def overrides(self) -> bool:
        return self._overrides

    def delivered(self, parcels: Sequence[Parcel]) -> None:
        self.taken += [parcel.record for parcel in parcels]


def table(name: str, schema: str = SCHEMA, data_type: str = "INT") -> CreateTableRequest:
    """A table of one column."""
    return CreateTableRequest(
        name=name, databaseSchema=schema, columns=[Column(name="a", dataType=data_type)]
    )


def edge(start: str, end: str) -> AddLineageRequest:
    """An edge between two tables."""
    ends = [EntityReference(type="table", fullyQualifiedName=fqn) for fqn in (start, end)]
    return AddLineageRequest(edge=EntitiesEdge(fromEntity=ends[0], toEntity=ends[1]))


PARENTS = [
    CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase"),
    CreateDatabaseRequest(name="d", service="s"),
    CreateDatabaseSchemaRequest(name="p", database="s.d"),
]


def told(real: _Sink, *records: Record) -> list[str]:
    """The outcomes that a dry run tells of these records."""
    ctx = SinkContext(scratch=Catalog.temporary)
    with DryRunSink(real, ctx) as sink:
        sink.prepare()
        written = sink.write_parcels([Parcel.sealed(record) for record in records])
        results = {id(result.record): result for result in written}
    failed = [result.reason for result in results.values() if result.outcome is Outcome.FAILED]
    assert not failed
    return [results[id(record)].outcome.value for record in records]


def page(*entities: dict[str, Any]) -> Callable[[Call], httpx.Response]:
    """Answers a listing with these entities."""
    body = {"data": list(entities), "paging": {"total": len(entities)}}
    return lambda call: httpx.Response(200, json=body)


@pytest.fixture
def server(wire: Wire, store: OpenMetadata) -> OpenMetadata:
    """A server that has the service `s` and what is above tables, and four tables in `s.d.p`."""
    wire.put("services/databaseServices", "s")
    tables = [
        wire.put("tables", f"{SCHEMA}.same", sourceHash=store.hash_of(Parcel.of(table("same")))),
        wire.put("tables", f"{SCHEMA}.other", sourceHash="f" * 32),
        wire.put("tables", f"{SCHEMA}.silent"),
        wire.put("tables", f"{SCHEMA}.gone", deleted=True, sourceHash="f" * 32),
    ]
    wire.judge("GET", "tables$", page(*tables))
    wire.judge("GET", "databases$", page(wire.put("databases", "s.d")))
    wire.judge("GET", "databaseSchemas$", page(wire.put("databaseSchemas", SCHEMA)))
    return store


def test_what_is_there_is_not_created(wire: Wire, server: OpenMetadata) -> None:
    """Created is what the server does not have; fingerprints tell what would change."""
    names = ("same", "other", "silent", "gone", "new")
    real = _Sink(server)
    records = [*PARENTS, *(table(name) for name in names)]
    outcomes = told(real, *records)
    assert outcomes[0] == "written"
    assert outcomes[3:] == ["unchanged", "updated", "written", "written", "created"]
    (call,) = wire.sent("GET", "tables")
    assert call.query["include"] == "all"
    assert not [call for call in wire.calls if call.method != "GET"]
    assert sorted(map(str, real.taken)) == sorted(map(str, records))


def test_overriding_runs_do_not_know_what_stays(server: OpenMetadata) -> None:
    """What is unchanged in the source may be changed back, if the run overrides people."""
    real = _Sink(server, overrides=True)
    outcomes = told(real, *PARENTS, table("same"), table("other"), table("new"))
    assert outcomes[3:] == ["written", "updated", "created"]


def test_the_second_record_of_an_entity(server: OpenMetadata) -> None:
    """A record that comes again, the same or changed, is compared with the first one."""
    again = [table("new"), table("new"), table("new", data_type="BIGINT")]
    assert told(_Sink(server), *PARENTS, *again)[3:] == ["created", "unchanged", "updated"]


def test_nothing_is_asked_below_what_is_new(wire: Wire, store: OpenMetadata) -> None:
    """What lies below something new is created, without a question for each place."""
    wire.judge("GET", "(databases|databaseSchemas)$", page())
    schemas = [CreateDatabaseSchemaRequest(name=f"p{n}", database="s.d") for n in range(20)]
    tables = [table("t", f"s.d.p{n}") for n in range(20)]
    edges = [edge("s.d.p0.t", "s.d.p1.t")]
    outcomes = told(_Sink(store), *PARENTS[:2], *schemas, *tables, *edges)
    assert set(outcomes) == {"created"}
    assert len([call for call in wire.calls if not call.path.startswith(("system", "users"))]) == 1


def test_what_the_server_does_not_show(wire: Wire, server: OpenMetadata) -> None:
    """Edges, and what cannot be listed or looked up, count as written."""
    edges = [edge(f"{SCHEMA}.same", f"{SCHEMA}.other"), edge(f"{SCHEMA}.same", f"{SCHEMA}.new")]
    tables = [table("same"), table("other"), table("new")]
    assert told(_Sink(server), *PARENTS, *tables, *edges)[-2:] == ["written", "created"]
    wire.forget()
    refusal = httpx.Response(403, json={"code": 403, "message": "not allowed"})
    wire.judge("GET", "(tables|databases|databaseSchemas|users)", lambda call: refusal)
    user = CreateUserRequest(name="u", email="u@example.com")
    assert set(told(_Sink(server), *PARENTS, table("new"), user)) == {"written"}


def test_a_store_that_shows_no_content() -> None:
    """An embedded store tells what is there, deleted or not; a closed one tells nothing."""
    with Catalog.temporary() as catalog:
        catalog.write([*PARENTS, table("live"), table("gone")])
        catalog.delete(Table, f"{SCHEMA}.gone")
        tables = [table(name) for name in ("live", "gone", "new")]
        outcomes = told(_Sink(catalog), *PARENTS, *tables)
    assert outcomes == ["written"] * 5 + ["created"]
    assert set(told(_Sink(None), *PARENTS)) == {"written"}


class _Backwards(ForwardingStore):
    """A store that lists in an order of its own, as servers do."""

    def __init__(self, store: MetadataStore) -> None:
        self._store = store

    def _target(self) -> MetadataStore:
        return self._store

    def _forward(self, method: str, **arguments: Any) -> Any:
        found = super()._forward(method, **arguments)
        return reversed(list(found)) if method.startswith("list_") else found


def test_lists_join_in_any_order() -> None:
    """Each entity is listed once, as the run would leave it, whatever the order of the target."""
    with Catalog.temporary() as catalog:
        tables = [table(name).with_valid(description="there") for name in "bdf"]
        catalog.write([*PARENTS, *tables])
        ctx = SinkContext(scratch=Catalog.temporary)
        with DryRunSink(_Sink(_Backwards(catalog)), ctx) as sink:
            sink.prepare()
            new = [table(name) for name in "abcdef"]
            list(sink.write_parcels([Parcel.sealed(record) for record in [*PARENTS, *new[:5]]]))
            found = list(sink.store.list_entities(Table, scope="s"))
            assert {each.name: each.description for each in found} == {
                **dict.fromkeys("ace"),
                **dict.fromkeys("bdf", "there"),
            }
            assert sorted(sink.store.list_fqns(Table)) == [f"{SCHEMA}.{name}" for name in "abcdef"]
            assert len(found) == 6


def test_reading_back_what_is_new_asks_nothing(wire: Wire, server: OpenMetadata) -> None:
    """The listing that tells what is created tells that there is nothing to read, too."""
    above = {"type": "x", "id": str(uuid4())}
    wire.put("services/databaseServices", "s", serviceType="CustomDatabase")
    wire.put("databases", "s.d", service=above)
    wire.put("databaseSchemas", SCHEMA, database=above, service=above)
    ctx = SinkContext(scratch=Catalog.temporary)
    with DryRunSink(_Sink(server), ctx) as sink:
        sink.prepare()
        new = [table(f"new{number}") for number in range(20)]
        list(sink.write_parcels([Parcel.sealed(record) for record in [*PARENTS, *new]]))
        asked = len(wire.sent("GET", "tables"))
        for record in new:
            found = sink.store.get_by_name(Table, f"{SCHEMA}.{record.name}")
            assert found
            assert found.databaseSchema
            schema = wire.entities[f"databaseSchemas/name/{SCHEMA}"]
            assert str(found.databaseSchema.id) == schema["id"]
        assert len(wire.sent("GET", "tables")) == asked
