"""Properties of all routes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import kinds
from om_ingest_catalog_server.monitoring import ROUTES as BESIDE
from om_ingest_catalog_server.route import Route
from om_ingest_catalog_server.routes import all_routes

from tests.selection import few

if TYPE_CHECKING:
    from in_process import Client

ROUTES = list(all_routes())
ANSWERED = [route for route in ROUTES if route.handler is not None]
NAMES = {"entityType": "table", "fromEntity": "table", "toEntity": "table", "profiled": "table"}
BODIES: list[Any] = [
    {},
    [],
    "x",
    3,
    None,
    {"name": 3},
    {"name": "n", "id": "x", "service": {"id": []}, "edge": [], "runId": {}, "logs": 1},
    [1, None, {}, {"name": "x"}, {"op": "add"}, {"op": "remove", "path": "/name"}],
]


def path(route: Route, *, fits: bool) -> str:
    """The route's path with values that may fit, or with values that fit nowhere."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not fits:
            return "%22%00.%F0%9F%98%80%2F"
        if name in NAMES:
            return NAMES[name]
        return "00000000-0000-4000-8000-000000000000" if name.lower().endswith("id") else "a.b"

    return re.sub(r"{(\w+)}", value, route.path)


@pytest.mark.parametrize("fits", few([True, False], 1))
def test_no_route_breaks(client: Client, fits: bool) -> None:
    """On an empty catalog, no route answers 500, whatever the body."""
    for route in ANSWERED:
        bodies = BODIES if route.body else BODIES[:1]
        for body in bodies:
            given = {"content": json.dumps(body)} if route.body else {}
            headers = {"Content-Type": route.body} if route.body else {}
            answer = client.request(route.method, path(route, fits=fits), headers=headers, **given)
            assert answer.status_code < 500, (route.method, route.path, body, answer.text)
            if answer.status_code >= 400:
                assert answer.json().keys() == {"code", "message"}
                assert answer.json()["code"] == answer.status_code
                assert answer.headers["content-type"] == "application/json"


def test_routes_with_a_body_want_their_media_type(client: Client) -> None:
    """A body of another media type, or without one, is 415."""
    for route in (route for route in ANSWERED if route.body):
        for headers in ({"Content-Type": "text/plain"}, {}):
            answer = client.request(
                route.method, path(route, fits=True), content=b"{}", headers=headers
            )
            assert answer.status_code == 415, (route.method, route.path)
            assert str(route.body) in answer.json()["message"]


def test_what_is_missing_says_so(client: Client) -> None:
    """A route that is not implemented is 501, never a success."""
    missing = [route for route in ROUTES if route.handler is None]
    assert len(missing) > 100
    for route in missing:
        answer = client.request(route.method, path(route, fits=True))
        assert answer.status_code == 501
        assert route.path in answer.json()["message"]


def test_documentation(client: Client) -> None:
    """`/docs` and `/docs.json` list each route once, as implemented or not."""
    listing = _root(client, "/docs.json").json()
    for key, wanted in (("implemented", True), ("notImplemented", False)):
        listed = [(entry["method"], entry["path"]) for entry in listing[key]]
        routes = [route for route in ROUTES if (route.handler is not None) is wanted]
        routes += [route for route in BESIDE if wanted]
        assert sorted(listed) == sorted((r.method, r.url_path) for r in routes)
    page = _root(client, "/docs").text
    assert page.count("<tr><td>") == len([*ROUTES, *BESIDE])
    assert _root(client, "/").headers["location"] == "/docs"


def test_kinds_have_their_routes() -> None:
    """Collections, and which of them have bulk, are those of the one table of kinds."""
    served = {(route.method, route.path) for route in ANSWERED}
    for kind in kinds.KINDS.values():
        assert {("GET", kind.collection), ("PUT", kind.collection)} <= served
        assert (("PUT", f"{kind.collection}/bulk") in served) is kind.bulk


def _root(client: Client, url: str) -> Any:
    return client.get(f"http://server{url}")
