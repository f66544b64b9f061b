"""Differences between two bodies, and the resulting version (contract §6.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from om_ingest.model.fqn import quote

from om_ingest_catalog.rows.body import (
    COLUMNS,
    Body,
    MemberPaths,
    above_members,
    complete_members,
    dump,
    member_name,
    pair_members,
    parse,
)

FIRST_VERSION = 0.1

UNVERSIONED = frozenset({"lifeCycle", "sourceHash"})
"""Fields whose change is stored without a new version."""

_UNRECORDED = frozenset(
    {"dataType", "arrayDataType", "children", "ordinalPosition", "dataTypeDisplay"}
)
"""Fields of a member that make no change of their own: its identity, order and display."""

_COLUMNS = "columns"
_NAMED_BY_PATH = frozenset({"tags", "description"})
"""Fields of columns that a server names with the names of all columns around them, unquoted."""

_FIRST = ("description", "displayName", "owners", "extension", "tags", "domains", "dataProducts")
_CONNECTION = '"old-encrypted-value"', '"new-encrypted-value"'
"""What is recorded of a connection, which has secrets."""

_LIST_KEYS = {"tags": ("tagFQN", "source"), "owners": ("id",), "reviewers": ("id",)}


@dataclass
class Changes:
    """The differences that make a new version."""

    added: list[Body] = field(default_factory=list)
    """Fields that were empty; each entry is `{"name", "newValue"}`."""

    updated: list[Body] = field(default_factory=list)
    """Fields with another value; each entry is `{"name", "oldValue", "newValue"}`."""

    deleted: list[Body] = field(default_factory=list)
    """Fields that are empty now; each entry is `{"name", "oldValue"}`."""

    major: bool = False
    """Whether the change is breaking: a column or field was removed or narrowed."""

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.deleted)

    def record(self, name: str, old: Any, new: Any) -> None:
        """Record the old and new value of a field; None means missing; ignores equal values."""
        if old == new:
            return
        if old is None:
            self.added.append({"name": name, "newValue": _plain(new)})
        elif new is None:
            self.deleted.append({"name": name, "oldValue": _plain(old)})
        else:
            self.updated.append({"name": name, "oldValue": _plain(old), "newValue": _plain(new)})

    def next_version(self, version: float) -> float:
        """The next version number, rounded to one decimal: +1.0 if major, else +0.1."""
        return round(version + (1.0 if self.major else 0.1), 1)

    def description(self, previous_version: float) -> str:
        """The change description of contract §6.2, as JSON."""
        return dump(
            {
                "fieldsAdded": self.added,
                "fieldsUpdated": self.updated,
                "fieldsDeleted": self.deleted,
                "previousVersion": previous_version,
            }
        )


def changes_between(
    old: Body,
    new: Body,
    members: MemberPaths = COLUMNS,
    versioned: Collection[str] = (),
    *,
    fqn: str,
) -> Changes:
    """All differences between two bodies of one entity, whose FQN is `fqn`.

    `versioned` are fields that make a version although the newest servers do not record them.
    """
    changes = Changes()
    lists = {path[0]: path[-1] for path in members}
    above = {path[0]: above_members(members, path, fqn) for path in members}
    for name in sorted(_names(old, new), key=partial(_place, lists)):
        if name not in lists:
            if name == "connection" and old.get(name) != new.get(name):
                changes.record(name, *_CONNECTION)
            elif name not in UNVERSIONED or name in versioned:
                _compare(changes, name, name, old.get(name), new.get(name))
        elif lists[name] == name:
            pair = old.get(name) or [], new.get(name) or []
            _compare_members(changes, name, above[name], *pair, are_columns=name == _COLUMNS)
        else:
            holders = old.get(name) or {}, new.get(name) or {}
            _compare_holders(changes, name, lists[name], above[name], *holders)
    return changes


def _place(members: Collection[str], name: str) -> int:
    """The place of a field among the changes: first what all kinds have, then members."""
    if name in _FIRST:
        return _FIRST.index(name)
    return len(_FIRST) + (name not in members)


def _compare_holders(
    changes: Changes, path: str, field: str, above: str, old: Body, new: Body
) -> None:
    """Compare two objects that hold a list of members in a field, among other fields."""
    for name in _names(old, new):
        inner_path = f"{path}.{name}"
        if name == field:
            members = old.get(name) or [], new.get(name) or []
            _compare_members(changes, inner_path, above, *members, are_columns=field == _COLUMNS)
        else:
            changes.record(inner_path, old.get(name), new.get(name))


def deletion(*, deleted: bool) -> Changes:
    """The change made by a soft delete or a restore."""
    changes = Changes()
    changes.record("deleted", not deleted, deleted)
    return changes


def _compare(changes: Changes, name: str, path: str, old: Any, new: Any) -> None:
    if old in (None, []) and new in (None, []):
        return
    keys = _LIST_KEYS.get(name)
    if keys is None:
        changes.record(path, old, new)
        return
    before = {tuple(item[key] for key in keys): item for item in old or ()}
    after = {tuple(item[key] for key in keys): item for item in new or ()}
    gone = [item for value, item in before.items() if value not in after]
    come = [item for value, item in after.items() if value not in before]
    kept = [value for value in before if value in after and before[value] != after[value]]
    changes.record(path, None, come or None)
    changes.record(path, gone or None, None)
    changes.record(path, [before[value] for value in kept], [after[value] for value in kept])


def _compare_members(
    changes: Changes,
    path: str,
    above: str,
    old: list[Body],
    new: list[Body],
    *,
    are_columns: bool,
) -> None:
    """Compare two lists of members at a path; `above` is the start of their FQNs."""
    if old == new:
        return
    pairs = pair_members(old, new)
    continued = {id(match) for match, _ in pairs if match is not None}
    gone = [column for column in old if id(column) not in continued]
    come = [column for match, column in pairs if match is None]
    changes.record(path, None, _shown(come, above, are_columns=are_columns) or None)
    changes.record(path, _shown(gone, above, are_columns=are_columns) or None, None)
    if gone and path != "tasks":  # a task that goes is a minor change
        changes.major = True
    for match, column in pairs:
        if match is None or match == column:
            continue
        name = member_name(column)
        for changed in _names(match, column):
            if changed not in _UNRECORDED:
                field_path = _field_path(path, name, changed, is_column=are_columns)
                _compare(changes, changed, field_path, match.get(changed), column.get(changed))
        if _is_narrower(match, column):
            changes.major = True
        children = match.get("children") or [], column.get("children") or []
        inner = f"{path}.{name}", f"{above}.{quote(name)}"
        _compare_members(changes, *inner, *children, are_columns=are_columns)


def _field_path(path: str, name: str, field: str, *, is_column: bool) -> str:
    """How a server names a field of a member.

    Most fields of columns are named with the quoted name of the column alone, also in a struct.
    """
    if is_column and field not in _NAMED_BY_PATH:
        return f"{_COLUMNS}.{quote(name)}.{field}"
    return f"{path}.{name if is_column else quote(name)}.{field}"


def _shown(members: list[Body], above: str, *, are_columns: bool) -> list[Body]:
    """Members as an entity shows them, that is with their FQNs."""
    if not members:
        return members
    shown: list[Body] = parse(dump({"": members}))[""]
    complete_members(above, shown, are_columns=are_columns)
    return shown


def _is_narrower(old: Body, new: Body) -> bool:
    length_before, length = old.get("dataLength"), new.get("dataLength")
    if length is not None and (length_before is None or length < length_before):
        return True
    return any(
        old.get(name) is not None and (new.get(name) is None or new[name] < old[name])
        for name in ("precision", "scale")
    )


def _names(old: Body, new: Body) -> list[str]:
    return [*old, *(name for name in new if name not in old)]


def _plain(value: Any) -> Any:
    return dump(value) if isinstance(value, (dict, list)) else value
