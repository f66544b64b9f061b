"""The classes that a connector names, and the entities and records that a store knows.

A connector names a class of `metadata.generated.schema`: ours, spelled as its release spells it,
one of core, or that of a real openmetadata-ingestion, which is recognised by its name.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from om_ingest.kinds import KINDS, EntityKind
from om_ingest.model import CreateRequest, Entity

_BY_CLASS = {kind.class_name: kind for kind in KINDS.values()}
_BY_REQUEST = {f"Create{kind.class_name}Request": kind for kind in KINDS.values()}


def text_of(value: Any) -> str:
    """The text of a name, FQN or id, whether it is a string or a root model of any release."""
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


def as_asked(found: Entity, asked: Any) -> Any:
    """An entity as an object of the class that the connector asked for."""
    if not isinstance(asked, type) or isinstance(found, asked):
        return found
    fields = found.model_dump(mode="json", exclude_none=True)
    known = getattr(asked, "model_fields", fields)
    forbids = getattr(asked, "model_config", {}).get("extra") == "forbid"
    if forbids and not issubclass(asked, Entity):
        fields = {name: value for name, value in fields.items() if name in known}
    return asked.model_validate(fields)


def as_request(data: Any) -> Any:
    """A create request of core; what is none of any release is returned as it is."""
    if isinstance(data, CreateRequest):
        return data
    kind = _BY_REQUEST.get(type(data).__name__)
    if kind is None or not hasattr(data, "model_dump"):
        return data
    return kind.request.model_validate(data.model_dump(mode="json", exclude_none=True))


@cache
def spelled(core: Any) -> Any:
    """The class that a connector meets for one of core."""
    from om_ingest_compat import models

    make = getattr(models, "spelled", None)
    return core if make is None else make(core)
