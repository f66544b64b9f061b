"""What a PUT leaves of the stored state, by server release (OpenMetadata REST contract §6.3).

A PUT is no merge: what it does not say is gone, except what a server protects. A bot never
overwrites what people wrote. The facts are from a 1.6 server that was recorded, and from upstream's
sources of about 1.8, 1.10 and 2.0.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, TypeAlias

from om_ingest.kinds import CREATED_WITH, KINDS, NOT_STORED, EntityKind, joined, set_or_drop

from om_ingest_catalog.rows.body import Body, member_list, member_name, pair_members
from om_ingest_catalog.rules.masks import unmasked
from om_ingest_catalog.rules.request import RefusedError

Release: TypeAlias = tuple[int, int]
"""Major and minor version of an OpenMetadata server."""

NEWEST: Release = (2, 0)
"""The release whose rules apply unless another one is given."""

AFTER_RECORDED: Release = (1, 7)
"""The first release after the recorded one: facts seen there alone hold before it."""

_KEPT_SINCE: dict[str, Release] = {
    "style": AFTER_RECORDED,
    "certification": (1, 12),
    "autoClassificationConfig": (2, 0),
}
"""Fields that a PUT without them keeps -> the first release that does."""

_LOST = {
    "classification": frozenset({"disabled"}),
    "tag": frozenset({"disabled"}),
}
"""Fields that no request has, and that a PUT takes away all the same."""

_FIXED = {"classification": ("mutuallyExclusive",), "user": ("email",)}
"""Fields that are set when an entity is created, and that no PUT changes."""

_ASSETS_FIXED_SINCE: Release = (1, 10)
_PRODUCTS_KEPT_SINCE: Release = (1, 12)
_LIFE_CYCLE_UNVERSIONED_SINCE: Release = (1, 12)

_WIPED = {"table": ("dataModel",), "metric": ("metricExpression",)}
"""Fields that a PUT without them keeps if it changes nothing else, and else removes unrecorded."""

_IGNORED = {**NOT_STORED, "table": (*NOT_STORED["table"], ("dataModel",))}


@cache
def kept_fields(entity_type: str, release: Release) -> frozenset[str]:
    """The fields of a kind that stay when a PUT does not have them."""
    late = {name for name, since in _KEPT_SINCE.items() if release < since}
    kind = KINDS[entity_type]
    outside = kind.entity.model_fields.keys() - kind.request.model_fields.keys()
    outside -= _LOST.get(entity_type, frozenset())
    ignored = {path[0] for path in _IGNORED.get(entity_type, ()) if len(path) == 1}
    wiped = set(_WIPED.get(entity_type, ()))
    return frozenset((outside | ignored | wiped | _KEPT_SINCE.keys()) - late)


def without_ignored(entity_type: str, body: Body) -> None:
    """Remove what a server takes and does not store, in place."""
    for path in _IGNORED.get(entity_type, ()):
        _remove(body, path)


def _remove(holder: Body, path: tuple[str, ...]) -> None:
    if len(path) == 1:
        holder.pop(path[0], None)
        return
    inner = holder.get(path[0])
    for item in inner if isinstance(inner, list) else [inner]:
        if isinstance(item, dict):
            _remove(item, path[1:])
            if isinstance(inner, list) and item.get("children"):
                _remove({path[0]: item["children"]}, path)


def merged(
    kind: EntityKind,
    old: Body,
    new: Body,
    release: Release,
    *,
    is_bot: bool,
    override: bool = False,
) -> Body:
    """The body that a PUT of `new` leaves of `old`, before anything is compared or stored.

    With `override`, a bot overwrites what people wrote. Neither body is changed.
    """
    entity_type = kind.entity_type
    result = {**CREATED_WITH.get(entity_type, {}), **new}
    override = override and is_bot
    if is_bot:
        _keep_if_set(result, old, ("domains",))
        if release >= _PRODUCTS_KEPT_SINCE:
            _keep_if_set(result, old, ("dataProducts",))
        if not override:
            _keep_if_set(result, old, ("description",))
        _keep(result, old, ("extension",))
    else:
        _keep_if_empty(result, old, ("domains",))
        if "extension" in old:
            result["extension"] = _overlaid(old["extension"], new.get("extension"))
    _keep_if_empty(result, old, ("owners",))
    _keep_if_missing(result, old, kept_fields(entity_type, release))
    _keep(result, old, _FIXED.get(entity_type, ()))
    if entity_type == "dataProduct" and release >= _ASSETS_FIXED_SINCE:
        _keep(result, old, ("assets",))
    keep_secrets(result, old)
    set_or_drop(result, "tags", _tags(old.get("tags"), new.get("tags"), override=override))
    set_or_drop(result, "lifeCycle", latest(old.get("lifeCycle"), new.get("lifeCycle")))

    for path in kind.members:
        given = member_list(new, path)
        if given:
            before = member_list(old, path)
            _put_at(result, path, _members(before, given, is_bot=is_bot, override=override))
    return result


def to_store(kind: EntityKind, said: Body, new: Body) -> Body:
    """The body to store of a PUT that changes something: without what such a PUT wipes."""
    wiped = [name for name in _WIPED.get(kind.entity_type, ()) if name not in said]
    return {name: value for name, value in new.items() if name not in wiped}


def _tags(old: Any, new: Any, *, override: bool) -> Any:
    """The old labels, then the new ones, without duplicates."""
    return joined([] if override else old or [], new) if new else old


def _members(old: list[Body], new: list[Body], *, is_bot: bool, override: bool) -> list[Body]:
    same_name = {member_name(member).lower(): member for member in old}
    result = []
    for match, member in pair_members(old, new):
        other = match or same_name.get(member_name(member).lower())
        kept = dict(member)
        if other is None:
            result.append(kept)
            continue
        if match is None:  # its type changed: displayName and tags of people are lost
            _keep_if_empty(kept, other, ("description",))
        else:
            if "name" in match:  # a change of case alone is not stored
                kept["name"] = match["name"]
            if is_bot:
                _keep_if_set(kept, match, ("displayName",))
                keep_text = _keep_if_empty if override else _keep_if_set
                keep_text(kept, match, ("description",))
            set_or_drop(
                kept, "tags", _tags(match.get("tags"), member.get("tags"), override=override)
            )
        if "children" in member:
            kept["children"] = _members(
                other.get("children") or [], member["children"], is_bot=is_bot, override=override
            )
        result.append(kept)
    return result


def check_kept_connection(kind: EntityKind, old: Body, said: Body, release: Release) -> None:
    """Raise `RefusedError` for a PUT of a service that leaves out a stored connection (1.6)."""
    if (
        release < AFTER_RECORDED
        and kind.segment is not None
        and old.get("connection")
        and not said.get("connection")
    ):
        raise RefusedError("connection is missing: the service has one; send it, too")


def versioned_fields(release: Release) -> frozenset[str]:
    """Fields whose change makes a version in a release, and in a newer one does not."""
    found = {"sourceHash"} if release < AFTER_RECORDED else set()
    return frozenset(found | ({"lifeCycle"} if release < _LIFE_CYCLE_UNVERSIONED_SINCE else set()))


def keep_secrets(new: Body, old: Body) -> None:
    """Replace masks in the connection of `new` by the stored secrets, in place."""
    if "connection" in new and "connection" in old:
        new["connection"] = unmasked(new["connection"], old["connection"])


def _put_at(result: Body, path: tuple[str, ...], value: list[Body]) -> None:
    """Set a list at a path; copies the objects on the way, which `result` shares with others."""
    for name in path[:-1]:
        result[name] = result = dict(result[name])
    result[path[-1]] = value


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
        set_or_drop(result, field, old.get(field))


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
