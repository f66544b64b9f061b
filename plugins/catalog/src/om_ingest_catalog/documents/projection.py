"""What an answer shows: the parameter `fields` (contract §3.0), and masked secrets (§2)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from om_ingest.config import fields_of, models_in
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import EntityReference, TagLabel, TermRelation, masked

from om_ingest_catalog.rows.body import Body, dump, parse

EVERYTHING = "*"
"""Stands for all fields."""

_RELATED = (EntityReference, TagLabel, TermRelation)
# Shown only if asked for like the relations, though they are values of their own.
_ASKED_FOR = frozenset(
    {
        *("extension", "lifeCycle", "certification", "votes", "dataModel", "customMetrics"),
        *("tableConstraints", "tablePartition", "tasks", "mlFeatures", "mlHyperParameters"),
    }
)


@cache
def field_names(entity_type: str) -> frozenset[str]:
    """Every field that may be asked for."""
    return frozenset(KINDS[entity_type].entity.model_fields)


@cache
def _optional_fields(entity_type: str) -> frozenset[str]:
    """The fields that are shown only if they are asked for."""
    kind = KINDS[entity_type]
    return frozenset(
        name
        for name, field in fields_of(kind.entity).items()
        if (name in _ASKED_FOR or any(found in _RELATED for found in models_in(field.annotation)))
        and not field.is_required()
        and name not in kind.place_fields
        and name != kind.nested_answer
    )


def check_fields(entity_type: str, fields: Collection[str] | None) -> None:
    """Raise `RecordError` for a field that entities of the kind do not have."""
    for name in fields or ():
        if name != EVERYTHING and name not in field_names(entity_type):
            raise RecordError(
                f"Invalid field name {name}",
                f"A {entity_type} has: {', '.join(sorted(field_names(entity_type)))}.",
            )


def projected(entity_type: str, entity: Body, fields: Collection[str] | None) -> Body:
    """What is shown of an entity: everything if `fields` is None or holds `*`.

    Otherwise values and parents always, and tags, owners and the like if they are named.
    """
    if fields is None or EVERYTHING in fields:
        return entity
    hidden = _optional_fields(entity_type) - set(fields)
    return {name: value for name, value in entity.items() if name not in hidden}


_CONNECTION = "connection"
_CHANGES = ("changeDescription", "incrementalChangeDescription")
_LISTS = ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")


def mask_secrets(kind: EntityKind, entity: Body) -> None:
    """Put a mask over each secret in the JSON of an entity of the kind, in place.

    Only connections of services have any; a write that brings the mask back keeps them.
    """
    if kind.segment is None:
        return
    if _CONNECTION in entity:
        entity[_CONNECTION] = masked(entity[_CONNECTION])
    for description in (entity.get(name) or {} for name in _CHANGES):
        for change in (change for name in _LISTS for change in description.get(name, ())):
            if change["name"] == _CONNECTION:
                for side in change.keys() & {"oldValue", "newValue"}:
                    change[side] = _masked_text(change[side])


def _masked_text(value: Any) -> Any:
    """A side of a change, which is JSON as text."""
    return dump(masked(parse(value))) if isinstance(value, str) else masked(value)
