"""Connections to one server over httpx, whose errors do not leave this module.

An httpx timeout bounds the wait for the next bytes, not the exchange: a server that sends a byte
now and then is waited for without end. Here each connection belongs to one exchange at a time,
and a thread shuts down those whose exchange takes too long, whatever it waits for.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import httpx

from om_ingest.cancellation import Cancellation
from om_ingest.errors import OmIngestError, RecordError, ServerError, WorkflowError
from om_ingest.masking import Redactor
from om_ingest.openmetadata.config import MetadataServerConfig
from om_ingest.openmetadata.network.answers import Evidence
from om_ingest.openmetadata.network.content import ACCEPTED_ENCODING, content_of
from om_ingest.openmetadata.network.retry import WEIGHT, TransientError, stopped
from om_ingest.openmetadata.network.tls import verification

JudgedT = TypeVar("JudgedT")

GRACE_S = 10.0
"""Seconds that an exchange may still take when the run is to stop."""

_ACCEPTED = {"Accept": "application/json", "Accept-Encoding": ACCEPTED_ENCODING}
_KEEPALIVE_S = 30.0
_LOOK_S, _IDLE_S = 0.1, 5.0


class Request(NamedTuple):
    """A request to send."""

    method: str
    path: str
    """Relative to the API's URL, its names quoted."""

    query: Mapping[str, str | int] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})
    read_s: float | None = None
    """Maximum seconds for the answer; None for `readTimeout_s`."""

    evidence: Evidence | None = None
    """Why an answer cannot belong to the request."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing (RFC 9110 §9.2.1)."""
        return self.method == "GET"


class Reply(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    """The decoded body."""


class Connections:
    """Up to `maxConnections` connections. Thread-safe.

    `redact` takes secrets out of messages; `wire` is an `httpx.BaseTransport` that replaces the
    network. Raises `WorkflowError` if the config is wrong.
    """

    def __init__(
        self,
        config: MetadataServerConfig,
        cancelled: Cancellation,
        redact: Redactor,
        *,
        wire: httpx.BaseTransport | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        self._url = config.api_url
        self._connect_s, self._read_s = config.connectTimeout_s, config.readTimeout_s
        self._verify, self._wire = verification(config), wire
        self._redact, self._name = redact, redact(self._url)
        self._cancelled, self._grace_s = cancelled, grace_s
        self._free = threading.Semaphore(config.maxConnections)
        self._lock = threading.Lock()
        self._lines = [self._line()]
        """All lines."""
        self._idle = list(self._lines)
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def exchange(
        self, request: Request, headers: Mapping[str, str], judge: Callable[[Reply], JudgedT]
    ) -> JudgedT:
        """What `judge` makes of the answer to a request.

        If it raises a `TransientError` that concerns this answer only, the connection is closed:
        what comes on it next may belong to this request. Raises `TransientError` for no or a
        broken answer, `ServerError` for a server that cannot be used, `RecordError` for a request
        that cannot be sent.
        """
        read_s = self._read_s if request.read_s is None else request.read_s
        with self._held(read_s) as line:
            response: httpx.Response | None = None
            try:
                sent = line.client.build_request(
                    request.method,
                    f"{self._url}/{request.path}",
                    params=request.query,
                    content=request.body,
                    headers={**_ACCEPTED, **request.headers, **headers},
                    timeout=httpx.Timeout(read_s, connect=self._connect_s),
                    extensions={"trace": line.trace},
                )
                response = line.client.send(sent, stream=True)
                encoding = response.headers.get("content-encoding", "")
                # The stream itself, not `iter_bytes`: that decodes without a limit, and gives
                # the connection back before its content is judged.
                content = content_of(line.parts(response.stream), encoding)
                return judge(Reply(response.status_code, response.headers, content))
            except TransientError as error:
                if response is not None and not error.is_shared:
                    with suppress(KeyError):  # no network in tests
                        response.extensions["network_stream"].close()
                raise
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
                raise self._told(error, request, is_cut=line.is_cut) from None
            finally:
                if response is not None:
                    response.close()
                    # The stream refers back to the response. This cycle would keep the request's
                    # body in memory until the next garbage collection, which is rare in a run.
                    response.stream = httpx.ByteStream(b"")

    def close(self) -> None:
        """Close every connection."""
        self._closed.set()
        with self._lock:
            for line in self._lines:
                line.client.close()
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.join()

    def _line(self) -> _Line:
        try:
            client = httpx.Client(
                verify=self._verify,
                limits=httpx.Limits(
                    max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEPALIVE_S
                ),
                transport=self._wire,
            )
        except (ValueError, ImportError, httpx.InvalidURL):  # its text may contain a password
            raise WorkflowError(
                "A proxy in the environment cannot be used",
                "Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or set NO_PROXY. A proxy is the URL"
                " of an HTTP proxy, its password percent-encoded; SOCKS needs `socksio`.",
            ) from None
        return _Line(client)

    @contextmanager
    def _held(self, limit_s: float) -> Iterator[_Line]:
        """A line, for one exchange of at most `limit_s` seconds."""
        with self._free:
            if self._cancelled.left_s(limit_s) <= 0:
                raise stopped()
            with self._lock:
                if not self._idle:
                    self._idle.append(self._line())
                    self._lines.append(self._idle[-1])
                line = self._idle.pop()
                # It is not alive in the child of a fork: threads are not inherited.
                is_watched = self._watch is not None and self._watch.is_alive()
                if not is_watched and not self._closed.is_set():
                    self._watch = threading.Thread(target=self._look, name="deadlines", daemon=True)
                    self._watch.start()
            line.begin(limit_s, self._connect_s)
            try:
                yield line
            finally:
                line.end()
                with self._lock:
                    self._idle.append(line)

    def _look(self) -> None:
        """Cut each line whose exchange takes too long, until there has been none for a while."""
        stopped_at, idle_since = math.inf, math.inf
        while not self._closed.wait(_LOOK_S):
            now = time.monotonic()
            if stopped_at == math.inf and self._cancelled.is_set():
                stopped_at = now
            with self._lock:
                lines = list(self._lines)
                is_idle = len(self._idle) == len(lines)
                idle_since = min(idle_since, now) if is_idle else math.inf
                if now > idle_since + _IDLE_S:
                    self._watch = None
                    return
            for line in lines:
                line.cut_if_late(now, stopped_at + self._grace_s, self._grace_s, self._cancelled)

    def _told(self, error: Exception, request: Request, *, is_cut: bool) -> OmIngestError:
        """What an error of httpx means for the request."""
        if isinstance(error, UnicodeEncodeError):
            return no_unicode(str(request.query))
        if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
            return WorkflowError(f"{self._name} is not a valid URL: {error}", "Correct hostPort.")
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
            return self._unreachable(error)
        if is_cut or isinstance(error, httpx.TimeoutException):
            return TransientError("the server took too long to answer", weight=WEIGHT)
        said = self._redact.reason(str(error)) or type(error).__name__
        return TransientError(f"the connection broke: {said}")

    def _unreachable(self, error: Exception) -> OmIngestError:
        said = self._redact.reason(str(error)) or "no answer"
        if "CERTIFICATE_VERIFY_FAILED" in said:
            return ServerError(
                f"The certificate of {self._name} cannot be verified: {said}",
                "Name the authority's file: verifySSL: validate, sslConfig: {caCertificate: FILE}.",
            )
        if "WRONG_VERSION_NUMBER" in said:
            return ServerError(
                f"What listens at {self._name} does not speak TLS", "Write hostPort with http://."
            )
        return TransientError(
            f"{self._name} cannot be reached: {said}",
            "Start the server, or correct hostPort and the proxies in the environment.",
            is_shared=True,
            may_have_arrived=False,
        )


class _Line:
    """A client with one connection, which another thread can cut."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.is_cut = False
        """Whether the exchange was ended because it took too long."""
        self._limit_s = self._connect_s = 0.0
        self._begun = self._deadline = math.inf
        """Of the exchange under way, on the monotonic clock; `inf` without one."""
        self._stream: Any = None
        """The stream of the latest connection, as httpcore gives it."""
        self._lock = threading.Lock()

    def begin(self, limit_s: float, connect_s: float) -> None:
        """Begin an exchange of at most `limit_s` seconds, after `connect_s` for a connection."""
        with self._lock:
            self._begun, self.is_cut = time.monotonic(), False
            self._limit_s, self._connect_s = limit_s, connect_s
            self._deadline = self._begun + limit_s

    def end(self) -> None:
        """End the exchange."""
        with self._lock:
            self._begun = self._deadline = math.inf

    def trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Note each new connection: the request extension `trace` of httpx."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]
            self._deadline = time.monotonic() + self._limit_s
        elif name.endswith("connect_tcp.started"):
            self._deadline = time.monotonic() + self._connect_s + self._limit_s

    def parts(self, stream: Any) -> Iterator[bytes]:
        """The body as it comes, up to the deadline."""
        for part in stream:
            if self.is_cut or time.monotonic() > self._deadline:
                raise TransientError("the server took too long to answer", weight=WEIGHT)
            yield part

    def cut_if_late(self, now: float, last_at: float, grace_s: float, run: Cancellation) -> None:
        """Shut down the connection if the exchange is late: none ends later than the run."""
        with self._lock:
            cut_at = run.cut_at if self._begun < run.cut_at else run.last_at
            if now < min(self._deadline, max(last_at, self._begun + grace_s), cut_at):
                return
            self.is_cut = True
            if self._stream is not None and (line := self._stream.get_extra_info("socket")):
                with suppress(OSError):
                    # Not the method of an SSLSocket, which another thread is reading from.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)


def no_unicode(text: str) -> RecordError:
    """The error for text that no request can carry."""
    return RecordError(f"{text!r} is not valid Unicode and cannot be sent", "Correct the name.")
