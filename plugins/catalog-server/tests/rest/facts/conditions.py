"""Entity tags, and requests on condition of them (contract §6.4)."""

from __future__ import annotations

from typing import Any

from rest.case import JANE, Ask, case, get, label, make, patch, put, replacing
from rest.expect import ANYTHING
from rest.specimens import specimen

SINCE = "1.9"

_ONE = "databases/{database.id}"
_DATABASE = make("database", displayName="One")


def _unchanged(**shown: Any) -> Ask:
    return get(_ONE, shows={"version": 0.1, "displayName": "One", **shown})


def _when(etag: str, status: int, path: str = _ONE) -> Ask:
    return patch(path, replacing("/displayName", "Two"), status, sends={"If-Match": etag})


CASES = [
    case(
        "§6.4",
        "If-Match with the weak tag of the version lets a patch through",
        _DATABASE,
        _when('W/"0.1"', 200),
        since="1.6",
    ),
    case(
        "§6.4",
        "If-Match with the strong tag of a GET lets a patch through",
        _DATABASE,
        get(_ONE, keeps={"tag": "header:etag"}),
        _when("{tag}", 200),
    ),
    case(
        "§6.4",
        "If-Match with the strong tag of a PUT lets a patch through",
        _DATABASE,
        _when("{database.etag}", 200),
    ),
    case("§6.4", "If-Match with * lets a patch through", _DATABASE, _when("*", 200), since="1.6"),
    case(
        "§6.4",
        "If-Match with one right tag among several lets a patch through",
        _DATABASE,
        _when('W/"9.9", W/"0.1" , "x"', 200),
        since="1.6",
    ),
    case(
        "§6.4",
        "If-Match with another version is 412 and changes nothing",
        _DATABASE,
        patch(
            _ONE,
            replacing("/displayName", "Two"),
            412,
            {"code": 412},
            says="The entity has been modified",
            sends={"If-Match": 'W/"0.2"'},
        ),
        _when('"nonsense"', 412),
        _when("nonsense", 412),
        _unchanged(),
    ),
    case(
        "§6.4",
        "If-Match holds by name, too",
        _DATABASE,
        _when('W/"0.2"', 412, "databases/name/{database}"),
        _when('W/"0.1"', 200, "databases/name/{database}"),
    ),
    case(
        "§6.4",
        "the tag of an older state is 412 after a change",
        _DATABASE,
        get(_ONE, keeps={"tag": "header:etag"}),
        put("databases", specimen("database", displayName="Two")),
        _when("{tag}", 412),
        _when('W/"0.1"', 412),
        _when('W/"0.2"', 200),
    ),
    case(
        "§6.4",
        "a version is written as the shortest decimal in a weak tag",
        make("database"),
        *(put("databases", specimen("database", displayName=f"n{at}"), by=JANE) for at in range(9)),
        get(_ONE, shows={"version": 1.0}),
        _when('W/"1.0"', 200),
        since="1.6",
    ),
    case(
        "§6.4",
        "GET answers an ETag, and 304 to who has it",
        _DATABASE,
        get(_ONE, keeps={"tag": "header:etag"}),
        get(_ONE, 304, sends={"If-None-Match": "{tag}"}, headers={"ETag": "{tag}"}),
        get("databases/name/{database}", 304, sends={"If-None-Match": "{tag}"}),
        get(_ONE, 200, {"id": "{database.id}"}, sends={"If-None-Match": '"other"'}),
    ),
    case(
        "§6.4",
        "after a change the old tag is no longer answered 304",
        _DATABASE,
        get(_ONE, keeps={"tag": "header:etag"}),
        patch(_ONE, replacing("/displayName", "Two")),
        get(_ONE, 200, {"displayName": "Two"}, sends={"If-None-Match": "{tag}"}),
    ),
    case(
        "§6.4",
        "the strong tag depends on the fields that were asked for",
        make("tag"),
        make("database", tags=[label("{tag}")]),
        get(_ONE, keeps={"plain": "header:etag"}),
        get(f"{_ONE}?fields=tags", 200, {"tags": [ANYTHING]}, sends={"If-None-Match": "{plain}"}),
    ),
]
