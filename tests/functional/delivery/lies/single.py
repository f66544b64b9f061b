"""Lies in answers to a PUT of one entity: what proves nothing that was written."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from tests.functional.delivery.http11 import Message, answer
from tests.functional.delivery.lies.lie import (
    NESTED,
    Lie,
    Tell,
    Told,
    both,
    is_beside,
    is_put,
    is_user_put,
    said,
    says,
)

_BULK = b'{"status":"success","numberOfRowsProcessed":1,"numberOfRowsPassed":1}'
_PAGE = b"<!doctype html><html><title>Sign in</title></html>"


def _with(**changes: Any) -> Tell:
    """The entity with other values; None takes one out."""

    def tell(told: Told) -> Message:
        entity = {**told.entity, **changes}
        return said(200, {key: value for key, value in entity.items() if value is not None})

    return tell


def _only(*names: str) -> Tell:
    return lambda told: said(200, {name: told.entity[name] for name in names})


def _other(told: Told) -> Message:
    """The answer to another request of the same kind; a stranger of that kind at first."""
    for request, real in reversed(told.heard):
        if request.start == told.request.start and request.body != told.request.body:
            return real
    entity = told.entity
    return said(200, {**entity, "name": "x", "fullyQualifiedName": "x.y.z", "id": "1"})


def _other_kind(told: Told) -> Message:
    for request, real in reversed(told.heard):
        if request.path != told.request.path and isinstance(real.json, dict):
            return real
    return said(200, {"id": "1", "name": "a", "fullyQualifiedName": "a", "type": "team"})


def _sibling(told: Told) -> Message:
    """An entity of that name elsewhere."""
    fqn = told.entity["fullyQualifiedName"]
    return _with(fullyQualifiedName=f"elsewhere.{fqn.partition('.')[2] or fqn}", id="1")(told)


def _upper(told: Told) -> Message:
    fqn = told.entity["fullyQualifiedName"]
    return _with(fullyQualifiedName=fqn.swapcase(), id="1")(told)


def _parent(told: Told) -> Message:
    fqn = told.entity["fullyQualifiedName"].rpartition(".")[0] or "x"
    return _with(fullyQualifiedName=fqn, name=fqn, id="1")(told)


def _twice(told: Told) -> Message:
    fqn = json.dumps(told.entity["fullyQualifiedName"])
    text = f'{{"id":"1","fullyQualifiedName":{fqn},"name":"x","fullyQualifiedName":"x"}}'
    return said(200, text.encode())


def _cut(told: Told) -> Message:
    content = json.dumps(told.entity).encode()
    return said(200, content[: len(content) // 2])


def _echoed(told: Told) -> Message:
    return said(200, told.request.body)


def _event(told: Told) -> Message:
    return said(200, {"entity": told.entity})


def _zipped(content: bytes) -> Tell:
    return says(200, content, content_encoding="gzip")


@cache
def _packed() -> bytes:
    return gzip.compress(b" " * 40_000_000 + b"{}", 9)


def _bomb(told: Told) -> Message:
    return said(200, _packed(), content_encoding="gzip")


def _after_bom(told: Told) -> Message:
    return said(200, b"\xef\xbb\xbf" + json.dumps(told.entity).encode())


_EMPTY: list[tuple[str, Tell]] = [
    ("200 {}", says(200, {})),
    ("200 []", says(200, [])),
    ("200 null", says(200, None)),
    ('200 "ok"', says(200, "ok")),
    ("200 true", says(200, True)),
    ("200 0", says(200, 0)),
    ("200 with nothing", says(200)),
    ("201 with nothing", says(201)),
    ("202 with nothing", says(202)),
    ("202 with a job", says(202, {"jobId": "7", "message": "accepted"})),
    ("203 {}", says(203, {})),
    ("204", lambda told: answer(204)),
    ("205", lambda told: answer(205)),
    ("206 with nothing", says(206)),
    ("207 {}", says(207, {})),
    ("226 {}", says(226, {})),
    ("299 {}", says(299, {})),
    ("200 and an error", says(200, {"error": "rate limited"})),
    ("200 and a message of status 500", says(200, {"code": 500, "message": "broken"})),
    ("200 and the answer to a bulk request", says(200, _BULK)),
    ("200 spaces", says(200, b"   \n  ")),
    ("200 NaN", says(200, b"NaN")),
    ("200 web page", says(200, _PAGE, content_type="text/html")),
    ("201 web page that says that it is JSON", says(201, _PAGE)),
    ("200 text", says(200, b"OK", content_type="text/plain")),
    ("200 bytes", says(200, b"\x00\xff\xfe\x80", content_type="application/octet-stream")),
    ("200 XML", says(200, b"<ok/>", content_type="application/xml")),
    ("200 BOM", says(200, b"\xef\xbb\xbf")),
    ("200 JSON of 300 levels", says(200, b"[" * 300 + b"]" * 300)),
    ("200 JSON of 100,000 levels", says(200, NESTED)),
    (
        "201 JSON of 100,000 objects in each other",
        says(201, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ),
    ("400 JSON of 100,000 levels", says(400, NESTED)),
    ("200 gzip that is none", _zipped(b'{"id":"1"}')),
    ("200 gzip that breaks off", _zipped(gzip.compress(b"{}" * 99)[:20])),
    ("200 gzip of 40 MB", _bomb),
    ("200 of an unknown encoding", says(200, b"{}", content_encoding="zstd, br")),
]

_NAMING: list[tuple[str, Tell]] = [
    ("another entity of its kind", _other),
    ("an entity of another kind", _other_kind),
    ("an entity of its name elsewhere", _sibling),
    ("its parent", _parent),
    ("its body with another FQN", _with(fullyQualifiedName="x.y.z", id="1")),
    ("its body with the FQN in other case", _upper),
    ("its body with an FQN that is a number", _with(fullyQualifiedName=7, id="1")),
    ("its body with an FQN that is a list", _with(fullyQualifiedName=["a"], id="1")),
    ("its body with FQN null and no id", _with(fullyQualifiedName=None, id=None)),
    ("its id only, which nobody asked for", says(200, {"id": "1"})),
    ("its name only", _only("name")),
    ("a list with it", lambda told: said(200, [told.entity])),
    ("a page of a listing with it", lambda told: said(200, {"data": [told.entity]})),
    ("the request echoed", _echoed),
    ("its body cut off", _cut),
    ("two FQNs, of which the last is another", _twice),
    ("its body as a text", lambda told: said(200, json.dumps(told.entity))),
    ("404 for it", says(404, {"code": 404, "message": "table instance for x not found"})),
]

UNSEEN = "it is named rightly and is not there: a fresh run writes it"

SINGLE = [
    *(lie for name, tell in (*_EMPTY, *_NAMING) for lie in both(name, is_put, tell)),
    Lie("its body, not written", is_put, _with(), arrives=False, unseen=UNSEEN),
    Lie("an event with its body, not written", is_put, _event, arrives=False, unseen=UNSEEN),
    Lie("an event with its body, written", is_put, _event),
    Lie(
        "201, its body, not written",
        is_put,
        lambda told: said(201, told.entity),
        arrives=False,
        unseen=UNSEEN,
    ),
    Lie("BOM and its body, written", is_put, _after_bom),
    Lie("a huge body, written", is_put, _with(description="x" * 3_000_000), heals=True),
    Lie(
        "its body as text/plain, written",
        is_put,
        lambda told: said(200, told.entity, content_type="text/plain"),
        is_true=True,
    ),
    Lie("its body with unknown fields, written", is_put, _with(zebra=[{}]), is_true=True),
]

USER = [
    Lie("a user is another, not written", is_user_put, _other, arrives=False),
    Lie("a user is {}, written", is_user_put, says(200, {})),
]

BESIDE = [
    lie
    for name, tell in (
        ("an error", says(200, {"error": "rate limited"})),
        ("a message of status 500", says(200, {"code": 500, "message": "broken"})),
        ("a web page", says(200, _PAGE, content_type="text/html")),
        ("404", says(404, {"code": 404, "message": "table instance for x not found"})),
        ("cut JSON", says(200, b'{"id":"1')),
        ("JSON of 100,000 levels", says(200, NESTED)),
        ("202 with a job", says(202, {"jobId": "7"})),
    )
    for lie in both(name, is_beside, tell)
]
BESIDE += [
    Lie(
        f"{name}, not written",
        is_beside,
        tell,
        arrives=False,
        unseen="real servers answer an edge with nothing: a fresh run writes it",
    )
    for name, tell in (("200 with nothing", says(200)), ("204", lambda told: answer(204)))
]
