"""The classes that a connector names, and the entities and records that a store knows.

A connector names a class of `metadata.generated.schema`: ours, spelled as its release spells it,
one of core, or that of a real openmetadata-ingestion, which is recognised by its name.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args
from uuid import UUID

from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import CreateRequest, Entity, EntityReference

_GENERATED = "metadata.generated.schema."

_BY_CLASS = {kind.class_name: kind for kind in KINDS.values()}
_BY_REQUEST = {f"Create{kind.class_name}Request": kind for kind in KINDS.values()}


def text_of(value: Any) -> str:
    """The text of a name, FQN or id, whether it is a string or a root model of any release."""
    if type(value) is str:
        return value
    for name in ("root", "__root__"):
        inner = getattr(value, name, None)
        if inner is not None:
            return str(inner)
    return str(getattr(value, "value", value))


def kind_named(entity: Any) -> EntityKind | None:
    """The kind of an entity class, request class or entity type; None for what no store keeps."""
    if isinstance(entity, str):
        return KINDS.get(entity) or _BY_CLASS.get(entity)
    entity_type = getattr(entity, "entity_type", None)
    if isinstance(entity_type, str):
        return KINDS.get(entity_type)
    name = (entity if isinstance(entity, type) else type(entity)).__name__
    return _BY_CLASS.get(name) or _BY_REQUEST.get(name)


def json_of(value: Any, *, defaults: bool = True) -> Any:
    """A model of any release as JSON values, without nulls; anything else as it is.

    Without `defaults`, only with the fields that were given, as upstream sends its requests.
    """
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True, exclude_unset=not defaults)
    return value


def in_core(core: Any, given: Any) -> Any:
    """An object of a class of core: from one of any release, or from a dict of its fields."""
    if isinstance(given, core):
        return given
    return spelled(core).model_validate(json_of(given, defaults=False))


def as_asked(found: Entity, asked: Any) -> Any:
    """An entity as an object of the class that the connector asked for."""
    if not isinstance(asked, type) or isinstance(found, asked):
        return found
    if asked is spelled(type(found)):
        return _as_spelled(found)
    fields = json_of(found)
    if (
        not issubclass(asked, Entity)
        and getattr(asked, "model_config", {}).get("extra") == "forbid"
    ):
        known = getattr(asked, "model_fields", fields)
        fields = {name: value for name, value in fields.items() if name in known}
    return asked.model_validate(fields)


def show_asked(entity: Any, fields: Any) -> Any:
    """Show asked relationships that an entity does not have as empty lists, as servers do.

    `fields` are names, in a list or with commas between them; `*` is all of them.
    """
    if fields and isinstance(entity, Entity):
        given = fields.split(",") if isinstance(fields, str) else list(map(str, fields))
        names = {name.strip() for name in given}
        for name in _relationships(type(entity)):
            if (name in names or "*" in names) and entity.__dict__.get(name) is None:
                entity.__dict__[name] = []
    return entity


@cache
def _relationships(cls: type[Entity]) -> tuple[str, ...]:
    """The fields of an entity that are lists of references."""
    lists = {list[EntityReference], list[spelled(EntityReference)]}  # type: ignore[misc]  # made at run time
    return tuple(
        name for name, field in cls.model_fields.items() if lists & set(get_args(field.annotation))
    )


def _as_spelled(found: Entity) -> Any:
    from om_ingest_compat.models import spelled_entity  # as for `spelled`

    entity = spelled_entity(found)
    # What a run reads has names of classes of its own; as plain texts they are spelled, too.
    for name in ("name", "fullyQualifiedName"):
        entity.__dict__[name] = str(found.__dict__[name])
    entity.__dict__["id"] = UUID(int=found.id.int)
    return entity


def as_request(data: Any) -> Any:
    """A create request of core; what is none of any release is returned as it is."""
    kind = kind_named(type(data)) if isinstance(data, CreateRequest) else None
    kind = kind or _BY_REQUEST.get(type(data).__name__)
    if kind is None:
        return data
    from om_ingest_compat.models import native  # as for `spelled`

    return native(in_core(kind.request, data))


def reference_to(entity: Any, entity_type: str = "") -> Any:
    """A reference to an entity of any class, or a reference of any class in that of core.

    `entity_type` is that of what does not tell it itself.
    """
    if isinstance(entity, EntityReference):
        return entity
    if isinstance(entity, Mapping):
        return in_core(EntityReference, entity)
    kind = kind_named(entity)
    own_type = kind.entity_type if kind else text_of(getattr(entity, "type", None) or entity_type)
    values = {"id": getattr(entity, "id", None), "type": own_type}
    for name in ("name", "fullyQualifiedName", "displayName", "description"):
        values[name] = getattr(entity, name, None)
    given = {name: text_of(value) for name, value in values.items() if value is not None}
    return spelled(EntityReference).model_validate(given)


def spelled(core: Any) -> Any:
    """The class that a connector meets for one of core."""
    from om_ingest_compat import models  # its classes are made when they are first needed

    return models.spelled(core)


def in_framework_class(value: Any) -> Any:
    """A spelled model, in the class of a real openmetadata-ingestion if that is installed."""
    framework = sys.modules.get("metadata.generated")
    if getattr(framework, "__file__", None) is None and not getattr(framework, "__path__", None):
        return value
    for name, module in list(sys.modules.items()):
        own = vars(module).get(type(value).__name__) if name.startswith(_GENERATED) else None
        if own is not None and getattr(module, "__file__", None) and own.__module__ == name:
            return own.model_validate(json_of(value))
    return value
