"""What a server refuses although its version should know it: one more request, and all arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import chain, product
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from om_ingest import Outcome, Record
from om_ingest.kinds import Parcel
from om_ingest.kinds.door import content_of
from om_ingest.model import (
    AddLineageRequest,
    AddPipelineStatusRequest,
    Column,
    CreateClassificationRequest,
    CreateDashboardDataModelRequest,
    CreateDashboardRequest,
    CreateDatabaseServiceRequest,
    CreateDataProductRequest,
    CreateTableRequest,
    EntitiesEdge,
    EntityReference,
    LineageDetails,
    RunStatus,
    StepSummary,
)
from om_ingest.openmetadata.holding import left_out

from tests.selection import rarely
from tests.unit.openmetadata.conftest import bulk_answer

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

CLASSES = {
    "tables": "api.data.CreateTable",
    "classifications": "api.classification.CreateClassification",
    "lineage": "api.lineage.AddLineage",
    "status": "entity.data.PipelineStatus",
}
INNER = {
    "tableConstraints": "type.TableConstraint",
    "columns": "type.Column",
    "edge": "type.EntitiesEdge",
    "lineageDetails": "type.LineageDetails",
}
KNOWN = ", ".join(f'"known{number}"' for number in range(45))


class Found(NamedTuple):
    """Something that a server does not know, in a body."""

    path: tuple[str, ...]
    chain: str
    owner: str
    value: str

    @property
    def message(self) -> str:
        """What Jackson says of it."""
        place = " at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: "
        if self.value:
            head = f"Cannot construct instance of `org.om.Enum`, problem: {self.value}\n"
        else:
            head = (
                f'Unrecognized field "{self.path[-1]}" (class {self.owner}), not marked as'
                f" ignorable (45 known properties: {KNOWN}])\n"
            )
        return f"{head}{place}{self.chain})"


def unknown_in(
    body: Any, unknown: set[str], owner: str, path: tuple[str, ...] = (), chain: str = ""
) -> Iterator[Found]:
    """What of a body is in a list such as `columns.extension`, `columns.dataType=MEASURE`."""
    if isinstance(body, list):
        for number, item in enumerate(body):
            link = f"java.util.ArrayList[{number}]->"
            yield from unknown_in(item, unknown, owner, path, chain + link)
    elif isinstance(body, dict):
        for field, value in body.items():
            here = (*path, field)
            link = f'{chain}{owner}["{field}"]'
            if ".".join(here) in unknown:
                yield Found(here, link, owner, "")
            if f"{'.'.join(here)}={value}" in unknown:
                yield Found(here, link, owner, value)
            inner = f"org.openmetadata.schema.{INNER.get(field, 'type.Other')}"
            yield from unknown_in(value, unknown, inner, here, f"{link}->")


def named(found: Found) -> httpx.Response:
    return httpx.Response(400, json={"code": 400, "message": found.message})


def without_chain(found: Found) -> httpx.Response:
    told = found.message.partition(" (through")[0]
    return httpx.Response(400, json={"code": 400, "message": told})


def other_words(found: Found) -> httpx.Response:
    told = found.message
    if found.value:
        told = (
            "Cannot deserialize value of type `org.om.Enum` from String"
            f' "{found.value}": not one of the values accepted for Enum class: [INT, STRING]'
            f" (through reference chain: {found.chain})"
        )
    return httpx.Response(400, json={"code": 400, "message": told})


def wrapped(found: Found) -> httpx.Response:
    told = f"An exception with message [{found.message}] was thrown while processing request."
    return httpx.Response(500, json={"responseMessage": told, "errorType": "UNHANDLED"})


def as_text(found: Found) -> httpx.Response:
    return httpx.Response(400, text=found.message, headers={"content-type": "text/plain"})


def bare(found: Found) -> httpx.Response:
    return BARE


def silent(found: Found) -> httpx.Response:
    return httpx.Response(400, json={"code": 400})


BARE = httpx.Response(400, json={"code": 400, "message": "Invalid request format"})
NAMED = [named, without_chain, wrapped, as_text]
UNNAMED = [bare, silent]
Form = Callable[[Found], httpx.Response]


class Strict:
    """Lets the wire read bodies as a server that does not know some things; in batches, too."""

    def __init__(self, wire: Wire, *unknown: str, form: Form = named, whole: bool = False) -> None:
        """`whole` is how batches are read: all or nothing."""
        self.wire, self.unknown, self.form, self.whole = wire, set(unknown), form, whole
        for method in ("PUT", "POST", "PATCH"):
            wire.judge(method, "", self.judge)

    def text(self, found: Found) -> str:
        """The message of a row in a batch."""
        told = self.form(found)
        if self.form is as_text:
            return told.text
        return str(told.json().get("message") or told.json().get("responseMessage") or "")

    def judge(self, call: Call) -> httpx.Response | None:
        kind = next((kind for kind in CLASSES if kind in call.path.split("/")), "")
        owner = f"org.openmetadata.schema.{CLASSES.get(kind, 'type.Other')}"
        body = call.body
        if call.method == "PATCH":
            body = [{step["path"].split("/")[1]: step["value"]} for step in body]
        if call.path.endswith("/bulk") and not self.whole:
            found = {row["name"]: next(unknown_in(row, self.unknown, owner), None) for row in body}
            refusals = {name: (400, self.text(one)) for name, one in found.items() if one}
            return bulk_answer(call, refusals) if refusals else None
        first = next(unknown_in(body, self.unknown, owner), None)
        return self.form(first) if first else None


def claiming(wire: Wire, version: str) -> None:
    wire.judge(
        "GET", "system/version$", lambda call: httpx.Response(200, json={"version": version})
    )


def table(name: str = "t", **more: Any) -> CreateTableRequest:
    fields = {"columns": [Column(name="a", dataType="INT")], **more}
    return CreateTableRequest(name=name, databaseSchema="s.d.p", **fields)


RELATED = {
    "tableConstraints": [
        {"constraintType": "UNIQUE", "columns": ["a"], "relationshipType": "ONE_TO_ONE"}
    ]
}


def parcel_of(record: Record) -> Parcel:
    return Parcel(record, content_of(record))


def writes(wire: Wire) -> list[Call]:
    return [call for call in wire.calls if call.method not in ("GET", "DELETE")]


def put(wire: Wire, number: int) -> list[Record]:
    return [table(f"t{number}", **RELATED)]


def post(wire: Wire, number: int) -> list[Record]:
    config = {"enabled": True}
    return [
        CreateClassificationRequest(
            name=f"c{number}", description="d", autoClassificationConfig=config
        )
    ]


def batch(wire: Wire, number: int) -> list[Record]:
    return [
        table(f"t{number}", **RELATED), table(f"u{number}"), table(f"v{number}", **RELATED)
    ]  # fmt: skip


def patch(wire: Wire, number: int) -> list[Record]:
    wire.put("classifications", f"c{number}")
    return post(wire, number)


def patch_of_it(wire: Wire, number: int) -> list[Record]:
    wire.put("classifications", f"c{number}", description="d")
    return post(wire, number)


def lineage(wire: Wire, number: int) -> list[Record]:
    ends = [wire.put("tables", f"s.d.p.{name}{number}")["id"] for name in "ab"]
    start, end = (EntityReference(id=entity_id, type="table") for entity_id in ends)
    details = LineageDetails(sqlQuery="SELECT 1", source="ChildAssets")
    edge = EntitiesEdge(fromEntity=start, toEntity=end, lineageDetails=details)
    return [AddLineageRequest(edge=edge)]


def attachment(wire: Wire, number: int) -> list[Record]:
    wire.put("pipelines", f"s.p{number}", tasks=[])
    return [
        AddPipelineStatusRequest.model_validate(
            {
                "pipeline": f"s.p{number}",
                "pipelineStatus": {
                    "timestamp": 1,
                    "executionStatus": "Successful",
                    "executionId": "x",
                },
            }
        )
    ]


PLACES: dict[str, tuple[Callable[[Wire, int], list[Record]], str]] = {
    "PUT": (put, "tableConstraints.relationshipType"),
    "POST": (post, "autoClassificationConfig"),
    "rows of a batch": (batch, "tableConstraints.relationshipType"),
    "a whole batch": (batch, "tableConstraints.relationshipType"),
    "PATCH": (patch, "autoClassificationConfig"),
    "PATCH of it alone": (patch_of_it, "autoClassificationConfig"),
    "lineage": (lineage, "edge.lineageDetails.source=ChildAssets"),
    "attachment": (attachment, "executionId"),
}


@pytest.mark.parametrize(
    ("place", "form"),
    rarely(
        product(PLACES, [*NAMED, *UNNAMED]),
        lambda position, case: case[0] != "PUT" and case[1] not in (named, bare),
        ids=lambda case: f"{case[0]}-{case[1].__name__}",
    ),
)
def test_an_unknown_field(
    wire: Wire,
    connect: Callable[..., OpenMetadata],
    place: str,
    form: Form,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It costs one request more, once in a run, and the record but for it arrives.

    Where a server does not say what it refuses in a batch, a row of it is sent as it was, once in
    a run: others might have been refused for its sake.
    """
    records, field = PLACES[place]
    strict = Strict(wire, field, form=form, whole=place == "a whole batch")
    store = connect()
    for number in range(3):
        results = store.write(records(wire, number))
        assert Outcome.FAILED not in {result.outcome for result in results}, results
    expected = 1 if "alone" in place else 4
    is_asked_again = form in UNNAMED and place == "a whole batch"
    if form in UNNAMED and ("alone" in place or "batch" in place):
        expected += 1  # what is held is sent; one row finds out, and then the others follow
    assert len(writes(wire)) == expected
    assert len([call for call in writes(wire) if strict.judge(call)]) == 1 + is_asked_again
    (line,) = [line.message for line in caplog.records if "refuses the" in line.message]
    assert field.rpartition(".")[2].rpartition("=")[2] in line


SINCE_16 = (  # what a server of 1.6 does not know of the records below
    *("domains", "aliases", "columns.extension", "tableConstraints.constraintType=CLUSTER_KEY"),
    *("columns.tags.appliedAt", "extension.nothing"),
)


def rich(name: str) -> CreateTableRequest:
    """A table with fields of 1.5.8, 1.6.0, 1.9.0, 1.12.0 and 2.0.1."""
    return table(
        name,
        columns=[Column(name="a", dataType="INT", extension={"x": 1})],
        locationPath="s3://b/k",
        domains=["Sales"],
        aliases=["alias"],
        **RELATED,
    )


@pytest.mark.parametrize("form", [named, bare])
def test_a_server_that_is_older_than_it_says(
    wire: Wire, connect: Callable[..., OpenMetadata], form: Form
) -> None:
    """Fields of three versions go, the others stay; the next kinds start without what is newer.

    Where nothing is named, it is asked once in a run whether the oldest one alone would do.
    """
    strict = Strict(wire, *SINCE_16, form=form)
    store = connect()
    (result,) = store.write([rich("t")])
    assert result.outcome is Outcome.CREATED
    assert len(writes(wire)) == 1 + 3 + (form is bare)
    sent = [call for call in writes(wire) if not strict.judge(call)][-1].body
    assert sent["domain"] == "Sales"
    assert sent["locationPath"] == "s3://b/k"
    assert sent["tableConstraints"][0]["relationshipType"] == "ONE_TO_ONE"
    assert sent.keys().isdisjoint({"domains", "aliases"})
    assert sent["columns"] == [{"name": "a", "dataType": "INT"}]
    wire.calls.clear()
    dashboard = CreateDashboardRequest(name="d", service="s", domains=["Sales"])
    (result,) = store.write([dashboard])
    assert result.outcome is Outcome.CREATED
    assert writes(wire)[-1].body["domain"] == "Sales"
    assert len(writes(wire)) == (1 if form is bare else 2)  # a name tells of one class
    lost = {one.key: one.told("2.0.7") for one in left_out(store.dialect, parcel_of(rich("t")))}
    assert lost == {
        "aliases": "server 2.0.7 refuses the field aliases: it is left out.",
        "columns.extension": "server 2.0.7 refuses the field columns.extension: it is left out.",
    }


@pytest.mark.parametrize("form", [named, bare])
def test_the_fingerprint_of_what_was_sent(
    wire: Wire, connect: Callable[..., OpenMetadata], form: Form
) -> None:
    """A record that lost a field is the same as one that did not say it, so a run is repeated."""
    Strict(wire, "tableConstraints.relationshipType", form=form)
    store = connect()
    store.write([table(**RELATED), table("given", **RELATED, sourceHash="0" * 32)])
    less = table(tableConstraints=[{"constraintType": "UNIQUE", "columns": ["a"]}])
    bodies = [call.body for call in writes(wire)[1:]]
    rows = chain.from_iterable(body if isinstance(body, list) else [body] for body in bodies)
    sent = {row["name"]: row["sourceHash"] for row in rows}
    assert sent == {"t": store.hash_of(parcel_of(less)), "given": "0" * 32}
    assert store.hash_of(parcel_of(table(**RELATED))) == sent["t"]


def test_what_a_server_takes_is_not_tried(wire: Wire, store: OpenMetadata) -> None:
    """A record that is bad in itself fails at once where others have shown that all is known."""
    store.write([rich("t1")])

    wire.judge("PUT", "tables$", lambda call: BARE if "bad" in call.body["name"] else None)
    wire.calls.clear()
    (result,) = store.write([rich("bad")])
    assert result.reason == "Invalid request format (400)"
    assert len(writes(wire)) == 1


def test_bad_records_among_good_ones(wire: Wire, store: OpenMetadata) -> None:
    """One costs a request for each version, the next ones one more; good ones lose nothing."""
    wire.judge("PUT", "tables$", lambda call: BARE if "bad" in call.body["name"] else None)

    def written(name: str) -> tuple[Outcome, int]:
        wire.calls.clear()
        (result,) = store.write([rich(name)])
        return result.outcome, len(writes(wire))

    assert written("bad1") == (Outcome.FAILED, 1 + 5)
    assert written("bad2") == (Outcome.FAILED, 1 + 1)
    assert written("good") == (Outcome.CREATED, 1)
    assert writes(wire)[-1].body["aliases"] == ["alias"]
    assert written("bad3") == (Outcome.FAILED, 1)


def test_a_bad_record_before_an_old_server_is_known(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """What was tried in vain with it is tried again with the next one, and found."""
    wire.judge("PUT", "tables$", lambda call: BARE if call.body["name"] == "bad" else None)
    Strict(wire, *SINCE_16, form=bare)
    store = connect()
    (result,) = store.write([rich("bad")])
    assert result.outcome is Outcome.FAILED
    wire.calls.clear()
    (result,) = store.write([rich("t")])
    assert result.outcome is not Outcome.FAILED
    assert writes(wire)[-1].body["locationPath"] == "s3://b/k"
    assert writes(wire)[-1].body["domain"] == "Sales"
    wire.calls.clear()
    store.write([rich("u")])
    assert len(writes(wire)) == 1


@pytest.mark.parametrize("records", [post, put, batch], ids=["POST", "PUT", "batch"])
def test_another_refusal_after_the_first(
    wire: Wire, connect: Callable[..., OpenMetadata], records: Any
) -> None:
    """A body that is refused for another reason was read: that reason is told, and what is found
    holds for the next records.
    """
    Strict(wire, "tableConstraints.relationshipType", "autoClassificationConfig", form=bare)
    store = connect()

    missing = (404, "user instance for x not found")

    def miss(call: Call) -> httpx.Response | None:
        if call.path.endswith("/bulk"):
            return bulk_answer(call, dict.fromkeys((row["name"] for row in call.body), missing))
        return httpx.Response(404, json={"code": 404, "message": "user instance for x not found"})

    for method in ("PUT", "POST"):
        wire.judge(method, "", miss)
    found = store.write(records(wire, 0))
    reasons = [result.reason for result in found if result.outcome is Outcome.FAILED]
    assert len(reasons) == (2 if records is batch else 1)  # the table without it is done at once
    assert all("(404)" in reason for reason in reasons)
    wire.calls.clear()
    store.write(records(wire, 1))
    assert len(writes(wire)) == 1


@pytest.mark.parametrize(
    "message",
    [
        "[name size must be between 1 and 256]",
        "[columns must not be null]",
        "Column name a is repeated",
        'Unrecognized field "nope" (class org.X)',
        "Cannot construct instance of `org.om.Column`, problem: NOPE",
        "Cannot deserialize value of type `java.util.ArrayList` from String value",
    ],
)
def test_other_refusals(wire: Wire, store: OpenMetadata, message: str) -> None:
    """What has nothing to do with a version costs one request, and leaves nothing out."""
    told = httpx.Response(400, json={"code": 400, "message": message})
    wire.judge("PUT", "tables$", lambda call: told if call.body["name"] == "bad" else None)
    (result,) = store.write([rich("bad")])
    assert result.outcome is Outcome.FAILED
    assert message in result.reason
    assert len(writes(wire)) == 1
    store.write([rich("t")])
    assert writes(wire)[-1].body["aliases"] == ["alias"]


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize("field", ["name", "columns", "columns.name", "tableConstraints.columns"])
def test_what_a_record_cannot_do_without(
    wire: Wire, connect: Callable[..., OpenMetadata], field: str, form: Form
) -> None:
    """A refusal of it is one of the record, with the words of the server."""
    Strict(wire, field, form=form)
    store = connect()
    (result,) = store.write([table(**RELATED)])
    if field != "tableConstraints.columns":  # no server sends constraints without columns
        assert result.outcome is Outcome.FAILED
        assert f'Unrecognized field "{field.rpartition(".")[2]}"' in result.reason
        assert len(writes(wire)) == 1


SERVICE = {"name": "s", "serviceType": "Cassandra", "connection": {"config": {"type": "Cassandra"}}}


@pytest.mark.parametrize("form", [named, without_chain, other_words, wrapped, bare])
def test_an_unknown_value(wire: Wire, connect: Callable[..., OpenMetadata], form: Form) -> None:
    """The nearest older one takes its place, or nothing; a column keeps the name of its type."""
    strict = Strict(
        wire,
        *("columns.dataType=MEASURE VISIBLE", "tableType=SemanticView", "serviceType=Cassandra"),
        form=form,
    )
    store = connect()
    columns = [Column(name="a", dataType="MEASURE VISIBLE")]
    service = dict(SERVICE)
    if form is bare:  # it does not tell whether type or connection was refused
        del service["connection"]
    results = store.write(
        [
            CreateDatabaseServiceRequest.model_validate(service),
            table(columns=columns, tableType="SemanticView"),
        ]
    )
    assert Outcome.FAILED not in {result.outcome for result in results}
    service, *_ = (call for call in reversed(writes(wire)) if "databaseService" in call.path)
    assert service.body == {"name": "s", "serviceType": "CustomDatabase"}
    sent = [call for call in writes(wire) if not strict.judge(call)][-1].body
    assert sent["tableType"] == "View"
    assert sent["columns"] == [
        {"name": "a", "dataType": "UNKNOWN", "dataTypeDisplay": "MEASURE VISIBLE"}
    ]


def test_a_value_that_nothing_replaces(wire: Wire, connect: Callable[..., OpenMetadata]) -> None:
    """The record fails, and the message names the value and the version; so do the next ones."""
    Strict(wire, "columns.dataType=INT", "columns.dataType=UNKNOWN")
    store = connect()
    results = store.write([table("t"), table("u"), table("v", columns=[])])
    assert [result.outcome is Outcome.FAILED for result in results] == [True, True, False]
    assert "server 2.0.7 refuses the value 'INT' of columns.dataType" in results[0].reason
    wire.calls.clear()
    (result,) = store.write([table("w")])
    assert "refuses the value 'INT'" in result.reason
    assert not writes(wire)


@pytest.mark.parametrize("form", [named, bare])
def test_workers_find_out_together(
    wire: Wire, connect: Callable[..., OpenMetadata], form: Form
) -> None:
    """Each of eight that are refused at once sends its record once more; one of them tries."""
    Strict(wire, *SINCE_16, form=form)
    store, barrier, outcomes = connect(), threading.Barrier(8, timeout=20), list[Outcome]()
    meet = threading.local()

    def wait(call: Call) -> None:
        if not hasattr(meet, "done"):
            meet.done = True
            barrier.wait()

    def write(number: int) -> None:
        outcomes.extend(result.outcome for result in store.write([rich(f"t{number}")]))

    wire.judge("PUT", "tables$", wait)
    wire._judges.insert(0, wire._judges.pop())  # noqa: SLF001  # before the server answers
    workers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert outcomes == [Outcome.CREATED] * 8
    assert len(writes(wire)) <= 8 * (4 if form is named else 2) + 3
    wire.calls.clear()
    meet.done = True
    store.write([rich("last")])
    assert len(writes(wire)) == 1


def test_a_server_that_is_newer_than_it_says(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A field under its older name is sent under the newer one, with all of the list."""
    claiming(wire, "1.9.0-SNAPSHOT")
    Strict(wire, "domain")
    store = connect()
    for name in "tu":
        store.write([table(name, domains=["Sales", "Costs"])])
    assert len(writes(wire)) == 3
    assert [call.body.get("domains") for call in writes(wire)[1:]] == [["Sales", "Costs"]] * 2


def test_a_value_that_cannot_go_hides_no_other(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """What a record needs, and newer versions brought, is not tried: the rest is."""
    Strict(wire, "domains", form=bare)
    model = CreateDashboardDataModelRequest.model_validate(
        {
            "name": "m",
            "service": "s",
            "dataModelType": "OmniDataModel",
            "columns": [],
            "domains": ["Sales"],
        }
    )
    (result,) = connect().write([model])
    assert result.outcome is Outcome.CREATED
    assert writes(wire)[-1].body["dataModelType"] == "OmniDataModel"
    assert writes(wire)[-1].body["domain"] == "Sales"


@pytest.mark.parametrize("form", NAMED)
@pytest.mark.parametrize("field", ["retentionPeriod", "columns.children.ordinalPosition"])
def test_a_field_that_all_versions_know(
    wire: Wire, connect: Callable[..., OpenMetadata], field: str, form: Form
) -> None:
    """A build that lacks one of those, too, gets the rest, if it names the field."""
    Strict(wire, field, form=form)
    store = connect()
    inner = [Column(name="b", dataType="INT", ordinalPosition=1)]
    columns = [Column(name="a", dataType="STRUCT", children=inner)]
    for name in "tu":
        (result,) = store.write([table(name, columns=columns, retentionPeriod="P1D")])
        assert result.outcome is Outcome.CREATED
    assert len(writes(wire)) == 3
    fields = {field.split(".")[0] for field in writes(wire)[-1].body}
    assert fields >= {"columns", "sourceHash"}


def test_a_report_of_a_run(wire: Wire, connect: Callable[..., OpenMetadata]) -> None:
    """The state of a run is told to a server that does not know what is told of its steps."""
    Strict(wire, "status.updated_records")
    step = StepSummary(name="Sink", records=1, updated_records=1)
    status = RunStatus(pipelineState="success", runId="1", timestamp=1, status=[step])
    connect().put_run_status("s.p", status)
    assert len(writes(wire)) == 2
    assert writes(wire)[-1].body["pipelineState"] == "success"


@pytest.mark.parametrize("form", [named, without_chain, bare])
def test_a_needed_field_of_another_name(
    wire: Wire, connect: Callable[..., OpenMetadata], form: Form
) -> None:
    """A field that a record cannot do without is sent under its older name."""
    Strict(wire, "domains", form=form)
    store = connect()
    for name in "tu":
        made = CreateDataProductRequest(name=name, description="d", domains=["Sales"])
        (result,) = store.write([made])
        assert result.outcome is Outcome.CREATED
    assert len(writes(wire)) == 3
    assert writes(wire)[-1].body["domain"] == "Sales"


@pytest.mark.parametrize(
    ("form", "whole", "count"),
    [(named, False, 1), (named, False, 2), (named, True, 2), (bare, False, 1), (bare, False, 2)],
)
def test_what_an_earlier_run_has_delivered(
    wire: Wire, connect: Callable[..., OpenMetadata], form: Form, whole: bool, count: int
) -> None:
    """Where only what is refused is new, all is unchanged after one refusal.

    Where that names nothing, what the server holds is sent once: only an answer is evidence.
    """
    strict = Strict(wire, "tableConstraints.relationshipType", form=form, whole=whole)
    names = "tuvw"[: 2 * count]
    for name in names:
        wire.put(
            *("tables", f"s.d.p.{name}"),
            columns=[{"name": "a", "dataType": "INT"}],
            tableConstraints=[{"constraintType": "UNIQUE", "columns": ["a"]}],
            sourceHash="1" * 32,
        )
    store = connect()
    for some in (names[:count], names[count:]):
        results = store.write([table(name, **RELATED) for name in some])
        assert {result.outcome for result in results} == {Outcome.UNCHANGED}
    assert len([call for call in writes(wire) if strict.judge(call)]) == 1
    assert len(writes(wire)) == (1 if form is named else 2)


def test_an_older_name_is_refused_without_a_word(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A server that is newer than it says, and names nothing, gets the newer name of the field."""
    claiming(wire, "1.6.0")
    Strict(wire, "domain", form=bare)
    store = connect()
    made = [CreateDashboardRequest(name=n, service="s", domains=["A", "B"]) for n in "tu"]
    for request in made:
        (result,) = store.write([request])
        assert result.outcome is Outcome.CREATED
    assert len(writes(wire)) == 3
    assert writes(wire)[-1].body["domains"] == ["A", "B"]
