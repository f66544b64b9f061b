"""Reads entities from a server: by name, by id, and page by page (REST contract §3.0, §7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from om_ingest.errors import RecordError, ServerError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.model.lineage import EntityLineage
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import path_of
from om_ingest.openmetadata.reading.parsing import parsed
from om_ingest.openmetadata.reading.queries import Fields, queries_for
from om_ingest.openmetadata.server import Server
from om_ingest.store import EntityT, MetadataStore

_PAGE_COUNT = 100
_BARE_PAGE_COUNT = 1000
_DEPTH_MAX = 3


class EntityReader(MetadataStore):
    """The reading part of a store on a server. Raises `ServerError` and `RecordError`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._fields = Fields()

    def get_by_name(
        self, entity: type[EntityT], fqn: str, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this FQN, or None."""
        kind, include = kind_of(entity), _include(include_deleted)

        def ask(fields: str) -> Answer:
            return self._server.by_name(kind.entity_type, fqn, fields=fields, include=include)

        return self._entity(entity, self._fields.asked(kind, ask), fqn)

    def get_by_id(
        self, entity: type[EntityT], entity_id: object, *, include_deleted: bool = False
    ) -> EntityT | None:
        """The entity with this id (a UUID or its text), or None."""
        try:
            path = path_of(kind_of(entity).collection, str(UUID(str(entity_id))))
        except ValueError:
            return None

        def ask(fields: str) -> Answer:
            return self._server.get(path, fields=fields, include=_include(include_deleted))

        return self._entity(entity, self._fields.asked(kind_of(entity), ask), str(entity_id))

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind, lazily, in the server's order; `scope` is an FQN they lie below."""
        kind, include = kind_of(entity), _include(include_deleted)
        for query in queries_for(kind, scope, self._fqns_of):
            for document in self._pages(kind, {**query, "include": include}):
                if _is_below(document, scope):
                    yield parsed(entity, document)

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of one kind, lazily; `scope` as for `list_entities`."""
        return self._fqns_of(entity, scope)

    def _fqns_of(self, entity: type[Entity], scope: str | None) -> Iterator[str]:
        kind = kind_of(entity)
        for query in queries_for(kind, scope, self._fqns_of):
            for document in self._pages(kind, query, bare=True):
                if _is_below(document, scope):
                    yield str(document.get("fullyQualifiedName"))

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity, at most three steps deep; None when there is none."""
        answer = self._server.get(
            path_of("lineage", kind_of(entity).entity_type, "name", fqn),
            upstreamDepth=min(upstream_depth, _DEPTH_MAX),
            downstreamDepth=min(downstream_depth, _DEPTH_MAX),
        )
        if answer.status == 404 or answer.body is None:
            return None
        return parsed(EntityLineage, _document(answer, fqn))

    def _entity(self, entity: type[EntityT], answer: Answer, name: str) -> EntityT | None:
        if answer.status == 404:
            return None
        found = parsed(entity, _document(answer, name))
        self._server.ids.learn(found)
        return found

    def _pages(
        self, kind: EntityKind, query: dict[str, Any], *, bare: bool = False
    ) -> Iterator[dict[str, Any]]:
        limit = _BARE_PAGE_COUNT if bare else _PAGE_COUNT
        after: str | None = None
        while True:
            cursor = {} if after is None else {"after": after}

            def ask(fields: str, cursor: dict[str, str] = cursor) -> Answer:
                told = {"fields": fields} if fields else {}
                return self._server.get(kind.collection, limit=limit, **query, **cursor, **told)

            answer = ask("") if bare else self._fields.asked(kind, ask)
            page = _document(answer, f"the list of {kind.collection}")
            yield from (item for item in page.get("data") or () if isinstance(item, dict))
            following = (page.get("paging") or {}).get("after")
            if not following:
                return
            if following == after:
                raise ServerError(
                    f"The server's list of {kind.collection} goes in a circle",
                    "Look for a proxy that ignores query parameters.",
                )
            after = following


def _document(answer: Answer, name: str) -> dict[str, Any]:
    if not answer.is_done:
        raise RecordError(f"{name} cannot be read: {answer.reason}", "Correct the request.")
    if not isinstance(answer.body, dict):
        raise ServerError(f"The server sent no content for {name}", "Look into the server's log.")
    return answer.body


def _is_below(document: dict[str, Any], scope: str | None) -> bool:
    if scope is None:
        return True
    return names.spelled(str(document.get("fullyQualifiedName"))).startswith(
        f"{names.spelled(scope)}."
    )


def _include(include_deleted: bool) -> str:
    return "all" if include_deleted else "non-deleted"
