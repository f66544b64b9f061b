"""Paths of the references to other entities in a request, and in its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel

from om_ingest.config.validation import fields_of, models_in
from om_ingest.kinds.table import KINDS
from om_ingest.model.entity import EntityReference

FieldPath = tuple[str, ...]
"""Names of fields, outermost first; a list stands for each of its items."""


@cache
def reference_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the request's fields with references, without those of its ancestors.

    In `tasks.owners`, `tasks` is a list of tasks, and `owners` of references.
    """
    kind = KINDS[entity_type]
    paths = _paths_in(kind.request, (kind.request,))
    return tuple(path for path in paths if path[0] not in kind.place_fields)


def _paths_in(model: type[BaseModel], inside: tuple[type[BaseModel], ...]) -> Iterator[FieldPath]:
    for name, field in fields_of(model).items():
        for found in models_in(field.annotation):
            if found is EntityReference:
                yield (name,)
            elif found not in inside:  # columns are nested
                for path in _paths_in(found, (*inside, found)):
                    yield (name, *path)


def holders(body: dict[str, Any], path: FieldPath) -> Iterator[dict[str, Any]]:
    """The objects in the JSON of a request that have the last field of a path."""
    level = [body]
    for name in path[:-1]:
        below = [holder[name] for holder in level if name in holder]
        level = [
            item for value in below for item in (value if isinstance(value, list) else [value])
        ]
    return (holder for holder in level if path[-1] in holder)
