"""Whether two values of JSON say the same; lists of names, labels and references have no order."""

from __future__ import annotations

import json
from typing import Any

Body = dict[str, Any]

EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Values that say nothing."""


def changed_fields(old: Body, new: Body) -> list[str]:
    """Names of the fields that differ; the order of labels and references does not count."""
    return [
        name
        for name in dict.fromkeys((*old, *new))
        if not _is_same(name, old.get(name), new.get(name))
    ]


def item_key(item: Any) -> Any:
    """What tells an item of a list from the others: label, id, name, or its whole content."""
    if not isinstance(item, dict):
        return item
    if "tagFQN" in item:
        return item["tagFQN"], item.get("source")
    if item.get("id"):
        return str(item["id"]).lower()
    if "fullyQualifiedName" in item:
        return item.get("type"), item["fullyQualifiedName"]
    return json.dumps(item, sort_keys=True)


def includes(old: Any, new: Any) -> bool:
    """Whether `old` has all that `new` has: keys may be missing in `new`, items may not."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(name in old and includes(old[name], value) for name, value in new.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(includes, old, new))
    return bool(old == new)


def _is_same(name: str, old: Any, new: Any) -> bool:
    if old in EMPTY and new in EMPTY:
        return True
    if isinstance(old, list) and isinstance(new, list) and all(map(_is_unordered, (*old, *new))):
        return sorted(map(str, map(item_key, old))) == sorted(map(str, map(item_key, new)))
    return bool(old == new)


def _is_unordered(item: Any) -> bool:
    return isinstance(item, str) or (isinstance(item, dict) and ("tagFQN" in item or "id" in item))
