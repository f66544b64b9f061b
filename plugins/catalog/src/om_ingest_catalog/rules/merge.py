"""Merging a PUT with the stored state (OpenMetadata REST contract §6.3).

A bot never overwrites what people wrote. People overwrite everything except tags.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from om_ingest.kinds import KINDS
from om_ingest.model import fqn

from om_ingest_catalog.rows.body import (
    COLUMNS,
    Body,
    MemberPaths,
    member_list,
    member_name,
    pair_members,
)
from om_ingest_catalog.rules.masks import unmasked

_UNTOUCHED = frozenset({"dataModel"})  # of a table; the one of a container holds its columns
_NULL_KEEPS = ("style",)
_ELSEWHERE = {"user": frozenset({"teams"}), "team": frozenset({"users"})}


@cache
def fields_outside_request(entity_type: str) -> frozenset[str]:
    """Fields of an entity that its requests lack, such as `certification`, or may leave to the
    requests of other entities, such as `teams` of a user.
    """
    kind = KINDS[entity_type]
    without = kind.entity.model_fields.keys() - kind.request.model_fields.keys()
    return frozenset(without | _ELSEWHERE.get(entity_type, frozenset()))


def merged(
    old: Body,
    new: Body,
    members: MemberPaths = COLUMNS,
    *,
    is_bot: bool,
    override: bool = False,
    exclusive: Collection[str] = (),
    outside_request: Collection[str] = (),
) -> Body:
    """The body that results from a PUT of `new` over `old`; neither is changed.

    `members` are the paths of the lists of members, such as columns. With `override`, a bot
    overwrites what people wrote. `exclusive` holds the FQNs of classifications with mutually
    exclusive tags, `outside_request` the fields that requests lack. The operation is idempotent.
    """
    result = dict(new)
    merge = _Merger(is_bot, override=is_bot and override, exclusive=exclusive)
    if is_bot:
        _keep_if_set(result, old, ("domains", "dataProducts"))
        if not merge.override:
            _keep_if_set(result, old, ("description",))
        _keep(result, old, ("extension",))
    else:
        _keep_if_empty(result, old, ("domains",))
        if "extension" in old:
            result["extension"] = _overlaid(old["extension"], new.get("extension"))
    _keep_if_empty(result, old, ("owners",))
    _keep_if_missing(result, old, _NULL_KEEPS)
    _keep(result, old, _UNTOUCHED - {path[0] for path in members})
    _keep_if_missing(result, old, outside_request)
    keep_secrets(result, old)
    _put(result, "tags", merge.tags(old.get("tags"), new.get("tags")))
    _put(result, "lifeCycle", latest(old.get("lifeCycle"), new.get("lifeCycle")))
    for path in members:
        given = member_list(new, path)
        if given:
            _put_at(result, path, merge.members(member_list(old, path), given))
    return result


def keep_secrets(new: Body, old: Body) -> None:
    """Replace masks in the connection of `new` by the stored secrets, in place."""
    if "connection" in new and "connection" in old:
        new["connection"] = unmasked(new["connection"], old["connection"])


def _put_at(result: Body, path: tuple[str, ...], value: list[Body]) -> None:
    """Set a list at a path; copies the objects on the way, which `result` shares with others."""
    for name in path[:-1]:
        result[name] = result = dict(result[name])
    result[path[-1]] = value


def merged_tags(
    old: list[Body] | None, new: list[Body] | None, exclusive: Collection[str] = ()
) -> list[Body] | None:
    """The old labels, then the new ones, without duplicates and mutually exclusive ones."""
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


class _Merger:
    """Merges fields that entities and members share."""

    def __init__(self, is_bot: bool, *, override: bool, exclusive: Collection[str]) -> None:
        self.is_bot = is_bot
        self.override = override
        self.exclusive = exclusive

    def tags(self, old: list[Body] | None, new: list[Body] | None) -> list[Body] | None:
        if self.override and new:
            old = None
        return merged_tags(old, new, self.exclusive)

    def members(self, old: list[Body], new: list[Body]) -> list[Body]:
        same_name = {member_name(member).lower(): member for member in old}
        result = []
        for match, member in pair_members(old, new):
            other = match or same_name.get(member_name(member).lower())
            if other is None:
                result.append(member)
                continue
            merged_member = dict(member)
            if match is None:  # its type changed: keep text and tags unless new ones are given
                _keep_if_empty(merged_member, other, ("tags", "description"))
            else:
                self._keep_texts(merged_member, match)
                _put(merged_member, "tags", self.tags(match.get("tags"), member.get("tags")))
            if "children" in member:
                merged_member["children"] = self.members(
                    other.get("children") or [], member["children"]
                )
            result.append(merged_member)
        return result

    def _keep_texts(self, result: Body, old: Body) -> None:
        if self.override:
            _keep_if_empty(result, old, ("description",))
            _keep_if_set(result, old, ("displayName",))
        elif self.is_bot:
            _keep_if_set(result, old, ("description", "displayName"))


def _label_key(label: Body) -> tuple[str, str]:
    return label["tagFQN"], label.get("source", "")


def latest(old: Body | None, new: Body | None) -> Body | None:
    """Per access type, the one with the later timestamp; on a tie, the stored one."""
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
