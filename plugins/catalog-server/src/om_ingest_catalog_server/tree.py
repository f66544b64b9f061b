"""Routing by the raw path, before percent-decoding.

A name may contain `/`, which is sent as `%2F` (contract §8.3), so the path must be split before
it is decoded. There are over a thousand routes: they are a tree, not a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from starlette.exceptions import HTTPException

from om_ingest_catalog_server.failures import RoutingError
from om_ingest_catalog_server.route import REMAINDER, Route


class Found(NamedTuple):
    """The route of a request, and its path parameters, decoded."""

    route: Route
    values: dict[str, str]


class _Node:
    def __init__(self) -> None:
        self.literal: dict[bytes, _Node] = {}
        self.varying: _Node | None = None
        self.rest: _Node | None = None
        self.routes: dict[str, Route] = {}


class RouteTree:
    """All routes; if several match, the one with the longest literal prefix wins."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises `ValueError` for two routes with the same method and path."""
        self._root = _Node()
        for route in routes:
            node = self._root
            for segment in route.segments:
                if segment == REMAINDER:
                    node.rest = node.rest or _Node()
                    node = node.rest
                elif segment.startswith("{"):
                    node.varying = node.varying or _Node()
                    node = node.varying
                else:
                    node = node.literal.setdefault(segment.encode(), _Node())
            if route.method in node.routes:
                raise ValueError(f"two routes {route.method} {route.path}")
            node.routes[route.method] = route

    def find(self, method: str, path: bytes) -> Found:
        """The route for a path below `/api/v1/`; one slash more at its end makes no difference.

        Raises `RoutingError`, 404 for an unknown path and 405 for an unknown method of a known
        one, and `HTTPException` (400) for a segment that is not UTF-8.
        """
        segments = path.removesuffix(b"/").split(b"/")
        allowed: set[str] = set()
        for node, values in _walk(self._root, segments, 0, []):
            route = node.routes.get("GET" if method == "HEAD" else method)
            if route is not None:
                return Found(route, dict(zip(route.names, map(_decoded, values), strict=True)))
            allowed.update(node.routes)
        if not allowed:
            raise RoutingError(404)
        if "GET" in allowed:
            allowed.add("HEAD")
        raise RoutingError(405, headers={"Allow": ", ".join(sorted(allowed))})


def _walk(
    node: _Node, segments: list[bytes], at: int, values: list[bytes]
) -> Iterator[tuple[_Node, list[bytes]]]:
    if at == len(segments):
        if node.routes:
            yield node, values
        return
    segment = segments[at]
    following = node.literal.get(segment)
    if following is not None:
        yield from _walk(following, segments, at + 1, values)
    if node.varying is not None and segment:
        yield from _walk(node.varying, segments, at + 1, [*values, segment])
    if node.rest is not None and all(segments[at:]):
        yield node.rest, [*values, b"/".join(segments[at:])]


def _decoded(segment: bytes) -> str:
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise HTTPException(400, f"The path has a part that is not UTF-8: {segment!r}") from None
