"""Reads entities from a server: by name, by id, and page by page (REST contract §3.0, §7)."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from om_ingest.config.validation import summary
from om_ingest.errors import ServerError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.model.lineage import EntityLineage
from om_ingest.openmetadata.evidence import graph_of, is_absent
from om_ingest.openmetadata.listing import (
    Fields,
    document_of,
    pages,
)
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import path_of
from om_ingest.openmetadata.server import Server
from om_ingest.store import EntityT, MetadataStore

ModelT = TypeVar("ModelT", bound=BaseModel)

logger = logging.getLogger(__name__)

_DEPTH_MAX = 3
_ROUND_COUNT = 20
_ON_REQUEST = (
    # A server leaves these fields out unless the request names them.
    *("owners", "tags", "domains", "dataProducts", "reviewers", "experts", "extension"),
    *("lifeCycle", "columns", "tableConstraints", "tablePartition", "schemaDefinition"),
    *("charts", "dataModels", "tasks", "pipelineStatus", "dataModel", "relatedTerms", "teams"),
    "queryUsedIn",
)


class EntityReader(MetadataStore):
    """The reading part of a store on a server. Raises `ServerError` and `RecordError`."""

    def __init__(self, server: Server, bare_fields: Fields) -> None:
        """`bare_fields` are those of lists with little more than names."""
        self._server = server
        self._fields = Fields(server, lambda kind: _ON_REQUEST)
        self._bare_fields = bare_fields

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
            given = str(UUID(str(entity_id)))
        except ValueError:
            return None
        kind, include = kind_of(entity), _include(include_deleted)

        def ask(fields: str) -> Answer:
            return self._server.by_id(kind.entity_type, given, fields=fields, include=include)

        return self._entity(entity, self._fields.asked(kind, ask), given)

    def list_entities(
        self, entity: type[EntityT], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[EntityT]:
        """Entities of one kind, lazily, in the server's order; `scope` is an FQN they lie below.

        One that is no valid entity even without the parts that are not is logged, and left out.
        """
        kind, include = kind_of(entity), _include(include_deleted)
        for query in queries_for(kind, scope, self.list_fqns):
            for document in self._documents(kind, {**query, "include": include}):
                if not _is_below(document, scope):
                    continue
                try:
                    found = parsed(entity, document)
                except ServerError as error:
                    name = document.get("fullyQualifiedName")
                    logger.error("%s %s is left out: %s", kind.entity_type, name, error)
                else:
                    yield found

    def list_fqns(self, entity: type[Entity], *, scope: str | None = None) -> Iterator[str]:
        """FQNs of live entities of one kind, lazily; `scope` as for `list_entities`."""
        return (fqn for fqn, _ in self.list_hashes(entity, scope=scope))

    def list_hashes(
        self, entity: type[Entity], *, scope: str | None = None, include_deleted: bool = False
    ) -> Iterator[tuple[str, str | None]]:
        """As `list_fqns`, each with the `sourceHash` of the request that was written last.

        It is None where that had none, and where the server does not show it. With
        `include_deleted` those that are marked as deleted come, too, with None.
        """
        kind = kind_of(entity)
        every = {"include": "all"} if include_deleted else {}
        for query in queries_for(kind, scope, self.list_fqns):
            for document in self._documents(kind, {**query, **every}, bare=True):
                is_live = document.get("deleted") is not True
                if _is_below(document, scope) and (is_live or include_deleted):
                    fqn, shown = document.get("fullyQualifiedName"), document.get("sourceHash")
                    yield str(fqn), shown if is_live and isinstance(shown, str) else None

    def get_lineage(
        self, entity: type[Entity], fqn: str, *, upstream_depth: int = 1, downstream_depth: int = 1
    ) -> EntityLineage | None:
        """The lineage graph around an entity, at most three steps deep; None when there is none."""
        kind = kind_of(entity)
        fqn = kind.spelled(fqn)
        if self._server.dialect.lacks(kind.entity_type):
            return None
        answer = self._server.get(
            path_of("lineage", kind.entity_type, "name", fqn),
            graph_of(kind, fqn),
            upstreamDepth=min(upstream_depth, _DEPTH_MAX),
            downstreamDepth=min(downstream_depth, _DEPTH_MAX),
        )
        if is_absent(answer, fqn):
            return None
        return parsed(EntityLineage, document_of(answer, fqn))

    def _entity(self, entity: type[EntityT], answer: Answer, name: str) -> EntityT | None:
        if is_absent(answer, name):
            return None
        found = parsed(entity, document_of(answer, name))
        self._server.ids.learn(found)
        return found

    def _documents(
        self, kind: EntityKind, query: dict[str, Any], *, bare: bool = False
    ) -> Iterator[dict[str, Any]]:
        fields = self._bare_fields if bare else self._fields
        for page in pages(self._server, kind, query, fields):
            yield from page["data"]


def _is_below(document: dict[str, Any], scope: str | None) -> bool:
    if scope is None:
        return True
    return names.spelled(str(document.get("fullyQualifiedName"))).startswith(
        f"{names.spelled(scope)}."
    )


def _include(include_deleted: bool) -> str:
    return "all" if include_deleted else "non-deleted"


def queries_for(
    kind: EntityKind, scope: str | None, list_fqns: Callable[..., Iterator[str]]
) -> Iterator[dict[str, str]]:
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
        for inner in list_fqns(between.entity, scope=scope):
            yield from queries_for(kind, inner, list_fqns)


def parsed(model: type[ModelT], document: Any) -> ModelT:
    """The document as an instance of `model`, without the parts that are not valid.

    Unknown fields are left out, and so are values that a field does not accept, such as a new
    type of table. Raises `ServerError` if the rest is not a valid `model`.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        failure = error
    document = copy.deepcopy(document)
    for _ in range(_ROUND_COUNT):  # removing one may reveal another
        if not _prune(document, failure):
            break
        try:
            return model.model_validate(document)
        except ValidationError as error:
            failure = error
    raise ServerError(
        f"The server's answer is not a valid {model.__name__}: {summary(failure, model)}",
        "Look for a newer om-ingest, or for a proxy that changes answers.",
    )


def _prune(document: Any, failure: ValidationError) -> bool:
    """Remove the parts that the errors point at; returns whether any was removed."""
    found: dict[tuple[int, int | str], Any] = {}  # branches of a union report the same part
    for finding in failure.errors(include_url=False, include_context=False):
        path = finding["loc"]
        # Where a field is missing, the object that lacks it is removed.
        place = _innermost(document, path[:-1] if finding["type"] == "missing" else path)
        if place is not None:
            holder, key = place
            found[id(holder), key] = holder
    # From the end, so that list indexes stay valid.
    for (_, key), holder in sorted(found.items(), key=_position, reverse=True):
        del holder[key]
    return bool(found)


def _innermost(document: Any, path: tuple[int | str, ...]) -> tuple[Any, int | str] | None:
    """Holder and key of the innermost value on a path, which also names branches of unions."""
    place: tuple[Any, int | str] | None = None
    inner = document
    for step in path:
        if isinstance(inner, list):
            is_there = isinstance(step, int) and step < len(inner)
        else:
            is_there = isinstance(inner, dict) and step in inner
        if is_there:
            place = (inner, step)
            inner = inner[step]
    return place


def _position(item: tuple[tuple[int, int | str], Any]) -> int:
    key = item[0][1]
    return key if isinstance(key, int) else 0
