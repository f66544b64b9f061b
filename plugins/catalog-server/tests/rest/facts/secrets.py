"""Secrets of connections: who sees them, and what keeps them (contract §2)."""

from __future__ import annotations

from typing import Any

from rest.case import (
    BOT,
    JANE,
    JOE,
    case,
    change,
    get,
    make,
    patch,
    put,
    replacing,
    token,
)
from rest.expect import JsonText, Sized
from rest.live import TOKEN
from rest.specimens import specimen

_SERVICES = "services/databaseServices"
_ONE = f"{_SERVICES}/{{databaseService.id}}"
_MASK = "*********"
_ADMIN = token(sub="ada", isBot=False)


def _connection(secret: Any, **more: Any) -> dict[str, Any]:
    config = {
        "type": "CustomDatabase",
        "hostPort": "db:1",
        "password": secret,
        "connectionOptions": {"api_key": secret, "user": "me", "token_count": 7},
        "keys": [{"privateKey": secret}],
        **more,
    }
    return {"connection": {"config": config}}


_STORED, _SHOWN = _connection("s3cret"), _connection(_MASK)
_SERVICE = make("databaseService", **_STORED)


_ADA = {"name": "ada", "email": "ada@example.com", "isAdmin": True}

CASES = [
    case(
        "§2",
        "secrets are masked for who is neither bot nor admin, wherever a service is shown",
        _SERVICE,
        get(_ONE, shows=_STORED, by=BOT),
        get(_ONE, shows=_SHOWN, by=JOE),
        get(f"{_SERVICES}/name/{{databaseService}}", shows=_SHOWN, by=JOE),
        get(f"{_ONE}/versions/0.1", shows=_SHOWN, by=JOE),
        get(
            f"{_ONE}/versions",
            shows={"versions": [JsonText(_SHOWN)]},
            by=JOE,
        ),
        get(
            "search/fieldQuery?fieldName=fullyQualifiedName&fieldValue={databaseService}"
            "&index=database_service_search_index",
            shows={"hits": {"hits": [{"_source": _SHOWN}]}},
            by=JOE,
        ),
        get(_ONE, shows=_SHOWN, sends={"X-Impersonate-User": "joe"}),
        put(
            _SERVICES,
            specimen("databaseService", **_STORED, displayName="x"),
            200,
            _SHOWN,
            by=JOE,
        ),
    ),
    case(
        "§2",
        "where tokens count, secrets are masked for who has none of them",
        put(_SERVICES, specimen("databaseService", **_STORED), 201, _STORED, by=TOKEN),
        *(
            get(f"{_SERVICES}/name/databaseservice_{{me}}", shows=shown, by=who)
            for who, shown in ((TOKEN, _STORED), (None, _SHOWN), (BOT, _SHOWN), (JOE, _SHOWN))
        ),
        server="guarded",
    ),
    case(
        "§2",
        "an admin, as the catalog knows one, sees secrets",
        put("users", _ADA, (200, 201), by=JANE),
        _SERVICE,
        get(_ONE, shows=_STORED, by=_ADMIN),
    ),
    case(
        "§2",
        "a bot may not make an admin",
        put("users", {**_ADA, "name": "eve"}, 403, says="is not admin", by=BOT),
        make("user"),
        *(
            patch("users/{user.id}", [operation], 403, says="is not admin", by=BOT)
            for operation in (
                {"op": "add", "path": "/isAdmin", "value": True},
                {"op": "replace", "path": "/isAdmin", "value": True},
                {"op": "copy", "from": "/isBot", "path": "/isAdmin"},
                {"op": "replace", "path": "", "value": {"name": "{user.name}", "isAdmin": True}},
            )
        ),
        get("users/{user.id}", shows={"isAdmin": False, "version": 0.1}),
    ),
    case(
        "§2",
        "a PUT of the mask keeps the secret, and is no change",
        _SERVICE,
        put(
            _SERVICES,
            specimen("databaseService", **_SHOWN),
            200,
            {"version": 0.1},
            headers=change("entityNoChange"),
            by=JANE,
        ),
        put(_SERVICES, specimen("databaseService", **_connection(_MASK, hostPort="db:2")), 200),
        get(_ONE, shows=_connection("s3cret", hostPort="db:2")),
        put(_SERVICES, specimen("databaseService", **_connection("new")), 200, by=JANE),
        get(_ONE, shows=_connection("new")),
    ),
    case(
        "§2",
        "a PATCH of the mask, or beside it, keeps the secret",
        _SERVICE,
        patch(_ONE, replacing("/connection/config/hostPort", "db:2"), 200, by=JANE),
        get(_ONE, shows=_connection("s3cret", hostPort="db:2")),
        patch(_ONE, replacing("/connection", _SHOWN["connection"]), 200, _SHOWN, by=JANE),
        get(_ONE, shows=_STORED),
        patch(_ONE, replacing("/connection/config/password", "new"), 200, by=JANE),
        get(_ONE, shows={"connection": {"config": {"password": "new"}}}),
    ),
    case(
        "§2",
        "what changed in a connection is told without its secrets",
        _SERVICE,
        patch(_ONE, replacing("/connection/config/password", "new"), 200, by=JANE),
        get(
            _ONE,
            shows={
                "changeDescription": {
                    "fieldsUpdated": [
                        {
                            "name": "connection",
                            "oldValue": '"old-encrypted-value"',
                            "newValue": '"new-encrypted-value"',
                        }
                    ]
                }
            },
            by=JOE,
        ),
    ),
    case(
        "§2",
        "nobody finds out a secret by searching for it",
        _SERVICE,
        *(
            get(
                "search/query?q=connection:*s3cret*%20AND%20"
                "fullyQualifiedName:{databaseService}&index=database_service_search_index",
                shows={"hits": {"hits": Sized(count)}},
                by=who,
            )
            for who, count in ((BOT, 1), (JOE, 0))
        ),
    ),
]
