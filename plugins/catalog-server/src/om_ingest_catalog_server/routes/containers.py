"""Children of containers, paged by offset (contract §7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from om_ingest import kinds
from starlette.responses import Response

from om_ingest_catalog_server.answers import entities_of, json_answer
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.route import Execution, Route

_CONTAINER = kinds.KINDS["container"]
_PAGE = 10


def routes() -> Iterator[Route]:
    """The routes below `/containers/{…}`."""
    for path in ("containers/{id}", "containers/name/{fqn}"):
        yield Route(
            "GET",
            f"{path}/children",
            children,
            "List the children of a container",
            Execution.READING,
            _CONTAINER,
        )


def children(call: ApiCall) -> Response:
    """Up to `limit` children from `offset` on, without their relations."""
    start = cast("int", call.query.whole("offset", 0))
    count = cast("int", call.query.whole("limit", _PAGE, most=1000))
    include = call.query.include
    outer = call.readable.get(call.key, include=include, fields=frozenset()).entity
    found = call.readable.page(
        limit=count,
        offset=start,
        include=include,
        filters={"directChildrenOf": outer["fullyQualifiedName"]},
        fields=frozenset(),
    )
    data = entities_of(call, found.entities)
    paging = {"offset": start, "limit": count, "total": found.total}
    return json_answer({"data": data, "paging": paging})
