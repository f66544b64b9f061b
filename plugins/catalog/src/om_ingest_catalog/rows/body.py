"""The stored form of a request: its JSON as plain dicts, and what is in it.

A *body* is the JSON of a create request without its parent and without None; every
rule of the catalog is a function on bodies.
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
"""Where bodies of a kind have lists of named parts: `EntityKind.members`."""

COLUMNS: MemberPaths = (("columns",),)
"""Of most kinds that have named parts."""


def parse(text: str | bytes) -> Body:
    """The body that `dump` wrote."""
    body: Body = from_json(text)
    return body


def dump(value: object) -> str:
    """JSON text, compact, with its keys in the order they have."""
    return to_json(value).decode()


def make_canonical(entity_type: str, body: Body) -> None:
    """Bring a request's JSON into its stored form, in place (contract §3.0)."""
    kind = KINDS[entity_type]
    for field in kind.place_fields:
        above = body.pop(field, None)
        if kind.parent_choice and above is not None:  # the FQN does not say its kind
            body[field] = {"type": above["type"]}
    body.pop("fullyQualifiedName", None)
    body["name"] = kind.as_stored(body["name"])
    for column in all_columns(kind.members, body):
        if "arrayDataType" in column and column["dataType"] != "ARRAY":
            del column["arrayDataType"]
        if "dataTypeDisplay" in column:
            column["dataTypeDisplay"] = column["dataTypeDisplay"].lower()


def member_list(body: Body, path: tuple[str, ...]) -> list[Body]:
    """The named parts at a path; empty where there are none."""
    if len(path) == 1:  # columns of a table, by far the most frequent
        return body.get(path[0]) or []
    value: Any = body
    for name in path:
        value = value.get(name) or {}
    return value or []


def all_members(members: MemberPaths, body: Body) -> list[Body]:
    """Every named part, nested ones included; outer ones first."""
    found: list[Body] = []
    for path in members:
        found.extend(member_list(body, path))
    for member in found:  # grows while it is read
        if "children" in member:
            found.extend(member["children"])
        elif "featureSources" in member:
            found.extend(member["featureSources"])
    return found


def all_columns(members: MemberPaths, body: Body) -> list[Body]:
    """Those named parts that are columns, nested ones included; outer ones first."""
    if members != COLUMNS:
        members = [path for path in members if path[-1] == "columns"]
    return all_members(members, body)


def member_name(member: Body) -> str:
    """The name of a part; `-` for one without, as in contract §3.0."""
    return member.get("name") or "-"


def above_members(members: MemberPaths, path: tuple[str, ...], fqn: str) -> str:
    """What the FQNs of an entity's parts begin with.

    Of an entity with several lists, the FQN goes through the field that holds the list.
    """
    return fqn if len(members) == 1 else f"{fqn}.{path[0]}"


def member_fqns(members: MemberPaths, fqn: str, body: Body) -> Iterator[str]:
    """The FQN of every named part of an entity, nested ones included."""
    for path in members:
        yield from _fqns_below(above_members(members, path, fqn), member_list(body, path))


def _fqns_below(above: str, members: list[Body]) -> Iterator[str]:
    for member in members:
        fqn = f"{above}.{quote(member_name(member))}"
        yield fqn
        yield from _fqns_below(fqn, member.get("children") or [])


def pair_members(old: list[Body], new: list[Body]) -> list[tuple[Body | None, Body]]:
    """Each new part with the old one it continues, or None (contract §6.2).

    Columns continue each other when type and element type are equal and the names are,
    ignoring case; one that is spelled the same comes first. So do other parts.
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
