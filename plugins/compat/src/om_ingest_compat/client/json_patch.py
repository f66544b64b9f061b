"""JSON Patches (RFC 6902) from two states of an entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_KEPT = frozenset(
    {"changeDescription", "fullyQualifiedName", "href", "id", "incrementalChangeDescription"}
    | {"updatedAt", "updatedBy", "version"}
)
"""Members that only the store sets."""


def difference(path: str, old: Any, new: Any) -> Iterator[dict[str, Any]]:
    """The operations that make one JSON value another; lists of other members are replaced."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            here = f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
            if name in _KEPT and not (path and name == "id"):
                continue
            if name not in new:
                yield {"op": "remove", "path": here}
            elif name not in old:
                yield {"op": "add", "path": here, "value": new[name]}
            else:
                yield from difference(here, old[name], new[name])
    elif old != new and _same_members(old, new):
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from difference(f"{path}/{place}", before, after)
    elif old != new:
        yield {"op": "replace", "path": path, "value": new}


def _same_members(old: Any, new: Any) -> bool:
    """Whether two lists have the same named parts, such as columns, in the same order."""
    names: list[list[str | None]] = [
        [part.get("name") for part in each if isinstance(part, dict)]
        for each in (old, new)
        if isinstance(each, list)
    ]
    is_named = len(names) == 2 and bool(names[0]) and None not in names[0]
    return is_named and names[0] == names[1] and {len(old), len(new)} == {len(names[0])}


def is_allowed(operation: Mapping[str, Any], restricted: Iterable[str], override: bool) -> bool:
    """Whether an operation may touch restricted fields: it adds, or there is an override."""
    if not any(name in operation["path"].split("/") for name in restricted):
        return True
    return operation["op"] in (("add", "replace") if override else ("add",))
