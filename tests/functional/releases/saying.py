"""What a record says to a server of some version, told by the facts alone."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from om_ingest.config import fields_of, models_in
from om_ingest.kinds.door import RECORD_TYPE_NAMES, request_of
from om_ingest.model import AddLineageRequest
from om_ingest.model.entity import AttachmentRequest, EntityReference, Model
from pydantic import BaseModel

from tests.functional.releases import facts

Body = dict[str, Any]

_UNTYPED = {"style": "Style", "metadata": "TagLabelMetadata"}
"""Classes of fields whose objects our models do not describe, by the field's name."""


def sendable(record: Model, version: facts.Version) -> tuple[Body, set[str]]:
    """The record as JSON without what the version does not know, and the names of that."""
    lost: set[str] = set()
    body = _object(record, type(record).__name__, "", version, lost)
    if any(name.startswith("serviceType=") for name in lost) and body.pop("connection", None):
        lost.add("connection")
    return body, lost


def nothing_of(record: Model, version: facts.Version) -> str:
    """What is named if a version holds nothing of a record; empty if it holds some of it."""
    name = record.entity_type
    kinds = [name]
    if isinstance(record, AddLineageRequest):
        kinds = [record.edge.fromEntity.type, record.edge.toEntity.type]
        name = f"{name} from {kinds[0]} to {kinds[1]}"
    elif isinstance(record, AttachmentRequest):
        kinds = [record.target.type]
        name = f"{name} of {kinds[0]}"
    return "" if all(facts.has_kind(version, kind) for kind in kinds) else name


def _object(value: Any, name: str, path: str, version: facts.Version, lost: set[str]) -> Body:
    fields = dict(value) if isinstance(value, BaseModel) else value
    body: Body = {}
    for field, given in fields.items():
        if given is None:
            continue
        place = f"{path}{field}"
        if not facts.knows(version, facts.FIELDS.get((name, field), "1.5")):
            if given not in ([], {}):
                lost.add(place)
            continue
        if field == "domains" and name in facts.ONE_DOMAIN and not facts.knows(version, "1.9"):
            if len(given) > 1:
                lost.add(f"{place}[1:]")
            given = given[:1]
        body[field] = _value(given, name, field, path, version, lost)
        if body[field] is None:
            del body[field]
    return body


def _value(
    given: Any, name: str, field: str, path: str, version: facts.Version, lost: set[str]
) -> Any:
    if isinstance(given, EntityReference) and not facts.has_kind(version, given.type):
        lost.add(f"{path}{field}={given.type}")
        return None
    if isinstance(given, list):
        kept = [_value(item, name, field, path, version, lost) for item in given]
        return [item for item in kept if item is not None]
    if isinstance(given, UUID):
        return str(given)
    if isinstance(given, Enum):
        enum = type(given).__name__
        if facts.knows_value(version, enum, given.value):
            return given.value
        lost.add(f"{path}{field}={given.value}")
        return facts.VALUES[enum][given.value][1] or None
    inner = type(given).__name__ if isinstance(given, BaseModel) else _UNTYPED.get(field, "")
    if inner:
        below = path if inner == name else f"{path}{field}."
        return _object(given, inner, below, version, lost)
    return given


class Said:
    """Which fields and values of enumerations records say."""

    def __init__(self) -> None:
        self.fields: set[tuple[str, str]] = set()
        """By class and name."""
        self.values: set[tuple[str, str]] = set()
        """By enumeration and value."""

    def hear(self, value: Any) -> None:
        """Note what a record says, or a part of one."""
        if isinstance(value, list):
            for item in value:
                self.hear(item)
        elif isinstance(value, Enum):
            self.values.add((type(value).__name__, value.value))
        elif isinstance(value, BaseModel):
            told = [(field, given) for field, given in value if given is not None]
            self.fields.update((type(value).__name__, field) for field, _ in told)
            self.hear([given for _, given in told])


def all_fields() -> set[tuple[str, str]]:
    """The fields of all models of records, by class and name."""
    models: list[type[BaseModel]] = [request_of(name) for name in RECORD_TYPE_NAMES]
    for model in models:
        for info in fields_of(model).values():
            models += [inner for inner in models_in(info.annotation) if inner not in models]
    return {(model.__name__, field) for model in models for field in fields_of(model)}
