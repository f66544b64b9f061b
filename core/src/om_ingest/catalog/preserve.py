"""Which stored values survive a PUT (OpenMetadata REST contract §6.3).

A bot never overwrites what people wrote; people overwrite everything but tags.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from om_ingest.catalog.body import (
    COLUMNS,
    Body,
    MemberPaths,
    member_list,
    member_name,
    pair_members,
)
from om_ingest.model import fqn

_UNTOUCHED = frozenset({"dataModel"})  # of a table; a container is made of its own
_NULL_KEEPS = ("style",)


def merged(
    old: Body,
    new: Body,
    members: MemberPaths = COLUMNS,
    *,
    is_bot: bool,
    exclusive: Collection[str] = (),
) -> Body:
    """The body that results when `new` is put over `old`.

    `members` says where the named parts are, such as columns; `exclusive` holds the FQNs
    of the classifications whose tags exclude each other.
    Neither argument is changed. Merging the same `new` again changes nothing more.
    """
    result = dict(new)
    if is_bot:
        _keep_if_set(result, old, ("description", "domains", "dataProducts"))
        _keep(result, old, ("extension",))
    else:
        _keep_if_empty(result, old, ("domains",))
        if "extension" in old:
            result["extension"] = _overlaid(old["extension"], new.get("extension"))
    _keep_if_empty(result, old, ("owners",))
    _keep_if_missing(result, old, _NULL_KEEPS)
    _keep(result, old, _UNTOUCHED - {path[0] for path in members})
    _put(result, "tags", merged_tags(old.get("tags"), new.get("tags"), exclusive))
    _put(result, "lifeCycle", _latest(old.get("lifeCycle"), new.get("lifeCycle")))
    for path in members:
        given = member_list(new, path)
        if given:
            kept = _merged_members(
                member_list(old, path), given, is_bot=is_bot, exclusive=exclusive
            )
            _put_at(result, path, kept)
    return result


def _put_at(result: Body, path: tuple[str, ...], value: list[Body]) -> None:
    """Put a list where the path leads, without changing what `result` was copied from."""
    for name in path[:-1]:
        result[name] = result = dict(result[name])
    result[path[-1]] = value


def merged_tags(
    old: list[Body] | None, new: list[Body] | None, exclusive: Collection[str] = ()
) -> list[Body] | None:
    """The old labels, then the new ones that are not among them and exclude none of them."""
    if not new:
        return old
    result = list(old or ())
    seen = {_label_key(label) for label in result}
    closed = {fqn.parent(label["tagFQN"]) for label in result} & set(exclusive)
    for label in new:
        key = _label_key(label)
        if key not in seen and (not closed or fqn.parent(label["tagFQN"]) not in closed):
            seen.add(key)
            result.append(label)
    return result


def _merged_members(
    old: list[Body], new: list[Body], *, is_bot: bool, exclusive: Collection[str]
) -> list[Body]:
    same_name = {member_name(column).lower(): column for column in old}
    result = []
    for match, column in pair_members(old, new):
        other = match or same_name.get(member_name(column).lower())
        if other is None:
            result.append(column)
            continue
        merged_column = dict(column)
        if match is None:  # its type changed: text and tags move over where none came along
            _keep_if_empty(merged_column, other, ("tags", "description"))
        else:
            if is_bot:
                _keep_if_set(merged_column, match, ("description", "displayName"))
            tags = merged_tags(match.get("tags"), column.get("tags"), exclusive)
            _put(merged_column, "tags", tags)
        if "children" in column:
            merged_column["children"] = _merged_members(
                other.get("children") or [], column["children"], is_bot=is_bot, exclusive=exclusive
            )
        result.append(merged_column)
    return result


def _label_key(label: Body) -> tuple[str, str]:
    return label["tagFQN"], label.get("source", "")


def _latest(old: Body | None, new: Body | None) -> Body | None:
    """Per access type the one with the later timestamp; on a tie the stored one."""
    if not old or not new:
        return old or new
    kept = {
        access: details
        for access, details in old.items()
        if access not in new or details["timestamp"] >= new[access]["timestamp"]
    }
    return {**new, **kept}


def _overlaid(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **new}
    return old if new is None else new


def _keep(result: Body, old: Body, fields: Collection[str]) -> None:
    for field in fields:
        _put(result, field, old.get(field))


def _keep_if_set(result: Body, old: Body, fields: Collection[str]) -> None:
    for field in fields:
        if old.get(field):
            result[field] = old[field]


def _keep_if_empty(result: Body, old: Body, fields: Collection[str]) -> None:
    for field in fields:
        if not result.get(field) and old.get(field):
            result[field] = old[field]


def _keep_if_missing(result: Body, old: Body, fields: Collection[str]) -> None:
    for field in fields:
        if field in old and field not in result:
            result[field] = old[field]


def _put(result: Body, field: str, value: Any) -> None:
    if value is None:
        result.pop(field, None)
    else:
        result[field] = value
