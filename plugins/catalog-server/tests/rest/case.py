"""One fact of the contract as requests and the answers to them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias


def token(**claims: Any) -> str:
    """A JWT with these claims, whose signature nobody checks (contract §1.1)."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.signature"


BOT = token(sub="ingestion-bot", isBot=True)
JANE = token(sub="jane", isBot=False)
JOE = token(sub="joe", isBot=False)

NOTHING = object()
"""Stands for no body, and for no expectation."""


@dataclass(frozen=True)
class Ask:
    """A request, and what is expected of the answer."""

    method: str
    path: str
    """Below `/api/v1/`, or from `/` on; what is put for a placeholder is percent-encoded."""

    status: int | Sequence[int]
    body: Any = NOTHING
    """JSON, or `bytes` that are sent as they are."""

    shows: Any = NOTHING
    """What the JSON of the answer has: see `expect`."""

    says: str = ""
    """What its `message` has somewhere."""

    headers: Mapping[str, Any] = field(default_factory=dict)
    """What its headers are: see `expect`."""

    sends: Mapping[str, str] = field(default_factory=dict)
    """Headers of the request."""

    by: str | None = BOT
    """The token; None for none."""

    keeps: Mapping[str, str] = field(default_factory=dict)
    """Placeholder -> where its value is in the answer: names with dots, or `header:name`."""

    times: int = 1
    """How often it is asked; each answer has to fit."""


@dataclass(frozen=True)
class Make:
    """Puts a specimen and what it lies below; placeholders `{alias}`, `{alias.id}`."""

    entity_type: str
    alias: str
    body: Mapping[str, Any]


Step: TypeAlias = "Ask | Make"


FIRST = "1.6"
"""The oldest release that facts were posed to; what older ones do is not known."""

KINDS_SINCE = {
    **dict.fromkeys(("driveService", "directory", "file", "spreadsheet", "worksheet"), "1.9"),
    "securityService": "1.9",
    "llmService": "1.12",
    "mcpService": "1.13",
}
"""First release with a kind; the others are in all of them."""


def numbers(release: str) -> tuple[int, ...]:
    """The parts of a release or version, for comparison."""
    return tuple(map(int, release.split(".")))


@dataclass(frozen=True)
class Case:
    """A claim about the server, the section of the contract it is from, and how it shows."""

    claim: str
    section: str
    steps: tuple[Step, ...]
    server: str = "open"
    """The kind of server that it is about: see `live.PROFILES`."""

    kind: str = ""
    """The kind of entity, for a claim that is made of each kind one by one."""

    since: str = ""
    """First release that does so, such as `1.9`; empty for that of the file, or else `FIRST`."""

    until: str = ""
    """First later release that does not; empty if the newest still does."""

    def __str__(self) -> str:
        return f"{self.section} {self.claim}"

    def of(self, kind: str) -> Case:
        """The same case, as one of those that are about one kind each."""
        return replace(self, kind=kind)

    def aged(self, default: str) -> Case:
        """The same case with its first release, which is no earlier than those of its kinds."""
        kinds = {self.kind, *(step.entity_type for step in self.steps if isinstance(step, Make))}
        known = [KINDS_SINCE[kind] for kind in kinds if kind in KINDS_SINCE]
        return replace(self, since=max([self.since or default, *known], key=numbers))

    def holds_on(self, version: str) -> bool:
        """Whether it is a fact of a server of this version."""
        is_older = not self.until or numbers(version) < numbers(self.until)
        return numbers(self.since) <= numbers(version) and is_older


def case(
    section: str,
    claim: str,
    *steps: Step,
    server: str = "open",
    since: str = "",
    until: str = "",
) -> Case:
    """A case, in the order in which it reads best."""
    return Case(claim, section, steps, server, since=since, until=until)


def make(entity_type: str, alias: str = "", **body: Any) -> Make:
    """An entity that a case starts from."""
    return Make(entity_type, alias or entity_type, body)


def get(path: str, status: int | Sequence[int] = 200, shows: Any = NOTHING, **more: Any) -> Ask:
    """Look at something."""
    return Ask("GET", path, status, shows=shows, **more)


def put(
    path: str, body: Any, status: int | Sequence[int] = 200, shows: Any = NOTHING, **more: Any
) -> Ask:
    """Create or update something."""
    return Ask("PUT", path, status, body, shows, **more)


def post(
    path: str, body: Any, status: int | Sequence[int] = 201, shows: Any = NOTHING, **more: Any
) -> Ask:
    """Create something."""
    return Ask("POST", path, status, body, shows, **more)


def patch(
    path: str,
    operations: Any,
    status: int | Sequence[int] = 200,
    shows: Any = NOTHING,
    *,
    sends: Mapping[str, str] | None = None,
    **more: Any,
) -> Ask:
    """Patch something."""
    typed = {"Content-Type": "application/json-patch+json", **(sends or {})}
    return Ask("PATCH", path, status, operations, shows, sends=typed, **more)


def delete(path: str, status: int | Sequence[int] = 200, shows: Any = NOTHING, **more: Any) -> Ask:
    """Delete something."""
    return Ask("DELETE", path, status, shows=shows, **more)


def change(name: str) -> dict[str, str]:
    """The header that says what a request changed (contract §6.1)."""
    return {"X-OpenMetadata-Change": name}


def replacing(path: str, value: Any) -> list[dict[str, Any]]:
    """A JSON Patch that sets one value."""
    return [{"op": "add", "path": path, "value": value}]


def label(name: str, **more: Any) -> dict[str, Any]:
    """A tag on something, complete as the contract wants it."""
    whole = {"source": "Classification", "labelType": "Manual", "state": "Confirmed"}
    return {"tagFQN": name, **whole, **more}
