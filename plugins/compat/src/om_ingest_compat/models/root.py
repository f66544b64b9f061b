"""What a plain value needs to answer as a model with one nameless field, and how both are told."""

from __future__ import annotations

import json
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, GetCoreSchemaHandler, RootModel
from pydantic_core import core_schema, to_json, to_jsonable_python

if TYPE_CHECKING:
    from typing_extensions import Self

MISSING: Any = object()


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
    def model_construct(cls, root: Any = MISSING, **spelled: Any) -> Self:
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


def given(root: Any, spelled: Any, name: str, default: Any = MISSING) -> Any:
    """The value of `X(value)`, `X(root=value)` or `X(__root__=value)`."""
    if root is MISSING:
        root = spelled.pop("__root__", default)
    if spelled or root is MISSING:
        unknown = ", ".join(spelled) or "no value"
        raise TypeError(f"{name} takes one value, as root= or __root__=; it got {unknown}")
    return unwrapped(root)


@cache
def _rule(cls: type[Root], annotation: Any) -> Any:
    """Validates a value by an annotation, with errors in the name of the class."""
    return type(cls.__name__, (RootModel[annotation],), {"__module__": cls.__module__})


def valid(cls: type[Root], value: Any, kind: type) -> Any:
    """The value, if it is valid for a class of a kind; raises `pydantic.ValidationError`."""
    if cls.RULE is None and type(value) is kind:
        return value
    validated: Any = _rule(cls, cls.RULE or kind)  # type: ignore[arg-type]  # classes are hashable
    return validated(value).root
