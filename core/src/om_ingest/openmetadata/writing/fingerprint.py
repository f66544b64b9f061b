"""`sourceHash`, by which a server recognises an unchanged request (REST contract §6.4)."""

from __future__ import annotations

import hashlib
from typing import Any

from om_ingest.openmetadata.network.transport import json_of

_DROPPED = frozenset({"sourceHash", "href", "deleted", "inherited"})
_SORTED = frozenset({"tags", "owners", "tableConstraints", "aliases", "columns", "children"})


def source_hash(body: dict[str, Any]) -> str:
    """The fingerprint of a request's JSON: 32 hexadecimal digits.

    It ignores the order of tags, constraints, owners, aliases and columns with a position,
    and white space in `schemaDefinition`.
    """
    return hashlib.md5(json_of(_ordered(body)), usedforsecurity=False).hexdigest()


def _ordered(body: dict[str, Any]) -> dict[str, Any]:
    ordered: dict[str, Any] = {}
    for name in sorted(body):
        if name in _DROPPED:
            continue
        value = body[name]
        if isinstance(value, dict):
            value = _ordered(value)
        elif isinstance(value, list):
            value = [_ordered(item) if isinstance(item, dict) else item for item in value]
            if len(value) > 1 and name in _SORTED:
                value = _sorted(name, value)
        elif name == "schemaDefinition" and isinstance(value, str):
            value = " ".join(value.split())
        ordered[name] = value
    return ordered


def _sorted(name: str, items: list[Any]) -> list[Any]:
    if name == "tags":
        return sorted(items, key=lambda tag: str(tag.get("tagFQN")))
    if name in ("owners", "tableConstraints"):
        return sorted(items, key=json_of)
    if name == "aliases":
        return sorted(items)
    if all(isinstance(item, dict) and item.get("ordinalPosition") is not None for item in items):
        return sorted(items, key=lambda column: (column["ordinalPosition"], column["name"]))
    return items
