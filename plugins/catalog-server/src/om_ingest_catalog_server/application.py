"""The ASGI application: routing, authentication, handler, response."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from om_ingest_catalog import NEWEST
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from om_ingest_catalog_server import docs, releases
from om_ingest_catalog_server.admission import check_accepted, check_request
from om_ingest_catalog_server.answers import error_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.failures import answer_to
from om_ingest_catalog_server.identity import actor_of, bearer_token, impersonated
from om_ingest_catalog_server.monitoring import METRICS, ROUTES, Monitoring
from om_ingest_catalog_server.query import QueryParameters
from om_ingest_catalog_server.receiving import receive_json
from om_ingest_catalog_server.route import Execution, Route
from om_ingest_catalog_server.routes import all_routes
from om_ingest_catalog_server.tree import RouteTree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from om_ingest_catalog_server.monitoring import Exchange
    from om_ingest_catalog_server.settings import ServerSettings
    from om_ingest_catalog_server.stores import Stores

# With a `hostPort` that ends in `/api/`, the official client sends the second (contract §1.2).
_PREFIXES = (b"/api/v1/", b"/api//v1/")


class Application:
    """OpenMetadata's REST interface on a catalog.

    The caller opens and closes `stores`, so that they are closed however the server ends.
    """

    def __init__(
        self, settings: ServerSettings, stores: Stores, added: Iterable[Route] = ()
    ) -> None:
        """`added` are the routes of plugins, as `added_routes.added_routes` gives them.

        An empty catalog becomes one of a fresh server.
        """
        stores.writing.catalog.initialise(settings.release)
        self._settings = settings
        self._stores = stores
        routes = [route for route in all_routes() if _is_there(route, settings)]
        more = [route for route in added if route.since <= settings.release]
        self._tree = RouteTree(routes)
        self._added = RouteTree([*ROUTES, *more])
        self._monitoring = Monitoring(settings, stores)
        self._pages = docs.pages([*routes, *ROUTES, *more], settings)
        self._executors: dict[Execution, Executor] = {
            Execution.READING: stores.readers,
            Execution.WRITING: stores.writer,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            exchange = self._monitoring.begin(scope, send)
            try:
                await self._answer(scope, receive, exchange)
            finally:
                exchange.end()
        elif scope["type"] == "lifespan":
            await _handle_lifespan(receive, send)

    async def _answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        try:
            response = await self._respond(scope, receive, exchange)
        except ClientDisconnect:
            return
        except asyncio.CancelledError:  # the server ends, and has waited long enough
            said = "The server ends before this is answered: repeat the request"
            response = error_answer(503, said, {"Retry-After": "1", "Connection": "close"})
        except Exception as error:  # noqa: BLE001  # every failure becomes a response
            # Pages of plugins are no part of OpenMetadata, whose older releases answer otherwise.
            is_api = scope["raw_path"].startswith(_PREFIXES)
            response = answer_to(error, self._settings.release if is_api else NEWEST)
        await response(scope, receive, exchange.send)

    async def _respond(self, scope: Scope, receive: Receive, exchange: Exchange) -> Response:
        headers = Headers(scope=scope)
        check_request(scope, headers, self._settings)
        path: bytes = scope["raw_path"]
        prefix = next((start for start in _PREFIXES if path.startswith(start)), None)
        if prefix is not None:
            route, values = self._tree.find(scope["method"], path[len(prefix) :])
            check_accepted(headers.getlist("accept"))
        elif path in self._pages:
            exchange.route = path.decode()
            return self._pages[path]
        else:
            route, values = self._added.find(scope["method"], path)
        exchange.route = route.url_path
        token = bearer_token(headers.get("authorization"))
        if route in ROUTES:
            if route.path == METRICS and self._settings.metrics_need_token:
                self._check_token(token)
            return await self._monitoring.answer(route.path)
        if route.handler is None:
            raise HTTPException(
                501, f"{route.method} {route.url_path} is not implemented; see /docs"
            )
        if route.needs_token:
            self._check_token(token)
        actor = impersonated(headers.get("x-impersonate-user"), actor_of(token))
        body: Any = None
        if route.body is not None:
            limit = self._settings.max_body_bytes
            body = await receive_json(headers, receive, route.body, limit)
        query = QueryParameters(scope["query_string"])
        call = ApiCall(
            route=route,
            execution=_execution_of(route, query),
            values=values,
            query=query,
            headers=headers,
            body=body,
            actor=actor,
            base_url=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
            stores=self._stores,
            settings=self._settings,
        )
        if call.execution is Execution.INLINE:
            return route.handler(call)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executors[call.execution], route.handler, call)

    def _check_token(self, token: str | None) -> None:
        if self._settings.tokens is None:
            return
        if token is None:
            raise HTTPException(401, "Not Authorized! Token not present")
        if not self._settings.tokens.holds(token):
            is_undecoded = self._settings.release < releases.TOKENS and token.count(".") != 2
            said = "Unable to decode the token." if is_undecoded else "Invalid token."
            raise HTTPException(401, f"Not Authorized! {said}")


def _is_there(route: Route, settings: ServerSettings) -> bool:
    """Whether a release has a route, and the kind that it is for."""
    has_kind = route.kind is None or releases.has_kind(settings.number, route.kind.entity_type)
    return has_kind and route.since <= settings.release


def _execution_of(route: Route, query: QueryParameters) -> Execution:
    """The execution of a request: that of its route, unless its query changes the duration."""
    if route.deferrable and query.flag("async"):
        return Execution.INLINE  # it only queues a job, and must not wait for the writing thread
    if route.execution is Execution.INLINE and query.fields:
        return Execution.READING  # a field may contain a million tables
    return route.execution


async def _handle_lifespan(receive: Receive, send: Send) -> None:
    """Acknowledge startup and shutdown (ASGI lifespan protocol)."""
    message: Message = {"type": ""}
    while message["type"] != "lifespan.shutdown":
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
