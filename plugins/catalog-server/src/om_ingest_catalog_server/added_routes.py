"""Routes that other distributions add to the server: found by entry point, checked, guarded.

An entry point of the group `om_ingest_catalog_server.routes` names a function without
arguments that returns routes. Their paths begin with `/` and lie outside OpenMetadata's
interface, below a first segment that belongs to one plugin alone.
"""

from __future__ import annotations

import functools
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from om_ingest import DeliveryError, RecordError
from om_ingest.failure_place import located
from om_ingest.registry import AllowList, declared_plugins, host_version, unmet
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server.route import REMAINDER, Route
from om_ingest_catalog_server.tree import RouteTree

if TYPE_CHECKING:
    from om_ingest_catalog_server.call import ApiCall
    from om_ingest_catalog_server.route import Handler

GROUP = "om_ingest_catalog_server.routes"
"""The entry-point group of plugins that add routes."""

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
RESERVED = ("api", "docs", "docs.json", "healthz", "metrics")
"""First segments of paths that are the server's own."""

_PATH = re.compile(r"/[\w.~-]+(/([\w.~-]+|\{\w+\}))*", re.ASCII)

logger = logging.getLogger(__name__)


def added_routes(allow: AllowList | None = None) -> list[Route]:
    """The routes of all plugins that may be loaded.

    A plugin that cannot be imported, breaks a rule for routes, or claims the paths of
    another one adds none: a warning names it, and the server goes on.
    """
    found: list[Route] = []
    claims: dict[str, str] = {}
    for point, package in declared_plugins(GROUP, allow):
        owner = f"{package}: {point.name}"
        try:
            if wanted := unmet(package.requires):
                raise ValueError(f"it needs {wanted}, this is om-ingest {host_version()}")
            routes = [_checked(route, owner) for route in point.load()()]
            RouteTree(routes)  # raises where two of them are the same
            for segment in {route.segments[1] for route in routes}:
                if segment in claims:
                    raise ValueError(f"/{segment} belongs to {claims[segment]}")
        except (Exception, SystemExit) as error:
            problem = f"The plugin {owner} adds no routes: {located(error)}"
            logger.warning("%s", problem)
            logger.debug("%s", problem, exc_info=error)
            continue
        claims |= dict.fromkeys((route.segments[1] for route in routes), owner)
        found += routes
    return found


def _checked(route: Route, owner: str) -> Route:
    """The route with its owner and a guarded handler; raises if it breaks a rule."""
    if not isinstance(route, Route):
        raise TypeError(f"{type(route).__name__} is no Route")
    if route.method not in METHODS:
        raise ValueError(f"{route.method!r} is none of {', '.join(METHODS)}")
    if not _PATH.fullmatch(route.path):
        raise ValueError(f"{route.path!r} is not a path such as /pages/tables/{{fqn}}")
    if REMAINDER in route.segments[:-1]:
        raise ValueError(f"{route.path}: {REMAINDER} is not its last segment")
    if route.segments[1] in RESERVED:
        raise ValueError(f"{route.path} is the server's own")
    if not callable(route.handler):
        raise TypeError(f"{route.method} {route.path} has no handler")
    return replace(route, owner=owner, handler=_guarded(route.handler, owner))


def _guarded(handler: Handler, owner: str) -> Handler:
    """A handler whose exceptions are answered with 500, and logged with the name of its plugin."""

    @functools.wraps(handler)
    def answer(call: ApiCall) -> Response:
        try:
            response: Any = handler(call)
            if not (isinstance(response, Response) and hasattr(response, "body")):
                raise TypeError(f"it returned {type(response).__name__}, not a whole Response")
        except (HTTPException, RecordError, DeliveryError):
            raise  # answered like those of the server's own handlers
        except BaseException as error:
            where = f"{call.route.method} {call.route.path}"
            logger.error("The plugin %s failed in %s", owner, where, exc_info=error)
            raise HTTPException(
                500, f"The plugin {owner} failed in {where}; the server's log has the details"
            ) from None
        whole: Response = response
        return whole

    return answer
