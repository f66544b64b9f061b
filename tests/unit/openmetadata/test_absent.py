"""What a server does not have: found out once, without waiting, and nothing else is lost by it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from om_ingest import EntityReference, Outcome, Record, RecordError, ServerError, WriteResult
from om_ingest.delivery import SinkContext
from om_ingest.kinds.door import request_of
from om_ingest.model import (
    AddLineageRequest,
    Column,
    CreateChartRequest,
    CreateDirectoryRequest,
    CreateDriveServiceRequest,
    CreateFileRequest,
    CreateMetricRequest,
    CreateTableRequest,
    CreateTeamRequest,
    CreateUserRequest,
    DriveService,
    EntitiesEdge,
    Metric,
)
from om_ingest.sinks.openmetadata import OpenMetadataSink
from om_ingest.workflow.acknowledgements import Acknowledgements
from om_ingest.workflow.journal import Journal

from tests.selection import few

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Call, Wire

COLUMNS = [Column(name="a", dataType="INT")]
WRAPPED = "An exception with message [{}] was thrown while processing request."
UNHANDLED = {"errorType": "UNHANDLED_SERVER_EXCEPTION"}


def answer(status: int, body: Any = None) -> httpx.Response:
    """An answer with JSON, or with nothing."""
    return httpx.Response(status) if body is None else httpx.Response(status, json=body)


NOT_THERE = {
    "404": answer(404, {"code": 404, "message": "HTTP 404 Not Found"}),
    "404 without a message": answer(404, {"code": 404}),
    "404 without a body": answer(404),
    "405": answer(405, {"code": 405, "message": "HTTP 405 Method Not Allowed"}),
    "405 without a body": answer(405),
    "501": answer(501, {"message": "Not Implemented"}),
    "500 that says 404": answer(500, {"code": 500, "message": "HTTP 404 Not Found"}),
    **{
        f"500 that wraps {told[5:8]} in {key}": answer(
            500, {key: WRAPPED.format(told), **UNHANDLED}
        )
        for told in ("HTTP 404 Not Found", "HTTP 405 Method Not Allowed")
        for key in ("message", "responseMessage")
    },
}
"""Ways in which servers and frameworks say that they have no such path or method."""

OWN = [
    form
    for form, given in NOT_THERE.items()
    if b"HTTP 40" in given.content or (given.status_code in (404, 405) and not given.content)
]
"""Those of OpenMetadata itself."""

GATEWAYS = {
    "Kong": answer(404, {"message": "no Route matched with those values"}),
    **{form: given for form, given in NOT_THERE.items() if form not in OWN},
    "a gateway with a code": answer(404, {"code": 404, "message": "no healthy upstream"}),
    "a gateway's 405": answer(405, {"message": "Method Not Allowed"}),
}
"""Those of anybody, such as a gateway that does not find its way to the server for a moment."""

FORMS = sorted(NOT_THERE, key=lambda form: not re.search("^404$|405 in response", form))
"""The same, those of the oldest and of the newest servers first."""

HIDDEN = {
    "JSON": answer(500, {"responseMessage": "An exception was thrown", **UNHANDLED}),
    "nothing": answer(500),
    "a page": httpx.Response(500, html="<h1>Error 500"),
    "a text": httpx.Response(500, text="Request failed."),
    "400": answer(400, {"code": 400, "message": "Invalid request format"}),
    "403": answer(403, {"code": 403, "message": "not allowed"}),
}
"""Ways to refuse any batch that do not say that there are none."""

VERSIONS = ["1.11.0", "2.0.7"]


def table(number: int) -> CreateTableRequest:
    return CreateTableRequest(name=f"t{number}", databaseSchema="s.d.p", columns=COLUMNS)


def tables(count: int) -> list[Record]:
    return [table(number) for number in range(count)]


def claiming(wire: Wire, version: str) -> None:
    """Let the server say that it has this version."""
    told = httpx.Response(200, json={"version": version})
    wire.judge("GET", "system/version$", lambda call: told)


def outcomes(store: OpenMetadata, records: list[Record]) -> set[Outcome]:
    return {result.outcome for result in store.write(records)}


def named(results: Iterable[WriteResult], *, failed: bool) -> list[str]:
    """Names of the tables that have failed, or have not."""
    return [
        result.record.name
        for result in results
        if isinstance(result.record, CreateTableRequest)
        and (result.outcome is Outcome.FAILED) is failed
    ]


def waits(wire: Wire) -> int:
    """Requests by which a client finds out whether the server answers at all."""
    return len(wire.sent("GET", "system/version")) - 1


@pytest.mark.parametrize("form", NOT_THERE)
def test_batches_that_are_not_there(
    wire: Wire, store: OpenMetadata, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the version and the words: one request finds out, for all kinds; one line tells."""
    wire.judge("PUT", "/bulk$", lambda call: NOT_THERE[form])
    charts: list[Record] = [CreateChartRequest(name=f"c{n}", service="d") for n in range(3)]
    assert outcomes(store, tables(120)) == {Outcome.CREATED}
    assert outcomes(store, charts) == {Outcome.CREATED}
    assert [call.path for call in wire.sent("PUT", ".*/bulk")] == ["tables/bulk"]
    assert len(wire.sent("PUT", "tables")) == 120
    assert waits(wire) == 0
    assert [record.message for record in caplog.records] == [
        "tables are written one by one from here on: the server has no tables/bulk"
    ]


@pytest.mark.parametrize("form", HIDDEN)
def test_batches_that_fail_for_no_row(
    wire: Wire, store: OpenMetadata, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is refused in a batch of its own, and taken alone, shows that no batch is taken."""
    wire.judge("PUT", "/bulk$", lambda call: HIDDEN[form])
    assert outcomes(store, tables(120)) <= {Outcome.CREATED, Outcome.WRITTEN}
    batches = [len(call.body) for call in wire.sent("PUT", "tables/bulk")]
    assert sorted(set(batches)) == [1, 100]
    assert len(batches) <= 5
    assert len(wire.sent("PUT", "tables")) <= 122
    assert [record.message for record in caplog.records] == [
        "tables are written one by one from here on: tables/bulk fails with what is taken alone"
    ]


@pytest.mark.parametrize("poisonous", [[0], [0, 1, 2, 3], [57], [1, 99]], ids=str)
@pytest.mark.parametrize("status", [400, 500])
def test_batches_that_fail_for_a_row(
    wire: Wire, store: OpenMetadata, poisonous: list[int], status: int
) -> None:
    """A server that breaks at single rows keeps its batches, and only these rows fail."""
    names = {f"t{number}" for number in poisonous}

    def spoiled(call: Call) -> httpx.Response | None:
        rows = call.body if isinstance(call.body, list) else [call.body]
        is_bad = not names.isdisjoint(row["name"] for row in rows)
        return answer(status, {"code": status, "message": "broken"}) if is_bad else None

    wire.judge("PUT", "tables", spoiled)
    assert outcomes(store, [table(300)]) == {Outcome.CREATED}
    results = store.write(tables(100))
    assert set(named(results, failed=True)) == names
    before = len(wire.sent("PUT", "tables"))
    assert outcomes(store, [table(number) for number in range(100, 300)]) == {Outcome.WRITTEN}
    assert len(wire.sent("PUT", "tables")) == before


def test_rows_that_break_an_older_server(wire: Wire, store: OpenMetadata) -> None:
    """A server to which nearly every wrong is 500 costs the records that are wrong, and no more."""
    claiming(wire, "1.6.0")
    broken = {
        "responseMessage": WRAPPED.format('Cannot invoke "x" because "y" is null'),
        **UNHANDLED,
    }
    names = {"t7", "t8", "t30"}
    wire.judge("PUT", "tables$", lambda c: answer(500, broken) if c.body["name"] in names else None)
    results = store.write(tables(40))
    assert set(named(results, failed=True)) == names
    puts = [call.body["name"] for call in wire.sent("PUT", "tables")]
    assert max(map(puts.count, names)) <= 6
    assert len(wire.calls) - len(puts) <= 20


def test_batches_that_one_collection_lacks(wire: Wire, store: OpenMetadata) -> None:
    """Where another collection has taken a batch, one that takes none tells nothing of others."""
    wire.judge("PUT", "charts/bulk$", lambda call: NOT_THERE["405"])
    charts: list[Record] = [CreateChartRequest(name=f"c{n}", service="d") for n in range(3)]
    outcomes(store, tables(2))
    outcomes(store, charts)
    outcomes(store, [table(2), table(3)])
    assert [call.path for call in wire.sent("PUT", ".*/bulk")] == [
        *("tables/bulk", "charts/bulk", "tables/bulk")
    ]


class Served:
    """The wire behind a socket, for sinks, which take an address."""

    def __init__(self, wire: Wire) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                url = f"http://om.test{self.path}"
                given = wire.handle_request(httpx.Request(self.command, url, content=content))
                self.send_response(given.status_code)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                if "content-length" not in given.headers:
                    self.send_header("Content-Length", "0")
                self.end_headers()
                self.wfile.write(given.content)

            do_GET = do_PUT = do_POST = do_PATCH = answer  # names of the library

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def served(wire: Wire) -> Iterator[Served]:
    with closing(Served(wire)) as served:
        yield served


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path)) as journal:
        yield journal


def sink_into(served: Served, journal: Journal, **server: Any) -> OpenMetadataSink:
    """A sink with eight workers and a journal, as in a run."""
    acknowledgements = Acknowledgements()
    acknowledgements.bind(journal, b"job", resuming=False)
    config = {"hostPort": served.url, "securityConfig": {"jwtToken": "t"}, **server}
    return OpenMetadataSink.create({}, SinkContext(server=config, journal=acknowledgements))


WITHOUT = pytest.mark.parametrize(
    ("version", "form"), [("1.6.0", "never asked"), ("2.0.7", "405"), ("2.0.7", "hidden")]
)
"""Servers without batches: by their version, by what they answer, and by trial."""


def without_batches(wire: Wire, version: str, form: str) -> None:
    claiming(wire, version)
    given = {"405": NOT_THERE["405"], "hidden": HIDDEN["400"]}.get(form)
    wire.judge("PUT", "/bulk$", lambda call: given)


@WITHOUT
def test_rows_are_spread_over_workers(
    wire: Wire, served: Served, journal: Journal, version: str, form: str
) -> None:
    """Without batches, rows that fit into one are sent by all workers at the same time."""
    together, under_way, meetings = threading.Condition(), set[str](), list[bool]()

    def meet(call: Call) -> None:
        name = call.body["name"]
        if name != "t0":  # that may go first, to find out
            with together:
                under_way.add(name)
                together.notify_all()
                meetings.append(together.wait_for(lambda: len(under_way) >= 8, timeout=20))

    without_batches(wire, version, form)
    wire.judge("PUT", "tables$", meet)
    with sink_into(served, journal) as sink:
        sink.prepare()
        assert len([*sink.write(tables(40)), *sink.flush()]) == 40
    assert meetings == [True] * 39


@WITHOUT
def test_a_server_that_dies_among_rows(
    wire: Wire, served: Served, journal: Journal, version: str, form: str
) -> None:
    """What it has answered before is delivered: reported so, and in the journal."""
    answered: list[str] = []

    def dying(call: Call) -> httpx.Response | None:
        if len(answered) >= 60:
            return answer(503)
        answered.append(call.body["name"])
        return None

    without_batches(wire, version, form)
    results = []
    with sink_into(served, journal, retryBudget_s=0.01) as sink:
        sink.prepare()
        wire.judge("PUT", "tables$", dying)
        with pytest.raises(ServerError):  # noqa: PT012  # results come before it is raised
            for result in chain(sink.write(tables(100)), sink.flush()):
                results.append(result)  # noqa: PERF402  # one by one
    assert sorted(named(results, failed=False)) == sorted(answered)
    assert journal.acknowledged_count(b"job") == 60


def test_rows_are_acknowledged_as_they_are_answered(
    wire: Wire, served: Served, journal: Journal
) -> None:
    """A row is in the journal before its worker sends the next: a kill loses what is on its way."""
    counts: list[tuple[int, int]] = []

    def note(call: Call) -> None:
        counts.append((len(counts), journal.acknowledged_count(b"job")))

    claiming(wire, "1.6.0")
    with sink_into(served, journal) as sink:
        sink.prepare()
        wire.judge("PUT", "tables$", note)
        assert len([*sink.write(tables(100)), *sink.flush()]) == 100
    assert all(acknowledged >= sent - 8 for sent, acknowledged in counts)


def without(wire: Wire, *collections: str, form: str = "404") -> None:
    """Let the server lack all below some collections."""

    def lack(call: Call) -> httpx.Response | None:
        is_below = any(call.path.startswith((name, f"{name}/")) for name in collections)
        return NOT_THERE[form] if is_below else None

    for method in ("GET", "PUT", "POST", "PATCH"):
        wire.judge(method, "", lack)


SERVICE = CreateDriveServiceRequest(name="d", serviceType="GoogleDrive")


LEFT_OUT = "they are left out from here on."

NEWER: dict[str, list[Record]] = {
    "services/driveServices": [SERVICE],
    "metrics": [CreateMetricRequest(name=f"m{number}") for number in range(20)],
    "drives/files": [CreateFileRequest(name=f"f{number}", service="d") for number in range(20)],
}
"""Records of kinds that not all releases have, by their collection."""


@pytest.mark.parametrize("form", few([form for form in FORMS if form in OWN], 3))
@pytest.mark.parametrize("collection", NEWER)
def test_a_kind_that_is_not_there(
    wire: Wire,
    store: OpenMetadata,
    form: str,
    collection: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A newer kind that a server lacks, whatever its version, is found out once, and left out."""
    records = NEWER[collection]
    without(wire, collection, form=form)
    told = {(result.outcome, result.reason) for result in store.write(records)}
    name = collection.rpartition("/")[2]
    assert told == {(Outcome.LEFT_OUT, f"server 2.0.7 has no {name} (collection {collection})")}
    assert len(wire.calls) - 2 <= 3  # two are for the version and the user
    again = len(wire.calls)
    assert outcomes(store, records) == {Outcome.LEFT_OUT}
    assert len(wire.calls) == again
    assert outcomes(store, tables(3)) == {Outcome.WRITTEN}  # batches of others are taken
    assert [record.message for record in caplog.records] == [
        f"Server 2.0.7 says that it has no {collection}, which its version has: {LEFT_OUT}"
    ]


@pytest.mark.parametrize("form", few(GATEWAYS, 3))
@pytest.mark.parametrize(
    ("version", "collection"), [*(("2.0.7", name) for name in NEWER), ("1.4.0", "tables")]
)
def test_a_kind_that_a_gateway_hides(
    wire: Wire, store: OpenMetadata, form: str, version: str, collection: str
) -> None:
    """What others than OpenMetadata say does not take a kind from a run: its records fail.

    Those that follow arrive, once the server is found again.
    """
    claiming(wire, version)
    records = NEWER.get(collection) or tables(3)
    given = GATEWAYS[form]
    for method in ("GET", "PUT", "POST"):
        wire.judge(method, f"^{collection}(/|$)", lambda call: given)
    assert outcomes(store, records) == {Outcome.FAILED}
    wire.forget()
    claiming(wire, version)
    assert outcomes(store, records) <= {Outcome.CREATED, Outcome.WRITTEN}


ASKED: dict[str, Callable[[OpenMetadata], object]] = {
    "GET metrics/name/seen": lambda store: store.get_by_name(Metric, "seen"),
    "GET metrics": lambda store: list(store.list_fqns(Metric)),
    "PUT metrics/bulk": lambda store: outcomes(store, NEWER["metrics"][:2]),  # not listed before
    "PUT metrics": lambda store: outcomes(store, NEWER["metrics"][:1]),
}
"""What is done of a kind, by the request."""


@pytest.mark.parametrize("request_line", ASKED)
def test_a_kind_that_is_there_after_all(
    wire: Wire, store: OpenMetadata, request_line: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A kind is not left out any more once the server has shown, or written, an entity of it.

    That may be while another worker hears that there is no such kind.
    """
    method, _, path = request_line.partition(" ")
    lacking = NOT_THERE["404"]
    heard: list[object] = []

    def hear(call: Call) -> None:
        if not heard:
            heard.append("")
            wire.on("GET", "metrics/name/other$", lacking)
            wire.on("GET", "metrics$", lacking)
            heard.append(store.get_by_name(Metric, "other"))
            heard.append(outcomes(store, [CreateMetricRequest(name="early")]))

    wire.put("metrics", "seen")
    wire.judge(method, f"^{path}$", hear)
    found = ASKED[request_line](store)
    assert heard == ["", None, {Outcome.LEFT_OUT}]
    assert found not in (None, [], {Outcome.LEFT_OUT})
    assert outcomes(store, [CreateMetricRequest(name="late")]) <= {Outcome.CREATED, Outcome.WRITTEN}
    assert [record.message.rpartition(", ")[2] for record in caplog.records] == [
        f"which its version has: {LEFT_OUT}",
        "and has them after all: run again for those that were left out.",
    ]
    wire.on("GET", "metrics/name/third$", lacking)
    with pytest.raises(RecordError, match="has no GET metrics/name/third"):
        store.get_by_name(Metric, "third")
    assert outcomes(store, [CreateMetricRequest(name="last")]) <= {Outcome.CREATED, Outcome.WRITTEN}


def test_a_kind_that_is_not_there_below_what_was_created(wire: Wire, store: OpenMetadata) -> None:
    """Where nothing is looked up before, as in a new service, it is found out as well."""
    without(wire, "drives/directories")
    directories = [CreateDirectoryRequest(name=f"d{n}", service="d") for n in range(9)]
    told = [result.outcome for result in store.write([SERVICE, *directories])]
    assert told == [Outcome.CREATED, *[Outcome.LEFT_OUT] * 9]
    assert outcomes(store, tables(3)) == {Outcome.WRITTEN}


@pytest.mark.parametrize("form", few(FORMS, 3))
def test_a_kind_that_no_release_lacks(wire: Wire, store: OpenMetadata, form: str) -> None:
    """Who says that there are no users is not the server: records fail, at once, with a reason."""
    without(wire, "users", form=form)
    results = store.write([CreateUserRequest(name="u", email="u@x.test")])
    assert [result.outcome for result in results] == [Outcome.FAILED]
    assert "the server has no GET users/name/u" in results[0].reason
    assert len(wire.calls) - 2 == 1


def test_what_is_read_of_a_kind_that_is_not_there(wire: Wire, store: OpenMetadata) -> None:
    """A source that asks for an entity of such a kind, or for a list, hears that there is none."""
    without(wire, "services/driveServices", "metrics")
    assert store.get_by_name(DriveService, "d") is None
    assert store.get_by_id(DriveService, uuid4()) is None
    assert list(store.list_fqns(Metric)) == []
    assert store.get_by_name(Metric, "m") is None
    assert len(wire.calls) - 2 == 4


def test_an_edge_to_a_kind_that_is_not_there(wire: Wire, store: OpenMetadata) -> None:
    """An edge with an end of a kind that the server lacks is left out with it."""
    without(wire, "drives/files")
    wire.put("tables", "s.d.p.t")
    file = EntityReference(type="file", fullyQualifiedName="d.f")
    end = EntityReference(type="table", fullyQualifiedName="s.d.p.t")
    edge = AddLineageRequest(edge=EntitiesEdge(fromEntity=file, toEntity=end))
    (result,) = store.write([edge])
    assert (result.outcome, result.missing) == (Outcome.LEFT_OUT, None)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_method_that_is_not_there(wire: Wire, store: OpenMetadata, method: str) -> None:
    """A kind that the server has, and does not let us write, is no kind that it lacks: it fails."""
    wire.judge(method, "^(tables|teams)$", lambda call: NOT_THERE["405"])
    record = table(1) if method == "PUT" else CreateTeamRequest(name="t", teamType="Group")
    (result,) = store.write([record])
    collection = "tables" if method == "PUT" else "teams"
    assert result.outcome is Outcome.FAILED
    assert result.reason == f"the server has no {method} {collection} (405)"


def test_a_missing_parent_is_no_missing_kind(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A 404 that names what is not there is about that, and nothing else is asked."""
    wire.judge(
        "PUT", "tables$", lambda call: refused(404, "databaseSchema instance for s not found")
    )
    (result,) = store.write([table(1)])
    assert (result.outcome, result.missing) == (Outcome.FAILED, ("databaseSchema", "s"))
    assert [
        call.path for call in wire.calls if call.method == "GET" and "limit" in call.query
    ] == []


TIME = 1700000000000
RECORDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "sample": (
        "sampleData",
        {"entity": {"type": "table", "fullyQualifiedName": "s.d.p.t"}, "sampleData": {}},
        "PUT tables/ID/sampleData",
    ),
    "profile": (
        "tableProfile",
        {"table": "s.d.p.t", "profile": {"tableProfile": {"timestamp": TIME}}},
        "PUT tables/ID/tableProfile",
    ),
    "status": (
        "pipelineStatus",
        {
            "pipeline": "pl.p",
            "pipelineStatus": {"timestamp": TIME, "executionStatus": "Successful"},
        },
        "PUT pipelines/pl.p/status",
    ),
    "usage": (
        "usage",
        {
            "entity": {"type": "table", "fullyQualifiedName": "s.d.p.t"},
            "usage": {"date": "2024-05-06", "count": 1},
        },
        "POST usage/table/ID",
    ),
    "edge": (
        "lineage",
        {
            "edge": {
                end: {"type": "table", "fullyQualifiedName": f"s.d.p.{name}"}
                for end, name in (("fromEntity", "t"), ("toEntity", "u"))
            }
        },
        "PUT lineage",
    ),
    "patch": (
        "team",
        {"name": "a", "teamType": "Group", "displayName": "A"},
        "PATCH teams/ID",
    ),
    "restore": ("team", {"name": "gone", "teamType": "Group"}, "PUT teams/restore"),
    "post": ("team", {"name": "new", "teamType": "Group"}, "POST teams"),
    "put": ("user", {"name": "u", "email": "u@x.test"}, "PUT users"),
}
"""Records by the request that writes them: its type, its body, and the request."""


@pytest.mark.parametrize("form", few(FORMS, 2))
@pytest.mark.parametrize("name", RECORDS)
def test_other_requests_that_are_not_there(
    wire: Wire, store: OpenMetadata, name: str, form: str
) -> None:
    """Each is sent once, waits for nothing, and fails its record with a reason that names it."""
    for collection, fqn in (("tables", "s.d.p.t"), ("tables", "s.d.p.u"), ("pipelines", "pl.p")):
        wire.put(collection, fqn)
    wire.put("teams", "a", teamType="Group")
    wire.put("teams", "gone", teamType="Group", deleted=True)
    record_type, body, request = RECORDS[name]
    method, _, path = request.partition(" ")
    pattern = path.replace("ID", "[-0-9a-f]{36}")
    wire.judge(method, f"^{pattern}$", lambda call: NOT_THERE[form])
    (result,) = store.write([request_of(record_type).model_validate(body)])
    assert result.outcome is Outcome.FAILED
    assert re.search(f"the server has no {method} {pattern} ", result.reason)
    assert len(wire.sent(method, pattern)) == 1
    assert waits(wire) == 0


@pytest.mark.parametrize("form", few(FORMS, 2))
@pytest.mark.parametrize("name", ["sample", "profile", "status", "usage", "edge"])
def test_reads_beside_entities_that_are_not_there(
    wire: Wire, store: OpenMetadata, name: str, form: str
) -> None:
    """What a server does not show beside an entity is written, and the answer to that believed."""
    for collection, fqn in (("tables", "s.d.p.t"), ("tables", "s.d.p.u"), ("pipelines", "pl.p")):
        wire.put(collection, fqn)
    record_type, body, _ = RECORDS[name]
    beside = "^(lineage|usage)/|/[^/]+/(sampleData|status|tableProfile)"
    wire.judge("GET", beside, lambda call: NOT_THERE[form])
    record = request_of(record_type).model_validate(body)
    assert outcomes(store, [record]) == {Outcome.WRITTEN}
    assert waits(wire) == 0


def test_what_is_overridden_without_batches(
    wire: Wire, connect: Callable[..., OpenMetadata]
) -> None:
    """A run that overrides, and is refused batches on its way, patches what only they replace."""
    wire.judge("PUT", "/bulk$", lambda call: NOT_THERE["405"])
    columns = [{"name": "a", "dataType": "INT"}]
    for number in range(2):
        wire.put("tables", f"s.d.p.t{number}", description="a person's", columns=columns)
    records = [table(n).model_copy(update={"description": "the source's"}) for n in range(2)]
    connect(override_metadata=True).write(records)
    said = [{it["path"]: it["value"] for it in call.body} for call in wire.sent("PATCH", ".*")]
    assert [it.pop("/sourceHash") != "" for it in said] == [True] * 2  # nothing else is sent
    assert said == [{"/description": "the source's"}] * 2
    assert wire.sent("PUT", "tables") == []
