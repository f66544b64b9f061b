"""What a run's record makes of an entity that exists: the policies of `om_ingest.kinds`."""

from __future__ import annotations

from collections.abc import Collection

from om_ingest.kinds import CREATED_WITH, EntityKind, settled

from om_ingest_catalog.rows.body import Body
from om_ingest_catalog.rules.merge import keep_secrets, latest

_INHERITABLE = ("owners", "reviewers")


def written_by_run(
    kind: EntityKind, old: Body, said: Body, exclusive: Collection[str], *, override: bool
) -> Body:
    """The body to store when a run says `said` of what is stored as `old`; neither is changed.

    `settled` decides who wins. Beside it: a mask is the stored secret, and each access of the life
    cycle is the latest one. What overrides replaces labels, so that none can exclude another.
    """
    exclusive = () if override else exclusive
    new = settled(kind, old, said, override=override, exclusive=exclusive)
    new = {**CREATED_WITH.get(kind.entity_type, {}), **new}
    if "lifeCycle" in said and "lifeCycle" in old:
        new["lifeCycle"] = latest(old["lifeCycle"], said["lifeCycle"])
    keep_secrets(new, old)
    return new


def leave_out_inherited(body: Body) -> None:
    """Leave out owners and reviewers that a source has read as inherited, in place."""
    for field in _INHERITABLE:
        given = body.get(field)
        if given and any(item.get("inherited") for item in given):
            body[field] = [item for item in given if not item.get("inherited")]
            if not body[field]:  # says nothing, where an empty list would be a statement
                del body[field]
