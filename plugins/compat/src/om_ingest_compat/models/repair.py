"""Takes values as earlier releases, and other frameworks, give them.

Validation comes first: only what it refuses gets here. Then a field of an earlier release gets
its current name, and a value the type of its field as pydantic 1 would have converted it.
"""

from __future__ import annotations

import operator
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Any
from uuid import UUID

from om_ingest.kinds import KINDS
from om_ingest.model import CreateRequest, Model, encode_reserved, is_legal
from pydantic import BaseModel, SecretStr, ValidationError

from om_ingest_compat.models import earlier
from om_ingest_compat.models.root import Root, plain, unwrapped
from om_ingest_compat.running import LOCK, current, is_running

Spell = Callable[[Any], Any]


def repair(
    model: BaseModel,
    core: type[Any],
    given: Mapping[str, Any],
    error: ValidationError,
    spell: Spell,
) -> None:
    """Give a new model values that it has refused, as an earlier release takes them.

    `spell` makes instances of the models of core instances of spelled models. Raises the error
    if nothing can be done, else that of what is left.
    """
    cls = type(model)
    validate = model.__pydantic_validator__.validate_python
    values = earlier.renamed(core, given)
    if values.keys() != given.keys():  # most often that is all, and what follows takes its time
        try:
            validate(values, self_instance=model)
            return
        except ValidationError as left:
            error = left
    fitted = {name: repaired_value(cls, name, value, spell) for name, value in values.items()}
    name = fitted.get("name")
    if issubclass(core, CreateRequest) and isinstance(name, str) and not is_legal(name):
        encoded = encode_reserved(name)
        if is_legal(encoded):  # as upstream does for requests of every kind
            fitted.update(name=encoded, displayName=fitted.get("displayName") or name)
    if len(fitted) == len(values) and all(fitted[field] is values[field] for field in values):
        raise error
    validate(fitted, self_instance=model)


def repaired_value(cls: type[BaseModel], name: str, value: Any, spell: Spell) -> Any:
    """The value of a field as its type, where there is a way to make it."""
    field = cls.model_fields.get(name)
    return value if field is None else _fitted(field.annotation, value, spell)


def _fitted(annotation: Any, value: Any, spell: Spell) -> Any:
    if value is None or annotation is Any:  # from Python 3.11 on, Any is a class
        return value
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _fitted(typing.get_args(annotation)[0], value, spell)
    if origin is typing.Union or origin is UnionType:
        return _of_union(typing.get_args(annotation), value, spell)
    if origin is list:
        return _list(typing.get_args(annotation)[0], value, spell)
    if origin is dict or annotation is dict:
        value = unwrapped(value)
        return dumped(value) if isinstance(value, BaseModel) else value
    if isinstance(annotation, type):
        return _of_class(annotation, value, spell)
    return value


def _of_union(choices: tuple[Any, ...], value: Any, spell: Spell) -> Any:
    """As the first choice that it can be made; models first, since they say the most."""
    models = [one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)]
    if any(isinstance(value, model) for model in models):
        return value
    if isinstance(value, BaseModel):
        for model in models:
            if type(value).__name__ == model.__name__:
                return _of_class(model, value, spell)
    for choice in choices:
        fitted = _fitted(choice, value, spell)
        if fitted is not value:
            return fitted
    return value


def _list(inner: Any, value: Any, spell: Spell) -> Any:
    given = value if isinstance(value, list) else unwrapped(value)
    if isinstance(given, BaseModel | str | dict):
        given = [given]
    if not isinstance(given, list | tuple | set | frozenset):
        return value
    fitted = [_fitted(inner, item, spell) for item in given]
    same = isinstance(value, list) and all(map(operator.is_, fitted, value))
    return value if same else fitted


def _of_class(cls: type[Any], value: Any, spell: Spell) -> Any:
    if isinstance(value, cls) and not isinstance(value, bool):
        return value
    if issubclass(cls, BaseModel):
        if isinstance(value, Model):
            spelled = spell(value)
            if isinstance(spelled, cls):
                return spelled
        value = unwrapped(value)
        return dumped(value) if isinstance(value, BaseModel) else value
    value = unwrapped(value)
    if issubclass(cls, Enum):
        return earlier.MEMBERS.get(cls.__name__, {}).get(value, value)
    if cls is str:
        return _text(value)
    if cls is int and isinstance(value, float):
        return int(value)  # as pydantic 1 did
    if cls is int and isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if cls is UUID and isinstance(value, BaseModel):
        return getattr(value, "id", value)
    return value


def _text(value: Any) -> Any:
    if isinstance(value, BaseModel):  # an entity, or a reference to one
        found = unwrapped(getattr(value, "fullyQualifiedName", None)) or _looked_up(value)
        return value if found is None else str(found)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return str(value)
    return value


def _looked_up(reference: Any) -> str | None:
    """The FQN of what has this id; None outside of a run, or if the store does not know it."""
    kind = KINDS.get(str(unwrapped(getattr(reference, "type", None))))
    key = unwrapped(getattr(reference, "id", None))
    if kind is not None and key is not None and is_running():
        with LOCK:
            found = current().context.metadata.get_by_id(kind.entity, key)
        if found is not None:
            return found.fullyQualifiedName
    return unwrapped(getattr(reference, "name", None)) or None


def dumped(model: BaseModel) -> dict[str, Any]:
    """The content of a model of any class, secrets in clear, as the store of a service has them."""
    values = {
        name: _dumped(value)
        for name, value in {**model.__dict__, **(model.__pydantic_extra__ or {})}.items()
        if value is not None
    }
    return {name: value for name, value in values.items() if value is not None}


def _dumped(value: Any) -> Any:
    value = unwrapped(value)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Root):
        return plain(value)
    if isinstance(value, BaseModel):
        return dumped(value)
    if isinstance(value, dict):
        return {key: _dumped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_dumped(inner) for inner in value]
    return value
