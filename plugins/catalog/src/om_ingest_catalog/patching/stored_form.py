"""Conversion of a patched document to the stored form of an entity."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from om_ingest.errors import NotFoundError
from om_ingest.kinds import KINDS, NESTED_MEMBERS, SHARED_LINKS
from om_ingest.model.fqn import normalised

from om_ingest_catalog.documents.computed_fields import readers_of
from om_ingest_catalog.rows.body import Body, make_canonical, member_name
from om_ingest_catalog.rows.file import CatalogFile
from om_ingest_catalog.rows.reading import find

_OF_THE_STORE = frozenset(
    {
        *("id", "name", "fullyQualifiedName", "version", "updatedAt", "updatedBy", "deleted"),
        *("href", "changeDescription", "incrementalChangeDescription", "impersonatedBy"),
    }
)
_COMPUTED_MEMBER_FIELDS = frozenset({"fullyQualifiedName", "profile", "customMetrics"})


@cache
def kept_fields(entity_type: str) -> frozenset[str]:
    """Fields that a patch cannot change: identity, parents, state and computed fields."""
    kind = KINDS[entity_type]
    entity, request = kind.entity.model_fields, kind.request.model_fields
    derived = {"serviceType"} if kind.place_fields else set()
    derived |= readers_of(entity_type).keys() - request.keys()
    places = kind.place_fields | ({kind.nested_answer} if kind.nested_answer else set())
    return frozenset(entity) & (_OF_THE_STORE | places | derived)


def stored_form(
    file: CatalogFile, entity_type: str, after: Body, before: Body, stored: Body
) -> Body:
    """The body of a document `after` a patch.

    `before` is the document of the body `stored`. Unchanged fields keep their stored form;
    references become FQNs or ids again. Raises `NotFoundError` if one cannot be resolved.
    """
    kind = KINDS[entity_type]
    members = {path[0]: path[1:] for path in kind.members}
    kept, links = kept_fields(entity_type), {**SHARED_LINKS, **kind.links}
    body = {name: value for name, value in stored.items() if name in kept or name not in before}
    for name, value in after.items():
        if name in kept:
            continue
        old = before.get(name)
        if value == old:
            if name in stored:
                body[name] = stored[name]
        elif name in members:
            body[name] = _holder(members[name], value, old or {}, stored.get(name) or {})
        elif name in links:
            body[name] = _each(_own(value), partial(_fqn, file, links[name]))
        elif name in kind.id_links:
            body[name] = _each(value, partial(_id, file, kind.id_links[name]))
        elif value != [] or name in stored:
            body[name] = _own(value)
    make_canonical(entity_type, body)
    return body


def _own(value: Any) -> Any:
    """A list without references that are inherited, which a patch does not make the entity's."""
    if not isinstance(value, list):
        return value
    return [item for item in value if not (isinstance(item, dict) and item.get("inherited"))]


def _each(value: Any, convert: Callable[[Any], Any]) -> Any:
    return [convert(item) for item in value] if isinstance(value, list) else convert(value)


def _fqn(file: CatalogFile, entity_type: str, given: Body) -> str:
    """The FQN of the target of a reference; the target may be unknown if the FQN is given."""
    given = given.get("term", given)
    row = file.by_id(str(given["id"])) if given.get("id") else None
    if row is not None and row.entity_type == entity_type:
        return row.fqn
    fqn = normalised(str(given.get("fullyQualifiedName") or ""))
    if fqn is None:
        raise NotFoundError.of(entity_type, given.get("id") or given.get("fullyQualifiedName"))
    return fqn


def _id(file: CatalogFile, entity_type: str, given: Body) -> str:
    """The id of the target of a reference; a given id is not checked (§3.0)."""
    if given.get("id"):
        return str(given["id"])
    row = find(file, entity_type, str(given.get("fullyQualifiedName")))
    if row is None:
        raise NotFoundError.of(entity_type, given.get("fullyQualifiedName"))
    return row.id


def _holder(path: tuple[str, ...], after: Any, before: Any, stored: Any) -> Any:
    """The stored form of a list of members, or of an object that holds one at a path."""
    if not path:
        return _members(after, before or [], stored or [])
    name, below = path[0], path[1:]
    result = {field: value for field, value in after.items() if field != name}
    if name in after:
        result[name] = _holder(below, after[name], before.get(name), stored.get(name))
    return result


def _members(after: list[Body], before: list[Body], stored: list[Body]) -> list[Body]:
    known = {member_name(shown): (shown, kept) for shown, kept in zip(before, stored, strict=True)}
    result = []
    for member in after:
        shown, kept = known.get(member_name(member), ({}, {}))
        result.append(kept if member == shown else _member(member, shown, kept))
    return result


def _member(member: Body, before: Body, stored: Body) -> Body:
    result: Body = {}
    for name, value in member.items():
        old = before.get(name)
        if name in _COMPUTED_MEMBER_FIELDS:
            if name in stored:
                result[name] = stored[name]
        elif name in NESTED_MEMBERS:
            result[name] = _members(value, old or [], stored.get(name) or [])
        elif value == old:
            if name in stored:
                result[name] = stored[name]
        elif value != [] or name in stored:
            result[name] = value
    return result
