"""What has to be there after a run, field by field: told by the policies, not by `settled`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from om_ingest.kinds import EntityKind
from om_ingest.kinds.policy import MEMBER_FIELDS, NOT_STORED, TWO_SIDED, Policy, policy_of, storable

from tests.functional.preserving.cases import Case, sayable
from tests.functional.preserving.person import own
from tests.functional.preserving.values import Body

_MOVING = {
    *("version", "updatedAt", "updatedBy", "impersonatedBy", "changeDescription", "sourceHash"),
    *("incrementalChangeDescription", "href", "childrenCount", "userCount"),
}
"""Fields that tell of the last change, or count others."""

_SHOWN = {"fullyQualifiedName", "dataTypeDisplay", "profile", "customMetrics", "jsonSchema"}
"""Keys of members that follow from others, or that nobody has said."""

_COMPLETED = {"connection", "lifeCycle", "tags"}
"""Fields and keys of which more is shown than the source says: defaults, and what is united."""

_EMPTY: tuple[Any, ...] = (None, "", [], {})


class Run(NamedTuple):
    """What a run may change."""

    is_new: bool
    """Whether the request is another one than before: one that is known need not be written."""

    overrides: bool
    """Whether it runs with `overrideMetadata`: what the source says wins."""


def losses(
    case: Case, before: Body, after: Body, said: Body, how: Run
) -> Iterator[tuple[str, str]]:
    """The fields that a run should have left, or written, and has not: each with what is wrong.

    `before` is the entity as the person left it, `said` the request of the run.
    """
    kind = case.kind
    for field in dict.fromkeys((*before, *after, *said)):
        old, new = before.get(field), after.get(field)
        if field in _MOVING:
            continue
        if (field,) in NOT_STORED.get(kind.entity_type, ()):
            continue
        if field not in said:
            if _plain(own(new)) != _plain(own(old)):  # what is inherited goes with its owner
                yield field, f"not said; was {_short(old)}, is {_short(new)}"
            continue
        told = said[field]
        if how.overrides and told not in _EMPTY and (kind.entity_type, field) not in TWO_SIDED:
            wrong = _wrong_override(kind, field, old, new, told)
        else:
            wrong = _wrong(kind, field, old, new, told, is_new=how.is_new)
        if wrong:
            yield field, f"{wrong}; was {_short(old)}, said {_short(told)}, is {_short(new)}"


def may_return(case: Case, before: Body) -> bool:
    """Whether a person has changed what the source says, in a field in which the source wins, or
    has taken away what it says.
    """
    return any(
        (policy_of(case.kind, field) is Policy.SOURCE or own(before.get(field)) in _EMPTY)
        and not covers(before.get(field), told)
        for field, told in case.said.items()
        if field in sayable(case.kind)
    )


def _wrong(kind: EntityKind, field: str, old: Any, new: Any, told: Any, *, is_new: bool) -> str:
    policy, old, new = policy_of(kind, field), own(old), own(new)
    if not is_new and _plain(new) == _plain(old):
        return ""
    if policy is Policy.SOURCE:
        return "" if is_exactly(new, told, field) else "the source's"
    if policy in (Policy.FIRST, Policy.CREATION):
        if old in _EMPTY:
            return "" if policy is Policy.CREATION or covers(new, told) else "there was none"
        return "" if _plain(new) == _plain(old) else "the person's"
    if policy is Policy.UNION:
        missing = _missing(old, new) + (_missing(told, new) if is_new else [])
        return f"both's, {missing} is missing" if missing else ""
    if policy is Policy.KEYS:
        expected = {**told, **(old or {})}
        return "" if new == expected else "both's keys"
    if policy is Policy.MEMBERS:
        return _wrong_members(old, new, told)
    return ""


def _wrong_override(kind: EntityKind, field: str, old: Any, new: Any, told: Any) -> str:
    if policy_of(kind, field) is Policy.CREATION:
        return "" if _plain(new) == _plain(old) else "set at creation only"
    if policy_of(kind, field) is Policy.KEYS:
        return "" if new == {**(old or {}), **told} else "the source's keys over the person's"
    if policy_of(kind, field) is Policy.SOURCE:
        return "" if is_exactly(new, told, field) else "the source's"
    if policy_of(kind, field) is Policy.MEMBERS:
        wrong = _wrong_members(_bare(old), _bare(new), _bare(told))
        if wrong:
            return wrong
        if not covers(new, told):  # a catalog stores more of it
            told = storable(kind.entity_type, {field: told})[field]
    return "" if covers(new, told) else "the source's, which overrides"


def _wrong_members(old: Any, new: Any, told: Any) -> str:
    """What is wrong with a field that is a list of members, or an object that holds such lists."""
    if isinstance(told, dict):
        old, new = old or {}, new or {}
        for name in dict.fromkeys((*told, *new)):
            if isinstance(told.get(name), list):
                wrong = _wrong_members(old.get(name), new.get(name), told[name])
            else:
                wrong = "" if is_exactly(new.get(name), told.get(name), name) else "the source's"
            if wrong:
                return f"{name}: {wrong}"
        return ""
    before = {member["name"]: member for member in old or ()}
    after = {member["name"]: member for member in new or ()}
    if list(after) != [member["name"] for member in told]:
        return "the source's members"
    for member in told:
        was, now = before.get(member["name"], {}), after[member["name"]]
        for key in dict.fromkeys((*member, *now, *was)):
            wrong = _wrong_key(key, was, now, member)
            if wrong:
                return f"{member['name']}.{key} is {wrong}"
    return ""


def _bare(value: Any) -> Any:
    """Members without what people may have set of them."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    texts = MEMBER_FIELDS if "name" in value else ()
    return {
        name: _bare(inner) if isinstance(inner, list) else inner
        for name, inner in value.items()
        if name not in texts
    }


def _wrong_key(key: str, was: Body, now: Body, said: Body) -> str:
    """What is wrong with a key of a member, such as the constraint of a column."""
    old, new, told = was.get(key), now.get(key), said.get(key)
    if key == "owners" and not old:
        return "" if not new else "nobody's"  # what a request says of them is not stored
    if key in ("description", "displayName", "owners") and old not in _EMPTY:
        return "" if _plain(new) == _plain(old) else "the person's"
    if key == "tags":
        return "both's" if _missing(old, new) or _missing(told, new) else ""
    if key == "extension":
        return "" if (new or {}) == {**(told or {}), **(old or {})} else "both's keys"
    if key in ("children", "featureSources") and told:
        return _wrong_members(old, new, told)
    if key == "dataLength" and told is None and was.get("dataType") == said.get("dataType"):
        return "" if new == old else "kept with its type"
    return "" if is_exactly(new, told, key) else "the source's"


def _plain(value: Any) -> Any:
    """A value without what servers add to references, and without order where it has none."""
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        ordered = [item for item in value if isinstance(item, dict) and "name" in item]
        return items if ordered and "id" not in ordered[0] else sorted(items, key=repr)
    if isinstance(value, dict):
        if "term" in value:
            return _plain(value["term"])
        if "id" in value and "type" in value:
            return (value["type"], value["id"], bool(value.get("inherited")))
        if "tagFQN" in value:
            return (value["tagFQN"], value.get("source"))
        return {name: _plain(item) for name, item in value.items() if item not in _EMPTY}
    return value


def _missing(items: Any, there: Any) -> list[str]:
    """The items that are not in a list: by id, FQN or whole content."""
    known = {key for item in there or () for key in _keys(item)}
    return [max(keys) for item in items or () if not (keys := _keys(item)) & known]


def _keys(item: Any) -> set[str]:
    """What tells an item of a list from the others; any of these does."""
    if not isinstance(item, dict):
        return {str(item)}
    item = item.get("term", item)
    told = {str(item[name]) for name in ("id", "fullyQualifiedName", "tagFQN") if name in item}
    return told or {repr(sorted(item.items(), key=repr))}


def covers(new: Any, told: Any) -> bool:
    """Whether everything that is said is there, whatever else a server shows."""
    if told in _EMPTY:
        return new in _EMPTY
    if isinstance(told, dict) and isinstance(new, dict):
        if "type" in told and ("id" in told or "fullyQualifiedName" in told):
            return any(told.get(key) == new.get(key) for key in ("id", "fullyQualifiedName"))
        return all(covers(new.get(name), value) for name, value in told.items())
    if isinstance(told, list) and isinstance(new, list):
        return len(told) == len(new) and all(
            any(covers(other, item) for other in new) for item in told
        )
    if isinstance(new, dict):  # a link: FQN or id in the request, a reference in the entity
        new = new.get("term", new)
        return told in (new.get("fullyQualifiedName"), new.get("id"), new.get("name"))
    if isinstance(told, str) and isinstance(new, int):  # servers show some dates in milliseconds
        return datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() * 1000 == new
    return bool(new == told)


def is_exactly(new: Any, told: Any, key: str = "") -> bool:
    """Whether a value of the source is there, and nothing that it does not say."""
    if told in _EMPTY:
        return new in _EMPTY or key in _SHOWN
    if key in _COMPLETED or not isinstance(told, dict | list):
        return covers(new, told)
    if isinstance(told, dict) and isinstance(new, dict):
        if "id" in told or "term" in new:
            return covers(new, told)
        keys = dict.fromkeys((*told, *new))
        return all(is_exactly(new.get(name), told.get(name), name) for name in keys)
    if isinstance(told, list) and isinstance(new, list):
        return len(told) == len(new) and all(
            any(is_exactly(other, item) for other in new) for item in told
        )
    return covers(new, told)


def _short(value: Any) -> str:
    text = repr(_plain(value))
    return text if len(text) < 120 else f"{text[:117]}..."
