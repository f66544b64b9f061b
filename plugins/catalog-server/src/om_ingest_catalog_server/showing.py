"""What a 1.6 server shows of an entity where newer ones may show something else.

The source is a recorded 1.6 server; what newer servers do there is not known, so that they show
what is stored and asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from om_ingest.kinds import KINDS

Entity: TypeAlias = "dict[str, Any]"
Completion: TypeAlias = "Callable[[str, Entity], None]"
"""Completes an entity of a type, in place."""

_JOIN_DAYS = 30
_USAGES = ("dailyStats", "weeklyStats", "monthlyStats")
_NEVER_OWNED = frozenset({"classification", "tag", "user", "team", "glossary"})
_OF_NEW: dict[str, tuple[str, ...]] = {
    "databaseSchema": ("owners",),
    "table": ("owners",),
    "glossaryTerm": ("owners", "reviewers"),
    "chart": ("dashboards",),
    "dashboard": ("dataModels",),
    "user": ("domains",),
    "team": ("domains",),
}
"""The lists that the answer shows whose entity has just been created, also empty ones."""

_ON_REQUEST: dict[str, frozenset[str]] = {"table": frozenset({"schemaDefinition"})}
"""Plain values that are only shown on request."""

_ALWAYS: dict[str, frozenset[str]] = {"table": frozenset({"tablePartition"})}
"""What is shown without being requested."""


def shown_fields(entity_type: str, fields: Collection[str]) -> frozenset[str]:
    """The fields to read for an answer that has these `fields`."""
    return frozenset(fields) | _ALWAYS.get(entity_type, frozenset())


def every(entity_type: str, entity: Entity) -> None:
    """Any answer with an entity."""
    if entity_type == "glossaryTerm":
        entity.setdefault("status", "Approved")  # `entityStatus` of newer servers


def read(fields: Collection[str]) -> Completion:
    """Entities as they are read: each requested field has a value, also if that is empty."""

    def complete(entity_type: str, entity: Entity) -> None:
        if "*" in fields:
            return
        for field in _EMPTY.keys() & set(fields):
            entity.setdefault(field, _EMPTY[field]())
        for field in _ON_REQUEST.get(entity_type, frozenset()) - set(fields):
            entity.pop(field, None)

    return complete


def created(entity_type: str, entity: Entity) -> None:
    """A new entity: labels where there are any, and some lists."""
    _drop_empty_labels(entity)
    for field in _OF_NEW.get(entity_type, ()):
        entity.setdefault(field, [])


def updated(entity_type: str, entity: Entity) -> None:
    """An entity after a PUT: labels where there are any, and its owners."""
    _drop_empty_labels(entity)
    if entity_type not in _NEVER_OWNED:
        entity.setdefault("owners", [])


def whole(entity_type: str, entity: Entity) -> None:
    """An entity after a PATCH, a deletion or a restore, and a version: what people add, too."""
    if entity_type not in _NEVER_OWNED:
        for field in ("owners", "followers", "dataProducts", "votes"):
            entity.setdefault(field, _EMPTY[field]())


def attached(entity_type: str, entity: Entity) -> None:
    """An entity in the answer to what was attached to it: samples, a profile, a run."""
    _drop_empty_labels(entity)
    for path in KINDS[entity_type].members:
        for part in _parts(entity.get(path[0])):
            part.pop("tags", None)
    if entity_type == "table":
        entity.setdefault("votes", _no_votes())


def sampled(entity_type: str, entity: Entity) -> None:
    """An entity in the answer to a PUT of samples: without owners and labels."""
    attached(entity_type, entity)
    entity.pop("owners", None)
    entity.pop("tags", None)


def _drop_empty_labels(entity: Entity) -> None:
    for part in _parts(entity):
        if part.get("tags") == []:
            del part["tags"]


def _parts(value: Any) -> Iterator[Entity]:
    """The objects in a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        if isinstance(item, (dict, list)):
            yield from _parts(item)


def described(change: Entity, version: float) -> Entity:
    """The change description of what is no change of the entity itself."""
    lists = {"fieldsAdded": [], "fieldsUpdated": [change], "fieldsDeleted": []}
    return {**lists, "previousVersion": version}


def no_usage() -> Entity:
    """The usage of what nobody uses."""
    nothing = {"count": 0, "percentileRank": 0.0}
    return {"date": _day(), **{name: {**nothing} for name in _USAGES}}


def _no_joins() -> Entity:
    start = _day(-_JOIN_DAYS)
    return {"startDate": start, "dayCount": _JOIN_DAYS, "columnJoins": [], "directTableJoins": []}


def _no_votes() -> Entity:
    return {"upVotes": 0, "downVotes": 0, "upVoters": [], "downVoters": []}


def _day(later: int = 0) -> str:
    return (datetime.now(timezone.utc) + timedelta(days=later)).date().isoformat()


_EMPTY: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("owners", "followers", "dataProducts", "dataModels", "relatedTerms"), list),
    "votes": _no_votes,
    "usageSummary": no_usage,
    "joins": _no_joins,
}
