"""Which fields of a request point at other entities, and what becomes of them there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

from om_ingest.catalog.body import Body
from om_ingest.model.entity import EntityReference
from om_ingest.model.kinds import KINDS
from om_ingest.model.validation import models_in

PEOPLE = frozenset({"owners", "reviewers"})
"""Fields with references to users and teams, wherever they stand."""

_UNCHECKED = frozenset(
    {"lifeCycle", "ingestionRunner", "processingEngine", "personas", "defaultPersona"}
)
"""Fields that are taken as they come: what they point at is not in a catalog."""

FieldPath = tuple[str, ...]


@cache
def reference_paths(entity_type: str) -> tuple[FieldPath, ...]:
    """Paths of the fields of a request that hold references, but for the parent's.

    Of `tasks.owners`, the first name is a list of tasks, and the second one of references.
    """
    kind = KINDS[entity_type]
    kind.request.model_rebuild()
    paths = _paths_in(kind.request, (kind.request,))
    skipped = kind.place_fields | _UNCHECKED
    return tuple(path for path in paths if path[0] not in skipped)


def _paths_in(model: type[BaseModel], inside: tuple[type[BaseModel], ...]) -> Iterator[FieldPath]:
    for name, field in model.model_fields.items():
        for found in models_in(field.annotation):
            if found is EntityReference:
                yield (name,)
            elif found not in inside:  # columns lie in columns
                for path in _paths_in(found, (*inside, found)):
                    yield (name, *path)


def holders(body: Body, path: FieldPath) -> Iterator[Body]:
    """The objects in a body that have the field at the end of a path."""
    level: list[Body] = [body]
    for name in path[:-1]:
        below = [holder[name] for holder in level if name in holder]
        level = [
            item for value in below for item in (value if isinstance(value, list) else [value])
        ]
    return (holder for holder in level if path[-1] in holder)


@cache
def pointing_types(entity_type: str) -> tuple[str, ...]:
    """The kinds whose bodies may name an entity of this kind, other than by their place."""
    if entity_type in ("tag", "glossaryTerm", "user", "team"):
        return tuple(KINDS)
    return tuple(
        name
        for name, kind in KINDS.items()
        if kind.points_anywhere or entity_type in kind.links.values()
    )
