"""Models of `om_ingest.model` that also answer as OpenMetadata's generated models do.

`spelled(Table)` is a subclass of `Table`, made when it is first asked for: the same fields and
the same validation in pydantic's compiled core, so that a spelled request is a record like any
other. What differs: nested models are spelled, too; a field read gives a value with the
attributes of a root model (`om_ingest_compat.models.roots`); methods of pydantic 1 work without a
warning; and where a value does not fit, it is taken as an earlier release takes it (`repair`).
"""

from __future__ import annotations

import copy
import operator
import threading
import types
import typing
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from om_ingest.model import CreateRequest, Entity, Model, decode_reserved
from pydantic import BaseModel, ValidationError

from om_ingest_compat.models import earlier
from om_ingest_compat.models.open_models import OpenModel
from om_ingest_compat.models.repair import repair, repaired_value
from om_ingest_compat.models.roots import WRAPS, RootList, wrap_of
from om_ingest_compat.models.values import OF_FIELD, OF_MODEL, VALUES
from om_ingest_compat.models.version_one import VersionOne, VersionOneMeta

_MADE: dict[type[Any], type[Any]] = {}
_CORE: dict[type[Any], type[Any]] = {}
_LOCK = threading.RLock()

_OF_A_STORE = ("id", "fullyQualifiedName")
"""Fields that an entity has in a store, and need not have when a connector makes one."""


class SpelledField:
    """Reads a field: a plain value gets the attributes of a root model, once."""

    __slots__ = ("name", "wraps")

    def __init__(self, name: str, wraps: dict[type, Callable[[Any], Any]]) -> None:
        self.name = name
        self.wraps = wraps

    def __get__(self, model: Any, owner: type | None = None) -> Any:
        if model is None:
            raise AttributeError(self.name)
        values = model.__dict__
        try:
            value = values[self.name]
        except KeyError:
            raise AttributeError(self.name) from None
        wrap = self.wraps.get(type(value))
        if wrap is not None:
            value = values[self.name] = wrap(value)
        return value

    def __set__(self, model: Any, value: Any) -> None:
        model.__dict__[self.name] = value

    def __delete__(self, model: Any) -> None:
        del model.__dict__[self.name]


@cache
def _field(name: str, root: str) -> SpelledField:
    """The reader of a field; models share it."""
    wraps = dict(WRAPS)
    cls = VALUES.get(root)
    if root == "Connection":
        from om_ingest_compat.models.connections import connection_of  # it imports this module

        wraps[dict] = connection_of
    elif root == "Part":
        wraps[dict] = OpenModel
    elif root == "Labels":
        wraps[type(None)] = lambda none: RootList([])
    if cls is not None:
        for plain in (str, UUID, dict, list, int, float):
            if issubclass(cls, plain):
                wraps[plain] = wrap_of(cls)
    return SpelledField(name, wraps)


class SpelledMeta(VersionOneMeta):
    """Makes subclasses that authors write of spelled models read their own fields alike."""

    def __new__(mcs, name: str, bases: Any, namespace: Any, **options: Any) -> Any:
        with warnings.catch_warnings():
            # `class Config` and `@root_validator` of pydantic 1, in the code of an author
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", UserWarning)
            cls = super().__new__(mcs, name, bases, namespace, **options)
        _read_spelled(cls)
        return cls


def _read_spelled(cls: Any) -> None:
    core = core_of(cls).__name__
    for name in cls.model_fields:
        root = OF_MODEL.get((core, name)) or OF_FIELD.get(name, "")
        if name == "tags" and not issubclass(cls, CreateRequest):
            root = "Labels"  # what has none has an empty list since 1.11
        type.__setattr__(cls, name, _field(name, root))


class Spelled(VersionOne):
    """What spelled models have in common."""

    def __init__(self, /, **data: Any) -> None:
        __tracebackhide__ = True
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            repair(self, core_of(type(self)), data, error, spelled_entity)

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError:
            super().__setattr__(name, repaired_value(type(self), name, value, spelled_entity))

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        """As pydantic's; models of other classes are taken by their fields."""
        if isinstance(obj, BaseModel) and not isinstance(obj, cls):
            core = core_of(cls)
            if type(obj) is core:
                return spelled_entity(obj)
            obj = obj.model_dump(exclude_unset=True)
        return super().model_validate(obj, **options)

    def __reduce_ex__(self, protocol: Any) -> Any:
        core = core_of(type(self))
        if _MADE.get(core) is not type(self):
            return super().__reduce_ex__(protocol)
        return _blank, (core,), self.__getstate__()


def _blank(core: type[Model]) -> Model:
    cls: Any = spelled(core)
    return cls.__new__(cls)  # type: ignore[no-any-return]  # made at run time


def core_of(cls: type[Any]) -> type[Any]:
    """The class of `om_ingest.model` that a spelled class, or a subclass of one, stands for."""
    if cls in _CORE:
        return _CORE[cls]
    if issubclass(cls, Spelled):
        return next(base for base in cls.__mro__ if _is_of_core(base))
    return cls


def _is_of_core(cls: type[Any]) -> bool:
    return issubclass(cls, Model) and not issubclass(cls, Spelled)


def spelled(core: Any) -> Any:
    """The class that stands for one of `om_ingest.model`; other objects as they are."""
    made = _MADE.get(core)
    if made is not None:
        return made
    if not isinstance(core, type) or not issubclass(core, Model) or issubclass(core, Spelled):
        return core
    with _LOCK:  # connectors may have threads of their own
        return _MADE.get(core) or _make(core)


def _make(core: type[Model]) -> type[Model]:
    if not core.__pydantic_fields_complete__:
        core.model_rebuild()
    namespace: dict[str, Any] = {
        "__module__": "om_ingest_compat.models.spelling",
        "__qualname__": core.__name__,
        "__doc__": core.__doc__,
        **earlier.properties_of(core),
    }
    if any(base.__name__ == "RewrittenName" for base in core.__mro__):
        namespace["model_post_init"] = _show_original
    new: Any = SpelledMeta(core.__name__, (Spelled, core), namespace)
    _CORE[new] = core
    _MADE[core] = new
    for name, field in core.model_fields.items():
        annotation = _swapped(field.annotation)
        is_optional = issubclass(core, Entity) and name in _OF_A_STORE
        if is_optional or annotation is not field.annotation:
            changed = copy.copy(field)
            changed.annotation = annotation
            if is_optional:
                changed.annotation, changed.default = annotation | None, None
            new.model_fields[name] = changed
    return new  # type: ignore[no-any-return]  # made by a metaclass


def _show_original(model: Any, context: Any, /) -> None:
    """As `RewrittenName` does, without reading spelled fields: it is done for each column."""
    values = model.__dict__
    if values["displayName"] is None and "__reserved__" in values["name"]:
        model.displayName = decode_reserved(values["name"])


def _swapped(annotation: Any) -> Any:
    """The annotation with spelled models instead of the models in it."""
    given = typing.get_args(annotation)
    if not given:  # on Python 3.10 `list[int]` is a type, too
        return spelled(annotation)
    inner = tuple(map(_swapped, given))
    if all(new is old for new, old in zip(inner, given, strict=True)):
        return annotation
    origin = typing.get_origin(annotation)
    if origin is types.UnionType or origin is typing.Union:
        return operator.getitem(typing.Union, inner)
    if origin is typing.Annotated:
        return operator.getitem(typing.Annotated, (inner[0], *annotation.__metadata__))
    return origin[inner]


def spelled_entity(entity: Any) -> Any:
    """The same content as an instance of the spelled class; nothing is validated again."""
    cls = spelled(type(entity))
    if cls is type(entity):
        return entity
    values = dict(entity.__dict__)
    for name, value in entity.__dict__.items():
        if value is not None and isinstance(value, _PARTS):  # most are None
            values[name] = _spelled_value(value)
    new = cls.__new__(cls)
    _fill(new, values, entity)
    return new


_PARTS = (Model, list)


def _spelled_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelled_value(inner) if isinstance(inner, _PARTS) else inner for inner in value]
    return spelled_entity(value)


def _fill(new: Any, values: dict[str, Any], like: Any) -> None:
    set_one = object.__setattr__
    set_one(new, "__dict__", values)
    set_one(new, "__pydantic_fields_set__", like.__pydantic_fields_set__)
    set_one(new, "__pydantic_extra__", like.__pydantic_extra__)
    set_one(new, "__pydantic_private__", like.__pydantic_private__)


def native(record: Any) -> Any:
    """The record as an instance of its class in `om_ingest.model`, which sinks take fastest.

    It shares the values of the given one. Raises `pydantic.ValidationError` for the record of a
    subclass with a field of its own.
    """
    cls = type(record)
    core: Any = _CORE.get(cls)
    if core is None:
        core = core_of(cls)
        if core is cls or not issubclass(cls, Spelled):
            return record
        return core.model_validate(record.model_dump(exclude_none=True))
    new: Any = core.__new__(core)
    _fill(new, record.__dict__, record)
    return new
