"""Models of any fields: connections, and what stands for models that this plugin does not have.

They are mappings, so they fit wherever a model of core has a mapping; their keys are attributes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel

from om_ingest_compat.models.root import Root, unwrapped
from om_ingest_compat.models.roots import RootDict, RootStr


class Member(RootStr):
    """A text that may be a value of an enum."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name of the member, as far as it is known: its value."""
        return str(self)


class OpenModel(RootDict):
    """A model that takes any field; one that is not given has its default, or is None."""

    __slots__ = ()

    DEFAULTS: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        """The fields that an author declares in a subclass have their defaults."""
        super().__init_subclass__(**options)
        given = {
            name: vars(cls)[name]
            for name, annotation in inspect.get_annotations(cls).items()
            if name in vars(cls) and "ClassVar" not in str(annotation)
        }
        for name in given:
            delattr(cls, name)
        cls.DEFAULTS = {**cls.DEFAULTS, **given}

    def __init__(self, root: Any = None, /, **fields: Any) -> None:
        given = fields if root is None else unwrapped(root)
        if isinstance(given, BaseModel):
            given = given.model_dump(exclude_none=True)
        dict.__init__(self, {**self.DEFAULTS, **given})

    def __getattr__(self, name: str) -> Any:
        value = self.get(name)
        if type(value) is dict:
            self[name] = OpenModel(value)
        elif type(value) is str:
            self[name] = str.__new__(Member, value)  # it may be one of an enum
        if name in self:
            return super().__getattr__(name)
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return None

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        """The model of a mapping, or of another model."""
        return obj if isinstance(obj, cls) else cls(obj)

    parse_obj = validate = model_validate

    @property
    def __dict__(self) -> Any:  # type: ignore[override]  # its fields
        return self

    @property
    def model_fields_set(self) -> set[str]:
        """The fields that were given, or have a default."""
        return set(self)

    __fields_set__ = model_fields_set

    def model_copy(self, **options: Any) -> Any:
        return type(self)({**self, **(options.get("update") or {})})

    def copy(self, **options: Any) -> Any:
        """`model_copy` by its earlier name."""
        return self.model_copy(**options)

    def model_dump(self, *, mode: str = "python", **options: Any) -> Any:
        value = super().model_dump(mode=mode)
        if options.get("exclude_none"):
            return {key: inner for key, inner in value.items() if inner is not None}
        return value

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.items())
        return f"{type(self).__name__}({fields})"

    __str__ = __repr__


class _AnyField:
    """A field of an imitated model, as both pydantics describe one."""

    annotation = type_ = outer_type_ = Any
    required = False
    default = None


class _AnyFields(dict[str, Any]):
    """The fields of an imitated model: those that are asked for."""

    def __missing__(self, name: str) -> _AnyField:
        return _AnyField()


class _PermissiveMeta(type):
    """Makes attributes of an imitated class values, as those of an enum are."""

    __fields__ = model_fields = _AnyFields()
    __members__: Mapping[str, Any] = {}

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Member(name)

    def __getitem__(cls, name: str) -> Any:
        return Member(name)

    def __iter__(cls) -> Any:
        return iter(())

    def __call__(cls, *values: Any, **fields: Any) -> Any:
        if not values and fields.keys() & {"root", "__root__"} and len(fields) == 1:
            values, fields = tuple(fields.values()), {}
        value = unwrapped(values[0]) if values else fields
        if isinstance(value, str):
            return Member(value)
        if isinstance(value, Root) or not isinstance(value, dict | BaseModel):
            return value
        return super().__call__(value)


class Permissive(OpenModel, metaclass=_PermissiveMeta):
    """Stands for a model or an enum of which only the name is known."""

    __slots__ = ()

    def __reduce__(self) -> Any:
        return _restored, (type(self).__module__, type(self).__name__, {**self})

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Any:
        return obj if isinstance(obj, cls) else cls(obj)

    parse_obj = validate = model_validate


@cache
def permissive(module: str, name: str) -> type[Any]:
    """The class that stands for a name of a generated module; always the same one."""
    return _PermissiveMeta(
        name,
        (Permissive,),
        {
            "__slots__": (),
            "__module__": module,
            "__qualname__": name,
            "__doc__": f"`{module}.{name}`, imitated.",
        },
    )


def _restored(module: str, name: str, values: Any) -> Any:
    return permissive(module, name)(values)
