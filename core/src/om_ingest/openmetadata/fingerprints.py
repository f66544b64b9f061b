"""Fingerprints of requests: the `sourceHash` by which unchanged entities are known (§6.4)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from om_ingest.kinds import Parcel
from om_ingest.openmetadata.network.transport import json_of
from om_ingest.releases import Dialect

_DROPPED = frozenset({"sourceHash", "href", "deleted", "inherited"})
_SORTED = frozenset({"tags", "owners", "tableConstraints", "aliases", "columns", "children"})


def fingerprint_of(parcel: Parcel, dialect: Dialect) -> str | None:
    """The `sourceHash` that the request of a parcel is sent with; None for a kind without one.

    It is that of what the server knows: with a newer server, what was left out is a change.
    """
    body = from_json(parcel.spelled)
    dialect.fit(type(parcel.record).__name__, body)
    return fingerprint_in(type(parcel.record), body)


def fingerprint_in(request_class: type[Any], body: dict[str, Any]) -> str | None:
    """The `sourceHash` of a body: that of the source if it gives one; None for other kinds."""
    if "sourceHash" not in request_class.model_fields:
        return None
    return str(body.get("sourceHash") or source_hash(body))


def source_hash(body: dict[str, Any]) -> str:
    """The fingerprint of a request's JSON: 32 hexadecimal digits.

    It ignores the order of tags, constraints, owners, aliases and columns with a position,
    and white space in `schemaDefinition`.
    """
    return hashlib.md5(json_of(_ordered(body)), usedforsecurity=False).hexdigest()


def _ordered(body: dict[str, Any]) -> dict[str, Any]:
    ordered: dict[str, Any] = {}
    for name in _order(tuple(body)):
        value = body[name]
        kind = type(value)  # of JSON: no subclasses, and this is the innermost loop of a run
        if kind is dict:
            value = _ordered(value)
        elif kind is list:
            value = [_ordered(item) if type(item) is dict else item for item in value]
            if len(value) > 1 and name in _SORTED:
                value = _sorted(name, value)
        elif name == "schemaDefinition" and kind is str:
            value = " ".join(value.split())
        ordered[name] = value
    return ordered


@lru_cache(maxsize=4096)
def _order(fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that count, sorted; the objects of a run have few different sets of fields."""
    return tuple(name for name in sorted(fields) if name not in _DROPPED)


def _sorted(name: str, items: list[Any]) -> list[Any]:
    if name == "tags":
        return sorted(items, key=lambda tag: str(tag.get("tagFQN")))
    if name in ("owners", "tableConstraints"):
        return sorted(items, key=json_of)
    if name == "aliases":
        return sorted(items)
    for item in items:  # no generator: this is done for each table
        if not isinstance(item, dict) or item.get("ordinalPosition") is None:
            return items
    return sorted(items, key=lambda column: (column["ordinalPosition"], column["name"]))
