"""Lies in answers to a GET: of the version and the user, of services, of what is read back."""

from __future__ import annotations

import json
from typing import Any

from tests.functional.delivery.http11 import Message, answer
from tests.functional.delivery.lies.lie import NESTED, Lie, Mode, Tell, Told, reads, said, says

_PAGE = b"<!doctype html><html><title>Sign in</title></html>"
_STRANGER = {"id": "11111111-1111-4111-8111-111111111111", "name": "x"}


def _is_version(request: Message) -> bool:
    return request.path.endswith("/system/version")


def _is_user(request: Message) -> bool:
    return request.path.endswith("/users/loggedInUser")


def _is_service(request: Message) -> bool:
    return request.method == "GET" and "/services/databaseServices/" in request.path


def _is_lookup(request: Message) -> bool:
    return reads("tables")(request) or reads("users")(request)


def _with(**changes: Any) -> Tell:
    """What is there, with other values; None takes one out."""

    def tell(told: Told) -> Message:
        real = told.real.json if told.real is not None else {}
        entity = {**real, **changes}
        return said(200, {key: value for key, value in entity.items() if value is not None})

    return tell


def _other(told: Told) -> Message:
    """What was read before; a stranger at first."""
    for request, real in reversed(told.heard):
        if _is_lookup(request) and request.path != told.request.path and real.status == 200:
            return real
    return _with(**_STRANGER, fullyQualifiedName="x.y")(told)


def _in_turn(*tells: Tell) -> Tell:
    """Changes its mind with each request."""
    return lambda told: tells[told.number % len(tells)](told)


def _cut(told: Told) -> Message:
    body = told.real.body if told.real is not None else b"{}"
    return said(200, body[: len(body) // 2])


_NONSENSE: list[tuple[str, Tell]] = [
    ("200 {}", says(200, {})),
    ("200 []", says(200, [])),
    ("200 null", says(200, None)),
    ("200 a text", says(200, "ok")),
    ("200 with nothing", says(200)),
    ("202", says(202)),
    ("204", lambda told: answer(204)),
    ("206", says(206, {})),
    ("an error", says(200, {"error": "rate limited"})),
    ("a web page", says(200, _PAGE, content_type="text/html")),
    ("a list of strangers", says(200, {"data": [_STRANGER], "paging": {"total": 1}})),
    ("cut JSON", _cut),
    ("JSON of 100,000 levels", says(200, NESTED)),
    ("404 of 100,000 levels", says(404, NESTED)),
    ("302", says(302, location="/login")),
    ("400", says(400, {"code": 400, "message": "Invalid request format"})),
    ("401", says(401, {"code": 401, "message": "Expired token!"})),
    ("403", says(403, {"code": 403, "message": "operations [ViewAll] not allowed"})),
    ("404 with a web page", says(404, _PAGE, content_type="text/html")),
    ("404 as text", says(404, b"no such host", content_type="text/plain")),
    ("404 of a path", says(404, {"code": 404, "message": "HTTP 404 Not Found"})),
    ("404 with nothing", says(404)),
    ("405", says(405, {"code": 405, "message": "HTTP 405 Method Not Allowed"})),
    ("410", says(410, {"code": 410, "message": "gone"})),
    ("500", says(500, {"code": 500, "message": "broken"})),
    ("503", says(503, {"code": 503, "message": "starting"})),
]

READS = [
    *(
        Lie(f"read back: {name}", _is_lookup, tell, ends=name.startswith("40") or name == "410")
        for name, tell in _NONSENSE
    ),
    Lie("read back: what was read before", _is_lookup, _other),
    Lie("read back: another FQN", _is_lookup, _with(fullyQualifiedName="x.y.z")),
    Lie("read back: no id", _is_lookup, _with(id=None), ends=True),
    Lie("read back: an id that is none", _is_lookup, _with(id="seven")),
    Lie("read back: no FQN", _is_lookup, _with(fullyQualifiedName=None)),
    Lie("read back: deleted", _is_lookup, _with(deleted=True)),
    Lie(
        "read back: fields of wrong types",
        reads("tables"),
        _with(columns="none", tags=7),
        ends=True,
    ),
    Lie(
        "read back: 404 of it, although it is there",
        _is_lookup,
        lambda told: said(404, {"code": 404, "message": f"instance for {told.number} not found"}),
        ends=True,
    ),
    Lie(
        "read back: another id",
        reads("users"),
        _with(id=_STRANGER["id"]),
        unseen="it is named rightly: rows that name the id are refused",
        modes=(Mode.EVER,),
    ),
]

SERVICE = [
    *(Lie(f"the service: {name}", _is_service, tell) for name, tell in _NONSENSE),
    Lie("the service: another", _is_service, _with(**_STRANGER, fullyQualifiedName="x")),
    Lie("the service: no name", _is_service, _with(fullyQualifiedName=None, name=None)),
    Lie("the service: deleted", _is_service, _with(deleted=True)),
    Lie("the service: 404, then there", _is_service, _in_turn(says(404), _with())),
    Lie(
        "the service: 404 of it, although it is there",
        _is_service,
        lambda told: said(
            404,
            {"code": 404, "message": f"databaseService instance for {_named(told)} not found"},
        ),
        unseen="a server that says 404 for it is believed",
    ),
]


def _named(told: Told) -> str:
    return told.request.path.rpartition("/")[2].partition("?")[0]


START = [
    *(
        Lie(f"the {what}: {name}", when, tell)
        for what, when in (("version", _is_version), ("user", _is_user))
        for name, tell in _NONSENSE
    ),
    *(
        Lie(f"the version: {str(text)[:20]}", _is_version, says(200, {"version": text}))
        for text in (
            *(None, 2, [2, 0], "", "two", "1.4.9", "1.5.0", "1.12.3", "9.0.0", "2", "2.0"),
            *("-1.0.0", "2.0.7; rm", "9" * 400 + ".0.0", "2.0." + "9" * 5000),
        )
    ),
    Lie(
        "the version: another each time",
        _is_version,
        _in_turn(says(200, {"version": "1.12.0"}), says(200, {"version": "2.0.7"}), says(500)),
    ),
    *(
        Lie(f"the user: {json.dumps(user)[:40]}", _is_user, says(200, user))
        for user in (
            *({"name": None}, {"name": ["a"]}, {"isBot": "yes"}, {"isBot": 0, "name": "a\nb"}),
            *({"name": "a" * 10_000}, {"name": {"first": "a"}, "isBot": None}, [{"isBot": True}]),
        )
    ),
]
