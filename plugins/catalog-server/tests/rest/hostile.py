"""Requests that are nearly right, or not at all: drawn by chance, from a seed or by hypothesis.

hypothesis draws through the same `random.Random`, and so finds the smallest one that fails.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import quote

from om_ingest_catalog_server.route import Route

from rest.asking import Request
from rest.case import case
from rest.odd import (
    BESIDE,
    FIELDS,
    HEADERS,
    ODD_TEXTS,
    ODD_VALUES,
    OPERATIONS,
    PARAMETERS,
    PATHS,
    RAW_BODIES,
    VALUES,
)
from rest.playing import Names
from rest.specimens import COLLECTIONS, PARENTS, specimen

Known = Mapping[str, tuple[str, str, dict[str, Any]]]
"""Entity type -> id, FQN and create request of an entity that is there."""

_PATCH = "application/json-patch+json"


def populate(put: Callable[[str, dict[str, Any]], dict[str, Any]]) -> Known:
    """One entity of each kind, made with `put(collection, body)`, which answers the entity."""
    names = Names(case("§0", "hostile requests"))
    known: dict[str, tuple[str, str, dict[str, Any]]] = {}

    def make(kind: str) -> None:
        if kind in PARENTS and PARENTS[kind] not in known:
            make(PARENTS[kind])
        body = names.fill(specimen(kind))
        entity = put(COLLECTIONS[kind], body)
        known[kind] = (entity["id"], entity["fullyQualifiedName"], body)
        names[kind], names[f"{kind}.id"] = entity["fullyQualifiedName"], entity["id"]

    for kind in COLLECTIONS:
        if kind not in known:
            make(kind)
    return known


def request(chance: Random, routes: list[Route], known: Known) -> Request:
    """A request to one of the routes, with something wrong in any part of it, or nothing."""
    route = chance.choice(routes)
    kind = route.kind.entity_type if route.kind else chance.choice([*known])
    parts = [
        _segment(chance, part, kind, known) if part.startswith("{") else part.encode()
        for part in route.segments
    ]
    if _once_in(chance, 12):
        parts.insert(chance.randrange(len(parts)), encoded(chance.choice(ODD_TEXTS)))
    content = _content(chance, route, kind, known) if route.method != "GET" else b""
    path = b"/api/v1/" + b"/".join(parts)
    return Request(route.method, path, _query(chance), _headers(chance, route), (content,))


def encoded(text: str) -> bytes:
    """A text as one segment of a path, or as the value of a parameter."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="").encode()


def _once_in(chance: Random, count: int) -> bool:
    return chance.randrange(count) == 0


def _segment(chance: Random, part: str, kind: str, known: Known) -> bytes:
    if _once_in(chance, 3):
        return encoded(chance.choice(ODD_TEXTS)) or b"%00"
    if part.lower().endswith("type}") or part.endswith("Entity}"):
        return chance.choice([*known]).encode()
    entity_id, fqn, _ = known[kind if _once_in(chance, 2) else chance.choice([*known])]
    return encoded(entity_id if part.lower().endswith("id}") else fqn)


def _query(chance: Random) -> bytes:
    pairs = [
        chance.choice(PARAMETERS).encode() + b"=" + encoded(chance.choice(VALUES))
        for _ in range(chance.choice((0, 0, 1, 3)))
    ]
    if _once_in(chance, 12):
        pairs.append(chance.choice((b"%", b"\xff", b"=&=", b"limit", b"fields=%FF", b"a" * 9000)))
    return b"&".join(pairs)


def _headers(chance: Random, route: Route) -> tuple[tuple[bytes, bytes], ...]:
    media_type = (route.body or "application/json").encode()
    if _once_in(chance, 25):
        media_type = chance.choice((b"application/json", b"", b"text/plain", b"\xff/;="))
    chosen = [(b"content-type", media_type)]
    if _once_in(chance, 4):
        name = chance.choice([*HEADERS])
        chosen.append((name, chance.choice(HEADERS[name])))
    return tuple(chosen)


def _content(chance: Random, route: Route, kind: str, known: Known) -> bytes:
    if _once_in(chance, 10):
        return chance.choice(RAW_BODIES)
    if route.body == _PATCH:
        value: Any = [_operation(chance) for _ in range(chance.choice((1, 1, 2, 0)))]
    elif route.path.endswith("/bulk") and not route.path.endswith("/status/bulk"):
        value = [
            _mutated(chance, _renamed(chance, known[kind][2]))
            for _ in range(chance.choice((1, 2, 4)))
        ]
    else:
        value = _mutated(chance, _attachment(chance, route, kind, known))
    return json.dumps(value).encode()


def _attachment(chance: Random, route: Route, kind: str, known: Known) -> Any:
    """A body that a route accepts: of an entity, or of an attachment."""
    last = next((part for part in reversed(route.segments) if part in BESIDE), "")
    ids = {"{id}": known[kind][0], "{fqn}": known[kind][1]}
    ids |= {"{user}": known["user"][0], "{table}": known["table"][0]}
    if last and route.path != (route.kind.collection if route.kind else ""):
        text = json.dumps(BESIDE[last])
        for name, value in ids.items():
            text = text.replace(name, json.dumps(value)[1:-1])
        return json.loads(text)
    return _renamed(chance, known[kind][2])


def _renamed(chance: Random, body: dict[str, Any]) -> dict[str, Any]:
    """The request of an entity that is there, or of another one."""
    return body if _once_in(chance, 2) else {**body, "name": f"n{chance.randrange(30)}"}


def _operation(chance: Random) -> dict[str, Any]:
    operation = {"op": chance.choice(OPERATIONS), "path": chance.choice(PATHS)}
    if not _once_in(chance, 8):
        operation["value"] = _odd(chance)
    if operation["op"] in {"move", "copy"} or _once_in(chance, 8):
        operation["from"] = chance.choice(PATHS)
    return operation


def _mutated(chance: Random, body: Any) -> Any:
    """The body with nothing, one or a few things in it replaced, added or left out."""
    if _once_in(chance, 20):
        return _odd(chance)
    result = copy.deepcopy(body)
    for _ in range(chance.choice((0, 1, 1, 2))):
        _mutate(chance, result)
    return result


def _mutate(chance: Random, place: Any) -> None:
    """Replace, add or leave out one thing at a place, or somewhere below it."""
    if not place or not isinstance(place, (dict, list)):
        return
    at: Any = chance.choice([*place] if isinstance(place, dict) else range(len(place)))
    if isinstance(place[at], (dict, list)) and _once_in(chance, 2):
        _mutate(chance, place[at])
    elif isinstance(place, dict) and _once_in(chance, 2):
        place[chance.choice(FIELDS)] = _odd(chance)
    elif isinstance(place, dict) and _once_in(chance, 3):
        del place[at]
    else:
        place[at] = _odd(chance)


def _odd(chance: Random, depth: int = 0) -> Any:
    which = chance.randrange(5 if depth < 3 else 3)
    if which == 0:
        return chance.choice(ODD_TEXTS)
    if which == 3:
        return [_odd(chance, depth + 1) for _ in range(chance.randrange(3))]
    if which == 4:
        return {
            chance.choice((*FIELDS, *ODD_TEXTS[:20])): _odd(chance, depth + 1)
            for _ in range(chance.randrange(3))
        }
    return copy.deepcopy(chance.choice(ODD_VALUES))
