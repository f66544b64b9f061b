"""A 2xx is believed only if it names what was written, a 404 only if it names what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import EntityReference, Outcome, Record, RecordError, ServerError
from om_ingest.kinds import KINDS
from om_ingest.model import (
    AddLineageRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Database,
    DatabaseService,
    EntitiesEdge,
    LineageDetails,
    RunState,
    RunStatus,
    Table,
)
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

ID = "3f2b0f5e-1111-4222-8333-444455556666"
OTHER = {"id": ID, "name": "other", "fullyQualifiedName": "s.d.p.other"}
SERVICE = {"id": ID, "type": "databaseService"}
TABLE = "s.d.p.t"
SCHEMA = "s.d.p"

LIES = {
    "an empty object": httpx.Response(200, json={}),
    "an empty object, created": httpx.Response(201, json={}),
    "an error": httpx.Response(200, json={"error": "rate limited"}),
    "an error with a code": httpx.Response(200, json={"code": 500, "message": "it is busy"}),
    "nothing, created": httpx.Response(201),
    "nothing, no content": httpx.Response(204),
    "nothing, accepted": httpx.Response(202),
    "accepted": httpx.Response(202, json={"jobId": ID, "message": "later"}),
    "another entity": httpx.Response(200, json=OTHER),
    "an entity in other case": httpx.Response(
        200, json={**OTHER, "fullyQualifiedName": TABLE.upper()}
    ),
    "an event about another": httpx.Response(200, json={"id": ID, "entityId": ID, "entity": OTHER}),
    "a list": httpx.Response(200, json=[OTHER]),
    "a page of a list": httpx.Response(200, json={"data": [OTHER], "paging": {"total": 1}}),
    "a text": httpx.Response(200, json="ok"),
    "a number": httpx.Response(200, json=1),
    "true": httpx.Response(200, json=True),
    "half of it": httpx.Response(200, content=b'{"id": "3f2b'),
    "a web page": httpx.Response(200, html="<h1>Maintenance</h1>"),
}
lies = pytest.mark.parametrize("lie", LIES.values(), ids=LIES)


def ref(entity_type: str, fqn: str) -> EntityReference:
    """A reference by FQN."""
    return EntityReference(type=entity_type, fullyQualifiedName=fqn)


def table(name: str, **more: Any) -> CreateTableRequest:
    """A table of one column."""
    columns = [{"name": "c", "dataType": "INT"}]
    return CreateTableRequest(
        **{"name": name, "databaseSchema": SCHEMA, "columns": columns, **more}
    )


def lie_always(wire: Wire, store: OpenMetadata, lie: httpx.Response, *methods: str) -> None:
    """Answer these methods so from now on, but for one table by which the server is seen to live:
    what fails alone is about a record, and what fails for all is an outage.
    """
    assert (
        store.write([table("witness", description=str(len(wire.calls)))])[0].outcome
        is Outcome.CREATED
    )

    def answer(call: Call) -> httpx.Response | None:
        is_witness = isinstance(call.body, dict) and call.body.get("name") == "witness"
        return None if is_witness else lie

    for method in methods:
        wire.judge(method, "", answer)


@pytest.fixture
def attachments(wire: Wire) -> list[Record]:
    """One of each that is attached to something, which is there."""
    for kind in ("table", "topic", "container", "searchIndex", "pipeline", "dashboard"):
        wire.put(KINDS[kind].collection, TABLE)
    rows, messages = {"columns": ["c"], "rows": [[1]]}, {"messages": ["m"]}
    return [
        AddLineageRequest(
            edge=EntitiesEdge(fromEntity=ref("topic", TABLE), toEntity=ref("table", TABLE))
        ),
        AddSampleDataRequest(entity=ref("table", TABLE), sampleData=rows),
        AddSampleDataRequest(entity=ref("container", TABLE), sampleData=rows),
        AddSampleDataRequest(entity=ref("topic", TABLE), sampleData=messages),
        AddTableProfileRequest(
            table=TABLE, profile={"tableProfile": {"timestamp": 1700000000000, "rowCount": 3}}
        ),
        AddUsageRequest(entity=ref("dashboard", TABLE), usage={"date": "2024-01-02", "count": 7}),
        AddPipelineStatusRequest(
            pipeline=TABLE,
            pipelineStatus={"timestamp": 1700000000000, "executionStatus": "Successful"},
        ),
    ]


@pytest.fixture
def single_writes(wire: Wire, attachments: list[Record], one_of_each: list[Record]) -> list[Record]:
    """Every record that goes in a request of its own; what they point at is there."""
    for kind in KINDS.values():
        if kind.segment is None:
            wire.put(kind.collection, kind.entity_type)
    for fqn in ("databaseService.database.databaseSchema.table", "driveService.directory"):
        wire.put("tables", fqn, sourceHash="of other content")
        wire.put("drives/directories", fqn, deleted=True)  # so that there is something to write
    wire.put("services/databaseServices", "databaseService")
    return [*one_of_each, *attachments]


def outcomes(store: OpenMetadata, records: list[Record]) -> dict[str, tuple[str, str]]:
    """What became of each record that is written alone: outcome and reason."""
    return {
        f"{number} {type(record).__name__}": (result.outcome.value, result.reason)
        for number, record in enumerate(records)
        for result in store.write([record])
    }


@lies
def test_no_single_write_counts_without_evidence(
    wire: Wire, connect: Callable[..., OpenMetadata], single_writes: list[Record], lie: Any
) -> None:
    """A 2xx that does not name what was written is no delivery, for any kind of record."""
    store = connect(forceEntityOverwriting=True)
    lie_always(wire, store, lie, "PUT", "POST", "PATCH")
    counted = {}
    for number, record in enumerate(single_writes):
        # A patch that failed leaves nothing to put again, to see whether the server lives.
        store.write([table("witness", description=str(number))])
        told = outcomes(store, [record])
        counted |= {f"{number} {name}": why for name, why in told.items() if why[0] != "failed"}
    assert counted == {}


@lies
def test_one_lie_costs_nothing(
    wire: Wire, connect: Callable[..., OpenMetadata], single_writes: list[Record], lie: Any
) -> None:
    """After an answer without evidence the request is sent again, and its answer counts."""
    store = connect(forceEntityOverwriting=True)
    for record in single_writes:
        for method in ("PUT", "POST", "PATCH"):
            wire.on(method, "", lie)
        before = len(wire.calls)
        (result,) = store.write([record])
        assert result.outcome is not Outcome.FAILED, result
        writes = [call for call in wire.calls[before:] if call.method != "GET"]
        assert len(writes) == 2, record
        assert writes[0] == writes[1]
        wire.forget()


def edge() -> AddLineageRequest:
    """An edge between two tables."""
    ends = {"fromEntity": ref("table", "s.d.p.a"), "toEntity": ref("table", "s.d.p.b")}
    return AddLineageRequest(edge=EntitiesEdge(**ends))


NO_EDGE = {"code": 404, "message": "Lineage edge not found"}


def test_an_edge_is_read_back(wire: Wire, store: OpenMetadata) -> None:
    """The answer to an edge names nothing: the edge counts when the server shows it."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    wire.on("GET", "getLineageEdge", refusal(404, NO_EDGE))
    assert store.write([edge()])[0].outcome is Outcome.CREATED
    assert len(wire.sent("PUT", "lineage")) == 2
    wire.edges.clear()
    wire.judge("GET", "getLineageEdge", lambda call: refusal(404, NO_EDGE))
    result = store.write([edge()])[0]
    assert result.outcome is Outcome.FAILED
    assert result.reason == "the server has answered (200) to the edge, and does not have it"


@pytest.mark.parametrize("details", [None, {}, {"sqlQuery": "select 1"}, {"assetEdges": 3}])
def test_an_edge_counts_whatever_its_details(wire: Wire, store: OpenMetadata, details: Any) -> None:
    """An edge without details is sent with empty ones: 1.6 does not show one that has none."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    record = edge()
    record.edge.lineageDetails = None if details is None else LineageDetails(**details)
    assert store.write([record])[0].outcome is Outcome.CREATED
    assert store.write([record])[0].outcome is Outcome.UNCHANGED
    assert len(wire.sent("PUT", "lineage")) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_an_edge_that_cannot_be_read_back(wire: Wire, store: OpenMetadata, status: int) -> None:
    """A server that does not show edges is believed in its answer: 200 without a body."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    answer = refusal(status, {"code": status, "message": f"HTTP {status}"})
    wire.judge("GET", "getLineageEdge", lambda call: answer)
    assert store.write([edge()])[0].outcome is Outcome.WRITTEN


@lies
def test_what_is_no_edge(wire: Wire, store: OpenMetadata, lie: Any) -> None:
    """An answer about something else does not show that the edge is there."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    wire.judge("GET", "getLineageEdge", lambda call: lie)
    assert store.write([edge()])[0].outcome is Outcome.FAILED


@lies
def test_what_is_no_lineage(wire: Wire, store: OpenMetadata, lie: Any) -> None:
    """An edge counts as unchanged only by an answer that names both of its ends."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    assert store.write([edge()])[0].outcome is Outcome.CREATED
    wire.judge("GET", "lineage/table/", lambda call: lie)
    assert store.write([edge()])[0].outcome is Outcome.FAILED


def test_the_lineage_of_another(wire: Wire, store: OpenMetadata) -> None:
    """An answer to the request before, about an edge with the same details, is not believed."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    store.write([edge()])
    other = {"fromEntity": ID, "toEntity": ID, "lineageDetails": {"source": "Manual"}}
    theirs = {"entity": {"id": ID, "type": "table"}, "upstreamEdges": [other]}
    wire.on("GET", "lineage/table/", httpx.Response(200, json=theirs))
    assert store.write([edge()])[0].outcome is Outcome.UNCHANGED
    assert len(wire.sent("GET", "lineage/table/.*")) == 3
    assert len(wire.sent("PUT", "lineage")) == 1


def test_the_reason_says_what_the_server_answered(wire: Wire, store: OpenMetadata) -> None:
    """The reason names what was written, the status, and what the answer is."""
    reasons = []
    for lie in (LIES["an error"], LIES["another entity"], LIES["nothing, no content"]):
        lie_always(wire, store, lie, "PUT")
        reasons.append(store.write([table("t")])[0].reason)
        wire.forget()
    start = "not the answer to this request: the server's answer"
    assert reasons == [
        f"{start} (200) does not name the table s.d.p.t: its fields are error",
        f"{start} (200) does not name the table s.d.p.t: it is about s.d.p.other",
        f"{start} (204) does not name the table s.d.p.t: it has no content",
    ]


@pytest.mark.parametrize(
    ("record", "fqn"),
    [
        (table("x.y"), '"s".d."p"."x.y"'),
        (CreateDatabaseServiceRequest(name="my.shop", serviceType="Mysql"), "my.shop"),
        (KINDS["user"].request(name="Ann.Lee", email="a@b.test"), "ann.lee"),
        (KINDS["user"].request(name="Ann.Lee", email="a@b.test"), '"ann.lee"'),
    ],
)
def test_other_spellings_are_evidence(
    wire: Wire, store: OpenMetadata, record: Record, fqn: str
) -> None:
    """An answer names what was written whatever its quotes; a login, whatever its case."""
    for method in ("PUT", "POST"):
        wire.judge(method, "", lambda call: httpx.Response(200, json={"fullyQualifiedName": fqn}))
    assert store.write([record])[0].outcome is Outcome.WRITTEN


@lies
def test_no_change_counts_without_evidence(wire: Wire, store: OpenMetadata, lie: Any) -> None:
    """Restoring, patching and reporting a run fail where the answer does not name the entity."""
    wire.put("databases", "s.d", service=SERVICE, deleted=True)
    status = RunStatus(runId="r1", pipelineState=RunState.running)
    lie_always(wire, store, lie, "PUT", "PATCH")
    with pytest.raises(ServerError, match="answer"):
        store.restore(Database, "s.d")
    with pytest.raises(ServerError, match="answer"):
        store.patch(Database, "s.d", [{"op": "remove", "path": "/description"}])
    with pytest.raises(ServerError, match="answer"):
        store.put_run_status("s.pipe", status)


READS: dict[str, Callable[[OpenMetadata], Any]] = {
    "by name": lambda store: store.get_by_name(Table, TABLE),
    "by id": lambda store: store.get_by_id(Table, "11111111-1111-4222-8333-444455556666"),
    "lineage": lambda store: store.get_lineage(Table, TABLE),
    "a list": lambda store: list(store.list_entities(Table)),
    "a list of names": lambda store: list(store.list_fqns(Table, scope=SCHEMA)),
    "a run": lambda store: store.get_run_status("s.pipe", "r1"),
}
TRUE_READS = {
    ("a list", "a page of a list"),
    ("a list of names", "a page of a list"),
    ("a run", "nothing, no content"),
}


@pytest.mark.parametrize(
    ("read", "lie"),
    [(read, lie) for read in READS for lie in LIES if (read, lie) not in TRUE_READS],
)
def test_no_read_believes_an_answer_about_something_else(
    wire: Wire, store: OpenMetadata, read: str, lie: str
) -> None:
    """An answer about something else is no entity and no list; nor does it mean that none is."""
    store.features  # noqa: B018  # the start of a run is not what is lied about
    wire.judge("GET", "^(?!system)", lambda call: LIES[lie])
    with pytest.raises(RecordError, match="answer"):
        READS[read](store)


@pytest.mark.parametrize("status", [500, 503, 507])
@pytest.mark.parametrize("read", READS)
def test_a_read_that_fails_alone_is_no_end_of_a_run(
    wire: Wire, store: OpenMetadata, read: str, status: int
) -> None:
    """A look-up or list that always fails, while the server answers others, is a `RecordError`.

    Its text names what was read, and what the server said.
    """
    store.features  # noqa: B018  # the start of a run
    wire.judge("GET", "^(?!system|users)", lambda call: refusal(status, {"message": "it broke"}))
    with pytest.raises(RecordError, match=f"cannot be read: .* {status}: it broke") as raised:
        READS[read](store)
    assert raised.value.what.startswith(("tables", "lineage/table/name/", "services/ingestion"))
    assert raised.value.remedy == "The server's log says why."
    wire.forget()
    wire.put("tables", TABLE, columns=[])
    assert store.get_by_name(Table, TABLE) is not None  # the store goes on


def test_a_reference_that_cannot_be_looked_up_costs_its_record(
    wire: Wire, store: OpenMetadata
) -> None:
    """A failing look-up of an owner fails the record, with its field; nothing is missing."""
    wire.judge("GET", "users/name", lambda call: refusal(500, {"message": "it broke"}))
    other, failed = store.write([table("t1"), table("t2", owners=[ref("user", "ann")])])
    assert other.outcome is Outcome.CREATED
    assert failed.outcome is Outcome.FAILED
    assert failed.reason.startswith("owners: users/name/ann cannot be read: ")
    assert failed.missing is None


@pytest.mark.parametrize(
    "page",
    [
        {"data": [OTHER]},
        {"data": None, "paging": {}},
        {"data": {}, "paging": {"total": 0}},
        {"data": ["x"], "paging": {"total": 1}},
        {"data": [{"id": ID}], "paging": {"total": 1}},
        {"paging": {"total": 0}},
        {"data": [], "paging": None},
    ],
)
def test_pages_that_are_none(wire: Wire, store: OpenMetadata, page: Any) -> None:
    """A list is `data` with entities, and `paging`; less is no empty list."""
    wire.judge("GET", "tables$", lambda call: httpx.Response(200, json=page))
    with pytest.raises(RecordError, match="no page of a list"):
        list(store.list_fqns(Table))


def refusal(status: int, body: Any) -> httpx.Response:
    """A refusal with this body."""
    return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body))


UNKNOWN = {
    "400": refusal(400, {"code": 400, "message": "Invalid request format"}),
    "400 about it": refusal(400, {"code": 400, "message": "databaseService instance for s"}),
    "403": refusal(403, {"code": 403, "message": "Principal: x operations [ViewAll] not allowed"}),
    "405": refusal(405, {"code": 405, "message": "HTTP 405 Method Not Allowed"}),
    "410": refusal(410, {"code": 410, "message": "databaseService instance for s not found"}),
    "404 without a body": refusal(404, b""),
    "404 in text": refusal(404, b"default backend - 404 s"),
    "404 of a proxy": refusal(404, {"message": "no Route matched with those values: s"}),
    "404 of a path": refusal(404, {"code": 404, "message": "HTTP 404 Not Found"}),
    "404 about another": refusal(404, {"code": 404, "message": "user instance for x not found"}),
    "404 with another code": refusal(404, {"code": 503, "message": "s is not known yet"}),
    "404 with a list": refusal(404, [{"code": 404, "message": "s"}]),
    "404 with a page": httpx.Response(404, html="<h1>s not found</h1>"),
}
unknown = pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN)


@unknown
def test_a_service_is_not_replaced_unless_it_is_known_to_be_absent(
    wire: Wire, store: OpenMetadata, answer: httpx.Response
) -> None:
    """Where looking for a service fails, its record fails, and nothing is written."""
    wire.judge("GET", "services/databaseServices/name/s", lambda call: answer)
    request = CreateDatabaseServiceRequest(name="s", serviceType="Mysql")
    (result,) = store.write([request])
    assert result.outcome is Outcome.FAILED
    assert result.missing is None
    with pytest.raises((RecordError, ServerError)):
        store.get_service_or_create(request)
    assert wire.sent("PUT", ".*") == []


@unknown
def test_only_an_entitys_own_404_means_that_there_is_none(
    wire: Wire, store: OpenMetadata, answer: httpx.Response
) -> None:
    """By name, by id, as an owner, to restore, patch or delete: what is not known is no None."""
    assert store.write([table("witness")])[0].outcome is Outcome.CREATED  # the server lives
    for method in ("GET", "DELETE"):
        wire.judge(method, "^(?!system|users/logged)", lambda call: answer)
    for ask in (
        lambda: store.get_by_name(DatabaseService, "s"),
        lambda: store.get_by_id(DatabaseService, ID),
        lambda: store.get_lineage(DatabaseService, "s"),
        lambda: store.get_run_status("s", "r1"),
        lambda: store.restore(DatabaseService, "s"),
        lambda: store.patch(DatabaseService, "s", []),
        lambda: store.delete(DatabaseService, "s"),
    ):
        with pytest.raises((RecordError, ServerError)):
            ask()
    (result,) = store.write([table("t", owners=[ref("team", "s")])])
    assert result.outcome is Outcome.FAILED
    assert result.missing is None
    assert "does not exist" not in result.reason


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        ("databaseSchema instance for s.d.p not found", ("databaseSchema", "s.d.p")),
        ('databaseSchema instance for s."d".p not found', ("databaseSchema", "s.d.p")),
        ("tag instance for PII.None not found", ("tag", "PII.None")),
        ("persona instance for x not found", ("persona", "x")),
        ("columns must not be null", None),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_what_is_missing_is_told(
    wire: Wire, store: OpenMetadata, bulk: Any, message: str, missing: Any, status: int
) -> None:
    """A row that fails because something is not there names it, alone as in a batch; so do its
    children, whose parent may come later.
    """
    wire.judge("PUT", "tables/bulk", lambda call: bulk(call, {"t2": (status, message)}))
    wire.judge(
        "PUT",
        "(tables|Schemas)$",
        lambda call: refusal(status, {"code": status, "message": message}),
    )
    assert [result.missing for result in store.write([table("t1"), table("t2")])] == [None, missing]
    assert store.write([table("t3")])[0].missing == missing
    schema = CreateDatabaseSchemaRequest(name="p", database="s.d")
    parent, child = store.write([schema, table("t3")])
    assert parent.missing == missing
    assert child.missing == (None if missing is None else ("databaseSchema", SCHEMA))


def test_an_owner_that_is_gone_is_looked_up_again(wire: Wire, store: OpenMetadata) -> None:
    """A remembered id that the server does not know is forgotten, and told by its FQN."""
    owner = wire.put("users", "ann")
    record = table("t", owners=[ref("user", "ann")])
    message = f"user instance for {owner['id']} not found"
    wire.on("PUT", "tables", refusal(404, {"code": 404, "message": message}))
    assert store.write([record])[0].missing == ("user", "ann")
    assert store.write([record])[0].outcome is Outcome.CREATED
    assert len(wire.sent("GET", "users/name/ann")) == 2
    assert store.write([table("t", owners=[ref("user", "bob")])])[0].missing == ("user", "bob")


def bulk_truth(call: Call) -> dict[str, Any]:
    """The right answer to a batch that is written."""
    rows = [f"{row['databaseSchema']}.{row['name']}" for row in call.body]
    return {
        "status": "success",
        "numberOfRowsProcessed": len(rows),
        "numberOfRowsPassed": len(rows),
        "numberOfRowsFailed": 0,
        "successRequest": [{"request": fqn, "status": 200} for fqn in rows],
        "failedRequest": [],
    }


STRANGER = {"request": "s.d.p.nobody", "status": 200}
FAILED = {"request": "s.d.p.t1", "status": 400, "message": "no"}
BROKEN: dict[str, Any] = {
    "failure without rows": {"status": "failure", "successRequest": None},
    "only failure": lambda told: {"status": "failure"},
    "failure with successes": {"status": "failure"},
    "success with failures": {"failedRequest": [FAILED], "numberOfRowsFailed": 1},
    "aborted": {"abortReason": "the database went away"},
    "a dry run": {"dryRun": True},
    "no status": {"status": None},
    "another status": {"status": "running"},
    "a list as status": {"status": ["success"]},
    "more processed": {"numberOfRowsProcessed": 4},
    "fewer processed": {"numberOfRowsProcessed": 2},
    "fewer passed": {"numberOfRowsPassed": 2},
    "more failed": {"numberOfRowsFailed": 1},
    "a text as count": {"numberOfRowsPassed": "3"},
    "a boolean as count": {"numberOfRowsFailed": False},
    "a fraction as count": {"numberOfRowsProcessed": 3.0},
    "an object as list": {"successRequest": {"request": "s.d.p.t1"}},
    "texts as rows": {"successRequest": ["s.d.p.t1", "s.d.p.t2", "s.d.p.t3"]},
    "strangers only": {"successRequest": [STRANGER] * 3},
    "a stranger only": {"successRequest": [STRANGER], "numberOfRowsPassed": 1},
    "more strangers than rows that are left out": {
        "successRequest": [{"request": "s.d.p.t1"}, STRANGER, STRANGER, STRANGER],
        "numberOfRowsPassed": 4,
    },
    "a stranger that failed": {
        "status": "partialSuccess",
        "numberOfRowsFailed": 1,
        "failedRequest": [{"request": {"name": "nobody"}, "status": 400}],
    },
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_batch_is_believed_in_nothing_where_its_answer_is_broken(
    wire: Wire, store: OpenMetadata, change: Any
) -> None:
    """An answer that contradicts the batch or itself is tried again; in the end rows go singly."""

    def lie(call: Call) -> httpx.Response:
        told = bulk_truth(call)
        return httpx.Response(200, json=change(told) if callable(change) else {**told, **change})

    records = [table("t1"), table("t2"), table("t3")]
    wire.judge("PUT", "bulk", lie)
    assert [result.outcome for result in store.write(records)] == [Outcome.CREATED] * 3
    assert len(wire.sent("PUT", "tables/bulk")) == 2
    assert [call.body["name"] for call in wire.sent("PUT", "tables")] == ["t1", "t2", "t3"]
    asked = len(wire.sent("PUT", "tables/bulk"))
    others = [table("u1"), table("u2"), table("u3")]
    assert [result.outcome for result in store.write(others)] == [Outcome.CREATED] * 3
    assert len(wire.sent("PUT", "tables/bulk")) == asked  # it is not asked again and again


@lies
def test_no_batch_counts_without_evidence(
    wire: Wire, connect: Callable[..., OpenMetadata], lie: Any
) -> None:
    """A 2xx that says nothing of the rows delivers none of them, now and then or always."""
    records = [table("t1"), table("t2")]
    store = connect()
    wire.on("PUT", "bulk", lie)
    assert [result.outcome for result in store.write(records)] == [Outcome.WRITTEN] * 2
    lie_always(wire, store, lie, "PUT")
    others = [table("u1"), table("u2")]
    assert [result.outcome for result in store.write(others)] == [Outcome.FAILED] * 2


ROWS: dict[str, tuple[list[Any], list[Any]]] = {
    "not named": ([], []),
    "named twice": ([{"request": "s.d.p.t1", "status": 200}] * 2, []),
    "in both lists": ([{"request": "s.d.p.t1", "status": 200}], [FAILED]),
    "failed twice": ([], [FAILED] * 2),
    "with null as a name": ([{"request": None, "status": 200}], []),
    "with a number as a name": ([{"request": 1, "status": 200}], []),
    "under another name": ([STRANGER], []),
    "failed under another name": ([], [{**FAILED, "request": {"name": "nobody"}}]),
    **{
        f"failed with {status!r}": ([], [{**FAILED, "status": status}])
        for status in (408, 409, 423, 425, 429, 500, 502, 503, 507, 529, 599, 777)
    },
    **{
        f"failed with {status!r}": ([], [{**FAILED, "status": status}])
        for status in (None, True, "400", 400.0, [400], 0, -1, 42, 200, 302)
    },
    "not done": ([{"request": "s.d.p.t1", "status": 500}], []),
    "without a name": ([{"status": 200}], []),
}


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("said", ROWS.values(), ids=ROWS)
def test_a_row_of_which_the_answer_is_not_clear(
    wire: Wire, store: OpenMetadata, said: Any, counts: bool
) -> None:
    """Such a row is sent again on its own, and no other; servers may leave out the counts."""
    passed, failed = [*said[0], {"request": "s.d.p.t2"}], said[1]
    told = {"status": "partialSuccess", "successRequest": passed, "failedRequest": failed}
    if counts:
        told |= {"numberOfRowsPassed": len(passed), "numberOfRowsFailed": len(failed)}
    wire.on("PUT", "bulk", httpx.Response(200, json=told))
    results = store.write([table("t1"), table("t2")])
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.WRITTEN]
    assert [call.body["name"] for call in wire.sent("PUT", "tables")] == ["t1"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 412, 413, 422, 501, None])
def test_a_row_that_is_refused_is_not_sent_again(
    wire: Wire, store: OpenMetadata, status: int | None
) -> None:
    """A status that is no matter of time settles a failed row; so does none at all."""
    entry = {
        "request": "s.d.p.t1",
        "message": "no",
        **({} if status is None else {"status": status}),
    }
    told = {
        "status": "partialSuccess",
        "successRequest": [{"request": "s.d.p.t2"}],
        "failedRequest": [entry],
    }
    wire.on("PUT", "bulk", httpx.Response(200, json=told))
    results = store.write([table("t1"), table("t2")])
    assert [result.outcome for result in results] == [Outcome.FAILED, Outcome.WRITTEN]
    assert results[0].reason == f"no ({status or 400})"
    assert wire.sent("PUT", "tables") == []


def test_one_row_under_another_name_costs_that_row(wire: Wire, store: OpenMetadata) -> None:
    """A server that spells one of a hundred names in its own way keeps its batches."""

    def spell(call: Call) -> httpx.Response:
        told = bulk_truth(call)
        told["successRequest"][7]["request"] = "s.d.p.other"
        return httpx.Response(200, json=told)

    wire.judge("PUT", "bulk", spell)
    for sent in (1, 2):
        results = store.write([table(f"t{number}", description=str(sent)) for number in range(100)])
        assert {result.outcome for result in results} == {Outcome.WRITTEN, Outcome.CREATED}
        assert len(wire.sent("PUT", "tables/bulk")) == sent
        assert [call.body["name"] for call in wire.sent("PUT", "tables")] == ["t7"] * sent


def test_a_server_that_lists_no_successes(wire: Wire, store: OpenMetadata) -> None:
    """Where an answer only counts, each row is sent again on its own: a count names nobody."""
    told = {"status": "success", "numberOfRowsProcessed": 2, "numberOfRowsPassed": 2}
    wire.judge("PUT", "bulk", lambda call: httpx.Response(200, json=told))
    results = store.write([table("t1"), table("t2")])
    assert [result.outcome for result in results] == [Outcome.CREATED] * 2
    assert len(wire.sent("PUT", "tables/bulk")) == 1
