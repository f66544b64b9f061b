"""Resolution of references in requests: parents, owners …, with a cache."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

from om_ingest.kinds import KINDS, FieldPath, holders
from om_ingest.model import EntityReference, fqn as names
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import PEOPLE, reference, reference_paths
from om_ingest_catalog.rules.request import (
    PreparedRequest,
    RefusedError,
    exists,
    missing,
    no_parent,
)
from om_ingest_catalog.rules.validity import parent_type_of

_CACHE_COUNT = 2048
_WITH_BODY = frozenset({"tag", "classification", "team", "glossaryTerm"})
_OWNER_TYPES = frozenset({"user", "team"})
_OWNERS_MAX = 5


class ReferencedEntity(NamedTuple):
    """The target of a reference."""

    id: str
    entity_type: str
    fqn: str
    deleted: bool
    body: Body
    """Only for tags, classifications, terms and teams, whose rules need it; else empty."""


class ReferenceLookup:
    """Finds entities by FQN or id; caches the most recently used ones.

    `before_lookup` is called before each query, so that buffered rows can be flushed. Callers
    that change an entity must call `forget`.
    """

    def __init__(self, file: CatalogFile, before_lookup: Callable[[], None]) -> None:
        self._file = file
        self._before_lookup = before_lookup
        self._cache: dict[tuple[str, str], ReferencedEntity] = {}
        self._data_version: int | None = None
        self._claimed: set[str] = set()

    def refresh(self) -> None:
        """Clear the cache if another process has changed the file; starts a transaction."""
        self._claimed.clear()
        data_version = self._file.data_version()
        if data_version != self._data_version:
            self._data_version = data_version
            self.forget_all()

    def forget_all(self) -> None:
        """Clear the cache."""
        self._cache.clear()

    def forget(self, entity_type: str, fqn: str) -> None:
        """Remove an entity from the cache."""
        self._cache.pop((entity_type, fqn), None)

    def find(self, entity_type: str, fqn: str) -> ReferencedEntity | None:
        """The entity with this FQN, deleted or not."""
        key = (entity_type, fqn)
        target = self._cache.pop(key, None)
        if target is None:
            self._before_lookup()
            row = self._file.by_fqn(entity_type, fqn)
            if row is None:
                return None
            target = _target(row)
            if len(self._cache) >= _CACHE_COUNT:
                del self._cache[next(iter(self._cache))]
        self._cache[key] = target  # the last entry is the most recently used
        return target

    def rivals(self, entity_type: str, body: Body) -> set[str]:
        """The FQNs of the entities with the unique value of a body, deleted or not."""
        value = backlinks.unique_id(entity_type, body)
        if value in self._claimed:  # only then a buffered row may have it
            self._before_lookup()
        self._claimed.add(value)
        return {row.fqn for row in backlinks.having(self._file, entity_type, value)}

    def find_reference(
        self, given: Any, known: Collection[str] = (), *, deleted_by_id: bool = False
    ) -> ReferencedEntity | None:
        """The live target of a reference (`{"type", "id"}`, or with an FQN); None if there is none.

        Deleted targets are accepted if their id is in `known`; with `deleted_by_id`, also those
        of references with an id, as on a server.
        """
        target: ReferencedEntity | None = None
        if given.get("id") is not None:
            self._before_lookup()
            row = self._file.by_id(str(given["id"]))
            target = _target(row) if row is not None else None
        elif given.get("fullyQualifiedName"):
            kind = KINDS.get(given["type"])
            fqn = normalised(kind.as_stored(given["fullyQualifiedName"])) if kind else None
            target = self.find(given["type"], fqn) if fqn is not None else None
        if target is None or target.entity_type != given["type"]:
            return None
        if not target.deleted or (deleted_by_id and given.get("id") is not None):
            return target
        return target if target.id in known else None


def fqn_below(request: PreparedRequest, targets: ReferenceLookup) -> str:
    """The FQN of a request whose parent is only known by id; raises `RefusedError`."""
    assert isinstance(request.parent, EntityReference)
    parent, kind = targets.find_reference(request.parent.model_dump()), KINDS[request.entity_type]
    if parent is None or parent.entity_type not in kind.parent_types:
        raise no_parent(request.parent.type, request.parent.id, request.entity_type)
    return kind.fqn_below(parent.fqn, request.name)


def check_parent(
    request: PreparedRequest, body: Body, targets: ReferenceLookup, *, as_server: bool
) -> None:
    """Raise `RefusedError` if the parent that the request names is not there.

    It may be deleted `as_server`.
    """
    if isinstance(request.parent, str):
        parent_type = parent_type_of(request.entity_type, request.parent, body)
        parent = targets.find(parent_type, request.parent)
        if parent is None or (parent.deleted and not as_server):
            raise no_parent(parent_type, request.parent, request.entity_type)


def _target(row: EntityRow) -> ReferencedEntity:
    body = parse(row.body) if row.entity_type in _WITH_BODY else {}
    return ReferencedEntity(row.id, row.entity_type, row.fqn, bool(row.deleted), body)


def resolve_references(
    entity_type: str,
    body: Body,
    targets: ReferenceLookup,
    before: Body | None = None,
    *,
    as_server: bool = False,
) -> None:
    """Resolve and complete the references of a body, in place.

    These are owners and reviewers, references to other entities, and fields with FQNs. Domains
    and data products are not checked: the catalog need not contain them (§3.0). Raises
    `RefusedError` for a missing target; targets that occur in `before` may be deleted, and those
    that are given by id, if they are resolved `as_server`.
    """
    before, find = before or {}, partial(targets.find_reference, deleted_by_id=as_server)
    for path in reference_paths(entity_type):
        if path[0] in body:
            previous = (item for listed in _listed(before, path) for item in listed)
            known = {item["id"] for item in previous if "id" in item}
            resolve = _resolve_people if path[-1] in PEOPLE else _resolve_entities
            for references in _listed(body, path):
                resolve(path[-1], references, partial(find, known=known))
    for field, target in KINDS[entity_type].links.items():
        if field in body:
            _resolve_link(entity_type, field, target, body, targets, before)


def check_unique(entity_type: str, fqn: str, body: Body, targets: ReferenceLookup) -> None:
    """Raise `RefusedError` for the e-mail address of another user, or the SQL of another query."""
    if entity_type in backlinks.UNIQUE and targets.rivals(entity_type, body) - {fqn}:
        raise exists(entity_type, fqn)


def _listed(body: Body, path: FieldPath) -> Iterator[list[Body]]:
    """The references at each place of a path; a single one as a list of one."""
    for holder in holders(body, path):
        given = holder[path[-1]]
        yield given if isinstance(given, list) else [given]


def _resolve_people(
    field: str, people: list[Body], find: Callable[[Body], ReferencedEntity | None]
) -> None:
    resolved = []
    for person in people:
        target = find(person)
        if target is None or target.entity_type not in _OWNER_TYPES:
            raise _not_there(field, person["type"], person)
        resolved.append(target)
    problem = _ownership_problem(resolved) if field == "owners" else None
    if problem is not None:
        raise RefusedError(problem)
    people[:] = [reference(target.entity_type, target.fqn) for target in resolved]


def _resolve_entities(
    field: str, entities: list[Body], find: Callable[[Body], ReferencedEntity | None]
) -> None:
    for entity in entities:
        if entity["type"] not in KINDS:  # personas, policies and others, which no source yields
            continue
        target = find(entity)
        if target is None:
            raise _not_there(field, entity["type"], entity)
        entity.clear()
        entity.update(reference(target.entity_type, target.fqn))


def _resolve_link(
    entity_type: str,
    field: str,
    target_type: str,
    body: Body,
    targets: ReferenceLookup,
    before: Body,
) -> None:
    kind, resolved, known = KINDS[target_type], [], _names(before, field)
    for name in _names(body, field):
        fqn = normalised(kind.as_stored(name))
        target = targets.find(target_type, fqn) if fqn is not None else None
        if target is None and target_type == "user":  # an unquoted login name
            target = targets.find(target_type, names.quote(kind.as_stored(name)))
        if target is not None and (not target.deleted or target.fqn in known):
            resolved.append(target.fqn)
        elif fqn is not None and kind.parent_type == entity_type:
            resolved.append(fqn)  # a child, which is created after its parent
        else:
            raise missing(
                f"{field}: the {target_type} {name} does not exist; yield it first",
                target_type,
                name,
            )
    body[field] = resolved if isinstance(body[field], list) else resolved[0]


def _names(body: Body, field: str) -> list[str]:
    given = body.get(field, [])
    return given if isinstance(given, list) else [given]


def _not_there(field: str, entity_type: str, given: Body) -> RefusedError:
    name = given.get("fullyQualifiedName") or given.get("id")
    reason = f"{field}: the {entity_type} {name} does not exist; yield it first"
    return missing(reason, entity_type, name)


def _ownership_problem(owners: list[ReferencedEntity]) -> str | None:
    teams = [owner for owner in owners if owner.entity_type == "team"]
    if len(owners) > (1 if teams else _OWNERS_MAX):
        return f"owners: give up to {_OWNERS_MAX} users, or one team"
    if teams and teams[0].body.get("teamType") != "Group":
        return f"owners: the team {teams[0].fqn} is no Group; only a Group can own data"
    return None
