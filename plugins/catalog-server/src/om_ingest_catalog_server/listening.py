"""Serving the application on a socket until a signal arrives."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import signal
import socket
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import uvicorn
from om_ingest import WorkflowError, terminal

from om_ingest_catalog_server.added_routes import added_routes
from om_ingest_catalog_server.admission import BoundedProtocol
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from om_ingest_catalog_server.settings import ServerSettings

_BACKLOG = 2048
_CLOSING_S = 1.0
"""How much of the grace is left for closing the catalog."""

logger = logging.getLogger(__name__)


def listen(
    settings: ServerSettings, host: str, port: int, *, grace_s: float, proxies: Sequence[str] = ()
) -> None:
    """Serve until SIGINT or SIGTERM; then finish requests in progress, and close the catalog.

    That takes at most `grace_s`: what is under way then is cut off. `proxies` are the addresses
    and networks whose `X-Forwarded-…` headers are believed, `*` for all; without any, those of
    uvicorn, 127.0.0.1.

    Ends with `KeyboardInterrupt` (exit code 130) or exit code 143. Raises `WorkflowError` for
    a proxy that is no address, and if the address is not available, or not a loopback address
    although there is no token file.
    """
    _check(proxies)
    addresses = _resolved(host, port)
    if settings.tokens is None and not all(_is_loopback(address) for _, address in addresses):
        raise WorkflowError(
            f"{host} is not a loopback address, and without tokens anybody could write",
            "Give a file of tokens with --token-file, or listen on 127.0.0.1.",
        )
    with contextlib.ExitStack() as stack:
        bound = stack.enter_context(_bound(host, port, *addresses[0]))
        stores = stack.enter_context(Stores(settings.catalog))
        stack.enter_context(_exit_code_of_sigterm())
        application = Application(settings, stores, added_routes())
        config = uvicorn.Config(
            application,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(proxies) or None,
            timeout_graceful_shutdown=int(max(grace_s - _CLOSING_S, 0)),
        )
        ready = f"{_url(bound)} serves {settings.catalog}"
        _Server(config, ready, grace_s).run(sockets=[bound])


class _Server(uvicorn.Server):
    """Prints one line on stdout as soon as it accepts requests, and ends within a grace."""

    def __init__(self, config: uvicorn.Config, ready: str, grace_s: float) -> None:
        super().__init__(config)
        self._ready = ready
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        terminal.line(self._ready)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end at a signal; a thread sees to it that this does not take too long."""
        watchdog = threading.Timer(self._grace_s, _cut_off, [sig])
        watchdog.daemon = True
        watchdog.start()
        super().handle_exit(sig, frame)


def _check(proxies: Sequence[str]) -> None:
    for proxy in proxies:
        try:
            ipaddress.ip_network("0.0.0.0/0" if proxy == "*" else proxy)
        except ValueError:
            raise WorkflowError(
                f"--trusted-proxy: {proxy!r} is neither the address of a proxy nor a network",
                "Give an IP address such as 10.0.0.7, a network such as 10.0.0.0/8, or *.",
            ) from None


def _resolved(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """All addresses of a host name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise WorkflowError(
            f"--host: {host!r} is no address of this machine: {error}",
            "Give an IP address or a host name.",
        ) from None
    return [(family, address) for family, _, _, _, address in found]


def _is_loopback(address: Any) -> bool:
    return ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback


def _bound(host: str, port: int, family: socket.AddressFamily, address: Any) -> socket.socket:
    """A listening socket; uvicorn itself would exit without a message if binding failed."""
    # Connections inherit the explicit protocol; asyncio then sets TCP_NODELAY, without which
    # small responses are delayed by 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
        bound.set_inheritable(False)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise WorkflowError(
                f"Port {port} on {host} is in use",
                "Stop the process that listens there, or choose another port with --port.",
            ) from None
        raise WorkflowError(
            f"Cannot listen on {host} port {port}: {error.strerror}",
            "Choose another --host or --port.",
        ) from None
    return bound


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/api" if ":" in host else f"http://{host}:{port}/api"


@contextlib.contextmanager
def _exit_code_of_sigterm() -> Iterator[None]:
    """Let SIGTERM unwind the stack: uvicorn raises the signal again after its shutdown."""
    previous = signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _cut_off(signal_number: int) -> NoReturn:
    """End the process: each write that was answered is in the file, and no other one."""
    logger.error("Requests that were under way at the end of the grace are cut off")
    os._exit(128 + signal_number)


def _terminated(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal_number)
