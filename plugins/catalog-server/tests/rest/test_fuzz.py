"""Hostile requests over every route: always an answer, never a 500.

In process, where there is time for thousands; then some against a live server.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.routes import all_routes
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from rest.asking import Answer, Request, ask, complaint
from rest.hostile import Known, encoded, populate, request
from rest.odd import ODD_TEXTS

if TYPE_CHECKING:
    from rest.conftest import Clients

Ask = Callable[[Request], Answer]

ROUTES = list(all_routes())
ANSWERED = [route for route in ROUTES if route.handler is not None]
WRITES = [route for route in ANSWERED if route.body is not None]


def examples(count: int) -> settings:
    """So many examples, the same ones every time."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks an application in this process."""
    path = tmp_path_factory.mktemp("fuzz") / "catalog.db"
    loop = asyncio.new_event_loop()
    with Stores(path) as stores:
        served = Application(ServerSettings(path), stores)
        yield lambda request: loop.run_until_complete(ask(served, request))
    loop.close()


@pytest.fixture
def known(application: Ask) -> Known:
    """An entity of each kind in it, also if an earlier test has deleted some."""

    def put(collection: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = ((b"content-type", b"application/json"),)
        path = f"/api/v1/{collection}".encode()
        answer = application(Request("PUT", path, b"", headers, (json.dumps(body).encode(),)))
        assert answer.status in {200, 201}, answer
        entity: dict[str, Any] = json.loads(answer.body)
        return entity

    return populate(put)


def test_every_route(application: Ask, known: Known) -> None:
    """Every route there is answers odd names, odd parameters and odd bodies without failing;
    those that are not implemented say so.
    """
    there = known["table"]
    complaints = []
    for position, route in enumerate(ROUTES):
        for number, text in enumerate((there[0], there[1], *ODD_TEXTS)):
            if number > 3 and (number + position) % 11:  # each odd text at every eleventh route
                continue
            parts = [
                encoded(text) if part.startswith("{") else part.encode() for part in route.segments
            ]
            query = b"limit=" + encoded(text) + b"&fields=" + encoded(text)
            odd = Request(
                route.method,
                b"/api/v1/" + b"/".join(parts),
                query if number % 2 else b"",
                ((b"content-type", (route.body or "application/json").encode()),),
                (json.dumps([text, {}, [], {"id": text}, None][number % 5]).encode(),),
            )
            answer = application(odd)
            complaints.append(complaint(odd, answer, implemented=route.handler is not None))
    assert len(complaints) > 5_000
    assert not any(complaints), "\n\n".join(filter(None, complaints))[:20_000]


@pytest.mark.parametrize("seed", range(12))
def test_hostile_requests(application: Ask, known: Known, seed: int) -> None:
    """Hundreds of requests from a seed, with whatever is wrong in path, query, headers and
    body at once: no answer is a 500, and many are a success.
    """
    chance = Random(seed)
    statuses = Counter[int]()
    for position in range(400):
        hostile = request(chance, WRITES if position % 2 else ANSWERED, known)
        answer = application(hostile)
        statuses[answer.status] += 1
        assert not complaint(hostile, answer)
    assert statuses[200] + statuses[201] > 40, "all are refused at the door"
    assert {400, 404} <= set(statuses)


@examples(250)
@given(chance=st.randoms(use_true_random=False))
def test_smallest_hostile_request(application: Ask, known: Known, chance: Random) -> None:
    """Hypothesis finds no request that is answered 500; if it did, it would show the least."""
    hostile = request(chance, ANSWERED, known)
    assert not complaint(hostile, application(hostile))


def test_everything_can_still_be_read(application: Ask, known: Known) -> None:
    """After all that, every entity is listed, read by id and name, has no unknown
    field, and its versions are in order.
    """
    read = 0
    for route in ANSWERED:
        if route.method != "GET" or route.kind is None or route.path != route.kind.collection:
            continue
        path = f"/api/v1/{route.path}".encode()
        listed = application(Request("GET", path, b"limit=1000000&include=all&fields=*"))
        assert listed.status == 200, (route, listed)
        page = json.loads(listed.body)
        assert page["paging"]["total"] == len(page["data"])
        for entity in page["data"]:
            route.kind.entity.model_validate(entity)
            by_id, by_name = entity["id"].encode(), b"name/" + encoded(entity["fullyQualifiedName"])
            for key in (by_id, by_name):
                answer = application(Request("GET", path + b"/" + key, b"include=all&fields=*"))
                assert json.loads(answer.body) == entity
                read += 1
            kept = application(Request("GET", path + b"/" + by_id + b"/versions"))
            versions = [json.loads(text) for text in json.loads(kept.body)["versions"]]
            numbers = [version["version"] for version in versions]
            assert numbers == sorted(set(numbers), reverse=True)
            assert numbers[0] == entity["version"]
    assert read >= 2 * len(known)


def test_a_live_server(clients: Clients, live: Known) -> None:
    """A server in a process of its own answers hostile requests as well."""
    chance, client, answered = Random(5), clients("open"), 0
    for _ in range(600):
        hostile = request(chance, ANSWERED, live)
        headers = [pair for pair in hostile.headers if pair[0] not in {b"host", b"content-length"}]
        target = hostile.path + (b"?" + hostile.query if hostile.query else b"")
        try:
            url = client.base_url.copy_with(raw_path=target)
            body = b"".join(hostile.chunks)
            sent = client.request(hostile.method, url, headers=headers, content=body)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError):
            continue  # the library does not send it
        answered += 1
        answer = Answer(sent.status_code, dict(sent.headers), sent.content)
        assert not complaint(hostile, answer)
    assert answered > 400


@pytest.fixture(scope="module")
def live(clients: Clients) -> Known:
    """An entity of each kind on the live server."""

    def put(collection: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = clients("open").put(f"/api/v1/{collection}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        entity: dict[str, Any] = answer.json()
        return entity

    return populate(put)
