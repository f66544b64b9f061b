"""Plain values that answer as the root models do in which OpenMetadata wraps them.

`table.name.root` (pydantic 2), `table.name.__root__` (pydantic 1) and `str(table.name)` are the
same text: a name is a `str` here that also has the attributes of a root model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from om_ingest_compat.models.root import MISSING, Root, given, plain, valid

if TYPE_CHECKING:
    from typing_extensions import Self


class RootStr(Root, str):
    """A text."""

    __slots__ = ()

    def __new__(cls, root: Any = MISSING, **spelled: Any) -> Self:
        value = given(root, spelled, cls.__name__)
        if isinstance(value, date | datetime | time):
            value = value.isoformat()
        elif isinstance(value, UUID | int | float) and not isinstance(value, bool):
            value = str(value)  # pydantic 1 took them
        return str.__new__(cls, valid(cls, value, str))

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

    def __new__(cls, root: Any = MISSING, **spelled: Any) -> Self:
        return int.__new__(cls, valid(cls, given(root, spelled, cls.__name__), int))

    @property
    def root(self) -> int:
        return int(self)

    __root__ = value = root


class RootFloat(Root, float):
    """A number."""

    __slots__ = ()

    def __new__(cls, root: Any = MISSING, **spelled: Any) -> Self:
        return float.__new__(cls, valid(cls, given(root, spelled, cls.__name__), float))

    @property
    def root(self) -> float:
        return float(self)

    __root__ = value = root


class RootBool(Root, int):
    """True or False; without a value it is True, as the capabilities of connections are."""

    __slots__ = ()

    def __new__(cls, root: Any = MISSING, **spelled: Any) -> Self:
        value = given(root, spelled, cls.__name__, True)
        return int.__new__(cls, valid(cls, True if value is None else value, bool))

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

    def __init__(self, root: Any = MISSING, **spelled: Any) -> None:
        value = given(root, spelled, type(self).__name__)
        UUID.__init__(self, int=valid(type(self), value, UUID).int)

    @property
    def root(self) -> UUID:
        return UUID(int=self.int)

    __root__ = value = root


class RootDict(Root, dict[Any, Any]):
    """A mapping; its keys are attributes, too, as far as they are no methods of a dict."""

    __slots__ = ()

    def __init__(self, root: Any = MISSING, **spelled: Any) -> None:
        value = given(root, spelled, type(self).__name__, None)
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

    def __init__(self, root: Any = MISSING, **spelled: Any) -> None:
        value = given(root, spelled, type(self).__name__, None)
        list.__init__(self, [wrapped(inner) for inner in value or ()])

    def model_dump(self, *, mode: str = "python", **options: Any) -> Any:
        value = [plain(inner) for inner in self]
        return to_jsonable_python(value) if mode == "json" else value

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), [*self])


def _rebuilt(cls: type[Root], value: Any) -> Any:
    return cls(value)


def wrap_of(cls: type[Any]) -> Callable[[Any], Any]:
    """What makes an instance of a class from a plain value, without validating it again."""
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
