"""Who is in which team: one relation, which users and teams both tell (contract §3.1).

It is kept in the bodies of the users. The body of a team has only the ids of those of its
users that the catalog does not know.
"""

from __future__ import annotations

from om_ingest_catalog.rows import backlinks
from om_ingest_catalog.rows.body import Body, dump, parse
from om_ingest_catalog.rows.file import CatalogFile, EntityRow


def tells(entity_type: str, body: Body) -> bool:
    """Whether a body says something of others, which may have changed while it did not."""
    return entity_type == "team" and "users" in body


def told(file: CatalogFile, row: EntityRow, body: Body, given: Body | None = None) -> Body:
    """The body of a team with all its live users, in the order in which they are given.

    Any other body as it is.
    """
    if row.entity_type != "team":
        return body
    users = [user.id for user in backlinks.naming(file, row, "user") if not user.deleted]
    if not users:
        return body
    order = {user: place for place, user in enumerate((given or {}).get("users", ()))}
    every = [*body.get("users", ()), *users]
    return {**body, "users": sorted(every, key=lambda user: order.get(user, len(order)))}


def settle(file: CatalogFile, team: str, before: Body, after: Body) -> Body:
    """Have users say what the body of a team now says of them; what of it is to be stored.

    The team is given by its id.
    """
    if not tells("team", before) and not tells("team", after):
        return after
    was, users = set(before.get("users", ())), dict.fromkeys(after.get("users", ()))
    known = [user for user in map(file.by_id, {**users, **dict.fromkeys(was)}) if user is not None]
    for user in known:
        if user.entity_type == "user" and (user.id in users) is not (user.id in was):
            _say(file, user, team, is_in=user.id in users)
    strangers = [user for user in users if user not in {row.id for row in known}]
    rest = {name: value for name, value in after.items() if name != "users"}
    return {**rest, "users": strangers} if strangers else rest


def _say(file: CatalogFile, user: EntityRow, team: str, *, is_in: bool) -> None:
    old = parse(user.body)
    others = [other for other in old.get("teams", ()) if other != team]
    new = {**old, "teams": [*others, team] if is_in else others}
    file.update(user._replace(body=dump(new), put_hash=None))
    backlinks.replace(file, user, old, new)
