"""Bytes on the wire that no HTTP library would send: the server answers, and goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from rest.conftest import Clients

_PUT = b"PUT /api/v1/services/databaseServices HTTP/1.1\r\nHost: localhost\r\n"
_JSON = b"Content-Type: application/json\r\n"
_TOKENLESS = b"Authorization: Bearer \r\n"


@contextmanager
def _connection(client: httpx.Client) -> Iterator[socket.socket]:
    address = (str(client.base_url.host), client.base_url.port or 0)
    with socket.create_connection(address, timeout=30) as connection:
        yield connection


def _said(client: httpx.Client, sent: bytes, *, ends: bool = False) -> bytes:
    """Everything that the server says to these bytes before it closes the connection.

    `ends` says that nothing follows: a client that ends its side may get no answer.
    """
    with _connection(client) as connection:
        connection.sendall(sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


def _body(answer: bytes) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return parsed


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"\x00\xff\x16\x03\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /api/v1/tables HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"y" * 100_000,
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        _PUT + b"Content-Length: -5\r\n\r\n",
        _PUT + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        _PUT + _JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        _PUT + _JSON + b"Content-Length: 500\r\n\r\n{",
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_what_is_no_request(clients: Clients, sent: bytes) -> None:
    """What is no HTTP, or ends too early, is refused or left alone; others are answered."""
    client = clients("open")
    assert b" 500 " not in _said(client, sent, ends=True)
    assert client.get("/api/v1/system/version").status_code == 200


def test_an_empty_token(clients: Clients) -> None:
    """`Authorization: Bearer ` without a token, as an empty jwtToken makes the official client
    send, is no token: it reads, and where tokens count it does not write.
    """
    get = b"GET /api/v1/tables HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    assert _said(clients("guarded"), get + _TOKENLESS + b"\r\n").startswith(b"HTTP/1.1 200")
    put = _PUT + _JSON + _TOKENLESS + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    answer = _said(clients("guarded"), put)
    assert answer.startswith(b"HTTP/1.1 401")
    assert _body(answer) == {"code": 401, "message": "Not Authorized! Token not present"}


def test_a_body_that_waits_to_be_wanted(clients: Clients) -> None:
    """Who asks first (`Expect: 100-continue`) hears of a limit before it sends the body."""
    head = _PUT + _JSON + b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"
    answer = _said(clients("small"), head)
    assert answer.startswith(b"HTTP/1.1 413")


def test_old_clients(clients: Clients) -> None:
    """HTTP/1.0 is answered, and the connection closed."""
    answer = _said(clients("open"), b"GET /api/v1/system/version HTTP/1.0\r\n\r\n")
    assert answer.split(b" ")[1] == b"200"
    assert _body(answer)["version"] == "2.0.7"


def test_a_client_that_dawdles_keeps_nobody_waiting(clients: Clients) -> None:
    """While a client has sent half of a body, others read and write."""
    client = clients("open")
    whole = json.dumps({"name": "dawdler", "serviceType": "Mysql"}).encode()
    head = _PUT + _JSON + f"Content-Length: {len(whole)}\r\n\r\n".encode()
    with _connection(client) as slow:
        slow.sendall(head + whole[:10])
        other = {"name": "other-than-the-dawdler", "serviceType": "Mysql"}
        written = client.put("/api/v1/services/databaseServices", json=other)
        assert written.status_code in {200, 201}
        assert client.get("/api/v1/services/databaseServices/name/dawdler").status_code == 404
        slow.sendall(whole[10:])
        assert slow.recv(65536).startswith(b"HTTP/1.1 201")


def test_a_client_that_leaves(clients: Clients) -> None:
    """A client that goes away in the middle of its body has written nothing."""
    client = clients("open")
    whole = json.dumps({"name": "quitter", "serviceType": "Mysql"}).encode()
    for _ in range(20):
        with _connection(client) as quitter:
            quitter.sendall(_PUT + _JSON + f"Content-Length: {len(whole) + 9}\r\n\r\n".encode())
            quitter.sendall(whole)
    assert client.get("/api/v1/services/databaseServices/name/quitter").status_code == 404
