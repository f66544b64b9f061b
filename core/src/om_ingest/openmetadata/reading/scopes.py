"""How to list what lies below a scope: each kind has its own filters (REST contract §3.0, §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from om_ingest.kinds import EntityKind
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity

ListFqns = Callable[[type[Entity], str | None], Iterator[str]]
"""Lists the FQNs of one kind below a scope."""


def queries_for(kind: EntityKind, scope: str | None, fqns_of: ListFqns) -> Iterator[dict[str, str]]:
    """Queries that together list everything of a kind below a scope, and maybe more.

    Where no filter takes the scope, everything directly below it is gone through: a server
    lists tables by database, not by service.
    """
    filters = kind.scope_filters
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
