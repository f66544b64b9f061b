"""A network without a network: a wire that answers as a test says, and remembers the requests."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from om_ingest.kinds import KINDS, fqn_of
from om_ingest.model.entity import EntityReference
from om_ingest.openmetadata.network.circuit import Backoff
from om_ingest.openmetadata.network.retry import RetryPolicy
from om_ingest.openmetadata.store import OpenMetadata

URL = "http://om.test/api"
TOKEN = "eyJhbGciOiJub25lIn0.canary-token"

COLLECTIONS = {kind.collection: kind for kind in KINDS.values()}

Given = httpx.Response | Exception


class Call(NamedTuple):
    """One request that was sent."""

    method: str
    path: str
    """Below `/api/v1/`, decoded."""

    raw_path: str
    """As it was sent."""

    query: dict[str, str]
    body: Any
    headers: httpx.Headers


class Wire(httpx.BaseTransport):
    """Stands in for the network; answers as a server that has nothing and takes everything."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.entities: dict[str, dict[str, Any]] = {}
        """What GET finds, by path, e.g. `tables/name/svc.db.s.t`."""
        self.edges: dict[str, Any] = {}
        """Details of the edges that were put, by `<id of one end>/<id of the other>`."""
        self._scripts: list[tuple[str, re.Pattern[str], list[Given]]] = []
        self._judges: list[tuple[str, re.Pattern[str], Callable[[Call], Given | None]]] = []

    def on(self, method: str, path: str, *answers: Given) -> None:
        """Give these answers, one after the other, to requests whose path matches."""
        self._scripts.append((method, re.compile(path), list(answers)))

    def judge(self, method: str, path: str, decide: Callable[[Call], Given | None]) -> None:
        """Let `decide` answer requests whose path matches; None leaves it to others."""
        self._judges.append((method, re.compile(path), decide))

    def forget(self) -> None:
        """Drop what `on` and `judge` have said."""
        self._scripts.clear()
        self._judges.clear()

    def put(self, collection: str, fqn: str, **more: Any) -> dict[str, Any]:
        """Have an entity, found by name and by id."""
        entity_id = str(uuid5(NAMESPACE_URL, f"{collection}/{fqn}"))
        name = fqn.rpartition(".")[2]
        entity = {"id": entity_id, "name": name, "fullyQualifiedName": fqn, **more}
        self.entities[f"{collection}/name/{fqn}"] = entity
        self.entities[f"{collection}/{entity_id}"] = entity
        return entity

    def sent(self, method: str, path: str) -> list[Call]:
        """The requests with this method whose path matches as a whole."""
        return [
            call for call in self.calls if call.method == method and re.fullmatch(path, call.path)
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        raw_path = request.url.raw_path.decode()
        path = unquote(raw_path.partition("?")[0]).removeprefix("/api/v1/")
        content = request.read()
        body = json.loads(content) if content else None
        query = dict(request.url.params)
        call = Call(request.method, path, raw_path, query, body, request.headers)
        self.calls.append(call)
        given = self._given(call)
        if isinstance(given, Exception):
            raise given
        # A copy: an answer is read once, and tests give one several times.
        return httpx.Response(given.status_code, headers=given.headers, content=given.content)

    def _given(self, call: Call) -> Given:
        for method, pattern, answers in self._scripts:
            if answers and method == call.method and pattern.search(call.path):
                return answers.pop(0)
        for method, pattern, decide in self._judges:
            if method == call.method and pattern.search(call.path):
                given = decide(call)
                if given is not None:
                    return given
        return self._usual(call)

    def _usual(self, call: Call) -> httpx.Response:
        if call.path == "system/version":
            return httpx.Response(200, json={"version": "2.0.7"})
        if call.path == "users/loggedInUser":
            return httpx.Response(200, json={"name": "ingestion-bot", "isBot": True})
        if call.path.startswith("lineage/getLineageEdge/"):
            ends = call.path.removeprefix("lineage/getLineageEdge/")
            if (details := self.edges.get(ends)) is None:  # not there, or put without details (1.6)
                return refusal(404, f"Lineage edge not found between {ends.replace('/', ' and ')}")
            return httpx.Response(200, json={"edge": {"source": "Manual", **details}})
        if call.method == "GET" and (
            graph := re.fullmatch(r"lineage/(\w+)/(name/)?([^/]+)", call.path)
        ):
            return self._graph(*graph.groups())
        if call.method == "GET":
            if call.path in COLLECTIONS:
                return httpx.Response(200, json=self._page(call))
            if call.path in self.entities:
                return httpx.Response(200, json=self.entities[call.path])
            return refusal(404, f"instance for {call.path} not found")
        if call.method == "PATCH" and call.path in self.entities:
            operations = copy.deepcopy(call.body)  # what was sent stays as it was
            for operation in operations:
                self._complete(operation.get("value"))
            return httpx.Response(200, json=patched(self.entities[call.path], operations))
        if call.path.endswith("/bulk"):
            return bulk_answer(call)
        if call.method == "DELETE":
            fqn = call.path.rpartition("/name/")[2]
            return httpx.Response(200, json={"fullyQualifiedName": fqn, "deleted": True})
        if call.path == "lineage":
            edge = call.body["edge"]
            ends = f"{edge['fromEntity']['id']}/{edge['toEntity']['id']}"
            self.edges[ends] = edge.get("lineageDetails")
            return httpx.Response(200)
        if call.path in COLLECTIONS:
            return httpx.Response(201, json={**call.body, **self._named(call)})
        return httpx.Response(200 if call.method != "POST" else 201, json=self._event(call))

    def _graph(self, entity_type: str, by_name: str | None, name: str) -> httpx.Response:
        """The edges into an entity; what is asked for by its id need not be there."""
        found = self.entities.get(f"{KINDS[entity_type].collection}/{by_name or ''}{name}")
        if by_name and found is None:
            return refusal(404, f"{entity_type} instance for {name} not found")
        root = {"id": name, **(found or {}), "type": entity_type}
        edges = [
            {"fromEntity": start, "toEntity": end, "lineageDetails": details}
            for (start, end), details in (
                (ends.split("/"), self.edges[ends]) for ends in self.edges
            )
            if end == root["id"]
        ]
        graph = {"entity": root, "nodes": [], "upstreamEdges": edges, "downstreamEdges": []}
        return httpx.Response(200, json=graph)

    def _page(self, call: Call) -> dict[str, Any]:
        """All entities of a collection on one page, whatever the query."""
        named = f"{call.path}/name/"
        data = [found for path, found in self.entities.items() if path.startswith(named)]
        return {"data": data, "paging": {"total": len(data)}}

    def _complete(self, value: Any) -> None:
        """Give references the FQNs of what they point at, as a server does."""
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and item.get("type") in KINDS:
                found = self.entities.get(f"{KINDS[item['type']].collection}/{item.get('id')}", {})
                item.update({"fullyQualifiedName": found.get("fullyQualifiedName")})

    def _named(self, call: Call) -> dict[str, str]:
        """Id and FQN of the entity that a request writes."""

        def look_up(reference: EntityReference) -> str:
            path = f"{KINDS[str(reference.type)].collection}/{reference.id}"
            return str(self.entities[path]["fullyQualifiedName"])

        kind = COLLECTIONS[call.path]
        body = dict(call.body)
        if "domain" in body:  # before 1.9
            body["domains"] = [body.pop("domain")]
        fqn = fqn_of(kind.request.model_validate(body), look_up)
        return {"id": str(uuid5(NAMESPACE_URL, fqn)), "fullyQualifiedName": fqn}

    def _event(self, call: Call) -> dict[str, Any]:
        """An event about the entity of the path, as OpenMetadata 1.6 answers to usage and runs."""
        *above, last = call.path.split("/")
        name = last if above[0] == "usage" else above[-1]
        if last == "restore":
            name = call.body["id"]
        event = {"id": str(uuid5(NAMESPACE_URL, call.path)), "eventType": "entityUpdated"}
        return {**event, "entityId": name, "entityFullyQualifiedName": name}


def patched(entity: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """The entity after its members were added; other operations are ignored."""
    for operation in operations:
        holder: Any = entity
        *above, last = operation["path"].split("/")[1:]
        for name in above:
            holder = holder[name]
        if operation["op"] != "add":
            continue
        if last == "-":
            holder.append(operation["value"])
        else:
            holder[last] = operation["value"]
    return entity


def refusal(status: int, message: str) -> httpx.Response:
    """An error in the server's shape."""
    return httpx.Response(status, json={"code": status, "message": message})


def bulk_answer(call: Call, failed: dict[str, tuple[int, str]] | None = None) -> httpx.Response:
    """The result of a batch; `failed` gives status and message by the name of a row."""
    failed = failed or {}
    kind = COLLECTIONS[call.path.removesuffix("/bulk")]
    bad = [row for row in call.body if row["name"] in failed]
    return httpx.Response(
        200,
        json={
            "status": "partialSuccess" if bad else "success",
            "numberOfRowsProcessed": len(call.body),
            "numberOfRowsPassed": len(call.body) - len(bad),
            "numberOfRowsFailed": len(bad),
            "successRequest": [
                {"request": fqn_of(kind.request.model_validate(row)), "status": 200}
                for row in call.body
                if row not in bad
            ],
            "failedRequest": [
                {
                    "request": row,
                    "status": failed[row["name"]][0],
                    "message": failed[row["name"]][1],
                }
                for row in bad
            ],
        },
    )


@pytest.fixture(autouse=True)
def _no_token_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests gives no token and no proxy."""
    for name in ("OM_INGEST_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def wire() -> Wire:
    """A wire to a server that has nothing yet."""
    return Wire()


@pytest.fixture
def refused() -> Callable[[int, str], httpx.Response]:
    """Makes an error in the server's shape."""
    return refusal


@pytest.fixture
def bulk() -> Callable[..., httpx.Response]:
    """Makes the result of a batch; a dict of name -> (status, message) says which rows failed."""
    return bulk_answer


@pytest.fixture
def connect(wire: Wire) -> Iterator[Callable[..., OpenMetadata]]:
    """Builds a store at the end of the wire; keyword arguments are keys of the config."""
    stores: list[OpenMetadata] = []

    def build(**config: Any) -> OpenMetadata:
        options = {
            name: config.pop(name)
            for name in ("cancelled", "override_metadata", "agent", "policy", "batch_count")
            if name in config
        }
        options.setdefault("policy", RetryPolicy(4, backoff=Backoff(0.0, 0.0)))
        config = {"hostPort": URL, "securityConfig": {"jwtToken": TOKEN}, **config}
        store = OpenMetadata(config, wire=wire, **options)
        stores.append(store)
        return store

    yield build
    for store in stores:
        store.close()


@pytest.fixture
def store(connect: Callable[..., OpenMetadata]) -> OpenMetadata:
    """A store at the end of the wire; it waits for nothing."""
    return connect()
