"""How to list what lies below a scope: each kind has its own filters (REST contract §3.0, §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from om_ingest.kinds import EntityKind
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity

ListFqns = Callable[[type[Entity], str | None], Iterator[str]]
"""Lists the FQNs of one kind below a scope."""

_BY_SERVICE = {1: "service"}
_FILTERS: dict[str, dict[int, str]] = {
    "databaseSchema": {2: "database"},
    "table": {2: "database", 3: "databaseSchema"},
    "storedProcedure": {3: "databaseSchema"},
    "apiEndpoint": {1: "service", 2: "apiCollection"},
    "tag": {1: "parent"},
}
"""Filters by entity type: the number of names in the scope -> the query parameter."""


def queries_for(kind: EntityKind, scope: str | None, fqns_of: ListFqns) -> Iterator[dict[str, str]]:
    """Queries that together list everything of a kind below a scope, and maybe more.

    Where no filter takes the scope, everything directly below it is gone through: a server
    lists tables by database, not by service.
    """
    filters = _FILTERS.get(kind.entity_type, _BY_SERVICE if _is_of_service(kind) else {})
    if scope is None or not filters:
        yield {}
        return
    parts = names.split(scope)
    if len(parts) in filters:
        yield {filters[len(parts)]: names.join(*parts)}
    elif len(parts) > min(filters):
        depth = max(depth for depth in filters if depth < len(parts))
        yield {filters[depth]: names.join(*parts[:depth])}
    else:
        between = kind
        while between.parent is not None and between.depth > len(parts) + 1:
            between = between.parent
        for inner in fqns_of(between.entity, scope):
            yield from queries_for(kind, inner, fqns_of)


def _is_of_service(kind: EntityKind) -> bool:
    """Whether it lies, however deep, in a service."""
    root = kind
    while root.parent is not None:
        root = root.parent
    return root.segment is not None or bool(root.parent_choice)
