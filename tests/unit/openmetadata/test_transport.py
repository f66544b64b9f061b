"""What the network does in mid-run, and what becomes of the request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from om_ingest import Cancellation, DeliveryError, RecordError, ServerError
from om_ingest.model import CreateDatabaseRequest, Database
from om_ingest.openmetadata.network.circuit import Backoff
from om_ingest.openmetadata.network.retry import RequestFailedError, RetryPolicy
from om_ingest.store import Outcome

from tests.selection import few

if TYPE_CHECKING:
    from om_ingest.openmetadata.store import OpenMetadata

    from tests.unit.openmetadata.conftest import Wire

Connect = Callable[..., "OpenMetadata"]
NAME = "databases/name/"
SERVICE = {"id": "3f2b0f5e-1111-4222-8333-444455556666", "type": "databaseService"}


@pytest.fixture
def there(wire: Wire) -> dict[str, Any]:
    """A database that the server has."""
    return wire.put("databases", "s.d", service=SERVICE)


@pytest.mark.parametrize(
    "passing",
    [
        httpx.Response(408),
        httpx.Response(429, headers={"retry-after": "0"}),
        httpx.Response(500, json={"code": 500, "message": "oops"}),
        httpx.Response(502, html="<h1>Bad Gateway</h1>"),
        httpx.Response(503, headers={"retry-after": "0"}, json={"code": 503, "message": "lock"}),
        httpx.Response(504, html="<h1>Gateway Time-out</h1>"),
        httpx.Response(200, html="<!doctype html>"),
        httpx.Response(200, content=b'{"id": "cut of'),
        httpx.Response(404, html="<h1>default backend</h1>"),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.ReadError("reset by peer"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
        httpx.DecodingError("truncated gzip"),
    ],
    ids=str,
)
def test_what_passes(wire: Wire, store: OpenMetadata, there: dict[str, Any], passing: Any) -> None:
    """Whatever may pass is tried again, and the answer comes in the end."""
    wire.on("GET", NAME, passing, passing)
    found = store.get_by_name(Database, "s.d")
    assert found is not None
    assert str(found.id) == there["id"]
    assert len(wire.sent("GET", "databases/name/s.d")) == 3


@pytest.mark.parametrize("status", [400, 404, 405, 409, 412, 415, 422])
def test_what_does_not_pass(wire: Wire, store: OpenMetadata, refused: Any, status: int) -> None:
    """A request that is refused for what it is, is not sent again."""
    wire.on("PUT", "restore", refused(status, "no"))
    answer = store._server.transport.request("PUT", "databases/restore", body=b"{}")  # noqa: SLF001  # the door that all calls go through
    assert answer.status == status
    assert "no" in answer.reason
    assert len(wire.sent("PUT", "databases/restore")) == 1


def test_one_request_that_always_fails(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """While the server answers others, the one that fails is given up, and others go on."""
    wire.judge("GET", "name/s.bad", lambda call: refused(500, "boom"))
    wire.put("databases", "s.d", service=SERVICE)
    with pytest.raises(RecordError, match="boom"):
        store.get_by_name(Database, "s.bad")
    assert store.get_by_name(Database, "s.d") is not None


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [
        ("PUT", "databases/restore", 1),
        ("PUT", "databases/bulk", 2 * 1024**2),
        ("PATCH", "databases/1", 1),
    ],
)
def test_writes_that_are_newer(
    wire: Wire, connect: Connect, refused: Any, method: str, path: str, size: int
) -> None:
    """To find out whether a server writes, nothing is put again that is older than a write."""
    store = connect(retryBudget_s=0.1, policy=RetryPolicy(4, backoff=Backoff(0.01, 0.02)))
    done = httpx.Response(200, json={})
    for match in ("databases/old", "databases/restore", "databases/bulk"):
        wire.judge("PUT", match, lambda call: done)
    wire.judge("PUT", "databases/bad", lambda call: refused(500, "boom"))
    wire.judge("PATCH", "databases/1", lambda call: httpx.ReadError("reset by peer"))
    transport = store._server.transport  # noqa: SLF001  # the door that all calls go through
    transport.request("PUT", "databases/old", body=b"{}")
    with suppress(RequestFailedError):
        transport.request(method, path, body=b"1" + b" " * size, repeatable=method == "PUT")
    with pytest.raises(ServerError):
        transport.request("PUT", "databases/bad", body=b"{}")
    assert len(wire.sent("PUT", "databases/old")) == 1
    assert len(wire.sent("PUT", path)) <= 1


@pytest.mark.parametrize(
    ("path", "error"),
    few([("databases", RequestFailedError), ("services/databaseServices", ServerError)], 1),
)
def test_nothing_but_a_request_that_always_fails(
    wire: Wire, connect: Connect, refused: Any, path: str, error: type[ServerError]
) -> None:
    """A server that breaks on it, and reads, costs that record; a service costs the run."""
    store = connect(retryBudget_s=2.0, policy=RetryPolicy(4, backoff=Backoff(0.02, 0.04)))
    wire.judge("PUT", path, lambda call: refused(500, "boom"))
    with pytest.raises(ServerError, match="boom") as raised:
        store._server.transport.request("PUT", path, body=b"{}")  # noqa: SLF001  # the door that all calls go through
    assert type(raised.value) is error


def test_blame_behind_a_gate(wire: Wire, connect: Connect, refused: Any) -> None:
    """Whether others are answered is asked with the extra headers: a gate lets nothing else in."""
    store = connect(extraHeaders={"X-Gate": "open"}, retryBudget_s=1.0)
    wire.judge("GET", "", lambda call: None if "x-gate" in call.headers else refused(403, "who?"))
    wire.judge("GET", "name/s.bad", lambda call: refused(500, "boom"))
    with pytest.raises(RecordError, match="boom"):
        store.get_by_name(Database, "s.bad")


def test_server_that_stays_away(wire: Wire, connect: Connect) -> None:
    """After the budget every call fails at once, and nothing more is sent."""
    store = connect(retryBudget_s=0.05, policy=RetryPolicy(4, backoff=Backoff(0.02, 0.02)))
    _ = store.features
    wire.judge("GET", "", lambda call: httpx.ConnectError("refused"))
    with pytest.raises(ServerError, match="too long"):
        store.get_by_name(Database, "s.d")
    sent = len(wire.calls)
    with pytest.raises(ServerError, match="too long"):
        store.get_by_name(Database, "s.d")
    assert len(wire.calls) == sent


def test_refused_token(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A token that is refused in mid-run closes the gate for everybody: exit code 4."""
    _ = store.features
    wire.on("GET", NAME, refused(401, "Not Authorized!"))
    for _ in range(2):
        with pytest.raises(ServerError, match="401") as raised:
            store.get_by_name(Database, "s.d")
        assert raised.value.exit_code == 4
    assert len(wire.sent("GET", "databases/name/.*")) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_all_is_forbidden(wire: Wire, store: OpenMetadata, refused: Any, status: int) -> None:
    """A token that may no longer do anything, its own user included, ends the run as well."""
    _ = store.features
    wire.judge("PUT", "databases", lambda call: refused(403, "Not Authorized!"))
    wire.on("GET", "loggedInUser", refused(status, "Not Authorized!"))
    for _ in range(2):
        with pytest.raises(ServerError, match=str(status)) as raised:
            store._server.transport.request("PUT", "databases")  # noqa: SLF001  # the door that all calls go through
        assert raised.value.exit_code == 4
    assert len(wire.sent("PUT", "databases")) == 1


@pytest.mark.parametrize("user", [200, 404, 500])
def test_one_thing_is_forbidden(wire: Wire, store: OpenMetadata, refused: Any, user: int) -> None:
    """A 403 is about its request while the token is known: others are answered."""
    _ = store.features
    wire.judge("PUT", "users", lambda call: refused(403, "only admins make admins"))
    wire.on("GET", "loggedInUser", *[refused(user, "or not")] * 2)
    for _ in range(2):
        answer = store._server.transport.request("PUT", "users")  # noqa: SLF001  # the door that all calls go through
        assert answer.status == 403
        assert "only admins" in answer.reason
    assert store.write([CreateDatabaseRequest(name="d", service="s")])[0].outcome is Outcome.CREATED
    assert len(wire.sent("PUT", "users")) == 2


def test_many_things_are_forbidden(wire: Wire, store: OpenMetadata, refused: Any) -> None:
    """A token that was just checked is not checked again after each 403."""
    wire.judge("PUT", "users", lambda call: refused(403, "only admins make admins"))
    _ = store.features
    before = len(wire.sent("GET", "users/loggedInUser"))
    for _ in range(20):
        assert store._server.transport.request("PUT", "users").status == 403  # noqa: SLF001  # the door that all calls go through
    assert len(wire.sent("GET", "users/loggedInUser")) == before + 1


def test_stopping_while_the_server_is_away(wire: Wire, connect: Connect) -> None:
    """A run that is stopped does not wait for the server to come back."""
    cancelled = Cancellation()
    policy = RetryPolicy(4, backoff=Backoff(60.0, 60.0, lambda low, high: high))
    store = connect(cancelled=cancelled, policy=policy)
    _ = store.features

    def go_away(call: Any) -> Exception:
        cancelled.set()
        return httpx.ConnectError("refused")

    wire.judge("GET", NAME, go_away)
    with pytest.raises(DeliveryError, match="was stopped"):
        store.get_by_name(Database, "s.d")


def test_all_workers_pause_together(wire: Wire, connect: Connect) -> None:
    """While a server is away, eight workers send about as much as one: the rest wait."""
    store = connect(policy=RetryPolicy(4, backoff=Backoff(0.01, 0.02)))
    _ = store.features
    wire.put("databases", "s.d", service=SERVICE)
    wire.on("GET", NAME, *[httpx.Response(503, headers={"retry-after": "0"})] * 24)
    found: list[object] = []
    workers = [
        threading.Thread(target=lambda: found.append(store.get_by_name(Database, "s.d")))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(found) == 8
    assert None not in found
    assert len(wire.sent("GET", "databases/name/s.d")) == 24 + 8


def test_names_in_paths(wire: Wire, store: OpenMetadata) -> None:
    """Nothing in an FQN is safe in a path: slashes, quotes and blanks are encoded (§8.3)."""
    store.get_by_name(Database, 'svc."a/b.c".\u00e9 x')
    assert wire.calls[-1].raw_path.startswith("/api/v1/databases/name/svc.%22a%2Fb.c%22.%C3%A9%20x")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirects(wire: Wire, connect: Connect, status: int) -> None:
    """A redirect is not followed with the token: one is tried again, and many are an outage."""
    store = connect(retryBudget_s=0.05, policy=RetryPolicy(4, backoff=Backoff(0.02, 0.02)))
    wire.put("databases", "s.d", service=SERVICE)
    away = httpx.Response(status, headers={"location": "http://evil.test/"})
    wire.on("GET", NAME, away)
    assert store.get_by_name(Database, "s.d") is not None
    wire.judge("GET", "", lambda call: away)
    with pytest.raises(ServerError, match="redirects") as raised:
        store.get_by_name(Database, "s.d")
    assert "Set hostPort" in raised.value.remedy
    assert {call.headers["host"] for call in wire.calls} == {"om.test"}
