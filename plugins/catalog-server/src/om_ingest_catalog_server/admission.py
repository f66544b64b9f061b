"""What a request is refused for before it is read: its size, its host, and where it comes from."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from om_ingest_catalog_server.failures import RoutingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.datastructures import Headers
    from starlette.types import Scope

    from om_ingest_catalog_server.settings import ServerSettings

MAX_URL_BYTES = 32 * 1024
"""Longest path with its query; OpenMetadata's own server takes 8 KiB with all headers."""

MAX_HEADER_BYTES = 64 * 1024
"""Largest sum of all headers."""

_SHOWN_CHARS = 100
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def hosts_of(host: str, allowed: Iterable[str] = ()) -> frozenset[str]:
    """The names of a server on a loopback address: that of `--host`, and those of `--allowed-host`.

    `localhost` and loopback addresses always name it.
    """
    return frozenset({"localhost", *(_name_in(name) for name in (host, *allowed))})


def check_request(scope: Scope, headers: Headers, settings: ServerSettings) -> None:
    """Raise `HTTPException` for a request that is not for this server, or too large.

    414 and 431 for its size; 421 for a `Host` that does not name the server, which is how a web
    page gets at it whose name was changed to this address (DNS rebinding); 403 for a write
    that a page of another origin has sent (RFC 6454 §7), while no token protects the server.
    """
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_URL_BYTES:
        raise HTTPException(414, f"The URL is longer than {MAX_URL_BYTES} bytes")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
        raise HTTPException(431, f"The headers are larger than {MAX_HEADER_BYTES} bytes")
    known, given = settings.allowed_hosts, headers.getlist("host")
    if scope["raw_path"] == b"/healthz":
        known = None  # a kubelet calls a pod by its address, and a page learns nothing from it
    # A browser always sends a Host; HTTP/1.0 has none.
    if known is not None and not all(_is_known(host, known) for host in given):
        shown = (given or [""])[0][:_SHOWN_CHARS]
        raise HTTPException(
            421,
            f"This server is not known as {shown!r}: use http://localhost, or start it with"
            " --allowed-host and this name",
        )
    if settings.tokens is None and scope["method"] not in _READING:
        for origin in headers.getlist("origin"):
            if [urlsplit(origin).netloc.lower()] != [host.lower() for host in given]:
                raise HTTPException(
                    403,
                    f"A page of {origin[:_SHOWN_CHARS]!r} may not write here: it is of another"
                    " origin, and this server has no tokens; see --token-file",
                )


def check_accepted(accepted: Iterable[str]) -> None:
    """Raise `RoutingError` (406) if a client does not accept JSON (RFC 9110 §12.5.1)."""
    ranges = [part.strip().lower() for header in accepted for part in header.split(",")]
    given = [one.replace(" ", "") for one in ranges if one]
    if given and not any(
        one.partition(";")[0] in {"*/*", "application/*", "application/json"}
        and not one.endswith((";q=0", ";q=0.0"))
        for one in given
    ):
        raise RoutingError(406)


def _is_known(host: str, known: frozenset[str]) -> bool:
    name = _name_in(host)
    if name in known:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback  # no page can be given such a name
    except ValueError:
        return False


def _name_in(host: str) -> str:
    """The name or address in a `Host` header (RFC 9110 §7.2), without its port."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    return text.removesuffix(".")


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which by itself collects the head of a request without a limit."""

    _head_bytes = 0
    _is_in_head = True
    _has_completed = False
    """Whether a request ended in the data that is being parsed, which is then no head alone."""

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived; closes the connection of a head that does not end."""
        self._has_completed = False
        super().data_received(data)
        if self._is_in_head and not self._has_completed:
            self._head_bytes += len(data)
        if self._head_bytes > 2 * (MAX_URL_BYTES + MAX_HEADER_BYTES):
            message = f"The URL or the headers are larger than {MAX_HEADER_BYTES} bytes"
            self._refuse(431, "Request Header Fields Too Large", message)

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the head of the next request."""
        self._is_in_head, self._has_completed, self._head_bytes = True, True, 0
        super().on_message_complete()

    def _refuse(self, status: int, phrase: str, message: str) -> None:
        body = json.dumps({"code": status, "message": message})
        head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        transport: Any = self.transport
        transport.write((head + body).encode())
        transport.close()
