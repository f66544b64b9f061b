"""What a lie is, and the plan by which a server tells it.

A lie is what becomes of the real server's answer to one request, and perhaps of the request
itself. The real server keeps the catalog file: what a run says is compared with that file.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from om_ingest import fqn

from tests.functional.delivery.faults import Fault
from tests.functional.delivery.http11 import Message, Raw, answer

_ABOVE = ("databaseSchema", "database", "classification", "service")
_NOBODY = "00000000-0000-4000-8000-000000000000"
JSON = "application/json"
NESTED = b"[" * 100_000 + b"]" * 100_000
"""JSON that is valid, and deeper than a parser that calls itself can go."""

_WHILE_COUNT = 12


@dataclass(frozen=True)
class Told:
    """One request to which a lie is told."""

    request: Message
    real: Message | None
    """The server's answer; None where the request did not arrive."""

    heard: list[tuple[Message, Message]]
    """All requests before it that the server has answered, with its answers."""

    number: int
    """How often this lie has been told before."""

    @property
    def entity(self) -> dict[str, Any]:
        """The entity that was sent, as the server answers it."""
        body = self.real.json if self.real is not None else None
        return body if isinstance(body, dict) else entity_of(self.request)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of a bulk request."""
        body = self.request.json
        return body if isinstance(body, list) else []

    @property
    def names(self) -> list[str]:
        """Their FQNs."""
        return [fqn_of(row) for row in self.rows]


Tell = Callable[[Told], "Message | Raw"]
When = Callable[[Message], bool]


class Mode(Enum):
    """How often a lie is told."""

    ONCE = "once"
    """The first time that a request is sent."""

    SOME = "some"
    """Each time, for the first of the requests, and about a third of the others."""

    WHILE = "for a while"
    """The first dozen times."""

    EVER = "ever"
    """Each time, for all requests that it is about."""

    EACH = "each"
    """Each of many lies once, and the truth in between: the server is known to live."""


@dataclass(frozen=True)
class Lie:
    """One way to lie."""

    name: str
    """What the server does, in plain words."""

    when: When
    """The requests that it is about."""

    tell: Tell
    """What the client gets."""

    arrives: bool = True
    """Whether the server gets the request."""

    forwards: Callable[[Message], Message] | None = None
    """The request that the server gets instead."""

    unseen: str = ""
    """Why no client can see through it, and what holds instead; empty if one can."""

    heals: bool = False
    """Whether a run to which it is told once delivers everything."""

    guilty: str = ""
    """What the FQN of rows that may be set aside holds, where no others may; empty: all may."""

    is_true: bool = False
    """Whether it is no lie but an odd way of telling the truth, which has to be believed."""

    modes: tuple[Mode, ...] = (Mode.EVER, Mode.ONCE, Mode.SOME)

    ends: bool = False
    """Whether it ends a run, or all batches, so that no other could be told after it."""

    times: int = 1
    """How often it has to be told until all of it has been told."""

    def __str__(self) -> str:
        return self.name


class Liar:
    """A plan that tells some lies to the requests that they are about, those least told first."""

    def __init__(self, lies: list[Lie], mode: Mode) -> None:
        self.lies = lies
        self.mode = mode
        self.counts: Counter[str] = Counter()
        """How often each lie has been told, by name."""
        self._heard: list[tuple[Message, Message]] = []
        self._once: set[tuple[str, bytes]] = set()
        self._first = b""
        self._last: Lie | None = None
        """What was told to the request before, of those that a lie is about."""

    @property
    def told(self) -> int:
        """How many lies have been told."""
        return sum(self.counts.values())

    @property
    def untold(self) -> list[Lie]:
        """The lies that have not been told."""
        return [lie for lie in self.lies if self.counts[lie.name] < lie.times]

    def __call__(self, number: int, request: Message) -> Fault:
        lie = self._lie(request)
        if lie is None:
            return Fault("true", arrives=True, tell=self._listen)
        told, before = self.counts[lie.name], list(self._heard)
        self.counts[lie.name] += 1

        def tell(request: Message, real: Message | None) -> Message | Raw:
            if real is not None:
                self._heard.append((request, real))
            return lie.tell(Told(request, real, before, told))

        return Fault(lie.name, arrives=lie.arrives, forwards=lie.forwards, tell=tell)

    def _lie(self, request: Message) -> Lie | None:
        fitting = [lie for lie in self.lies if lie.when(request)]
        key = (request.start, request.body)
        if self.mode is Mode.EACH:
            return self._next(request, fitting)
        if not fitting or (self.mode is Mode.ONCE and key in self._once):
            return None
        if self.mode is Mode.WHILE and self.told >= _WHILE_COUNT:
            return None
        if self.mode is Mode.SOME:
            self._first = self._first or _stable(request)
            if self._first != _stable(request) and zlib.crc32(_stable(request)) % 3:
                return None
        self._once.add(key)
        return min(fitting, key=lambda lie: self.counts[lie.name])

    def _next(self, request: Message, fitting: list[Lie]) -> Lie | None:
        """A lie that has not been told, for every second request; a next page is part of a lie."""
        if not fitting:
            return None
        if self._last is not None and "after=" in request.path:
            return self._last
        fitting = [lie for lie in fitting if self.counts[lie.name] < lie.times]
        lie = fitting[0] if fitting and self._last is None else None
        self._last = lie
        return lie

    def _listen(self, request: Message, real: Message | None) -> Message:
        assert real is not None
        self._heard.append((request, real))
        return real


def _stable(request: Message) -> bytes:
    """Something that tells requests apart, and is the same for each service."""
    body = request.json
    rows = body if isinstance(body, list) else [body]
    names = [str(row.get("name", "")) for row in rows if isinstance(row, dict)]
    last = request.path.partition("?")[0].rpartition(".")[2]
    return ",".join([request.method, *names, *([] if any(names) else [last])]).encode()


def both(name: str, when: When, tell: Tell, **options: Any) -> list[Lie]:
    """A lie told of a request that arrived, and of one that did not."""
    return [
        Lie(f"{name}, not written", when, tell, arrives=False, **options),
        Lie(f"{name}, written", when, tell, **options),
    ]


def said(status: int, body: Any, **headers: str) -> Message:
    """An answer with a body: JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers.setdefault("content_type", JSON)
    return answer(status, content, **headers)


def says(status: int, body: Any = b"", **headers: str) -> Tell:
    """Always the same answer."""
    return lambda told: said(status, body, **headers)


def fqn_of(row: dict[str, Any]) -> str:
    """The FQN of what a create request creates."""
    above = next((row[name] for name in _ABOVE if isinstance(row.get(name), str)), "")
    name = fqn.quote(row["name"])
    parent = row.get("parent")
    if isinstance(parent, dict):
        above = parent.get("fullyQualifiedName") or above
    return f"{above}.{name}" if above else name


def entity_of(request: Message) -> dict[str, Any]:
    """The entity that a create request asks for, as if it had been written."""
    row = request.json if isinstance(request.json, dict) else {"name": "nobody"}
    row = row if "name" in row else {**row, "name": "nobody"}
    return {**row, "id": _NOBODY, "fullyQualifiedName": fqn_of(row), "version": 0.1}


def is_put(request: Message) -> bool:
    """Whether it creates one entity; not users, which the connector reads back at once."""
    path = request.path.partition("?")[0]
    beside = ("/bulk", "/status", "/sampleData", "/lineage", "/users", "/restore")
    return request.method in {"PUT", "POST"} and not path.endswith(beside)


def is_user_put(request: Message) -> bool:
    """Whether it creates a user."""
    return request.method == "PUT" and request.path.endswith("/users")


def is_bulk(request: Message) -> bool:
    """Whether it creates many."""
    return request.method == "PUT" and "/bulk" in request.path


def is_write(request: Message) -> bool:
    """Whether it writes."""
    return request.method in {"PUT", "POST", "DELETE", "PATCH"}


def is_beside(request: Message) -> bool:
    """Whether it writes what lies beside entities: edges, samples, runs."""
    path = request.path
    return request.method == "PUT" and path.endswith(("/status", "/sampleData", "/lineage"))


def reads(collection: str) -> When:
    """Whether it reads an entity of a collection by name."""
    start = f"/api/v1/{collection}/name/"
    return lambda request: request.method == "GET" and request.path.startswith(start)


def lists(collection: str) -> When:
    """Whether it lists a collection."""
    start = f"/api/v1/{collection}?"
    return lambda request: request.method == "GET" and request.path.startswith(start)
