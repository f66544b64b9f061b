"""The client against `om-ingest serve` in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from om_ingest import REST, EntityReference, Outcome, RecordError, ServerError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    AddLineageRequest,
    Column,
    CreateTableRequest,
    DatabaseSchema,
    DataType,
    EntitiesEdge,
    RunStatus,
    Table,
)
from om_ingest.openmetadata.store import OpenMetadata
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import InProcess
from rest.live import TOKEN, LiveServer
from tests.every_kind import SINCE, build, needlessly_quoted

SCHEMA = "databaseService.database.databaseSchema"
LEVELS = sorted(KINDS.values(), key=lambda kind: kind.level)

Open = Callable[..., OpenMetadata]
Connect = Callable[[str], OpenMetadata]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., OpenMetadata]]:
    """Starts a server with these options, and connects to it; gives its catalog a file."""
    running: list[Any] = []

    def start(*options: str, token: str = TOKEN) -> OpenMetadata:
        (tmp_path / "tokens").write_text(f"{TOKEN}\n")
        server = LiveServer(tmp_path / "catalog.db", *options).__enter__()
        running.append(server)
        store = REST({"hostPort": server.url, "securityConfig": {"jwtToken": token}})
        running.append(store)
        return store

    yield start
    for one in reversed(running):
        one.__exit__(None, None, None)


def table(name: str, **more: Any) -> CreateTableRequest:
    """A table of one column."""
    columns = [Column(name="id", dataType=DataType.INT)]
    return CreateTableRequest(name=name, databaseSchema=SCHEMA, columns=columns, **more)


def ref(name: str) -> EntityReference:
    """A table by its name."""
    return EntityReference(type="table", fullyQualifiedName=f"{SCHEMA}.{name}")


def edge(source: str, target: str) -> AddLineageRequest:
    """An edge between two tables."""
    return AddLineageRequest(edge=EntitiesEdge(fromEntity=ref(source), toEntity=ref(target)))


def test_every_kind(open_store: Open, tmp_path: Path) -> None:
    """An entity of every kind is created, unchanged the second time, and read back and listed."""
    store = open_store()
    requests = [build(kind.entity_type) for kind in LEVELS]
    first = store.write(requests)
    assert [result for result in first if result.outcome is not Outcome.CREATED] == []
    again = store.write(requests)
    assert [result for result in again if result.outcome is not Outcome.UNCHANGED] == []
    with Catalog(tmp_path / "catalog.db", read_only=True) as catalog:
        for kind, request in zip(LEVELS, requests, strict=True):
            fqn = store.fqn_of(request)
            found = store.get_by_name(kind.entity, fqn)
            stored = catalog.get_by_name(kind.entity, fqn)
            assert found is not None, kind.entity_type
            assert stored is not None, kind.entity_type
            assert found.id == stored.id
            assert store.get_by_id(kind.entity, found.id) == found
            listed = [e.fullyQualifiedName for e in store.list_entities(kind.entity)]
            fresh = kind.entity_type in {"classification", "tag", "user", "team"}
            assert (fqn in listed) if fresh else listed == [fqn]
            if kind.depth > 1:
                service = fqn.partition(".")[0]
                assert list(store.list_fqns(kind.entity, scope=service)) == [fqn]


def test_batches_from_several_workers(open_store: Open, tmp_path: Path) -> None:
    """Batches that are written at the same time all arrive, each row once."""
    store = open_store()
    store.write([build(kind.entity_type) for kind in LEVELS if kind.level < KINDS["table"].level])
    batches = [[table(f"t{row}_{batch}") for row in range(100)] for batch in range(10)]
    with ThreadPoolExecutor(8) as workers:
        results = [result for part in workers.map(store.write, batches) for result in part]
    assert {result.outcome for result in results} == {Outcome.WRITTEN}
    with Catalog(tmp_path / "catalog.db", read_only=True) as catalog:
        assert catalog.counts()["table"] == 1000
    assert sum(1 for _ in store.list_entities(Table, scope="databaseService")) == 1000


def test_rows_that_a_server_refuses(open_store: Open) -> None:
    """Bad rows of a batch fail with the server's reasons, and all others go in."""
    store = open_store()
    store.write([build(kind.entity_type) for kind in LEVELS if kind.level < KINDS["table"].level])
    lost = CreateTableRequest(name="lost", databaseSchema=SCHEMA + "x", columns=[])
    nobody = [EntityReference(type="user", fullyQualifiedName="nobody")]
    records = [table("a"), lost, table("b", owners=nobody), table("x.y"), table('q"t'), table("a")]
    results = store.write(records)
    assert [result.outcome.value for result in results] == [
        *("written", "failed", "failed", "written", "written", "unchanged")
    ]
    assert "not found" in results[1].reason
    assert "nobody does not exist" in results[2].reason
    assert store.get_by_name(Table, f'{SCHEMA}."x.y"') is not None


def test_life_of_a_table(open_store: Open) -> None:
    """Patch, lineage, delete, restore and what is gone, as the contract has them."""
    store = open_store()
    store.write([build(kind.entity_type) for kind in LEVELS])
    store.write([table(name) for name in "abc"])
    patched = store.patch(
        Table, f"{SCHEMA}.a", [{"op": "add", "path": "/description", "value": "d"}]
    )
    assert patched is not None
    assert patched.description == "d"
    store.add_lineage(edge("a", "b"))
    graph = store.get_lineage(Table, f"{SCHEMA}.a")
    assert graph is not None
    assert [node.fullyQualifiedName for node in graph.nodes] == [f"{SCHEMA}.b"]
    with pytest.raises(RecordError, match="does not exist"):
        store.add_lineage(
            AddLineageRequest(edge=EntitiesEdge(fromEntity=ref("a"), toEntity=ref("z")))
        )
    with pytest.raises(RecordError, match="not empty"):
        store.delete(DatabaseSchema, SCHEMA)
    assert store.delete(Table, f"{SCHEMA}.c")
    store.delete(Table, f"{SCHEMA}.c")  # a server answers it as the first time
    assert store.get_by_name(Table, f"{SCHEMA}.c") is None
    assert store.get_by_name(Table, f"{SCHEMA}.c", include_deleted=True) is not None
    restored = store.restore(Table, f"{SCHEMA}.c")
    assert restored is not None
    assert not restored.deleted
    (deleted,) = store.delete_stale(Table, [f"{SCHEMA}.c"])
    assert deleted.deleted
    seen = {f"{SCHEMA}.{name}" for name in ("a", "b", "table")}
    assert set(store.list_fqns(Table, scope=SCHEMA)) == seen


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[[str], OpenMetadata]]:
    """Connects to a server of a release in this process."""
    with ExitStack() as stack:

        def start(version: str) -> OpenMetadata:
            settings = ServerSettings(tmp_path / "catalog.db", version)
            application = Application(settings, stack.enter_context(Stores(settings.catalog)))
            config = {"hostPort": "http://server/api", "retryBudget_s": 1}
            return stack.enter_context(REST(config, wire=InProcess(application)))

        yield start


def test_what_would_break_an_older_server_is_kept(connect: Connect) -> None:
    """A table at which 1.6 would fail for ever, as a column lost its length, keeps the length."""

    def tables(**column: Any) -> list[CreateTableRequest]:
        columns = [Column.model_validate({"name": "id", "dataType": "STRING", **column})]
        return [table("a"), table("b").model_copy(update={"columns": columns}), table("c")]

    store = connect("1.6.0")
    store.write([build(entity_type) for entity_type in SCHEMA.split(".")])
    assert {result.outcome for result in store.write(tables(dataLength=40))} == {Outcome.CREATED}
    results = store.write(tables())
    assert {result.outcome for result in results} == {Outcome.UNCHANGED}
    (column,) = store.get_by_name(Table, f"{SCHEMA}.b").columns
    assert column.dataLength == 40


@pytest.mark.parametrize("version", ["1.6.0", "1.11.0", "1.13.0", "2.0.7"])
def test_releases(connect: Connect, version: str, caplog: pytest.LogCaptureFixture) -> None:
    """A server of each release takes and keeps each kind that it has; others are left out.

    What a release does not have (batches, `deleteStale`, fields) costs no waiting and no warning.
    """
    store, number = connect(version), tuple(map(int, version.split(".")))
    absent = {kind for kind, since in SINCE.items() if since > number}
    requests = [build(kind.entity_type) for kind in LEVELS]
    for _ in range(2):
        written = store.write(requests)
        assert not [result for result in written if result.outcome is Outcome.FAILED]
        lost = {r.record.entity_type for r in written if r.outcome is Outcome.LEFT_OUT}
        assert lost == absent
    tables = store.write([table(name) for name in "abc"])
    assert {result.outcome for result in tables} <= {Outcome.CREATED, Outcome.WRITTEN}
    for kind in LEVELS:
        if kind.entity_type not in absent:
            request = build(kind.entity_type)
            assert store.get_by_name(kind.entity, store.fqn_of(request)) is not None
    assert [one.deleted for one in store.delete_stale(Table, [f"{SCHEMA}.c"])] == [True]
    assert store.features.has_override is (number >= (2, 0))
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


def _distinct(entity_type: str, number: int) -> dict[str, str]:
    """What differs between entities of a kind besides their names."""
    given = {"user": ("email", f"u{number}@x.org"), "query": ("query", f"select '{number}'")}
    return dict([given[entity_type]]) if entity_type in given else {}


class Counting(InProcess):
    """Remembers the methods of requests."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self.methods: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the application does."""
        self.methods.append(request.method)
        return super().handle_request(request)


@pytest.mark.parametrize("version", ["1.6.0", "2.0.7"])
def test_a_second_run_writes_nothing(tmp_path: Path, version: str) -> None:
    """Records of each kind that did not change are compared, in few requests, and not sent."""
    number = tuple(map(int, version.split(".")))
    requests = [
        build(kind.entity_type, name=f"n{position}", **_distinct(kind.entity_type, position))
        for kind in LEVELS
        if SINCE.get(kind.entity_type, number) <= number and kind.segment is None
        for position in range(8)
    ]
    settings = ServerSettings(tmp_path / "catalog.db", version)
    with Stores(settings.catalog) as stores:
        for outcomes in ({"created", "written"}, {"unchanged"}):
            wire = Counting(Application(settings, stores))
            with REST({"hostPort": "http://server/api"}, wire=wire) as store:
                store.write([build(kind.entity_type) for kind in LEVELS])
                before = len(wire.methods)
                results = store.write(requests)
            assert {result.outcome.value for result in results} <= outcomes
        assert set(wire.methods[before:]) == {"GET"}
        assert len(wire.methods) - before < len(requests) / 2


def test_a_server_that_finds_no_quoted_names(connect: Connect) -> None:
    """Requests that quote FQNs without need address what 1.6, which takes them literally, has:
    when they create, when they change nothing, and when they change something.
    """
    store = connect("1.6.0")
    absent = {kind for kind, since in SINCE.items() if since > (1, 6, 0)}
    requests = [build(kind.entity_type) for kind in LEVELS if kind.entity_type not in absent]
    for request in requests:
        kind = KINDS[request.entity_type]
        fields = {*kind.place_fields, *kind.links, "fullyQualifiedName", "domains"}
        body = needlessly_quoted(request.model_dump(mode="json", exclude_none=True), fields)
        changes: tuple[dict[str, str], ...] = ({}, {}, {"displayName": "new"})
        records = [kind.request.model_validate({**body, **change}) for change in changes]
        results = [store.write([record])[0] for record in records]
        assert {result.reason for result in results} == {""}, kind.entity_type
        changed = "updated" if kind.segment is None else "unchanged"  # services stay as they are
        outcomes = [result.outcome.value for result in results]
        assert outcomes == ["created", "unchanged", changed], kind.entity_type
        found = store.get_by_name(kind.entity, store.fqn_of(request))
        assert found is not None
        assert '"' not in found.fullyQualifiedName


def test_runs(open_store: Open) -> None:
    """A run is reported to its pipeline, replaced by what is reported later, and read back."""
    store = open_store()
    store.write([build(kind.entity_type) for kind in LEVELS])
    pipeline = store.fqn_of(build("ingestionPipeline"))
    for state in ("running", "success"):
        status = RunStatus.model_validate(
            {"runId": "r", "pipelineState": state, "timestamp": 10**12}
        )
        store.put_run_status(pipeline, status)
        found = store.get_run_status(pipeline, "r")
        assert found is not None
        assert found.pipelineState == status.pipelineState
    assert store.get_run_status(pipeline, "another") is None


def test_wrong_token(open_store: Open) -> None:
    """A token that the server does not know ends everything with exit code 4."""
    store = open_store("--token-file", "tokens", token="wrong-token")
    with pytest.raises(ServerError, match="401") as raised:
        store.write([build("databaseService")])
    assert raised.value.exit_code == 4
    assert "wrong-token" not in str(raised.value)
