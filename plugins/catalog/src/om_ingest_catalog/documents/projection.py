"""What an answer shows: the parameter `fields` (contract §3.0), and masked secrets (§2)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from om_ingest.config import fields_of, models_in
from om_ingest.errors import RecordError
from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import EntityReference, TagLabel, TermRelation

from om_ingest_catalog.rows.body import Body, all_members, dump, parse
from om_ingest_catalog.rows.inheritance import inherited_fields
from om_ingest_catalog.rows.reading import field_names
from om_ingest_catalog.rules.masks import masked

EVERYTHING = "*"
"""Selects all fields."""

_TAGS = "tags"
_RELATED = (EntityReference, TagLabel, TermRelation)
# Fields that are only shown on request although they are not relations.
_OPTIONAL = frozenset(
    {
        *("extension", "lifeCycle", "certification", "votes", "dataModel", "customMetrics"),
        *("tableConstraints", "tablePartition", "tasks", "mlFeatures", "mlHyperParameters"),
    }
)


@cache
def _optional_fields(entity_type: str) -> frozenset[str]:
    """The fields that are only shown on request."""
    kind = KINDS[entity_type]
    return frozenset(
        name
        for name, field in fields_of(kind.entity).items()
        if (name in _OPTIONAL or any(found in _RELATED for found in models_in(field.annotation)))
        and not field.is_required()
        and name not in kind.place_fields
        and name != kind.nested_answer
    )


def inheritable(entity_type: str, fields: Collection[str] | None) -> frozenset[str]:
    """The fields that the entity may inherit from those above it, as far as they are selected."""
    names = inherited_fields(entity_type)
    if fields is None or EVERYTHING in fields:
        return names
    return names - (_optional_fields(entity_type) - set(fields))


def check_fields(entity_type: str, fields: Collection[str] | None) -> None:
    """Raise `RecordError` for a field that the kind does not have."""
    for name in fields or ():
        if name != EVERYTHING and name not in field_names(entity_type):
            raise RecordError(
                f"Invalid field name {name}",
                f"A {entity_type} has: {', '.join(sorted(field_names(entity_type)))}.",
            )


def projected(
    entity_type: str, entity: Body, fields: Collection[str] | None, *, listed: bool = True
) -> Body:
    """The entity with the selected fields: all if `fields` is None or contains `*`.

    Plain values and parents are always included; tags, owners and other relations if named. The
    tags of columns and other members are shown with the entity's own; those of a table that is
    not `listed` need `columns`, too.
    """
    if fields is None or EVERYTHING in fields:
        return entity
    hidden = _optional_fields(entity_type) - set(fields)
    is_labelled = _TAGS in fields and (listed or entity_type != "table" or "columns" in fields)
    for member in () if is_labelled else all_members(KINDS[entity_type].members, entity):
        member.pop(_TAGS, None)
    return {name: value for name, value in entity.items() if name not in hidden}


_CONNECTION = "connection"
_CHANGES = ("changeDescription", "incrementalChangeDescription")
_LISTS = ("fieldsAdded", "fieldsUpdated", "fieldsDeleted")


def mask_secrets(kind: EntityKind, entity: Body) -> None:
    """Mask the secrets in the JSON of an entity, in place.

    Only connections of services have secrets. A write that sends the mask keeps them.
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
    """The old or new value of a change, which is JSON as text."""
    return dump(masked(parse(value))) if isinstance(value, str) else masked(value)
