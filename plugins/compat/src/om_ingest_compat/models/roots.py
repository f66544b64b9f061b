"""Plain values that answer as the root models do in which OpenMetadata wraps them.

`table.name.root` (pydantic 2), `table.name.__root__` (pydantic 1) and `str(table.name)` are the
same text: a name is a `str` here that also has the attributes of a root model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, GetCoreSchemaHandler, RootModel
from pydantic_core import core_schema, to_json, to_jsonable_python

if TYPE_CHECKING:
    from typing_extensions import Self

_MISSING: Any = object()


def plain(value: Any) -> Any:
    """The value without the attributes of root models, at any depth."""
    if isinstance(value, Root):
        return value.model_dump()
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


class Root:
    """The attributes of a model with one nameless field, in the spelling of both pydantics."""

    __slots__ = ()

    RULE: ClassVar[Any] = None
    """The annotation that a value must fit; None for any value of the type."""

    if TYPE_CHECKING:

        def __init__(self, root: Any = ..., **spelled: Any) -> None: ...

    @property
    def root(self) -> Any:
        """The plain value."""
        return self

    __root__ = root

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """The value of what is given: plain, of a root model, or `{"__root__": …}`."""
        if type(obj) is cls:
            return obj
        if isinstance(obj, dict) and len(obj) == 1 and ("__root__" in obj or "root" in obj):
            return cls(next(iter(obj.values())))
        return cls(obj)

    parse_obj = validate = model_validate

    @classmethod
    def model_validate_json(cls, json_data: str | bytes, **options: Any) -> Self:
        """The value of a JSON text."""
        return cls.model_validate(json.loads(json_data))

    parse_raw = model_validate_json

    @classmethod
    def model_construct(cls, root: Any = _MISSING, **spelled: Any) -> Self:
        """The value; it is validated all the same."""
        return cls(root, **spelled)

    construct = model_construct

    def model_dump(self, *, mode: str = "python", **options: Any) -> Any:
        """The plain value; values that JSON knows with `mode="json"`."""
        value = self.root
        return to_jsonable_python(value) if mode == "json" else value

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The plain value as JSON."""
        return to_json(self.model_dump(), indent=indent).decode()

    def json(self, **options: Any) -> str:
        """The plain value as JSON, with blanks as pydantic 1 puts them."""
        known = {name: options[name] for name in ("indent", "sort_keys") if name in options}
        return json.dumps(to_jsonable_python(self.model_dump()), **known)

    def dict(self, **options: Any) -> Any:
        """`{"__root__": value}`, as pydantic 1 has it."""
        return {"__root__": self.model_dump()}

    def model_copy(self, **options: Any) -> Self:
        """A copy of it."""
        return type(self)(self.root)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(plain)
        return core_schema.no_info_after_validator_function(
            cls.model_validate, core_schema.any_schema(), serialization=dump
        )


def unwrapped(value: Any) -> Any:
    """What a root model of any pydantic or an enum holds; other values as they are."""
    if isinstance(value, Root):
        return value.root
    if isinstance(value, RootModel):
        return unwrapped(value.root)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel) and hasattr(value, "__root__"):
        return unwrapped(value.__root__)
    return value


def _given(root: Any, spelled: Any, name: str, default: Any = _MISSING) -> Any:
    """The value of `X(value)`, `X(root=value)` or `X(__root__=value)`."""
    if root is _MISSING:
        root = spelled.pop("__root__", default)
    if spelled or root is _MISSING:
        unknown = ", ".join(spelled) or "no value"
        raise TypeError(f"{name} takes one value, as root= or __root__=; it got {unknown}")
    return unwrapped(root)


@cache
def _rule(cls: type[Root], annotation: Any) -> Any:
    """Validates a value by an annotation, with errors in the name of the class."""
    return type(cls.__name__, (RootModel[annotation],), {"__module__": cls.__module__})


def _valid(cls: type[Root], value: Any, kind: type) -> Any:
    if cls.RULE is None and type(value) is kind:
        return value
    validated: Any = _rule(cls, cls.RULE or kind)  # type: ignore[arg-type]  # classes are hashable
    return validated(value).root


class RootStr(Root, str):
    """A text."""

    __slots__ = ()

    def __new__(cls, root: Any = _MISSING, **spelled: Any) -> Self:
        value = _given(root, spelled, cls.__name__)
        if isinstance(value, date | datetime | time):
            value = value.isoformat()
        elif isinstance(value, UUID) or (isinstance(value, int | float) and value is not True):
            value = str(value)  # pydantic 1 took them
        return str.__new__(cls, _valid(cls, value, str))

    @property
    def root(self) -> str:
        return str(self)

    __root__ = value = root

    def copy(self, **options: Any) -> Self:
        """A copy of it."""
        return self

    def get_secret_value(self, *options: Any) -> str:
        """The text: some releases have a secret where others have plain text."""
        return str(self)


class RootInt(Root, int):
    """A whole number."""

    __slots__ = ()

    def __new__(cls, root: Any = _MISSING, **spelled: Any) -> Self:
        return int.__new__(cls, _valid(cls, _given(root, spelled, cls.__name__), int))

    @property
    def root(self) -> int:
        return int(self)

    __root__ = value = root


class RootFloat(Root, float):
    """A number."""

    __slots__ = ()

    def __new__(cls, root: Any = _MISSING, **spelled: Any) -> Self:
        return float.__new__(cls, _valid(cls, _given(root, spelled, cls.__name__), float))

    @property
    def root(self) -> float:
        return float(self)

    __root__ = value = root


class RootBool(Root, int):
    """True or False; without a value it is True, as the capabilities of connections are."""

    __slots__ = ()

    def __new__(cls, root: Any = _MISSING, **spelled: Any) -> Self:
        value = _given(root, spelled, cls.__name__, True)
        return int.__new__(cls, _valid(cls, True if value is None else value, bool))

    @property
    def root(self) -> bool:
        return bool(self)

    __root__ = value = root

    def __repr__(self) -> str:
        return repr(bool(self))

    __str__ = __repr__


class RootUUID(Root, UUID):
    """An id."""

    __slots__ = ()

    def __init__(self, root: Any = _MISSING, **spelled: Any) -> None:
        value = _given(root, spelled, type(self).__name__)
        UUID.__init__(self, int=_valid(type(self), value, UUID).int)

    @property
    def root(self) -> UUID:
        return UUID(int=self.int)

    __root__ = value = root


class RootDict(Root, dict[Any, Any]):
    """A mapping; its keys are attributes, too, as far as they are no methods of a dict."""

    __slots__ = ()

    def __init__(self, root: Any = _MISSING, **spelled: Any) -> None:
        value = _given(root, spelled, type(self).__name__, None)
        if isinstance(value, BaseModel):
            value = value.model_dump(exclude_none=True)
        dict.__init__(self, value or {})

    def __getattr__(self, name: str) -> Any:
        try:
            value = self[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no {name!r}") from None
        new = self[name] = wrapped(value)
        return new

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def model_dump(self, *, mode: str = "python", **options: Any) -> Any:
        value = {key: plain(inner) for key, inner in self.items()}
        return to_jsonable_python(value) if mode == "json" else value

    def dict(self, **options: Any) -> Any:
        """The mapping itself: most of them stand for models."""
        return self.model_dump()

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), {**self})


class RootList(Root, list[Any]):
    """A list; texts and mappings in it have the attributes of a root model."""

    __slots__ = ()

    def __init__(self, root: Any = _MISSING, **spelled: Any) -> None:
        value = _given(root, spelled, type(self).__name__, None)
        list.__init__(self, [wrapped(inner) for inner in value or ()])

    def model_dump(self, *, mode: str = "python", **options: Any) -> Any:
        value = [plain(inner) for inner in self]
        return to_jsonable_python(value) if mode == "json" else value

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), [*self])


def _rebuilt(cls: type[Root], value: Any) -> Any:
    return cls(value)


def wrap_of(cls: type[Any]) -> Callable[[Any], Any]:
    """Makes valid plain values such values, without looking at them again."""
    if issubclass(cls, str):
        return partial(str.__new__, cls)
    if issubclass(cls, int):
        return partial(int.__new__, cls)
    if issubclass(cls, float):
        return partial(float.__new__, cls)
    return cls


def wrapped(value: Any) -> Any:
    """The value with the attributes of a root model, if it is of a type that has them."""
    wrap = WRAPS.get(type(value))
    return value if wrap is None else wrap(value)


WRAPS: Mapping[type, Callable[[Any], Any]] = {
    str: wrap_of(RootStr),
    UUID: RootUUID,
    dict: RootDict,
    list: RootList,
}
"""What makes a plain value of a type answer like a root model."""
