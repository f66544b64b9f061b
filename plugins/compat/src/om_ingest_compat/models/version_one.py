"""The methods of pydantic 1 on models of pydantic 2, without its warnings."""

from __future__ import annotations

import json as json_module
import operator
import typing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from om_ingest_compat.models.root import plain

_DUMP = [
    "include",
    "exclude",
    "by_alias",
    "exclude_unset",
    "exclude_defaults",
    "exclude_none",
    "context",
    "round_trip",
]


if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass

    _Base = BaseModel
else:
    ModelMetaclass = type(BaseModel)  # it has no public name
    _Base = object


_OF_JSON = ("ensure_ascii", "indent", "separators", "sort_keys")


class FieldOne:
    """A field with the attributes that pydantic 1 gives it, and those of pydantic 2."""

    def __init__(self, name: str, field_info: Any) -> None:
        self.name = name
        self.field_info = field_info
        self.alias = field_info.alias or name
        self.required = field_info.is_required()
        self.default = None if self.required else field_info.default
        self.outer_type_ = _without_none(field_info.annotation)
        inner = typing.get_args(self.outer_type_)
        is_list = typing.get_origin(self.outer_type_) is list
        self.type_ = inner[0] if is_list else self.outer_type_

    def __getattr__(self, name: str) -> Any:
        return getattr(self.field_info, name)


def _without_none(annotation: Any) -> Any:
    inner = typing.get_args(annotation)
    if type(None) not in inner:
        return annotation
    return operator.getitem(typing.Union, tuple(one for one in inner if one is not type(None)))


class VersionOneMeta(ModelMetaclass):
    """Answers `Model.__fields__`."""

    @property
    def __fields__(self) -> Any:
        models: Any = self
        return {name: FieldOne(name, field) for name, field in models.model_fields.items()}


def _options(given: dict[str, Any]) -> dict[str, Any]:
    if given.pop("skip_defaults", None):
        given["exclude_unset"] = True
    return {name: given[name] for name in _DUMP if name in given}


class VersionOne(_Base):
    """A mixin that stands before a pydantic model."""

    def dict(self, **options: Any) -> Any:
        """`model_dump` by its earlier name."""
        return plain(self.model_dump(**_options(options)))

    def json(self, **options: Any) -> str:
        """The content as JSON, with blanks as pydantic 1 puts them."""
        known = {name: options[name] for name in _OF_JSON if name in options}
        return json_module.dumps(self.model_dump(mode="json", **_options(options)), **known)

    def model_dump_json(self, *, exclude_none: bool = True, **options: Any) -> str:
        """As pydantic's; upstream's models leave out what is None unless they are told."""
        return super().model_dump_json(exclude_none=exclude_none, **options)

    def copy(self, **options: Any) -> Any:
        """`model_copy` by its earlier name, with `include` and `exclude`."""
        update, deep = options.get("update"), bool(options.get("deep"))
        new = self.model_copy(update=update, deep=deep)
        kept = options.get("include") or set(new.__dict__)
        for name in set(new.__dict__) - set(kept) | set(options.get("exclude") or ()):
            new.__dict__.pop(name, None)
            new.__pydantic_fields_set__.discard(name)
        return new

    @classmethod
    def parse_obj(cls, obj: Any) -> Any:
        """`model_validate` by its earlier name."""
        return cls.model_validate(obj)

    @classmethod
    def validate(cls, value: Any) -> Any:
        """`model_validate` by its earlier name."""
        return cls.model_validate(value)

    @classmethod
    def parse_raw(cls, b: str | bytes, **options: Any) -> Any:
        """`model_validate_json` by its earlier name."""
        return cls.model_validate(json_module.loads(b))

    @classmethod
    def construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Any:
        """`model_construct` by its earlier name."""
        return cls.model_construct(_fields_set, **values)

    @classmethod
    def schema(cls, by_alias: bool = True, ref_template: str = "", **options: Any) -> Any:
        """`model_json_schema` by its earlier name."""
        return cls.model_json_schema(by_alias=by_alias)

    @classmethod
    def schema_json(cls, **options: Any) -> str:
        """The JSON Schema as text."""
        return json_module.dumps(cls.schema(), indent=options.get("indent"))

    @classmethod
    def from_orm(cls, obj: Any) -> Any:
        """A model of the attributes of an object."""
        return cls.model_validate(obj, from_attributes=True)

    @classmethod
    def update_forward_refs(cls, **names: Any) -> None:
        """`model_rebuild` by its earlier name."""
        cls.model_rebuild(_types_namespace=names or None)

    @property
    def __fields_set__(self) -> set[str]:
        return self.model_fields_set

    @property
    def __fields__(self) -> Any:
        return type(self).__fields__
