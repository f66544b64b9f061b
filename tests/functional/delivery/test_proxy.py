"""The proxy does what a plan says: tests that rely on it would prove nothing otherwise."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.faults import Fault

if TYPE_CHECKING:
    from tests.functional.delivery.proxy import Proxy

PATH = "/api/v1/system/version"


def asked(proxy: Proxy) -> tuple[int, bytes]:
    """Status and body of one request, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_passes_on(proxy: Proxy) -> None:
    """Without a fault the answer is the server's."""
    status, body = asked(proxy)
    assert status == 200
    assert "version" in json.loads(body)
    (exchange,) = proxy.exchanges
    assert exchange.arrived
    assert exchange.status == 200


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        (faults.RESET_BEFORE, False),
        (faults.RESET_AFTER, True),
        (faults.RESET_IN_BODY, True),
        (faults.RESTART, False),
    ],
    ids=str,
)
def test_resets(fault: Fault, arrives: bool, proxy: Proxy) -> None:
    """A reset is one (RST), before the server has the request or after; then all is well."""
    proxy.begin(faults.at({1}, fault))
    with pytest.raises(ConnectionResetError):
        asked(proxy)
    assert proxy.exchanges[0].arrived is arrives
    assert asked(proxy)[0] == 200


def test_refuses(proxy: Proxy) -> None:
    """A server that is away refuses connections, and comes back by itself."""
    proxy.begin(faults.at({1}, faults.REFUSED))
    with pytest.raises(ConnectionResetError):
        asked(proxy)
    with pytest.raises(ConnectionRefusedError):
        asked(proxy)
    for _ in range(1000):
        try:
            assert asked(proxy)[0] == 200
            break
        except ConnectionRefusedError:
            continue
    else:
        pytest.fail("it did not come back")


def test_cuts(proxy: Proxy) -> None:
    """An answer is cut so that its length shows it, or so that only its JSON does."""
    proxy.begin(faults.at({1}, faults.SHORT_BODY))
    with pytest.raises(http.client.IncompleteRead):
        asked(proxy)
    proxy.begin(faults.at({1}, faults.CUT_JSON))
    status, body = asked(proxy)
    assert status == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        json.loads(body)


@pytest.mark.parametrize(
    ("fault", "status"),
    [(faults.PAGE, 200), (faults.GATEWAY_TIMEOUT, 504), (faults.TOO_MANY_SECONDS, 429)],
    ids=str,
)
def test_answers_instead(fault: Fault, status: int, proxy: Proxy) -> None:
    """The answer is the fault's; the server has done what was asked where the fault says so."""
    proxy.begin(faults.at({1}, fault))
    assert asked(proxy)[0] == status
    assert proxy.exchanges[0].arrived is fault.arrives


def test_seed() -> None:
    """The same seed is the same plan."""
    request = faults.refusal(200)
    request.start = "GET /api/v1/tables HTTP/1.1"
    plans = [[plan(n, request) for n in range(200)] for plan in map(faults.Drawn, (7, 7, 8))]
    names = [[str(fault) for fault in plan] for plan in plans]
    assert names[0] == names[1] != names[2]


def test_begins_when_it_is_back(proxy: Proxy) -> None:
    """A plan begins with a server that can be reached, whatever the plan before has done to it."""
    proxy.begin(faults.at({1}, replace(faults.REFUSED, away_s=0.3)))
    with pytest.raises(ConnectionResetError):
        asked(proxy)
    proxy.begin(faults.nothing)
    assert asked(proxy)[0] == 200
