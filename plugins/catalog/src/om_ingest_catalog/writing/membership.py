"""Team membership, stored on users and mirrored on teams (contract §3.1).

The body of a team only has the ids of users that are not in the catalog.
"""

from __future__ import annotations

from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, dump, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.writing.options import kept_hash


def lists_users(entity_type: str, body: Body) -> bool:
    """Whether a body is a team with users: those may change while the request stays the same."""
    return entity_type == "team" and "users" in body


def with_users(file: CatalogFile, row: EntityRow, body: Body, given: Body | None = None) -> Body:
    """The body of a team with its live users, in the order of `given`; other bodies unchanged."""
    if row.entity_type != "team":
        return body
    users = [user.id for user in backlinks.referrers(file, row, "user") if not user.deleted]
    if not users:
        return body
    order = {user: place for place, user in enumerate((given or {}).get("users", ()))}
    every = [*body.get("users", ()), *users]
    return {**body, "users": sorted(every, key=lambda user: order.get(user, len(order)))}


def update_users(file: CatalogFile, team: str, before: Body, after: Body) -> Body:
    """Update the users of a team after a change of its body; the body to store.

    `team` is the id of the team.
    """
    if not lists_users("team", before) and not lists_users("team", after):
        return after
    was, users = set(before.get("users", ())), dict.fromkeys(after.get("users", ()))
    known = [user for user in map(file.by_id, {**users, **dict.fromkeys(was)}) if user is not None]
    for user in known:
        if user.entity_type == "user" and (user.id in users) is not (user.id in was):
            _set_membership(file, user, team, is_in=user.id in users)
    strangers = [user for user in users if user not in {row.id for row in known}]
    rest = {name: value for name, value in after.items() if name != "users"}
    return {**rest, "users": strangers} if strangers else rest


def _set_membership(file: CatalogFile, user: EntityRow, team: str, *, is_in: bool) -> None:
    old = parse(user.body)
    others = [other for other in old.get("teams", ()) if other != team]
    new = {**old, "teams": [*others, team] if is_in else others}
    file.update(user._replace(body=dump(new), put_hash=kept_hash(user.put_hash)))
    backlinks.replace(file, user, old, new)
