"""What a run's record makes of an entity that exists: the policies of `om_ingest.kinds`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from om_ingest.kinds import EntityKind, settled

from om_ingest_catalog.rows.body import Body, member_list, member_name
from om_ingest_catalog.rules.merge import keep_secrets, latest, merged_tags

_INHERITABLE = ("owners", "reviewers")
_NESTED = ("children", "featureSources")


def written_by_run(
    kind: EntityKind, old: Body, said: Body, exclusive: Collection[str], *, override: bool
) -> Body:
    """The body to store when a run says `said` of what is stored as `old`; neither is changed.

    `settled` decides who wins. Beside it: a mask is the stored secret, each access of the life
    cycle is the latest one, and of the tags of an `exclusive` classification the stored one stays.
    """
    new = settled(kind, old, said, override=override)
    if "lifeCycle" in said and "lifeCycle" in old:
        new["lifeCycle"] = latest(old["lifeCycle"], said["lifeCycle"])
    keep_secrets(new, old)
    if exclusive and not override:
        before = dict(_holders(kind, old))
        for place, holder in _holders(kind, new):
            if "tags" in holder:
                kept = before.get(place, {}).get("tags")
                holder["tags"] = merged_tags(kept, holder["tags"], exclusive)
    return new


def leave_out_inherited(body: Body) -> None:
    """Leave out owners and reviewers that a source has read as inherited, in place."""
    for field in _INHERITABLE:
        given = body.get(field)
        if given and any(item.get("inherited") for item in given):
            body[field] = [item for item in given if not item.get("inherited")]
            if not body[field]:  # says nothing, where an empty list would be a statement
                del body[field]


def _holders(kind: EntityKind, body: Body) -> Iterator[tuple[tuple[str, ...], Body]]:
    """What may have tags, the entity and its members, each with its place in the body."""
    yield (), body
    for path in kind.members:
        yield from _members(path, member_list(body, path))


def _members(above: tuple[str, ...], members: list[Body]) -> Iterator[tuple[tuple[str, ...], Body]]:
    for member in members:
        place = (*above, member_name(member).lower())
        yield place, member
        for field in _NESTED:
            yield from _members((*place, field), member.get(field) or [])
