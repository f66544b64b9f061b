"""Records into a server: batches, single rows, and what becomes of each row."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import EntityReference, Outcome, RecordError, ScopeComplete, WriteResult
from om_ingest.kinds import KINDS
from om_ingest.model import (
    AddLineageRequest,
    Column,
    CreateContainerRequest,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    CreateTagRequest,
    CreateTeamRequest,
    EntitiesEdge,
    LineageDetails,
    Table,
    TagLabel,
)
from om_ingest.model.attachment import (
    AddPipelineStatusRequest,
    AddSampleDataRequest,
    AddTableProfileRequest,
    AddUsageRequest,
)
from pydantic import ValidationError

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

Connect = Callable[..., "OpenMetadata"]
COLUMNS = [Column(name="a", dataType="INT"), Column(name="b", dataType="VARCHAR", dataLength=9)]
STRUCT = {"name": "b", "dataType": "STRUCT"}
SCHEMA = "s.d.p"


def table(name: str, **more: Any) -> CreateTableRequest:
    """A table of two columns."""
    return CreateTableRequest(
        **{"name": name, "databaseSchema": SCHEMA, "columns": COLUMNS, **more}
    )


def ref(entity_type: str, fqn: str) -> EntityReference:
    """A reference by FQN."""
    return EntityReference(type=entity_type, fullyQualifiedName=fqn)


def names(call: Call) -> list[str]:
    """The rows of a batch."""
    return [row["name"] for row in call.body]


def test_one_batch(wire: Wire, store: OpenMetadata) -> None:
    """Rows of one kind go in one request, without nulls, and are written."""
    results = store.write([table("t1"), table("t2")])
    assert [result.outcome for result in results] == [Outcome.WRITTEN] * 2
    (call,) = wire.sent("PUT", "tables/bulk")
    assert names(call) == ["t1", "t2"]
    assert call.query == {"async": "false", "overrideMetadata": "false"}
    assert "null" not in json.dumps(call.body)
    assert call.body[0]["databaseSchema"] == SCHEMA


def test_batches_of_a_hundred(wire: Wire, store: OpenMetadata) -> None:
    """A request has at most a hundred rows."""
    store.write([table(f"t{number}") for number in range(250)])
    assert [len(call.body) for call in wire.sent("PUT", "tables/bulk")] == [100, 100, 50]


def test_smaller_batches(wire: Wire, connect: Connect) -> None:
    """How many rows a request has can be set."""
    connect(batch_count=2).write([table(f"t{number}") for number in range(4)])
    assert [len(call.body) for call in wire.sent("PUT", "tables/bulk")] == [2, 2]


def test_parents_first(wire: Wire, store: OpenMetadata) -> None:
    """Whatever the order of the records, parents are sent first; results keep the order."""
    records = [
        table("t1"),
        CreateDatabaseSchemaRequest(name="p", database="s.d"),
        ScopeComplete("s.d.p", Table),
        CreateDatabaseRequest(name="d", service="s"),
        CreateDatabaseServiceRequest(name="s", serviceType="CustomDatabase"),
    ]
    results = store.write(records)
    assert [result.record for result in results] == records
    sent = [call.path for call in wire.calls if call.method in ("POST", "PUT")]
    assert sent == ["services/databaseServices", "databases", "databaseSchemas", "tables"]
    assert [result.outcome.value for result in results] == [
        *("created", "created", "unchanged", "created", "created")
    ]


@pytest.mark.parametrize(
    ("status", "change", "outcome"),
    [
        (201, "entityCreated", Outcome.CREATED),
        (200, "entityUpdated", Outcome.UPDATED),
        (200, "entityNoChange", Outcome.UNCHANGED),
        (200, "entityRestored", Outcome.UPDATED),
        (200, "", Outcome.WRITTEN),
    ],
)
def test_single_rows_tell(
    wire: Wire, store: OpenMetadata, status: int, change: str, outcome: Outcome
) -> None:
    """A row of its own says whether it was created, changed or neither (§6.1)."""
    headers = {"X-OpenMetadata-Change": change} if change else {}
    told = {"fullyQualifiedName": f"{SCHEMA}.t1"}
    wire.on("PUT", "tables", httpx.Response(status, json=told, headers=headers))
    assert store.write([table("t1")])[0].outcome is outcome


UNCHANGED = {"X-OpenMetadata-Change": "entityNoChange"}
LOST = httpx.ReadError("connection lost")
BUSY = httpx.Response(429, json={"code": 429, "message": "Too many requests"})
CONFLICT = httpx.Response(409, json={"code": 409, "message": "Entity already exists"})
SAYS_NOTHING = httpx.Response(200, json={"status": "success"})


@pytest.mark.parametrize(
    ("single", "batch", "outcomes"),
    [
        ([], [], "unchanged"),
        ([BUSY], [], "unchanged"),  # it was not done
        ([CONFLICT], [], "unchanged"),
        ([LOST], [], "written"),
        ([httpx.Response(504)], [], "written"),
        ([LOST, CONFLICT], [], "written"),
        ([], [SAYS_NOTHING], "written written"),
        ([], [httpx.Response(500)] * 2, "written written"),
        ([], [LOST, httpx.Response(400, json={"message": "no"})], "written written"),
        ([], [httpx.Response(400, json={"message": "no"})], "unchanged unchanged"),
        ([], [httpx.Response(404, json={"message": "no"})], "unchanged unchanged"),
    ],
    ids=str,
)
def test_answers_that_were_lost(
    wire: Wire, store: OpenMetadata, single: list[Any], batch: list[Any], outcomes: str
) -> None:
    """No row is unchanged that an earlier attempt may have made: its answer was lost."""
    unchanged = [
        httpx.Response(200, json={"fullyQualifiedName": f"{SCHEMA}.t{number}"}, headers=UNCHANGED)
        for number in range(2)
    ]
    wire.on("PUT", "tables/bulk$", *batch)
    wire.on("PUT", "tables$", *single, *unchanged)
    results = store.write([table(f"t{number}") for number in range(len(outcomes.split()))])
    assert [result.outcome.value for result in results] == outcomes.split()


def test_changed_rows_of_a_batch(wire: Wire, store: OpenMetadata) -> None:
    """A row that was there with another content is updated, though the batch does not say so."""
    for name in ("t0", "t1"):
        shown = {"sourceHash": "0" * 32, "columns": [{"name": "a", "dataType": "INT"}]}
        wire.put("tables", f"{SCHEMA}.{name}", **shown)
    results = store.write([table(name) for name in ("t0", "t1")])
    assert [result.outcome for result in results] == [Outcome.UPDATED] * 2
    assert len(wire.sent("PUT", "tables/bulk")) == 1


@pytest.mark.parametrize("version", ["1.6.0", "2.0.7"])  # a PATCH is not sent again, or is
def test_patches_whose_answers_were_lost(wire: Wire, store: OpenMetadata, version: str) -> None:
    """What is as the source says after a patch without an answer is not unchanged."""
    team = wire.put("teams", "t", version=0.1, teamType="Group")

    def lose(call: Call) -> httpx.Response | Exception:
        if "displayName" in team:
            return httpx.Response(412, json={"code": 412, "message": "The entity was modified"})
        team["displayName"] = "Team"
        return LOST

    wire.judge(
        "GET", "system/version$", lambda call: httpx.Response(200, json={"version": version})
    )
    wire.judge("PATCH", "teams/", lose)
    record = CreateTeamRequest(name="t", teamType="Group", displayName="Team")
    assert [store.write([record])[0].outcome for _ in range(2)] == [
        *(Outcome.WRITTEN, Outcome.UNCHANGED)
    ]


def test_a_second_answer_that_tells_of_a_creation(wire: Wire, store: OpenMetadata) -> None:
    """What the repetition created counts as created: the first attempt had not arrived."""
    wire.on("PUT", "tables$", LOST)
    assert store.write([table("t1")])[0].outcome is Outcome.CREATED


def test_refused_rows(wire: Wire, store: OpenMetadata, bulk: Any) -> None:
    """A row that the server refuses fails with the server's reason, and only that row."""
    wire.judge("PUT", "bulk", lambda call: bulk(call, {"t2": (400, "columns: must not be null")}))
    results = store.write([table("t1"), table("t2"), table("t3")])
    assert [result.outcome.value for result in results] == ["written", "failed", "written"]
    assert results[1].reason == "columns: must not be null (400)"


def test_refused_rows_by_fqn(wire: Wire, store: OpenMetadata) -> None:
    """A server that names a failed row by its FQN is understood, however it quotes."""
    failed = [{"request": '"s".d.p."x.y"', "status": 403, "message": "Permission denied"}]
    answer = {"status": "partialSuccess", "numberOfRowsFailed": 1, "failedRequest": failed}
    answer["successRequest"] = [{"request": '"s"."d".p.t1', "status": 200}]
    wire.on("PUT", "bulk", httpx.Response(200, json=answer))
    results = store.write([table("t1"), table("x.y")])
    assert [result.outcome.value for result in results] == ["written", "failed"]
    assert "Permission denied" in results[1].reason


def test_rows_that_failed_in_passing(wire: Wire, store: OpenMetadata, bulk: Any) -> None:
    """A row that failed because the database was busy is sent once more, on its own."""
    wire.judge("PUT", "bulk", lambda call: bulk(call, {"t2": (503, "lock wait timeout")}))
    results = store.write([table("t1"), table("t2")])
    assert [result.outcome.value for result in results] == ["written", "created"]
    assert [call.body["name"] for call in wire.sent("PUT", "tables")] == ["t2"]


@pytest.mark.parametrize("status", [400, 409, 422, 500])
def test_a_batch_that_fails_as_a_whole(
    wire: Wire, store: OpenMetadata, refused: Any, status: int
) -> None:
    """It is split until the guilty row is known; all others are delivered."""

    def spoiled(call: Call) -> httpx.Response | None:
        rows = call.body if isinstance(call.body, list) else [call.body]
        is_bad = any(row["name"] == "t42" for row in rows)
        return refused(status, "Invalid request format") if is_bad else None

    wire.judge("PUT", "tables", spoiled)
    results = store.write([table(f"t{number}") for number in range(100)])
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    assert [result.record.name for result in failed] == ["t42"]
    assert "Invalid request format" in failed[0].reason


def test_too_large(wire: Wire, store: OpenMetadata) -> None:
    """A batch that is too large is halved, later ones are sent smaller from the start."""

    def narrow(call: Call) -> httpx.Response | None:
        is_large = len(json.dumps(call.body)) > 40_000
        return httpx.Response(413, html="<h1>Too Large</h1>") if is_large else None

    wire.judge("PUT", "tables", narrow)
    wide = [table(f"t{number}", description="x" * 1000) for number in range(100)]
    assert {result.outcome for result in store.write(wide)} == {Outcome.WRITTEN}
    refused_before = len(wire.calls)
    others = [table(f"u{number}", description="x" * 1000) for number in range(100)]
    assert {result.outcome for result in store.write(others)} == {Outcome.WRITTEN}
    assert len(wire.calls) - refused_before == 4
    result = store.write([table("huge", description="x" * 50_000)])[0]
    assert (result.outcome, "413" in result.reason) == (Outcome.FAILED, True)


@pytest.mark.parametrize("status", [404, 405])
def test_no_bulk(wire: Wire, store: OpenMetadata, refused: Any, status: int) -> None:
    """A server without `/bulk` is asked once; all rows go one by one from then on."""
    wire.judge("PUT", "/bulk$", lambda call: refused(status, "HTTP error"))
    for name in "tu":
        results = store.write([table(f"{name}1"), table(f"{name}2")])
        assert [result.outcome for result in results] == [Outcome.CREATED] * 2
    assert len(wire.sent("PUT", "tables/bulk")) == 1
    assert len(wire.sent("PUT", "tables")) == 4


@pytest.mark.parametrize("said", ["404 Not Found", "405 Method Not Allowed"])
def test_no_bulk_in_older_versions(
    wire: Wire, store: OpenMetadata, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An older server says 500 where it has no `/bulk`: no outage, asked and logged once."""
    message = f"An exception with message [HTTP {said}] was thrown while processing request."
    told = {"responseMessage": message, "errorType": "UNHANDLED_SERVER_EXCEPTION"}
    wire.judge("PUT", "/bulk$", lambda call: httpx.Response(500, json=told))
    for name in "tu":
        results = store.write([table(f"{name}1"), table(f"{name}2")])
        assert [result.outcome for result in results] == [Outcome.CREATED] * 2
    assert len(wire.sent("PUT", "tables/bulk")) == 1
    assert [record.message for record in caplog.records] == [
        "tables are written one by one from here on: the server has no tables/bulk"
    ]


@pytest.mark.parametrize(("version", "count"), [("1.6.0", 0), ("1.10.14", 0), ("1.11.0", 1)])
def test_bulk_by_version(wire: Wire, store: OpenMetadata, version: str, count: int) -> None:
    """A version that has no `/bulk` for any kind is not asked for it."""
    wire.on("GET", "system/version", httpx.Response(200, json={"version": version}))
    results = store.write([table("t1"), table("t2")])
    assert len(results) == 2
    assert len(wire.sent("PUT", "tables/bulk")) == count
    assert len(wire.sent("PUT", "tables")) == 2 - 2 * count


def test_kinds_without_bulk(wire: Wire, store: OpenMetadata) -> None:
    """Services, tags and the like are sent one by one."""
    tags = [CreateTagRequest(name=n, classification="c", description="d") for n in "xyz"]
    assert {result.outcome for result in store.write(tags)} == {Outcome.CREATED}
    assert [call.body["name"] for call in wire.sent("POST", "tags")] == ["x", "y", "z"]


def test_override(wire: Wire, connect: Connect) -> None:
    """OverrideMetadata is for batches, of one row too, and for servers from 2.0 on."""
    connect(override_metadata=True).write([table("t1")])
    assert wire.calls[-1].query["overrideMetadata"] == "true"
    wire.on("GET", "system/version", httpx.Response(200, json={"version": "1.13.0"}))
    connect(override_metadata=True).write([table("t1"), table("t2")])
    assert wire.calls[-1].query["overrideMetadata"] == "false"


def test_conflict(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A 409 is tried once more, and then it is the row that fails."""
    wire.on("PUT", "tables", refused(409, "being deleted"))
    assert store.write([table("t1")])[0].outcome is Outcome.CREATED
    wire.judge("PUT", "tables", lambda call: refused(409, "being deleted"))
    result = store.write([table("t2")])[0]
    assert (result.outcome, result.reason) == (Outcome.FAILED, "being deleted (409)")
    assert len(wire.sent("PUT", "tables")) == 4


def test_children_of_what_failed(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """What lies below a record that failed is not sent: it gets the first cause as its reason."""
    wire.judge("PUT", "databases", lambda call: refused(400, "name is too odd"))
    results = store.write(
        [
            CreateDatabaseRequest(name="d", service="s"),
            CreateDatabaseSchemaRequest(name="p", database="s.d"),
            table("t1"),
            table("elsewhere", databaseSchema="s.other.p"),
        ]
    )
    assert [result.outcome.value for result in results] == ["failed"] * 3 + ["created"]
    assert results[1].reason == "its database s.d failed: name is too odd (400)"
    assert results[2].reason == "its databaseSchema s.d.p failed: name is too odd (400)"


def test_one_entity_twice(wire: Wire, store: OpenMetadata) -> None:
    """Two records of one entity go in two requests, in their order."""
    store.write([table("t1", description="old"), table("t2"), table("t1", description="new")])
    assert [call.body[0]["description"] for call in wire.sent("PUT", "tables/bulk")] == ["old"]
    assert wire.calls[-1].body["description"] == "new"


def test_containers_in_containers(wire: Wire, store: OpenMetadata) -> None:
    """A container goes before those inside it, whose parent is named by its id."""
    wire.put("containers", "st.outer")
    inner = CreateContainerRequest(name="inner", service="st", parent=ref("container", "st.outer"))
    outer = CreateContainerRequest(name="outer", service="st", description="changed")
    store.write([inner, outer])
    first, second = wire.sent("PUT", "containers")
    assert (first.body["name"], second.body["name"]) == ("outer", "inner")
    parent = second.body["parent"]
    assert parent == {"id": wire.entities["containers/name/st.outer"]["id"], "type": "container"}


def test_parents_by_id(wire: Wire, store: OpenMetadata) -> None:
    """A parent that is given by its id goes to the server as an FQN."""
    schema = wire.put("databaseSchemas", SCHEMA)
    parent = EntityReference(type="databaseSchema", id=schema["id"])
    store.write([table("t1", databaseSchema=parent), table("t2", databaseSchema=parent)])
    assert {row["databaseSchema"] for row in wire.calls[-1].body} == {SCHEMA}
    assert len(wire.sent("GET", "databaseSchemas/.*")) == 1


def test_owners_by_name(wire: Wire, store: OpenMetadata) -> None:
    """Owners are looked up once, and go to the server by id; a quoted login name is found too."""
    wire.put("users", '"ann.lee"')
    owners = [ref("user", "Ann.Lee")]
    store.write([table("t1", owners=owners), table("t2", owners=owners)])
    expected = [{"id": wire.entities['users/name/"ann.lee"']["id"], "type": "user"}]
    assert [row["owners"] for row in wire.calls[-1].body] == [expected, expected]
    assert len(wire.sent("GET", "users/name/.*")) == 2


@pytest.mark.parametrize(
    ("owner", "reason"),
    [
        (ref("user", "bob"), "owners: the user bob does not exist; yield it first"),
        (ref("robot", "r2"), "owners: the robot r2 cannot be looked up"),
        (EntityReference(type="user"), "owners: a reference to a user has neither id nor FQN"),
    ],
)
def test_owners_that_are_not_there(
    store: OpenMetadata, owner: EntityReference, reason: str
) -> None:
    """A row with an owner that nobody knows fails, and the others are delivered."""
    results = store.write([table("t1", owners=[owner]), table("t2")])
    assert [result.outcome.value for result in results] == ["failed", "created"]
    assert results[0].reason == reason


def test_source_hash(wire: Wire, store: OpenMetadata, connect: Connect) -> None:
    """A fingerprint is stamped where the source gives none, and only depends on the content."""
    store.write([table("t1"), table("t2", sourceHash="mine")])
    connect().write([table("t1"), table("t2", description="else")])
    first, second = wire.sent("PUT", "tables/bulk")
    assert len(first.body[0]["sourceHash"]) == 32
    assert first.body[0]["sourceHash"] == second.body[0]["sourceHash"]
    assert first.body[1]["sourceHash"] == "mine"


def test_tags_are_complete(wire: Wire, store: OpenMetadata) -> None:
    """A tag goes with all that a server asks of it (§3.0)."""
    store.write([table("t1", tags=[TagLabel(tagFQN="PII.Sensitive")])])
    (tag,) = wire.calls[-1].body["tags"]
    assert set(tag) == {"tagFQN", "source", "labelType", "state"}


def test_reserved_characters(wire: Wire, store: OpenMetadata) -> None:
    """Names that OpenMetadata cannot store are rewritten, and shown as they were (§8.2)."""
    store.write([table("a>b")])
    assert wire.calls[-1].body["name"] == "a__reserved__arrow__b"
    assert wire.calls[-1].body["displayName"] == "a>b"


def test_services_without_connection(wire: Wire, connect: Connect) -> None:
    """With storeServiceConnection off, a service goes without how to reach it."""
    request = CreateDatabaseServiceRequest(
        name="s", serviceType="CustomDatabase", connection={"config": {"password": "x"}}
    )
    connect(storeServiceConnection=False).write([request])
    assert "connection" not in wire.calls[-1].body
    connect().write([request])
    assert "connection" in wire.calls[-1].body


def test_what_json_has_not(store: OpenMetadata) -> None:
    """A record that cannot be written as JSON fails alone."""
    results = store.write([table("t1", extension={"x": object()}), table("t2")])
    assert [result.outcome.value for result in results] == ["failed", "created"]


def test_what_is_no_record(store: OpenMetadata) -> None:
    """Something else than a record fails alone."""
    results = store.write(["word", table("t1")])  # type: ignore[list-item]  # on purpose
    assert [result.outcome.value for result in results] == ["failed", "created"]
    assert results[0].reason == "not a record: str"


def edge(from_fqn: str, to_fqn: str, sql: str = "q") -> AddLineageRequest:
    """An edge with a pipeline."""
    details = LineageDetails(pipeline=ref("pipeline", "pl.p"), sqlQuery=sql, updatedBy="x")
    return AddLineageRequest(
        edge=EntitiesEdge(
            fromEntity=ref("table", from_fqn), toEntity=ref("table", to_fqn), lineageDetails=details
        )
    )


def test_lineage(wire: Wire, store: OpenMetadata) -> None:
    """An edge goes after the entities, with ids, and without what the server keeps itself."""
    ids = [wire.put("tables", fqn)["id"] for fqn in ("s.d.p.a", "s.d.p.b")]
    pipeline = wire.put("pipelines", "pl.p")
    results = store.write([edge("s.d.p.a", "s.d.p.b"), table("t1")])
    assert [result.outcome.value for result in results] == ["created", "created"]
    (call,) = wire.sent("PUT", "lineage")
    assert wire.calls[-2:] == [call, *wire.sent("GET", "lineage/getLineageEdge/.*")]
    assert wire.calls[-1].path == f"lineage/getLineageEdge/{ids[0]}/{ids[1]}"
    sent = call.body["edge"]
    assert [sent[end]["id"] for end in ("fromEntity", "toEntity")] == ids
    reference = {"id": pipeline["id"], "type": "pipeline"}
    assert sent["lineageDetails"] == {"pipeline": reference, "sqlQuery": "q"}


def test_what_was_read_is_not_looked_up_again(wire: Wire, store: OpenMetadata) -> None:
    """An edge between tables that the source has just read costs one request."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn, columns=[])
        assert store.get_by_name(Table, fqn) is not None
    asked = len(wire.sent("GET", "tables/.*"))
    ends = {
        end: ref("table", f"s.d.p.{name}") for end, name in (("fromEntity", "a"), ("toEntity", "b"))
    }
    store.add_lineage(AddLineageRequest(edge=EntitiesEdge(**ends)))
    assert len(wire.sent("GET", "tables/.*")) == asked


def test_lineage_without_an_end(wire: Wire, store: OpenMetadata) -> None:
    """An edge whose end nobody has fails, with the end's name."""
    wire.put("tables", "s.d.p.a")
    result = store.write([edge("s.d.p.a", "s.d.p.gone")])[0]
    assert result.reason == "the table s.d.p.gone does not exist; yield it first"
    with pytest.raises(RecordError, match="gone"):
        store.add_lineage(edge("s.d.p.a", "s.d.p.gone"))


def test_lineage_to_what_was_made_anew(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A remembered id that the server does not know any more is looked up once more."""
    for collection, fqn in (("tables", "s.d.p.a"), ("tables", "s.d.p.b"), ("pipelines", "pl.p")):
        wire.put(collection, fqn)
    store.write([edge("s.d.p.a", "s.d.p.b")])
    wire.edges.clear()
    wire.on("PUT", "lineage", refused(404, "table instance for … not found"))
    assert store.write([edge("s.d.p.a", "s.d.p.b")])[0].outcome is Outcome.CREATED
    wire.edges.clear()
    wire.judge("PUT", "lineage", lambda call: refused(404, "gone"))
    assert store.write([edge("s.d.p.a", "s.d.p.b")])[0].reason == "gone (404)"


def test_attachments(wire: Wire, store: OpenMetadata) -> None:
    """Samples, profiles, usage and runs go to the places that they have below an entity."""
    target = wire.put("tables", "s.d.p.t")["id"]
    table_ref = ref("table", "s.d.p.t")
    profile = {"tableProfile": {"timestamp": 1700000000000, "rowCount": 3}}
    status = {"timestamp": 1700000000000, "executionStatus": "Successful"}
    results = store.write(
        [
            AddSampleDataRequest(entity=table_ref, sampleData={"columns": ["a"], "rows": [[1]]}),
            AddTableProfileRequest(table="s.d.p.t", profile=profile),
            AddUsageRequest(entity=table_ref, usage={"date": "2024-01-02", "count": 7}),
            AddPipelineStatusRequest(pipeline='pl."p.q"', pipelineStatus=status),
        ]
    )
    assert {result.outcome for result in results} == {Outcome.WRITTEN}
    sent = {f"{call.method} {call.path}": call.body for call in wire.calls if call.method != "GET"}
    assert sent == {
        f"PUT tables/{target}/sampleData": {"columns": ["a"], "rows": [[1]]},
        f"PUT tables/{target}/tableProfile": {**profile, "columnProfile": []},
        f"POST usage/table/{target}": {"date": "2024-01-02", "count": 7},
        'PUT pipelines/pl."p.q"/status': {**status, "taskStatus": []},
    }


@pytest.mark.parametrize("as_row", [True, False], ids=["as a row", "as a whole"])
def test_what_the_token_may_not_write(
    wire: Wire, store: OpenMetadata, bulk: Any, refused: Any, as_row: bool
) -> None:
    """A 403 is about one record: it fails with its own reason, its children name it, and all
    others are delivered, in a batch as well as alone; so are those of later batches.
    """
    said = "Principal: CatalogPrincipal{name='bot'} operations [Create] not allowed"

    def judge(call: Call) -> httpx.Response | None:
        rows = call.body if isinstance(call.body, list) else [call.body]
        bad = [row["name"] for row in rows if row["name"] in {"b", "admin", "secret"}]
        if as_row and isinstance(call.body, list):
            return bulk(call, dict.fromkeys(bad, (403, said)))
        return refused(403, said) if bad else None

    wire.judge("PUT", "", judge)
    users = [KINDS["user"].request(name=n, email=f"{n}@x.test") for n in ("admin", "ann")]
    schemas = [CreateDatabaseSchemaRequest(name=name, database="s.d") for name in "abc"]
    tables = [
        table(name, databaseSchema=f"s.d.{schema}") for schema in "abc" for name in ("t", "secret")
    ]
    results = store.write([*users, *schemas, *tables])
    failed = {names_of(result): result.reason for result in results if result.reason}
    assert failed == {
        "admin": f"{said} (403)",
        "b": f"{said} (403)",
        "s.d.a.secret": f"{said} (403)",
        "s.d.b.t": f"its databaseSchema s.d.b failed: {said} (403)",
        "s.d.b.secret": f"its databaseSchema s.d.b failed: {said} (403)",
        "s.d.c.secret": f"{said} (403)",
    }
    assert store.write([table("t9")])[0].outcome is Outcome.CREATED


def names_of(result: WriteResult) -> str:
    """Name of a record, below its schema if it has one."""
    above = getattr(result.record, "databaseSchema", None)
    name = getattr(result.record, "name", "")
    return f"{above}.{name}" if above else str(name)


def test_what_the_token_may_not_attach(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A 403 to an edge, a sample or a look-up costs that record."""
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    wire.put("pipelines", "pl.p")
    wire.judge("PUT", "lineage", lambda call: refused(403, "no EditLineage"))
    wire.judge("GET", "users/name/ann", lambda call: refused(403, "no ViewAll"))
    results = store.write(
        [
            edge("s.d.p.a", "s.d.p.b"),
            AddUsageRequest(
                entity=ref("table", "s.d.p.a"), usage={"date": "2024-01-02", "count": 1}
            ),
            table("t1", owners=[ref("user", "ann")]),
            table("t2"),
        ]
    )
    assert [result.reason for result in results] == [
        "no EditLineage (403)",
        "",
        "owners: the user ann cannot be looked up: no ViewAll (403)",
        "",
    ]


HALF = "\ud800"


@pytest.mark.parametrize(
    ("spoiled", "path"),
    [
        (lambda bad: table(f"t{bad}"), "name"),
        (lambda bad: table("t", description=bad), "description"),
        (lambda bad: table("t", databaseSchema=f"s.d.{bad}"), "databaseSchema"),
        (
            lambda bad: table(
                "t", columns=[{"name": "a", "dataType": "INT"}, STRUCT | {"description": bad}]
            ),
            "columns[1].description",
        ),
        (
            lambda bad: table(
                "t", columns=[STRUCT | {"children": [{**STRUCT, "displayName": bad}]}]
            ),
            "columns[0].children[0].displayName",
        ),
        (lambda bad: table("t", extension={"a": {"b": [1, bad]}}), "extension.a.b[1]"),
        (lambda bad: table("t", extension={"a": {bad: 1}}), "a key in extension.a"),
        (lambda bad: table("t", owners=[ref("user", bad)]), "owners"),
        (
            lambda bad: CreateDatabaseServiceRequest(name=bad, serviceType="Mysql"),
            "name",
        ),
        (
            lambda bad: AddSampleDataRequest(
                entity=ref("table", "s.d.p.a"), sampleData={"columns": ["a"], "rows": [[bad]]}
            ),
            "rows[0][0]",
        ),
        (lambda bad: edge("s.d.p.a", "s.d.p.b", bad), "edge.lineageDetails.sqlQuery"),
        (lambda bad: edge("s.d.p.a", bad), "toEntity"),
    ],
)
@pytest.mark.parametrize("bad", ["\0", "a\0b", HALF], ids=["NUL", "NUL inside", "half"])
def test_text_that_no_server_stores(
    wire: Wire, store: OpenMetadata, spoiled: Callable[[str], Any], path: str, bad: str
) -> None:
    """A NUL, to which PostgreSQL says 500, or half of a surrogate pair is refused before it is
    sent, with the field that holds it, and the other records of the batch are delivered.
    """
    for fqn in ("s.d.p.a", "s.d.p.b"):
        wire.put("tables", fqn)
    wire.put("pipelines", "pl.p")
    try:
        record = spoiled(bad)
    except ValidationError:  # names are refused before there is a record
        assert bad == HALF
        return
    first, result, last = store.write([table("t1"), record, table("t2")])
    assert (first.outcome, last.outcome) == (Outcome.WRITTEN, Outcome.WRITTEN)
    assert result.outcome is Outcome.FAILED
    assert path in result.reason
    assert "NUL" in result.reason or "surrogate" in result.reason or "Unicode" in result.reason
    result.reason.encode()
    assert not any("\0" in call.path or "\0" in json.dumps(call.body) for call in wire.calls)
    assert not any("\\u0000" in json.dumps(call.body) for call in wire.calls)


def test_what_only_looks_like_a_nul(wire: Wire, store: OpenMetadata) -> None:
    """A backslash, a u and four zeros are text like any other."""
    description = r"C:\u0000"
    assert store.write([table("t1", description=description)])[0].outcome is Outcome.CREATED
    assert wire.calls[-1].body["description"] == description


def test_what_is_no_unicode(store: OpenMetadata) -> None:
    """A record with half of a surrogate pair, which no server takes, fails alone."""
    half = "\ud800"
    results = store.write(
        [table("t1", description=half), table("t2"), table("t3", owners=[ref("user", half)])]
    )
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    assert failed == [results[0], results[2]]
    assert "JSON" in results[0].reason
    with pytest.raises(RecordError, match="not valid Unicode"):
        store.get_by_name(Table, half)


def test_existing_services_stay(wire: Wire, connect: Connect) -> None:
    """A service that is there stays as it is, unless forceEntityOverwriting is set (§11.2)."""
    wire.put("services/databaseServices", '"my.shop"')
    request = CreateDatabaseServiceRequest(name="my.shop", serviceType="CustomDatabase")
    assert connect().write([request])[0].outcome is Outcome.UNCHANGED
    assert wire.sent("PUT", ".*") == []
    assert connect(forceEntityOverwriting=True).write([request])[0].outcome is Outcome.UPDATED
    (call,) = wire.sent("PATCH", ".*")
    assert [operation["path"] for operation in call.body] == ["/serviceType"]
