"""What the table of kinds says about a request: its kind, name, parent, FQN and references."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from om_ingest.config.validation import fields_of, models_in
from om_ingest.errors import RecordError
from om_ingest.kinds.kind import EntityKind
from om_ingest.kinds.table import KINDS
from om_ingest.model import fqn
from om_ingest.model.entity import CreateRequest, EntityReference
from om_ingest.model.naming import IS_FQN

FieldPath = tuple[str, ...]
"""Names of fields, outermost first; a list stands for each of its items."""

SERVICE_KINDS: dict[str, EntityKind] = {
    kind.segment: kind for kind in KINDS.values() if kind.segment is not None
}
"""The kind of service of each of OpenMetadata's namespace segments, e.g. of `database`."""


def service_kind(segment: str) -> EntityKind:
    """The kind of service that connectors in `metadata.ingestion.source.<segment>` read.

    Its `request` is what such a connector yields first. Raises `RecordError` for a segment
    that OpenMetadata does not have.
    """
    kind = SERVICE_KINDS.get(segment)
    if kind is None:
        raise RecordError(
            f"Not a type of service: {segment!r}", f"Use one of: {', '.join(SERVICE_KINDS)}."
        )
    return kind


def kind_of(entity: str | type[Any] | Any) -> EntityKind:
    """The kind of an entity type name, of a request or entity class, or of an instance.

    Raises `RecordError` for anything else.
    """
    entity_type = entity if isinstance(entity, str) else getattr(entity, "entity_type", None)
    kind = KINDS.get(entity_type) if isinstance(entity_type, str) else None
    if kind is None:
        raise RecordError(f"Not an entity type: {entity!r}", f"Use one of: {', '.join(KINDS)}.")
    return kind


def own_name(request: CreateRequest) -> str:
    """The name that a request's FQN ends with, as it is stored."""
    return KINDS[request.entity_type].as_stored(request.name)


def place_of(request: CreateRequest) -> tuple[str | None, str | EntityReference | None]:
    """The field with the direct parent of a request, and its value.

    Both are None for a root; the value alone is None where a parent is missing. A
    container that names a `parent` lies below that one, not directly in its `service`.
    """
    nested_field = KINDS[request.entity_type].nested_field
    if nested_field is not None and getattr(request, nested_field):
        return nested_field, getattr(request, nested_field)
    field = request.parent_field
    return field, None if field is None else getattr(request, field)


def parent_of(request: CreateRequest) -> str | EntityReference | None:
    """The request's parent as it was given: FQN, reference, or None for a root."""
    return place_of(request)[1]


def fqn_of(request: CreateRequest, look_up: Callable[[EntityReference], str] | None = None) -> str:
    """The FQN that a request addresses.

    `look_up` finds the FQN of a parent that is given by id. Raises `RecordError` when the
    parent is missing, or is given by id and there is no `look_up`.
    """
    field, parent = place_of(request)
    if field is None:
        return fqn.quote(own_name(request))
    parent_fqn = parent.fullyQualifiedName if isinstance(parent, EntityReference) else parent
    if not parent_fqn and look_up is not None and isinstance(parent, EntityReference):
        parent_fqn = look_up(parent) if parent.id is not None else None
    if not parent_fqn:
        raise RecordError(
            f"The {request.entity_type} {request.name!r} does not say where it belongs",
            f"Set {field} to the FQN of its parent.",
        )
    return KINDS[request.entity_type].fqn_below(parent_fqn, own_name(request))


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
    return (holder for holder in inside(body, path[:-1]) if path[-1] in holder)


def spell(model: type[BaseModel], body: dict[str, Any]) -> None:
    """Spell the FQNs in the JSON of a model as servers do, without needless quotes, in place."""
    fqns, parts = _spelled_parts(model)
    for field in fqns & body.keys():
        given = body[field]
        if isinstance(given, str):
            body[field] = fqn.spelled(given)
        elif isinstance(given, list):
            body[field] = [fqn.spelled(item) for item in given]
    for field, inner in parts:
        given = body.get(field)
        for item in given if isinstance(given, list) else (given,):
            if isinstance(item, dict):
                spell(inner, item)


@cache
def _spelled_parts(
    model: type[BaseModel],
) -> tuple[frozenset[str], tuple[tuple[str, type[BaseModel]], ...]]:
    """Fields with FQNs, and fields with models, each with its model."""
    fields = fields_of(model).items()
    fqns = (name for name, field in fields if IS_FQN in field.metadata or _is_fqn(field.annotation))
    parts = ((name, inner) for name, field in fields for inner in models_in(field.annotation))
    return frozenset(fqns), tuple(parts)


def _is_fqn(annotation: object) -> bool:
    """Whether an annotation is that of an FQN, or of a list of them."""
    return IS_FQN in getattr(annotation, "__metadata__", ()) or any(
        map(_is_fqn, typing.get_args(annotation))
    )


def inside(body: dict[str, Any], path: Sequence[str]) -> list[dict[str, Any]]:
    """The objects at a path in the JSON of a request: those of a list, or the one."""
    level = [body]
    for name in path:
        below = [holder[name] for holder in level if name in holder]
        level = [
            item for value in below for item in (value if isinstance(value, list) else [value])
        ]
    return level


def unknown_task(pipeline: str, task: str) -> str:
    """Why no store takes the status of a task that the pipeline with this FQN does not have."""
    return (
        f"taskStatus: the pipeline {pipeline} has no task {task}; yield the pipeline with all of "
        "its tasks before their statuses"
    )
