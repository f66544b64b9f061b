"""Whether two values of JSON say the same; lists of names, labels and references have no order."""

from __future__ import annotations

import json
from typing import Any

Body = dict[str, Any]

EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Values that say nothing."""

_ANY = object()
_ADDED: dict[str, tuple[Any, ...]] = {
    "fullyQualifiedName": (_ANY,),
    "dataTypeDisplay": (_ANY,),
    "ordinalPosition": (_ANY,),
    "profile": (_ANY,),
    "customMetrics": (_ANY,),
    "generatedAt": (_ANY,),
    "schemaType": ("None", "JSON"),
    "isPartitioned": (False,),
    "dayCount": (1,),
    "profileSampleType": ("PERCENTAGE",),
}
"""Keys of parts and objects that servers show although no request says them, with the values that
they give them by default (OpenMetadata REST contract §3, and recorded answers of a 1.6 server)."""

_FOLDED = frozenset({"name", "dataTypeDisplay"})
"""Keys of parts whose case servers change, or keep when that alone changes (contract §3.0)."""


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


def is_shown(stored: Any, said: Any) -> bool:
    """Whether `stored` is what a server shows of `said`.

    Nothing is missing, and nothing is left over but what servers add on their own.
    """
    if isinstance(stored, dict) and isinstance(said, dict):
        if said.get("id") and said.get("type"):  # a reference: servers show its names, too
            return bool(item_key(stored) == item_key(said))
        keys = dict.fromkeys((*stored, *said))
        return all(_is_key_shown(key, stored.get(key), said.get(key)) for key in keys)
    if isinstance(stored, list) and isinstance(said, list):
        if all(isinstance(item, dict) and _is_unordered(item) for item in (*stored, *said)):
            return _is_same("", stored, said)
        return len(stored) == len(said) and all(map(is_shown, stored, said))
    return bool(stored == said)


def _is_key_shown(key: str, stored: Any, said: Any) -> bool:
    if said in EMPTY:
        added = _ADDED.get(key, ())
        return stored in EMPTY or _ANY in added or stored in added
    if key in _FOLDED and isinstance(stored, str) and isinstance(said, str):
        return stored.lower() == said.lower()
    return is_shown(stored, said)


def _is_same(name: str, old: Any, new: Any) -> bool:
    if old in EMPTY and new in EMPTY:
        return True
    if isinstance(old, list) and isinstance(new, list) and all(map(_is_unordered, (*old, *new))):
        return sorted(map(str, map(item_key, old))) == sorted(map(str, map(item_key, new)))
    return bool(old == new)


def _is_unordered(item: Any) -> bool:
    return isinstance(item, str) or (isinstance(item, dict) and ("tagFQN" in item or "id" in item))
