"""Answers over real sockets: which connection is used again, how long and how large one may be."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from om_ingest import Cancellation, DeliveryError
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.circuit import Backoff
from om_ingest.openmetadata.network.content import content_of
from om_ingest.openmetadata.network.retry import RequestFailedError, RetryPolicy, TransientError
from om_ingest.openmetadata.network.transport import Transport

NewTransport = Callable[..., Transport]
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
    more = {name.replace("_", "-"): value for name, value in more.items()}
    given = {"Content-Type": kind, "Content-Length": str(len(body)), **more}
    lines = [f"{name}: {value}" for name, value in given.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that answers `{}` to everything."""
    started = Listener()
    yield started
    started.close()


@pytest.fixture
def new_transport(listener: Listener) -> Iterator[NewTransport]:
    """Makes a transport to the listener, with one connection and hardly any pauses."""
    made: list[Transport] = []

    def make(
        *, cancelled: Cancellation | None = None, grace_s: float = 10.0, **config: float
    ) -> Transport:
        settings = {"hostPort": listener.url, "maxConnections": 1, "retryBudget_s": 5.0, **config}
        made.append(
            Transport(
                MetadataServerConfig.of(settings),
                cancelled=cancelled,
                policy=RetryPolicy(4, backoff=Backoff(0.001, 0.001)),
                grace_s=grace_s,
            )
        )
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def transport(new_transport: NewTransport) -> Transport:
    """A transport to the listener."""
    return new_transport()


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
    with pytest.raises(RequestFailedError, match="not the answer to this request: no id"):
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
    tracemalloc.start()
    try:
        with pytest.raises(TransientError, match="larger than 3 MiB"):
            content_of([bomb], "gzip", 3 * 1024**2)
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024**2
    finally:
        tracemalloc.stop()


def trickle_body(line: socket.socket) -> None:
    """An answer that announces a megabyte, and comes byte by byte."""
    line.sendall(answer(b"{", Content_Length="1000000"))
    while True:
        line.sendall(b" ")
        time.sleep(0.02)


def trickle_head(line: socket.socket) -> None:
    """An answer whose headers come byte by byte."""
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        line.sendall(b"x")
        time.sleep(0.02)


def trickle_hints(line: socket.socket) -> None:
    """An answer that is announced over and over (RFC 9110 §15.2)."""
    while True:
        line.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.02)


TRICKLES = [trickle_body, trickle_head, trickle_hints]


@pytest.mark.parametrize("trickle", TRICKLES)
def test_an_answer_that_trickles(
    trickle: Callable[[socket.socket], None], listener: Listener, new_transport: NewTransport
) -> None:
    """An answer has a limit as a whole: bytes that come now and then do not prolong it."""
    listener.talk = lambda number, path, line: trickle(line)
    begun = time.monotonic()
    with pytest.raises(RequestFailedError, match="took too long"):
        new_transport(readTimeout_s=0.2, connectTimeout_s=0.1).request("PUT", "t", expendable=True)
    assert time.monotonic() - begun < 10.0
    assert {number for number, _ in listener.asked} == set(range(1, len(listener.asked) + 1))


@pytest.mark.parametrize("trickle", TRICKLES)
def test_stopping_while_an_answer_trickles(
    trickle: Callable[[socket.socket], None], listener: Listener, new_transport: NewTransport
) -> None:
    """A run that is to stop waits a moment for the answers under way, and no longer."""
    cancelled = Cancellation()

    def talk(number: int, path: str, line: socket.socket) -> None:
        cancelled.set()
        trickle(line)

    listener.talk = talk
    with pytest.raises(DeliveryError, match="was stopped"):
        new_transport(cancelled=cancelled, grace_s=0.2).request("PUT", "tables")
    assert len(listener.asked) == 1


def test_answers_after_the_run_was_stopped(listener: Listener, new_transport: NewTransport) -> None:
    """What is sent to close a stopped run is answered as ever."""
    cancelled = Cancellation()
    transport = new_transport(cancelled=cancelled, grace_s=0.2)
    assert transport.request("GET", "tables").is_done
    cancelled.set()
    time.sleep(0.5)
    assert transport.request("PUT", "status").is_done


def test_more_requests_than_connections(listener: Listener, new_transport: NewTransport) -> None:
    """Requests wait for each other when all connections are in use."""
    transport = new_transport(maxConnections=2)
    workers = [
        threading.Thread(target=lambda: transport.request("GET", "tables")) for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(listener.asked) == 8
    assert {number for number, _ in listener.asked} <= {1, 2}


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_limit_in_a_forked_child(listener: Listener, new_transport: NewTransport) -> None:
    """A process that a source forks has limits, too, although it inherits no thread."""
    transport = new_transport(readTimeout_s=0.2, connectTimeout_s=0.1)
    assert transport.request("GET", "tables").is_done
    listener.talk = lambda number, path, line: trickle_head(line)
    child = os.fork()
    if not child:
        with suppress(RequestFailedError):
            transport.request("PUT", "t", expendable=True)
        os._exit(7)
    begun, ended, status = time.monotonic(), 0, 0
    while not ended and time.monotonic() < begun + 10.0:
        time.sleep(0.05)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert (ended, status >> 8) == (child, 7)
