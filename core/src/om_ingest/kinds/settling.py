"""What an entity becomes when a request meets what is there: pure functions on JSON objects.

Both sides of `settled` have one representation: the form of requests, in which `as_request` puts
what a server shows, or that in which a store keeps entities. Lists that are added to each other
may hold names, references with ids, labels, or objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from om_ingest.kinds.comparing import EMPTY, Body, changed_fields, includes, item_key
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.policy import (
    MEMBER_FIELDS,
    OVERRIDABLE,
    Policy,
    member_policy,
    policy_of,
    storable,
)
from om_ingest.kinds.requests import reference_paths
from om_ingest.kinds.table import KINDS
from om_ingest.model import fqn as names
from om_ingest.model.naming import date_time, encode_reserved

_LABEL = ("tagFQN", "source", "labelType", "state")
_NAMED_LINKS = ("domains", "dataProducts")
_NESTED = ("children", "featureSources")


def settled(kind: EntityKind, stored: Body, said: Body, *, override: bool = False) -> Body:
    """The body to store when `said` meets `stored`; neither is changed. Idempotent.

    With `override`, what the source says wins in fields that otherwise keep what is there. What
    it does not say stays; of constraints and partitions, as far as their columns are there.
    """
    result, defaults = dict(stored), _defaults(kind.entity_type)
    for field, value in said.items():
        if value is None or (field in stored and value in (stored[field], defaults.get(field))):
            continue  # nothing new, or nothing that anybody has said
        policy = policy_of(kind, field)
        if override and policy in OVERRIDABLE - {Policy.MEMBERS, Policy.KEYS}:
            policy = Policy.SOURCE if value not in EMPTY else policy
        if policy is Policy.SOURCE:
            result[field] = value
            continue
        if policy is Policy.MEMBERS:
            paths = [path[1:] for path in kind.members if path[0] == field]
            value = _with_members(stored.get(field), value, paths, override=override)
        elif not (policy is Policy.CREATION and field in stored):
            value = _winner(policy, stored.get(field), value, override=override)
        else:
            value = stored[field]
        _put(result, field, value)
    if "columns" in said:
        _fit_to_columns(result, said)
    return result


def changes(kind: EntityKind, stored: Body, said: Body, *, override: bool = False) -> Body:
    """Fields of an entity that is there, and what they become when `said` meets `stored`.

    Fields that differ only in what a server has added are left out, and so are those that it does
    not store or change: the place, what only creation says, and the fingerprint.
    """
    fixed = (Policy.PLACE, Policy.CREATION)
    told = {
        field: value
        for field, value in storable(kind.entity_type, said).items()
        if field != "sourceHash" and policy_of(kind, field) not in fixed
    }
    result = settled(kind, stored, told, override=override)
    return {
        field: result.get(field)
        for field in changed_fields(stored, result)
        if field in told and not includes(stored.get(field), result.get(field))
    }


def as_request(kind: EntityKind, document: Mapping[str, Any]) -> Body:
    """What a server shows of an entity, in the form in which a request says it.

    Only fields that a request may have and that are the entity's own: neither its place, nor
    owners and domains inherited from above, nor labels derived from others.
    """
    known = kind.request.model_fields
    paths = reference_paths(kind.entity_type)
    referring = {path[0] for path in paths if len(path) == 1}
    body: Body = {}
    for field, value in document.items():
        if field not in known or value is None or policy_of(kind, field) is Policy.PLACE:
            continue
        if field in referring:
            value = _own(value, lambda given: {"id": given.get("id"), "type": given.get("type")})
        elif field in kind.id_links:
            value = _own(value, lambda given: given.get("id"))
        elif field in kind.links or field in _NAMED_LINKS:
            value = _own(value, _fqn_in)
        elif field == "tags":
            value = _labels(value)
        elif any(path[0] == field for path in kind.members):
            value = _plain_member(value)
        elif field == "startDate" and isinstance(value, int):  # of a pipeline
            value = date_time(value)
        if value not in EMPTY:
            body[field] = value
    return body


@cache
def _defaults(entity_type: str) -> Mapping[str, Any]:
    """What the kind's requests hold of fields that were not given a value."""
    fields = KINDS[entity_type].request.model_fields.items()
    values = {name: info.default for name, info in fields if not info.is_required()}
    return {name: value for name, value in values.items() if value not in EMPTY}


def _winner(policy: Policy, old: Any, new: Any, *, override: bool) -> Any:
    if policy is Policy.FIRST:
        return new if old in EMPTY else old
    if policy is Policy.UNION:
        return _joined(old, new)
    if policy is Policy.KEYS and isinstance(old, dict) and isinstance(new, dict):
        return {**old, **new} if override else {**new, **old}
    return new


def _joined(old: Any, new: Any) -> Any:
    if not isinstance(old, list) or not isinstance(new, list):
        return new if old in EMPTY else old
    known = {item_key(item) for item in old}
    added = {item_key(item): item for item in new if item_key(item) not in known}
    known_objects = [item for item in old if isinstance(item, dict)]
    return [*old, *(item for item in added.values() if not _is_among(item, known_objects))]


def _is_among(item: Any, objects: list[Body]) -> bool:
    """Whether an object is among others, which may have more about it."""
    return isinstance(item, dict) and any(includes(other, item) for other in objects)


def _with_members(old: Any, new: Any, paths: list[tuple[str, ...]], *, override: bool) -> Any:
    """A field that is a list of members, or holds such lists at the `paths`."""
    if isinstance(new, list):
        return _members(old if isinstance(old, list) else [], new, override=override)
    if not isinstance(new, dict):
        return new
    result, before = dict(new), old if isinstance(old, dict) else {}
    for name, *rest in paths:
        if name in result:
            result[name] = _with_members(
                before.get(name), result[name], [tuple(rest)] if rest else [], override=override
            )
    return result


def _members(old: list[Body], new: list[Body], *, override: bool) -> list[Body]:
    exact = {_name(member): member for member in old}
    taken = {_name(member) for member in new}
    folded = {name.lower(): member for name, member in exact.items() if name not in taken}
    result = []
    for member in new:
        before = exact.get(_name(member)) or folded.get(_name(member).lower())
        if before is None or before == member:
            result.append(dict(member))
        else:
            result.append(_member(before, member, override))
    return result


def _member(old: Body, new: Body, override: bool) -> Body:
    result = dict(new)
    for field in MEMBER_FIELDS:
        if field not in old:
            continue
        policy, said = member_policy(field), new.get(field)
        wins = override and said not in EMPTY and policy is not Policy.KEYS
        kept = said if wins else _winner(policy, old[field], said, override=override)
        _put(result, field, old[field] if kept is None else kept)
    if "dataLength" in old and all(
        old.get(name) == new.get(name) for name in ("dataType", "arrayDataType")
    ):  # 1.6 breaks where it goes
        result.setdefault("dataLength", old["dataLength"])
    for field in _NESTED:
        if isinstance(new.get(field), list):
            result[field] = _members(old.get(field) or [], new[field], override=override)
    return result


def _fit_to_columns(result: Body, said: Body) -> None:
    """Leave out kept constraints and partitions whose columns have gone: servers refuse them."""
    columns = said["columns"] or []
    there = {_name(column).lower() for column in columns}
    has_key = any(column.get("constraint") == "PRIMARY_KEY" for column in columns)
    if "tableConstraints" not in said and result.get("tableConstraints"):
        result["tableConstraints"] = [
            constraint
            for constraint in result["tableConstraints"]
            if all(_is_in(there, name) for name in constraint.get("columns") or ())
            and not (has_key and constraint.get("constraintType") == "PRIMARY_KEY")
        ]
    if "tablePartition" not in said and result.get("tablePartition"):
        partition = result["tablePartition"]
        names_of = [part.get("columnName") for part in partition.get("columns") or ()]
        if not all(name is None or _is_in(there, name) for name in names_of):
            del result["tablePartition"]


def _is_in(there: Collection[str], column: Any) -> bool:
    return encode_reserved(str(column)).lower() in there


def _own(value: Any, form: Any) -> Any:
    """References in another form, without those that are inherited."""
    if isinstance(value, list):
        own = [item for item in value if not (isinstance(item, dict) and item.get("inherited"))]
        return [form(item) if isinstance(item, dict) else item for item in own]
    if isinstance(value, dict):
        return None if value.get("inherited") else form(value)
    return value


def _fqn_in(reference: Mapping[str, Any]) -> Any:
    given = reference.get("term") if isinstance(reference.get("term"), dict) else reference
    assert isinstance(given, Mapping)
    fqn = given.get("fullyQualifiedName") or given.get("name")
    return names.spelled(str(fqn)) if fqn else None


def _labels(value: Iterable[Mapping[str, Any]]) -> list[Body]:
    return [
        {name: label[name] for name in _LABEL if name in label}
        for label in value
        if label.get("labelType") != "Derived"
    ]


def _plain_member(value: Any) -> Any:
    """Members as a request says them: labels without texts, references by id, no own FQNs."""
    if isinstance(value, list):
        return [_plain_member(item) for item in value]
    if not isinstance(value, dict):
        return value
    body: Body = {}
    for field, inner in value.items():
        if field == "tags":
            body[field] = _labels(inner)
        elif field == "owners":
            body[field] = _own(inner, lambda given: {"id": given["id"], "type": given["type"]})
        elif field not in ("fullyQualifiedName", "profile", "customMetrics") and inner is not None:
            body[field] = _plain_member(inner) if isinstance(inner, list | dict) else inner
    return body


def _name(member: Body) -> str:
    return member.get("name") or "-"


def _put(result: Body, field: str, value: Any) -> None:
    if value is None:
        result.pop(field, None)
    else:
        result[field] = value
