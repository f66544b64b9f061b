"""Where a request holds references to other entities, and how to get at them in its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel

from om_ingest.config.validation import fields_of, models_in
from om_ingest.kinds.table import KINDS
from om_ingest.model.entity import EntityReference

FieldPath = tuple[str, ...]
"""Names of fields from the outside in; lists on the way are gone through."""


@cache
def pointer_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the fields of a request that hold references, but for the parent's.

    Of `tasks.owners`, the first name is a list of tasks, and the second one of references.
    """
    kind = KINDS[entity_type]
    paths = _paths_in(kind.request, (kind.request,))
    return tuple(path for path in paths if path[0] not in kind.place_fields)


def _paths_in(model: type[BaseModel], inside: tuple[type[BaseModel], ...]) -> Iterator[FieldPath]:
    for name, field in fields_of(model).items():
        for found in models_in(field.annotation):
            if found is EntityReference:
                yield (name,)
            elif found not in inside:  # columns lie in columns
                for path in _paths_in(found, (*inside, found)):
                    yield (name, *path)


def holders(body: dict[str, Any], path: FieldPath) -> Iterator[dict[str, Any]]:
    """The objects in a request's JSON that have the field at the end of a path."""
    level = [body]
    for name in path[:-1]:
        below = [holder[name] for holder in level if name in holder]
        level = [
            item for value in below for item in (value if isinstance(value, list) else [value])
        ]
    return (holder for holder in level if path[-1] in holder)
