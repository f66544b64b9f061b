"""Answers over real sockets: which connection is used again, how long and how large one may be."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.circuit import Backoff
from om_ingest.openmetadata.network.content import content_of
from om_ingest.openmetadata.network.retry import RequestFailedError, RetryPolicy, TransientError
from om_ingest.openmetadata.network.transport import Transport

Talk = Callable[[int, str, socket.socket], None]
"""Answers one request, given the number of its connection from 1 on, and its path."""


class Listener:
    """Accepts connections, and lets a test answer the requests on them, byte by byte."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []
        """Connection and path of each request, except those of probes."""
        self.talk: Talk = lambda number, path, line: line.sendall(answer(b"{}"))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/api"
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Refuse connections, and end those that are open."""
        for line in [self._socket, *self._lines]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                self._lines.append(line)
                number = len(self._lines)
                threading.Thread(target=self._serve, args=(number, line), daemon=True).start()

    def _serve(self, number: int, line: socket.socket) -> None:
        with suppress(OSError):
            while head := _head(line):
                path = head.split(" ")[1].removeprefix("/api/v1/")
                if path == "system/version":
                    line.sendall(answer(b'{"version": "2.0.7"}'))
                else:
                    self.asked.append((number, path))
                    self.talk(number, path, line)


def _head(line: socket.socket) -> str:
    read = b""
    while not read.endswith(b"\r\n\r\n"):
        piece = line.recv(1)
        if not piece:
            return ""
        read += piece
    return read.decode()


def answer(
    body: bytes, status: str = "200 OK", *, kind: str = "application/json", **more: str
) -> bytes:
    """An answer as it goes over the network."""
    given = {"Content-Type": kind, "Content-Length": str(len(body)), **more}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that answers `{}` to everything."""
    started = Listener()
    yield started
    started.close()


@pytest.fixture
def transport(listener: Listener) -> Iterator[Transport]:
    """A transport to the listener, with one connection and hardly any pauses."""
    config = MetadataServerConfig(hostPort=listener.url, maxConnections=1, retryBudget_s=5.0)
    made = Transport(config, policy=RetryPolicy(4, Backoff(0.001, 0.001)))
    yield made
    made.close()


def test_connection_is_used_again(listener: Listener, transport: Transport) -> None:
    """Requests one after the other share a connection, refused ones included."""
    listener.talk = lambda number, path, line: line.sendall(answer(b"{}", "404 Not Found"))
    for _ in range(3):
        assert transport.request("GET", "tables").status == 404
    assert listener.asked == [(1, "tables")] * 3


@pytest.mark.parametrize(
    "broken",
    [
        answer(b'{"id": "cut of'),
        answer(b"<!doctype html>", kind="text/html"),
        answer(b"<p>Sorry", "502 Bad Gateway", kind="text/html"),
        answer(b"not gzip at all", Content_Encoding="gzip"),
        answer(gzip.compress(b'{"id": "7"}')[:-9], Content_Encoding="gzip"),
        answer(b"\x0b\x05\x80{}\x03", Content_Encoding="br"),
        answer(b'{"id": "of another request"}'),
        answer(b"{}", "500 Internal Server Error"),
    ],
    ids=["JSON", "page", "gateway", "no gzip", "short gzip", "brotli", "evidence", "500"],
)
def test_connection_of_a_broken_answer(
    broken: bytes, listener: Listener, transport: Transport
) -> None:
    """The request is repeated on another connection: what comes on the old one is not trusted."""

    def talk(number: int, path: str, line: socket.socket) -> None:
        line.sendall(broken if number == 1 else answer(b'{"id": "7"}'))

    def is_seven(given: Answer) -> str:
        return "" if given.body["id"] == "7" else "it has another id"

    listener.talk = talk
    assert transport.request("PUT", "tables", body=b"{}", evidence=is_seven).body == {"id": "7"}
    assert listener.asked == [(1, "tables"), (2, "tables")]


def test_evidence_that_never_comes(listener: Listener, transport: Transport) -> None:
    """A request whose answers never belong to it fails, with the reason of the check."""
    with pytest.raises(RequestFailedError, match=r"not the answer.*: no id"):
        transport.request("GET", "tables", evidence=lambda given: "no id")


def test_evidence_is_for_success(listener: Listener, transport: Transport) -> None:
    """A refusal needs no evidence: the check is not asked."""
    listener.talk = lambda number, path, line: line.sendall(answer(b"{}", "400 Bad Request"))
    assert transport.request("GET", "tables", evidence=lambda given: "never").status == 400


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity", ""])
def test_encodings(encoding: str) -> None:
    """Bodies are decoded in whatever pieces they come."""
    body = json.dumps([{"name": f"t{number}"} for number in range(2000)]).encode()
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)(body)
    parts = [packed[place : place + 7] for place in range(0, len(packed), 7)]
    assert content_of(parts, encoding) == body
    assert content_of([], encoding) == b""


def test_an_answer_that_expands() -> None:
    """A small body that expands to more than the limit is broken, and never in memory whole."""
    bomb = gzip.compress(bytes(64 * 1024**2))
    with pytest.raises(TransientError, match="larger than 3 MiB"):
        content_of([bomb], "gzip", 3 * 1024**2)
