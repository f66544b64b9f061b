"""How to ask a server for entities: by field names that it knows, and by its filters (§3.0, §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from om_ingest.kinds import EntityKind
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.openmetadata.network.answers import Answer

_ON_REQUEST = (
    # A server leaves these fields out unless the request names them.
    *("owners", "tags", "domains", "dataProducts", "reviewers", "experts", "extension"),
    *("lifeCycle", "columns", "tableConstraints", "tablePartition", "schemaDefinition"),
    *("charts", "dataModels", "tasks", "pipelineStatus", "dataModel", "relatedTerms", "teams"),
)
_INVALID = re.compile(r"[Ii]nvalid field name:? ?'?([A-Za-z]\w*)")


class Fields:
    """Values of `fields` that this server knows: they change from one version to the next."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[str, ...]] = {}

    def asked(self, kind: EntityKind, ask: Callable[[str], Answer]) -> Answer:
        """The answer of `ask`, which gets the field names, joined by commas.

        A name that the server calls invalid is left out from then on.
        """
        while True:
            wanted = self._of(kind)
            answer = ask(",".join(wanted))
            if answer.status != 400 or not wanted:
                return answer
            match = _INVALID.search(answer.reason)
            if match is None or match[1] not in wanted:
                return answer
            self._wanted[kind.entity_type] = tuple(name for name in wanted if name != match[1])

    def _of(self, kind: EntityKind) -> tuple[str, ...]:
        if kind.entity_type not in self._wanted:
            known = kind.entity.model_fields
            self._wanted[kind.entity_type] = tuple(name for name in _ON_REQUEST if name in known)
        return self._wanted[kind.entity_type]


ListFqns = Callable[[type[Entity], str | None], Iterator[str]]
"""Lists the FQNs of one kind below a scope."""


def queries_for(kind: EntityKind, scope: str | None, fqns_of: ListFqns) -> Iterator[dict[str, str]]:
    """Queries that together list everything of a kind below a scope, and maybe more.

    Where no filter takes the scope, there is one query for each entity directly below it: a
    server lists tables by database, not by service.
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
