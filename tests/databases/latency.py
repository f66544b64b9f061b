"""A network between clients and a server that is as slow, or as broken, as a test wants it.

`with Proxy(("127.0.0.1", port), round_trip_s=0.01) as proxy:` and clients connect to `proxy.host`
and `proxy.port`.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

_SIZE = 1 << 16
_UNDERWAY = 256
"""Pieces of up to 64 KiB that are underway at the most."""
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_GSS_REQUEST = bytes.fromhex("0000000804d21630")
"""https://www.postgresql.org/docs/current/protocol-message-formats.html"""


class Proxy:
    """Passes on what clients and a server say; as a context manager it listens until the end.

    Latency is no limit of throughput: what is sent in one go arrives in one go, later.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        server: tuple[str, int] | Path,
        *,
        round_trip_s: float = 0.0,
        cut_after_bytes: int | None = None,
        cuts: int | None = None,
        is_silent: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.server = server
        """Host and port, or the path of a Unix socket."""
        self.round_trip_s = round_trip_s
        """How much longer a question and its answer take."""
        self.cut_after_bytes = cut_after_bytes
        """How much the server may say in a connection until it is cut; None: it never is."""
        self.cuts = cuts
        """How many connections may still be cut; None: all."""
        self.is_silent = is_silent
        """Whether clients are accepted, and never answered."""
        self.tls = tls
        """Lets clients of PostgreSQL ask for TLS, of which the server itself knows nothing."""
        self.connection_count = 0
        self.round_trip_count = 0
        """How often a client went on to speak when the server had spoken."""
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._connections: list[_Connection] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Proxy:
        self._accepting.start()
        return self

    def __exit__(self, *error: object) -> None:
        _end(self._listener)
        self._accepting.join()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the end
            while True:
                client, _ = self._listener.accept()
                self.connection_count += 1
                self._connections.append(_Connection(self, client))


class _Connection:
    """One client, and the server on its behalf."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._tls: _Tls | None = None
        self._said_last = "server"
        self._threads: list[threading.Thread] = []
        if not proxy.is_silent:
            self._start(self._upwards)

    def close(self) -> None:
        """End both sides, and wait for the threads."""
        for each in filter(None, (self._client, self._server)):
            _end(each)
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _upwards(self) -> None:
        """From the client to the server."""
        try:
            first = self._negotiated() if self._proxy.tls is not None else b""
            self._server = server = _connected(self._proxy.server)
        except OSError:
            _end(self._client)
            return
        self._start(self._downwards)
        send = self._later(server.sendall, server)
        data = first or self._heard()  # a server of MySQL speaks first
        while data:
            if self._said_last == "server":
                self._said_last = "client"
                self._proxy.round_trip_count += 1
            send(data)
            data = self._heard()
        send(b"")

    def _downwards(self) -> None:
        """From the server to the client."""
        assert self._server is not None
        send = self._later(self._tell, self._client, self._server)
        left = self._proxy.cut_after_bytes
        with contextlib.suppress(OSError):
            while data := self._server.recv(_SIZE):
                self._said_last = "server"
                if left is not None and self._proxy.cuts != 0:
                    data, left = data[:left], left - len(data)
                    if left <= 0:
                        if self._proxy.cuts:
                            self._proxy.cuts -= 1
                        send(data)
                        break
                send(data)
        send(b"")

    def _negotiated(self) -> bytes:
        """The first words of the client, after TLS if it wants it."""
        asked = self._client.recv(_SIZE)
        if asked == _GSS_REQUEST:
            self._client.sendall(b"N")
            asked = self._client.recv(_SIZE)
        if asked != _SSL_REQUEST or self._proxy.tls is None:
            return asked
        self._client.sendall(b"S")
        self._tls = _Tls(self._proxy.tls, self._client)
        return self._heard()

    def _heard(self) -> bytes:
        """What the client says next; nothing if it has ended."""
        with contextlib.suppress(OSError):
            if self._tls is not None and (plain := self._tls.opened(b"")):
                return plain  # it came with the end of the handshake
            while data := self._client.recv(_SIZE):
                if self._tls is None:
                    return data
                if plain := self._tls.opened(data):
                    return plain
        return b""

    def _tell(self, data: bytes) -> None:
        self._client.sendall(self._tls.sealed(data) if self._tls else data)

    def _later(
        self, send: Callable[[bytes], None], *ends: socket.socket
    ) -> Callable[[bytes], None]:
        """Sends data after half of a round trip; nothing ends these sockets."""

        def now(data: bytes) -> None:
            with contextlib.suppress(OSError):
                if data:
                    send(data)
                    return
            for each in ends:
                _end(each)

        half = self._proxy.round_trip_s / 2
        if not half:
            return now
        underway: queue.Queue[tuple[float, bytes]] = queue.Queue(_UNDERWAY)

        def deliver() -> None:
            data = b"-"
            while data:
                due, data = underway.get()
                time.sleep(max(0.0, due - time.monotonic()))
                now(data)

        self._start(deliver)
        return lambda data: underway.put((time.monotonic() + half, data))


class _Tls:
    """The server's side of TLS on a socket; two threads may use it at once."""

    def __init__(self, context: ssl.SSLContext, client: socket.socket) -> None:
        self._lock = threading.Lock()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_side=True)
        while True:
            try:
                self._object.do_handshake()
                break
            except ssl.SSLWantReadError:
                client.sendall(self._out.read())
                data = client.recv(_SIZE)
                if not data:
                    raise
                self._in.write(data)
            except ssl.SSLError:
                client.sendall(self._out.read())  # the alert: why it was refused
                raise
        client.sendall(self._out.read())

    def opened(self, data: bytes) -> bytes:
        """The plain text of what was received so far."""
        plain = b""
        with self._lock, contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            self._in.write(data)
            while piece := self._object.read(_SIZE):
                plain += piece
        return plain

    def sealed(self, data: bytes) -> bytes:
        """What to send, so that the client reads this."""
        with self._lock:
            self._object.write(data)
            return self._out.read()


def _connected(server: tuple[str, int] | Path) -> socket.socket:
    if not isinstance(server, Path):
        return socket.create_connection(server)
    local = socket.socket(socket.AF_UNIX)
    local.connect(str(server))
    return local


def _end(each: socket.socket) -> None:
    """End a socket, and wake the thread that reads it."""
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
