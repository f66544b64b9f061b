"""Tells whether an answer belongs to its request, and what a refusal says is not there.

A 2xx alone proves nothing: a proxy, a gateway or a mixed-up connection gives one too. A write
counts if the answer names what was written, as all answers of OpenMetadata do but that of
`PUT /lineage` (REST contract §4, §5.1, §6.1). Something is not there if a 404 of OpenMetadata
names it (§10.1); any other refusal leaves that open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind, Identity, identity_at
from om_ingest.model import fqn as names
from om_ingest.openmetadata.network.answers import Answer, Evidence

_DONE = (200, 201)
_NAMES = ("id", "fullyQualifiedName", "entityId", "entityFullyQualifiedName", "runId")
_MISSING = re.compile(r"\b([A-Za-z]+) instance for (.+) not found")
_FIELD_COUNT = 5


class MissingError(RecordError):
    """A record refers to something that the server does not have: `missing`."""

    def __init__(self, what: str, remedy: str, missing: Identity) -> None:
        super().__init__(what, remedy)
        self.args = (what, remedy, missing)
        self.missing = missing


def naming(kind: EntityKind, fqn: str) -> Evidence:
    """The answer is the entity with this FQN, or an event about it."""
    return _naming(f"{kind.entity_type} {fqn}", lambda name: _same(kind, name, fqn))


def naming_id(what: str, entity_id: str) -> Evidence:
    """The answer is about the entity, or the run, with this id."""
    return _naming(f"{what} {entity_id}", lambda name: name.lower() == entity_id.lower())


def either(*checks: Evidence) -> Evidence:
    """One of the checks is content."""

    def check(answer: Answer) -> str:
        complaints = [check(answer) for check in checks]
        return "" if "" in complaints else complaints[0]

    return check


def reading(check: Evidence) -> Evidence:
    """The answer is an entity with id and FQN, with which `check` is content."""

    def checked(answer: Answer) -> str:
        body = answer.body
        if isinstance(body, dict) and not _has_names(body):
            return _complaint(answer, "is no entity")
        return check(answer)

    return checked


def empty(*statuses: int) -> Evidence:
    """The answer has one of these statuses and no content: it names nothing."""

    def check(answer: Answer) -> str:
        if answer.status in statuses and answer.body is None:
            return ""
        return _complaint(answer, "is not that of OpenMetadata")

    return check


def is_edge(answer: Answer) -> str:
    """Complaint about an answer to a GET of an edge, which has its details (§4)."""
    body = answer.body
    if answer.status == 200 and isinstance(body, dict) and isinstance(body.get("edge"), dict):
        return ""
    return _complaint(answer, "is no edge")


def graph_of(kind: EntityKind, fqn: str) -> Evidence:
    """The answer is the lineage around the entity with this FQN (§4)."""

    def check(answer: Answer) -> str:
        root = answer.body.get("entity") if isinstance(answer.body, dict) else None
        if answer.status == 200 and isinstance(root, dict) and isinstance(root.get("id"), str):
            name = root.get("fullyQualifiedName")
            if name is None or _same(kind, str(name), fqn):
                return ""
        return _complaint(answer, f"is not the lineage of {fqn}")

    return check


def graph_around(entity_id: str) -> Evidence:
    """The answer is the lineage around the entity with this id; each edge names both ends (§4)."""

    def check(answer: Answer) -> str:
        body = answer.body if isinstance(answer.body, dict) else {}
        root, edges = body.get("entity"), body.get("upstreamEdges") or []
        is_it = isinstance(root, dict) and str(root.get("id")).lower() == entity_id.lower()
        if answer.status == 200 and is_it and isinstance(edges, list):
            ends = [
                edge.get(end) if isinstance(edge, dict) else None
                for edge in edges
                for end in ("fromEntity", "toEntity")
            ]
            if all(isinstance(end, str) for end in ends):
                return ""
        return _complaint(answer, f"is not the lineage of {entity_id}")

    return check


def graph_into(kind: EntityKind, fqn: str) -> Evidence:
    """As `graph_around`, for the entity with this FQN; each entity has its id and FQN."""

    def check(answer: Answer) -> str:
        body = answer.body if isinstance(answer.body, dict) else {}
        root, nodes = body.get("entity"), body.get("nodes") or []
        if (
            isinstance(nodes, list)
            and all(isinstance(node, dict) and _has_names(node) for node in (root, *nodes))
            and isinstance(root, dict)
            and _same(kind, root["fullyQualifiedName"], fqn)
        ):
            return graph_around(root["id"])(answer)
        return _complaint(answer, f"is not the lineage of {fqn}")

    return check


def is_page(answer: Answer) -> str:
    """Complaint about a page of a list, which has `data` and `paging` (§7)."""
    body = answer.body
    if (
        answer.status == 200
        and isinstance(body, dict)
        and isinstance(body.get("data"), list)
        and isinstance(body.get("paging"), dict)
        and all(isinstance(item, dict) and _has_names(item) for item in body["data"])
    ):
        return ""
    return _complaint(answer, "is no page of a list")


def is_series(answer: Answer) -> str:
    """Complaint about what a time series has between two times (§3.0)."""
    data = answer.body.get("data") if isinstance(answer.body, dict) else None
    if isinstance(data, list) and all(
        isinstance(item, dict) and isinstance(item.get("timestamp"), int) for item in data
    ):
        return ""
    return _complaint(answer, "is no time series")


def usage_of(check: Evidence) -> Evidence:
    """The answer is the usage of an entity on some days, with whose name `check` is content."""

    def checked(answer: Answer) -> str:
        days = answer.body.get("usage") if isinstance(answer.body, dict) else None
        if isinstance(days, list) and all(map(_has_count, days)):
            return check(answer)
        return _complaint(answer, "is no usage")

    return checked


def is_absent(answer: Answer, name: str) -> bool:
    """Whether the server says that it does not have what `name`, an FQN or id, stands for.

    That is a 404 in OpenMetadata's shape whose message names it. Any other 404 is from a proxy,
    or for a path that the server does not have; then it is not known whether there is one.
    """
    body = answer.body
    if answer.status != 404 or not isinstance(body, dict) or body.get("code") != 404:
        return False
    named = rf"(?<![\w.]){re.escape(_plain(name))}(?!\.?\w)"
    return re.search(named, _plain(str(body.get("message")))) is not None


def missing_in(status: object, told: Any) -> Identity | None:
    """What a refusal says is not there, e.g. a parent or a tag (§5.1, §10.1); None otherwise.

    `told` is the body of the answer, or the entry of one row; both have a `message`.
    """
    message = told.get("message") if isinstance(told, dict) else None
    found = _MISSING.search(str(message)) if status in (400, 404) else None
    if found is None:
        return None
    entity_type, name = found.groups()
    return identity_at(entity_type, name) if entity_type in KINDS else (entity_type, name)


def _naming(what: str, is_it: Callable[[str], bool]) -> Evidence:
    def check(answer: Answer) -> str:
        if answer.status in _DONE and any(is_it(name) for name in _names_in(answer.body)):
            return ""
        return _complaint(answer, f"does not name the {what}")

    return check


def _names_in(body: Any) -> Iterator[str]:
    """Ids and FQNs of an entity, of an event about one, and of the entity in the event."""
    if not isinstance(body, dict):
        return
    for holder in (body, body.get("entity")):
        if isinstance(holder, dict):
            yield from (name for field in _NAMES if isinstance(name := holder.get(field), str))


def _has_count(day: Any) -> bool:
    stats = day.get("dailyStats") if isinstance(day, dict) else None
    return isinstance(stats, dict) and isinstance(stats.get("count"), int) and "date" in day


def _has_names(body: dict[str, Any]) -> bool:
    return all(isinstance(body.get(field), str) for field in ("id", "fullyQualifiedName"))


def _same(kind: EntityKind, name: str, fqn: str) -> bool:
    """Whether two spellings are one FQN; those of roots, such as logins, may lack their quotes.

    Case tells entities apart (§8), but not logins, which servers write in lower case.
    """
    if kind.lower_case:
        name, fqn = name.lower(), fqn.lower()
    if kind.depth == 1 and kind.nested_field is None:
        name, fqn = name.replace('"', ""), fqn.replace('"', "")
    return name == fqn or names.spelled(name) == names.spelled(fqn)


def _plain(name: str) -> str:
    return name.replace('"', "").casefold()


def _complaint(answer: Answer, what: str) -> str:
    """What is wrong with an answer, and what it holds instead."""
    return f"the server's answer ({answer.status}) {what}: {_described(answer.body)}"


def _described(body: Any) -> str:
    """The answer in a few words; not its values, among which there may be secrets."""
    if body is None:
        return "it has no content"
    if not isinstance(body, dict):
        return f"it is a {type(body).__name__}"
    if isinstance(fqn := body.get("fullyQualifiedName"), str):
        return f"it is about {fqn}"
    if message := body.get("message"):
        return str(message)  # masked and cut where the request is given up
    fields = [str(field) for field in body]
    more = ", …" if len(fields) > _FIELD_COUNT else ""
    return f"its fields are {', '.join(fields[:_FIELD_COUNT])}{more}" if fields else "it is empty"
