"""Lists of a query that requests only extend: entities and users (contract §3.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest import kinds
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server.answers import stored_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import JSON, Execution, Handler, Route

_QUERY, _USER = kinds.KINDS["query"], kinds.KINDS["user"]


def routes() -> Iterator[Route]:
    """The routes of `/queries/{id}`."""
    yield _put("usage", add_uses, "Add entities that use a query")
    yield _put("users", add_users, "Add users of a query by FQN")
    yield _put("usedBy", add_names, "Add names of users outside of the catalog")


def _put(part: str, handler: Handler, summary: str) -> Route:
    return Route("PUT", f"queries/{{id}}/{part}", handler, summary, Execution.WRITING, _QUERY, JSON)


def add_uses(call: ApiCall) -> Response:
    """Add references to `queryUsedIn`; the query."""
    if not all(isinstance(item, dict) and item.get("id") for item in call.array()):
        raise HTTPException(400, "Invalid request format: references are needed")
    return _grown(call, "queryUsedIn", call.array())


def add_users(call: ApiCall) -> Response:
    """Add references to `users`; the query, or 404 for an unknown user."""
    users = call.stores.writing.collection(_USER)
    found = [users.get(name, fields=frozenset()).entity for name in _names(call)]
    return _grown(call, "users", [{"id": user["id"], "type": "user"} for user in found])


def add_names(call: ApiCall) -> Response:
    """Add names to `usedBy`; the query."""
    return _grown(call, "usedBy", _names(call))


def _names(call: ApiCall) -> list[str]:
    if not all(isinstance(item, str) for item in call.array()):
        raise HTTPException(400, "Invalid request format: names are needed")
    return call.array()


def _grown(call: ApiCall, field: str, items: list[Any]) -> Response:
    """The query after items were added to a list."""
    return stored_answer(call, call.writable.extend(call.key, field, items, call.actor))
