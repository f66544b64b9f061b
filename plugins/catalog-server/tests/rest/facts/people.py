"""People and bots: what a PUT of either may change, besides the table of §6.3."""

from __future__ import annotations

from typing import Any

from rest.case import (
    BOT,
    JANE,
    case,
    change,
    delete,
    get,
    label,
    make,
    patch,
    put,
    replacing,
)
from rest.expect import ABSENT, NOBODY
from rest.specimens import COLLECTIONS, specimen

_TAGS = (make("tag", "t1"), make("tag", "t2"))
_USERS = (make("user", "u1"), make("user", "u2"))
_DOMAINS = (make("domain", "d1"), make("domain", "d2"))
_PRODUCTS = (
    *_DOMAINS,
    make("dataProduct", "p1", domains=["{d1}"]),
    make("dataProduct", "p2", domains=["{d1}"]),
)


def _columns(description: str) -> dict[str, Any]:
    return {"columns": [{"name": "a", "dataType": "INT", "description": description}]}


def _data_model(description: str) -> dict[str, Any]:
    return {"dataModel": _columns(description)}


def _fields(description: str) -> dict[str, Any]:
    return {"fields": [{"name": "a", "dataType": "TEXT", "description": description}]}


def _schema_fields(description: str) -> dict[str, Any]:
    field = {"name": "a", "dataType": "STRING", "description": description}
    return {"messageSchema": {"schemaType": "JSON", "schemaFields": [field]}}


_BY_ID = [{"id": "{user.id}", "type": "user", "name": "{user}", "fullyQualifiedName": "{user}"}]
_TEAM = [{"id": "{team.id}", "type": "team", "name": "{team}", "fullyQualifiedName": "{team}"}]
_IN = "users/{user.id}?fields=teams"
_OF = "teams/{team.id}?fields=users,userCount"

CASES = [
    case(
        "§3.1",
        "a team that is created with users is in their teams, and references have names",
        make("user"),
        make("team", users=["{user.id}"]),
        get(_IN, shows={"teams": _TEAM, "version": 0.1}),
        get(_OF, shows={"users": _BY_ID, "userCount": 1}),
        get("users?team={team}", shows={"data": [{"id": "{user.id}"}]}),
    ),
    case(
        "§3.1",
        "a user who is created with teams is among their users, and references have names",
        make("team"),
        make("user", teams=["{team.id}"]),
        get(_IN, shows={"teams": _TEAM}),
        get(_OF, shows={"users": _BY_ID, "userCount": 1}),
    ),
    case(
        "§3.1",
        "two users cannot have one e-mail address, in whatever case: 409",
        make("user"),
        put(
            "users",
            specimen("user", "other", email="user_{me}@example.com"),
            409,
            says="Entity already exists",
        ),
        put("users", specimen("user", "other", email="USER_{me}@EXAMPLE.com"), 409),
        put("users", specimen("user"), 200),
        delete("users/{user.id}?hardDelete=true"),
        put("users", specimen("user", "other", email="user_{me}@example.com"), 201),
    ),
    case(
        "§3.1",
        "a team without a teamType is a Group",
        put("teams", {"name": "team_{me}"}, 201, {"teamType": "Group"}),
    ),
    case(
        "§3.1",
        "who leaves a team by one side has left it on the other",
        make("user"),
        make("team", users=["{user.id}"]),
        patch("users/{user.id}", [{"op": "remove", "path": "/teams/0"}], 200, {"version": 0.2}),
        get(_OF, shows={"users": NOBODY}),
        put("teams", specimen("team", users=["{user.id}"]), 200, {"users": _BY_ID}),
        get(_IN, shows={"teams": _TEAM}),
        patch("teams/{team.id}", [{"op": "remove", "path": "/users/0"}], 200, {"users": NOBODY}),
        get(_IN, shows={"teams": NOBODY}),
        patch("teams/{team.id}", replacing("/users/-", {"id": "{user.id}", "type": "user"}), 200),
        get(_IN, shows={"teams": _TEAM}),
        put("teams", specimen("team", users=[]), 200),
        get(_IN, shows={"teams": NOBODY}),
    ),
    case(
        "§3.1",
        "a PUT that says nothing of a team's users or a user's teams empties them on both sides",
        make("user"),
        make("team", users=["{user.id}"]),
        *(
            step
            for path, kind in (("users", "user"), ("teams", "team"))
            for token in (BOT, JANE)
            for step in (
                put(path, specimen(kind), 200, headers=change("entityUpdated"), by=token),
                get(_IN, shows={"teams": NOBODY}),
                get(_OF, shows={"users": NOBODY}),
                put("teams", specimen("team", users=["{user.id}"]), 200, {"users": _BY_ID}),
            )
        ),
        put(
            "teams",
            specimen("team", users=["{user.id}"]),
            200,
            headers=change("entityNoChange"),
        ),
        get(_IN, shows={"teams": _TEAM}),
        get(_OF, shows={"users": _BY_ID}),
    ),
    case(
        "§6.5",
        "a user who is deleted is in no team, and is back in it when restored",
        make("user"),
        make("team", users=["{user.id}"]),
        delete("users/{user.id}"),
        get(_OF, shows={"users": NOBODY, "userCount": 0}),
        patch("teams/{team.id}", replacing("/displayName", "x"), 200),
        put("users/restore", {"id": "{user.id}"}, 200),
        get(_OF, shows={"users": _BY_ID}),
        delete("teams/{team.id}?hardDelete=true"),
        get(_IN, shows={"teams": NOBODY}),
    ),
    case(
        "§6.3",
        "a human's data products without a domain are 400",
        *_PRODUCTS,
        make("table"),
        put("tables", specimen("table", dataProducts=["{p1}"]), 400, by=JANE),
    ),
    case(
        "§6.3",
        "experts and reviewers are replaced by what is sent, empty lists too",
        *_USERS,
        make("domain", experts=["{u1}"]),
        put("domains", specimen("domain", experts=["{u2}"]), 200, {"experts": [{"id": "{u2.id}"}]}),
        put("domains", specimen("domain", experts=[]), 200),
        get("domains/{domain.id}?fields=experts", shows={"experts": NOBODY}),
    ),
    case(
        "§6.3",
        "a style that is not sent is kept",
        make("domain", style={"color": "#FF0000"}),
        put("domains", specimen("domain"), 200, {"style": {"color": "#FF0000"}}),
        since="1.7",
    ),
    case(
        "§6.3",
        "before 1.7 a style that is not sent is taken away",
        make("domain", style={"color": "#FF0000"}),
        put("domains", specimen("domain"), 200, {"style": ABSENT, "version": 0.2}),
        until="1.7",
    ),
    case(
        "§6.3",
        "a description that somebody gave by a patch outlives the next bot",
        make("table"),
        patch(
            "tables/{table.id}",
            [{"op": "add", "path": "/description", "value": "By Jane."}],
            by=JANE,
        ),
        put(
            "tables", specimen("table", description="By the bot."), 200, {"description": "By Jane."}
        ),
    ),
    case(
        "§6.3",
        "only a bot can override: for people overrideMetadata changes nothing",
        *_TAGS,
        make("table", tags=[label("{t1}")]),
        put(
            "tables/bulk?overrideMetadata=true", [specimen("table", tags=[label("{t2}")])], by=JANE
        ),
        get(
            "tables/{table.id}?fields=tags",
            shows={"tags": [{"tagFQN": "{t1}"}, {"tagFQN": "{t2}"}]},
        ),
        since="2.0",
    ),
    *(
        case(
            "§6.3",
            f"a bot keeps what is said of {what}, as of columns; people write over it",
            make(kind, **_with("Old.")),
            put(COLLECTIONS[kind], specimen(kind, **_with("By a bot.")), 200, _with("Old.")),
            put(
                COLLECTIONS[kind],
                specimen(kind, **_with("By people.")),
                200,
                _with("By people."),
                by=JANE,
            ),
        )
        for kind, what, _with in (
            ("topic", "the fields of a topic", _schema_fields),
            ("searchIndex", "the fields of a search index", _fields),
            ("dashboardDataModel", "the columns of a data model", _columns),
            ("container", "the columns of a container", _data_model),
        )
    ),
]
