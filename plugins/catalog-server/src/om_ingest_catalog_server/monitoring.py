"""What operators ask of a server: whether it is well, what it does, and who asked for what."""

from __future__ import annotations

import asyncio
import logging
import platform
import re
import time
from importlib.metadata import version
from typing import TYPE_CHECKING
from uuid import uuid4

from om_ingest import OmIngestError
from om_ingest.registry import host_version
from starlette.datastructures import Headers
from starlette.responses import Response

from om_ingest_catalog_server.answers import json_answer
from om_ingest_catalog_server.metrics import (
    MEDIA_TYPE,
    RequestMetrics,
    Sample,
    metric,
    process_lines,
)
from om_ingest_catalog_server.route import Route
from om_ingest_catalog_server.server_log import Access, access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Scope, Send

    from om_ingest_catalog_server.settings import ServerSettings
    from om_ingest_catalog_server.stores import Stores

HEALTH = "/healthz"
METRICS = "/metrics"
ROUTES = (
    Route("GET", HEALTH, None, "Tell whether the catalog can be read: 200 or 503"),
    Route("GET", METRICS, None, "Get metrics of the server, as Prometheus reads them"),
)
"""For `/docs`: `Monitoring` answers them itself, in the event loop."""

_LOOK_S = 0.8
"""Time limit for a look into the catalog; a kubelet waits for 1 s unless it is told otherwise."""

_LEFT = 499
"""The status of a request without an answer, as nginx has it: the client left, or the server."""

_REQUEST_ID = re.compile(r"[\w.:/+=-]{1,128}", re.ASCII)


class Monitoring:
    """Watches the requests of one server, and answers what `ROUTES` are."""

    def __init__(self, settings: ServerSettings, stores: Stores) -> None:
        self._settings = settings
        self._stores = stores
        self._requests = RequestMetrics()

    def begin(self, scope: Scope, send: Send) -> Exchange:
        """A request that has arrived; its answer is sent through the exchange."""
        self._requests.in_flight += 1
        return Exchange(self._requests, scope, send)

    async def answer(self, path: str) -> Response:
        """The answer to a GET of one of `ROUTES`."""
        return await (self._health() if path == HEALTH else self._metrics())

    async def _health(self) -> Response:
        found = await self._look()
        problem = found if isinstance(found, str) else None
        told = {
            "status": "failing" if problem else "ok",
            "catalog": problem or "readable",
        }
        return json_answer(told, 503 if problem else 200, {"Cache-Control": "no-store"})

    async def _metrics(self) -> Response:
        counts = await self._look()
        lines = [*self._catalog_lines(counts), *self._requests.lines(), *process_lines()]
        return Response("\n".join([*lines, ""]), media_type=MEDIA_TYPE)

    async def _look(self) -> dict[str, int] | str:
        """The number of live entities by type, or why the catalog cannot be read.

        It has a thread and a connection of its own, so that no other request makes it wait.
        """
        loop = asyncio.get_running_loop()
        look = loop.run_in_executor(self._stores.watcher, self._stores.counted)
        try:
            return await asyncio.wait_for(look, _LOOK_S)
        except asyncio.TimeoutError:
            return f"not read within {_LOOK_S} s"
        except OmIngestError as error:
            return error.what

    def _catalog_lines(self, counts: dict[str, int] | str) -> Iterator[str]:
        versions = {
            "version": version("om-ingest-catalog-server"),
            "host_version": host_version(),
            "openmetadata_version": self._settings.reported,
            "python_version": platform.python_version(),
        }
        yield from metric(
            "om_ingest_build_info", "gauge", "Versions of the server.", [Sample(versions, 1)]
        )
        name = "om_ingest_catalog"
        known = {} if isinstance(counts, str) else counts
        yield from metric(
            f"{name}_readable",
            "gauge",
            "1 if the catalog file could be read just now.",
            [Sample({}, int(not isinstance(counts, str)))],
        )
        yield from metric(
            f"{name}_entities",
            "gauge",
            "Live entities in the catalog.",
            [Sample({"type": kind}, n) for kind, n in known.items()],
        )
        yield from metric(
            f"{name}_size_bytes",
            "gauge",
            "Size of the catalog's files on disk: the catalog, and what is not merged into it.",
            [Sample({"file": name}, size) for name, size in self._stores.sizes().items()],
        )


class Exchange:
    """One request and its answer, as metrics and the access log see them."""

    def __init__(self, requests: RequestMetrics, scope: Scope, send: Send) -> None:
        self._requests = requests
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self._status = _LEFT
        self._size = 0
        given = Headers(scope=scope).get("x-request-id", "")
        self._id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        self.route = ""
        """The path of the route; empty until one is found."""

    async def send(self, message: Message) -> None:
        """Send a part of the answer, with the id of the request."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message.get("headers", ()), (b"x-request-id", self._id.encode())]
            message = {**message, "headers": headers}
        elif self._scope["method"] != "HEAD":
            self._size += len(message.get("body", b""))
        await self._send(message)

    def end(self) -> None:
        """Count the request, and tell the access log."""
        seconds = time.perf_counter() - self._began
        scope, method = self._scope, self._scope["method"]
        self._requests.in_flight -= 1
        self._requests.answered(method, self.route, self._status, seconds)
        if access.isEnabledFor(logging.INFO):
            Access(
                method=method,
                route=self.route,
                path=scope["raw_path"].decode("latin-1"),
                query=scope["query_string"].decode("latin-1"),
                status=self._status,
                seconds=seconds,
                size=self._size,
                client=(scope.get("client") or ("",))[0],
                user_agent=Headers(scope=scope).get("user-agent", ""),
                request_id=self._id,
            ).tell()
