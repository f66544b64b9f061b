"""What the client reads: entities by name, by id, and in lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations, islice, pairwise
from typing import Any

from om_ingest.errors import NotFoundError
from om_ingest.kinds import EntityKind
from om_ingest.model import Entity, fqn as names

from om_ingest_compat import running
from om_ingest_compat.client.paging import EntityList, Pages
from om_ingest_compat.client.rest_errors import APIError
from om_ingest_compat.imitations import IMITATIONS
from om_ingest_compat.running import LOCK
from om_ingest_compat.shims.entities import (
    as_asked,
    in_framework_class,
    kind_named,
    reference_to,
    show_asked,
    text_of,
)

_LIVE = "non-deleted"
_READINGS = 64
"""How many readings of an FQN with bare dots are looked up at most."""


class _OneAtATime:
    """The store of the run; a connector may call the client from threads of its own."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(running.current().context.metadata, name)

        def call(*positional: Any, **named: Any) -> Any:
            with LOCK:
                found = method(*positional, **named)
            return _Steps(found) if isinstance(found, Iterator) else found

        return call


class _Steps(Iterator[Any]):
    """A lazy list of a store; each step is made while no other thread uses the store."""

    def __init__(self, listed: Iterator[Any]) -> None:
        self._listed = listed

    def __next__(self) -> Any:
        with LOCK:
            return next(self._listed)


class Reading:
    """The reading methods of the client."""

    _store: Any = _OneAtATime()

    @cached_property
    def _pages(self) -> Pages:
        return Pages()

    def get_by_name(
        self,
        entity: Any,
        fqn: Any,
        fields: Any = None,
        nullable: bool = True,
        **options: Any,
    ) -> Any:
        """The entity with this FQN; None if there is none, or `APIError` unless `nullable`.

        A store shows what it has; `fields` that it does not have are empty lists where they are of
        references. An FQN whose names have dots and no quotes is found, too.
        """
        kind = kind_asked(entity)
        include = _include(options.get("include"))
        found = None if kind is None else self._find(kind, text_of(fqn), include != _LIVE)
        if found is not None and (include != "deleted" or found.deleted):
            return show_asked(as_asked(found, entity), fields)
        if nullable:
            return None
        raise APIError.of(NotFoundError.of(_type_of(entity, kind), text_of(fqn)))

    def get_by_id(
        self,
        entity: Any,
        entity_id: Any,
        fields: Any = None,
        nullable: bool = True,
        **options: Any,
    ) -> Any:
        """The entity with this id; None if there is none, or `APIError` unless `nullable`."""
        kind, found, include = kind_asked(entity), None, _include(options.get("include"))
        if kind is not None:
            found = self._store.get_by_id(
                kind.entity, text_of(entity_id), include_deleted=include != _LIVE
            )
        if found is not None and (include != "deleted" or found.deleted):
            return show_asked(as_asked(found, entity), fields)
        if nullable:
            return None
        raise APIError.of(NotFoundError.of(_type_of(entity, kind), text_of(entity_id)))

    def _find(self, kind: EntityKind, fqn: str, include_deleted: bool = False) -> Entity | None:
        for reading in readings(kind, fqn, running.current().context.service_name):
            found: Entity | None = self._store.get_by_name(
                kind.entity, reading, include_deleted=include_deleted
            )
            if found is not None:
                return found
        return None

    def get_entity_reference(self, entity: Any, fqn: Any) -> Any:
        """A reference to the entity with this FQN; None if there is none."""
        kind = kind_asked(entity)
        found = None if kind is None else self._find(kind, text_of(fqn))
        return None if found is None else in_framework_class(reference_to(found))

    def list_all_entities(
        self,
        entity: Any,
        fields: Any = None,
        limit: int = 100,
        params: Mapping[str, Any] | None = None,
        skip_on_failure: bool = False,
        include: str | None = None,
        **_: Any,
    ) -> Iterator[Any]:
        """Every entity of a kind, lazily, ordered by FQN; `params` are filters of the REST API.

        A filter such as `service`, `database` or `databaseSchema` has the FQN of what they lie in;
        `include` is `non-deleted`, `deleted` or `all`.
        """
        listed = self._listed(entity, params, include)
        if listed is None:
            return
        kind, scope, include = listed
        for found in self._store.list_entities(
            kind.entity, scope=scope, include_deleted=include != _LIVE
        ):
            if include != "deleted" or found.deleted:
                yield show_asked(as_asked(found, entity), fields)

    def _listed(
        self, entity: Any, params: Mapping[str, Any] | None, include: Any
    ) -> tuple[EntityKind, str | None, str] | None:
        """The kind, the scope and the `include` of a list; None if nothing can be in it."""
        kind = kind_asked(entity)
        if kind is None:
            return None
        given = {name: text_of(value) for name, value in (params or {}).items()}
        include = _include(include or given.pop("include", None))
        for name in given.keys() - {*filters_of(kind).values(), "fields", "limit"}:
            _note(f"{kind.entity_type}?{name}", "this filter of a list is not known: all is listed")
        scope = None
        for depth, name in sorted(filters_of(kind).items()):
            if name in given and (scope := self._scope(kind, depth, name, given[name])) is None:
                return None
        return kind, scope, include

    def _scope(self, kind: EntityKind, depth: int, name: str, given: str) -> str | None:
        """The FQN of what entities are listed by; None if bare dots mean nothing that exists."""
        normal = names.normalised(given)
        if normal is not None and len(names.split(normal)) == depth:
            return normal
        if depth == 1:
            return names.quote(given)
        above = kind_named(name) or kind.parent
        found = None if above is None else self._find(above, given)
        return None if found is None else str(found.fullyQualifiedName)

    def list_entities(
        self,
        entity: Any,
        fields: Any = None,
        after: str | None = None,
        limit: int = 100,
        params: Mapping[str, Any] | None = None,
        skip_on_failure: bool = False,
        include: str | None = None,
        **_: Any,
    ) -> EntityList[Any]:
        """One page of `list_all_entities`: at most `limit` of them, from the cursor `after` on."""

        def begin() -> Iterator[Any]:
            return self.list_all_entities(entity, fields, params=params, include=include)

        def count() -> int:
            listed = self._listed(entity, params, include)
            if listed is None or listed[2] != _LIVE:
                return sum(1 for _ in begin())
            kind, scope, _ = listed
            return sum(1 for _ in self._store.list_fqns(kind.entity, scope=scope))

        return self._pages.page(begin, count, limit, after)

    def list_services(self, entity: Any) -> list[Any]:
        """Every service of a family."""
        return list(self.list_all_entities(entity))


def filters_of(kind: EntityKind) -> dict[int, str]:
    """The filters by what entities lie in: depth of its FQN -> name; `service` for every kind."""
    found, above = dict(kind.scope_filters), kind.parent
    while above is not None:
        found.setdefault(above.depth, "service" if above.segment else above.entity_type)
        above = above.parent
    return found


def _include(given: Any) -> str:
    """`non-deleted`, the default, `deleted` or `all`: given as a text, or as an enum."""
    return text_of(given) if given else _LIVE


def kind_asked(entity: Any) -> EntityKind | None:
    """The kind that a connector asks for; what no store keeps is noted, and never found."""
    kind = kind_named(entity)
    if kind is None:
        name = getattr(entity, "__name__", str(entity))
        _note(name, "the store keeps no entities of this kind, so none is ever found")
    return kind


def _note(name: str, kind: str) -> None:
    IMITATIONS.note("metadata.ingestion.ometa.ometa_api.OpenMetadata", name, kind)


def _type_of(entity: Any, kind: EntityKind | None) -> str:
    return kind.entity_type if kind else getattr(entity, "__name__", str(entity))


def readings(kind: EntityKind, fqn: str, service: str) -> Iterator[str]:
    """The FQNs that a text may mean, the likeliest first: as it is, then with names that have dots.

    Where quotes are missing, the dots are taken for a part of the service if it is that of the run,
    and else of the innermost name first.
    """
    normal = names.normalised(fqn)
    if normal is None:
        return
    parts = names.split(normal) if '"' in normal else normal.split(".")
    is_fixed = kind.nested_field is None and kind.infix is None
    if not is_fixed or len(parts) == kind.depth:
        yield normal
    above = service.split(".")
    head: list[str] = []
    if kind.root.segment and parts[: len(above)] == above:
        head, parts = [service], parts[len(above) :]
    depth = kind.depth - len(head)
    if not is_fixed or len(parts) == depth:
        if len(above) > 1 and head:
            yield names.join(*head, *parts)
    elif len(parts) > depth > 0:
        for cut in islice(combinations(range(1, len(parts)), depth - 1), _READINGS):
            ends = (0, *cut, len(parts))
            merged = (".".join(parts[a:b]) for a, b in pairwise(ends))
            yield names.join(*head, *merged)
