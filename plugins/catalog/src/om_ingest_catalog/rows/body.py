"""Bodies: the stored form of create requests, as plain JSON.

A *body* is the JSON of a create request without its parent and without nulls. The rules of the
catalog are functions on bodies. A *member* is a named part of an entity: a column, a schema
field, a task, an ML feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from om_ingest.kinds import KINDS
from om_ingest.model.fqn import quote
from pydantic_core import from_json, to_json

Body: TypeAlias = dict[str, Any]
"""JSON of an entity, a column or a tag label."""

MemberPaths: TypeAlias = Sequence[tuple[str, ...]]
"""Paths of the lists of members in bodies of a kind: `EntityKind.members`."""

COLUMNS: MemberPaths = (("columns",),)
"""The member paths of most kinds that have members."""


def parse(text: str | bytes) -> Body:
    """Parse JSON that `dump` wrote."""
    body: Body = from_json(text)
    return body


def dump(value: object) -> str:
    """Compact JSON text; keys keep their order."""
    return to_json(value).decode()


def make_canonical(entity_type: str, body: Body) -> None:
    """Convert the JSON of a request to its stored form, in place (contract §3.0)."""
    kind = KINDS[entity_type]
    for field in kind.place_fields:
        above = body.pop(field, None)
        if kind.parent_choice and above is not None:  # the FQN does not tell its entity type
            body[field] = {"type": above["type"]}
    body.pop("fullyQualifiedName", None)
    body["name"] = kind.as_stored(body["name"])
    for column in all_columns(kind.members, body):
        if "arrayDataType" in column and column["dataType"] != "ARRAY":
            del column["arrayDataType"]
        if "dataTypeDisplay" in column:
            column["dataTypeDisplay"] = column["dataTypeDisplay"].lower()


def member_list(body: Body, path: tuple[str, ...]) -> list[Body]:
    """The members at a path; empty if there are none."""
    if len(path) == 1:  # columns of a table, by far the most frequent
        return body.get(path[0]) or []
    value: Any = body
    for name in path:
        value = value.get(name) or {}
    return value or []


def all_members(members: MemberPaths, body: Body) -> list[Body]:
    """Every member, including nested ones; outer ones first."""
    found: list[Body] = []
    for path in members:
        found.extend(member_list(body, path))
    for member in found:  # grows during the iteration
        if "children" in member:
            found.extend(member["children"])
        elif "featureSources" in member:
            found.extend(member["featureSources"])
    return found


def all_columns(members: MemberPaths, body: Body) -> list[Body]:
    """Every column, including nested ones; outer ones first."""
    if members != COLUMNS:
        members = [path for path in members if path[-1] == "columns"]
    return all_members(members, body)


def member_name(member: Body) -> str:
    """The name of a member; `-` if it has none, as in contract §3.0."""
    return member.get("name") or "-"


def above_members(members: MemberPaths, path: tuple[str, ...], fqn: str) -> str:
    """The FQN prefix of the members at a path.

    If a kind has several lists of members, the prefix includes the field that holds the list.
    """
    return fqn if len(members) == 1 else f"{fqn}.{path[0]}"


def member_fqns(members: MemberPaths, fqn: str, body: Body) -> Iterator[str]:
    """The FQN of every member of an entity, including nested ones."""
    for path in members:
        yield from _fqns_below(above_members(members, path, fqn), member_list(body, path))


def _fqns_below(above: str, members: list[Body]) -> Iterator[str]:
    for member in members:
        fqn = f"{above}.{quote(member_name(member))}"
        yield fqn
        yield from _fqns_below(fqn, member.get("children") or [])


def complete_members(above: str, members: list[Body], *, are_columns: bool) -> None:
    """Add what answers show of members, in place: FQNs, lists of tags, types of columns."""
    for member in members:
        fqn = member["fullyQualifiedName"] = f"{above}.{quote(member_name(member))}"
        member.setdefault("tags", [])
        if are_columns:
            member.setdefault("dataTypeDisplay", member["dataType"].lower())
        if "children" in member:
            complete_members(fqn, member["children"], are_columns=are_columns)


def pair_members(old: list[Body], new: list[Body]) -> list[tuple[Body | None, Body]]:
    """Each new member with its predecessor among the old ones, or None (contract §6.2).

    Members match if name, type and element type are equal. Names are compared without case,
    but an exact match wins.
    """
    before, after = list(map(_identity, old)), list(map(_identity, new))
    if before == after:  # by far the most frequent
        return list(zip(old, new, strict=True))
    exact = dict(zip(before, old, strict=True))
    taken = set(after)
    folded = {
        (key[0].lower(), *key[1:]): member for key, member in exact.items() if key not in taken
    }
    pairs: list[tuple[Body | None, Body]] = []
    for key, member in zip(after, new, strict=True):
        match = exact.get(key) or folded.pop((key[0].lower(), *key[1:]), None)
        pairs.append((match, member))
    return pairs


def _identity(member: Body) -> tuple[str, str | None, str | None]:
    get = member.get
    return get("name") or "-", get("dataType"), get("arrayDataType")  # as in member_name
