"""What an entity becomes when a request meets what is there: pure functions on JSON objects.

Both sides of `settled` have one representation: the form of requests, see `request_form`, or that
in which a store keeps entities. Lists that are added to each other may hold names, references with
ids, labels, or objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from om_ingest.kinds.columns import ColumnNames
from om_ingest.kinds.comparing import EMPTY, Body, changed_fields, includes, is_shown, item_key
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.policy import (
    MEMBER_FIELDS,
    NESTED_MEMBERS,
    Policy,
    gives_way,
    member_policy,
    policy_of,
    storable,
)
from om_ingest.kinds.requests import inside
from om_ingest.model import fqn as names

_COMPLETED = frozenset({"connection", "lifeCycle"})
"""Fields of the source to which servers add: defaults of their own, and the latest access."""


class _How(NamedTuple):
    """How a request meets what is there."""

    override: bool
    parts: Collection[str]
    """Fields of parts in which the source wins, if it overrides."""

    exclusive: Collection[str]
    """FQNs of classifications, and of tags with tags below, of which an entity has one tag."""


def settled(
    kind: EntityKind,
    stored: Body,
    said: Body,
    *,
    override: bool = False,
    parts: Collection[str] = MEMBER_FIELDS,
    exclusive: Collection[str] = (),
) -> Body:
    """The body to store when `said` meets `stored`; neither is changed. Idempotent.

    With `override`, what the source says wins in fields that otherwise keep what is there, but
    those of relations with two sides. What it does not say stays; constraints and partitions are
    dropped together with their columns. `parts` are the fields of parts, such as columns, that
    `override` reaches.
    `exclusive` are FQNs of classifications whose tags exclude each other: where labels are added
    to those that are there, the label of such a classification stays. It is given with `override`
    for a store that adds labels to those of parts all the same.
    """
    result, how = dict(stored), _How(override, parts, exclusive)
    for field, value in said.items():
        if value is None or (field in stored and value == stored[field]):
            continue
        policy = policy_of(kind, field)
        if override and value not in EMPTY and gives_way(kind, field):
            policy = policy if policy is Policy.KEYS else Policy.SOURCE
        if policy is Policy.SOURCE:
            result[field] = value
            continue
        if policy is Policy.MEMBERS:
            paths = [path[1:] for path in kind.members if path[0] == field]
            value = _with_members(stored.get(field), value, paths, how)
        elif not (policy is Policy.CREATION and field in stored):
            value = _winner(policy, stored.get(field), value, how)
        else:
            value = stored[field]
        set_or_drop(result, field, value)
    if "columns" in said:
        _fit_to_columns(result, said)
    return result


def changes(
    kind: EntityKind,
    stored: Body,
    said: Body,
    *,
    override: bool = False,
    exclusive: Collection[str] = (),
) -> Body:
    """Fields of an entity that is there, and what they become when `said` meets `stored`.

    Fields that differ only in what a server has added are left out, and so are those that it does
    not store or change: the place, what only creation says, and the fingerprint. See `settled`.
    """
    fixed = (Policy.PLACE, Policy.CREATION)
    told = {
        field: value
        for field, value in storable(kind.entity_type, said).items()
        if field != "sourceHash" and policy_of(kind, field) not in fixed
    }
    result = settled(kind, stored, told, override=override, exclusive=exclusive)
    return {
        field: result.get(field)
        for field in changed_fields(stored, result)
        if field in told and not _is_there(kind, field, stored.get(field), result.get(field))
    }


def rivals(kind: EntityKind, stored: Body, said: Body) -> set[str]:
    """FQNs above labels of `said` that may be `exclusive`: `stored` has another label below them.

    Whether both label the same part of the entity is not looked at.
    """
    there = {label for holder in _holders(kind, stored) for label in _classified(holder)}
    new = {label for holder in _holders(kind, said) for label in _classified(holder)} - there
    return {_above(label) for label in new} & {_above(label) for label in there}


def set_or_drop(body: Body, field: str, value: Any) -> None:
    """Set a field in place; None removes it."""
    if value is None:
        body.pop(field, None)
    else:
        body[field] = value


def joined(old: list[Any], new: list[Any], exclusive: Collection[str] = ()) -> list[Any]:
    """The items of `old`, then those of `new` that are not among them; see `settled`."""
    known = {item_key(item) for item in old}
    added: dict[Any, Any] = {}
    for item in new:
        if item_key(item) not in known:
            added.setdefault(item_key(item), item)
    known_objects = [item for item in old if isinstance(item, dict)]
    if exclusive and added:
        closed = {_above(fqn) for fqn in _classified({"tags": known_objects})} & set(exclusive)
        added = {
            key: item
            for key, item in added.items()
            if closed.isdisjoint(map(_above, _classified({"tags": [item]})))
        }
    return [*old, *(item for item in added.values() if not _is_among(item, known_objects))]


def _is_there(kind: EntityKind, field: str, stored: Any, result: Any) -> bool:
    """Whether a server that shows `stored` has no need of `result`."""
    is_sources = policy_of(kind, field) in (Policy.SOURCE, Policy.MEMBERS)
    same = is_shown if is_sources and field not in _COMPLETED else includes
    return same(stored, result)


def _holders(kind: EntityKind, body: Body) -> list[Body]:
    """What may have labels: the entity, and its parts."""
    parts = [part for path in kind.members for part in inside(body, path) if part]
    for part in parts:  # grows: columns in columns
        parts += [inner for field in NESTED_MEMBERS for inner in part.get(field) or ()]
    return [body, *parts]


def _classified(holder: Body) -> Iterator[str]:
    """FQNs of the labels that are tags of classifications."""
    for label in holder.get("tags") or ():
        if isinstance(label, dict) and label.get("source") == "Classification":
            yield str(label["tagFQN"])


def _above(fqn: str) -> str:
    return names.parent(fqn) or ""


def _winner(policy: Policy, old: Any, new: Any, how: _How) -> Any:
    if policy is Policy.FIRST:
        return new if old in EMPTY else old
    if policy is Policy.UNION:
        if isinstance(old, list) and isinstance(new, list):
            return joined(old, new, how.exclusive)
        return new if old in EMPTY else old
    if policy is Policy.KEYS and isinstance(old, dict) and isinstance(new, dict):
        return {**old, **new} if how.override else {**new, **old}
    return new


def _is_among(item: Any, objects: list[Body]) -> bool:
    """Whether an object is among others, which may have more about it."""
    return isinstance(item, dict) and any(includes(other, item) for other in objects)


def _with_members(old: Any, new: Any, paths: list[tuple[str, ...]], how: _How) -> Any:
    """A field that is a list of members, or holds such lists at the `paths`."""
    if isinstance(new, list):
        return _members(old if isinstance(old, list) else [], new, how)
    if not isinstance(new, dict):
        return new
    result, before = dict(new), old if isinstance(old, dict) else {}
    for name, *rest in paths:
        if name in result:
            result[name] = _with_members(
                before.get(name), result[name], [tuple(rest)] if rest else [], how
            )
    return result


def _members(old: list[Body], new: list[Body], how: _How) -> list[Body]:
    exact = {_name(member): member for member in old}
    taken = {_name(member) for member in new}
    folded = {name.lower(): member for name, member in exact.items() if name not in taken}
    result = []
    for member in new:
        before = exact.get(_name(member)) or folded.get(_name(member).lower())
        if before is None or before == member:
            result.append(dict(member))
        else:
            result.append(_member(before, member, how))
    return result


def _member(old: Body, new: Body, how: _How) -> Body:
    result = dict(new)
    for field in MEMBER_FIELDS:
        if field not in old:
            continue
        policy, said = member_policy(field), new.get(field)
        is_kept = policy is Policy.KEYS or (policy is Policy.UNION and how.exclusive)
        wins = how.override and field in how.parts and said not in EMPTY and not is_kept
        kept = said if wins else _winner(policy, old[field], said, how)
        set_or_drop(result, field, old[field] if kept is None else kept)
    if "dataLength" in old and all(
        old.get(name) == new.get(name) for name in ("dataType", "arrayDataType")
    ):  # 1.6 breaks where it goes
        result.setdefault("dataLength", old["dataLength"])
    for field in NESTED_MEMBERS:
        if isinstance(new.get(field), list):
            result[field] = _members(old.get(field) or [], new[field], how)
    return result


def _fit_to_columns(result: Body, said: Body) -> None:
    """Fit kept constraints and partitions to the columns, as servers want them.

    They name columns as these are called now, whatever the case before. Those of which a column has
    gone are left out.
    """
    names = ColumnNames(said)
    has_key = any(column.get("constraint") == "PRIMARY_KEY" for column in said["columns"] or [])
    if "tableConstraints" not in said and result.get("tableConstraints"):
        fitted = (
            {**constraint, "columns": [names.meant(name) for name in constraint["columns"]]}
            if constraint.get("columns")
            else constraint
            for constraint in result["tableConstraints"]
            if not (has_key and constraint.get("constraintType") == "PRIMARY_KEY")
        )
        result["tableConstraints"] = [one for one in fitted if all(one.get("columns") or ())]
    if "tablePartition" not in said and (result.get("tablePartition") or {}).get("columns"):
        parts = [
            {**part, "columnName": names.meant(part["columnName"])}
            if part.get("columnName") is not None
            else part
            for part in result["tablePartition"]["columns"]
        ]
        if all(part.get("columnName") != "" for part in parts):
            result["tablePartition"] = {**result["tablePartition"], "columns": parts}
        else:
            del result["tablePartition"]


def _name(member: Body) -> str:
    return member.get("name") or "-"
