"""Every row of the table of generated models, by what connectors do with it."""

from __future__ import annotations

import copy
import functools
import pickle
import types
import typing
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from om_ingest.model import Model
from om_ingest_compat.models import core_of, native, spelled_entity
from om_ingest_compat.models.open_models import OpenModel
from om_ingest_compat.models.root import Root
from om_ingest_compat.modules.names import resolved
from om_ingest_compat.modules.table.generated import MODULES
from pydantic import BaseModel


@functools.cache
def rows() -> dict[str, Any]:
    """What stands for each name of the table."""
    return {
        f"{module.removeprefix('metadata.generated.schema.')}.{name}": resolved(
            module, name, target
        )
        for module, names in MODULES.items()
        for name, target in names.items()
    }


@functools.cache
def classes() -> dict[type[Any], str]:
    """Each class, and one of its names."""
    return {cls: row for row, cls in rows().items() if isinstance(cls, type)}


@functools.cache
def models() -> list[type[Any]]:
    """The models of core, spelled both ways."""
    return [cls for cls in classes() if issubclass(cls, Model)]


SAMPLES: dict[str, Any] = {
    "bool": True,
    "datetime": "2026-01-01T00:00:00Z",
    "dict": {"a": {"b": 1}},
    "float": 0.5,
    "int": 1,
    "str": "ab",
    "UUID": UUID(int=7),
}
SPECIAL = {
    "date": "2026-01-01",
    "downloadLink": "http://a/b",
    "email": "ann@example.org",
    "endpoint": "http://a/b",
    "endpointURL": "http://a/b",
    "iri": "http://a/b",
    "logLink": "http://a/b",
    "server": "http://a/b",
    "webViewLink": "http://a/b",
}
"""Values of fields that do not take any text."""


@functools.cache
def sample(cls: type[BaseModel], depth: int = 0) -> dict[str, Any]:
    """A value for each field of a model; only the required ones of models in models in models."""
    values = {}
    for name, field in cls.model_fields.items():
        if field.is_required() or depth < 2:
            value = SPECIAL.get(name) or _value(field.annotation, depth)
            if value is not None:
                values[name] = value
    return values


def _value(annotation: Any, depth: int) -> Any:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _value(typing.get_args(annotation)[0], depth)
    if origin in (typing.Union, types.UnionType):
        return _value(typing.get_args(annotation)[0], depth)
    if origin is list:
        return [_value(typing.get_args(annotation)[0], depth)]
    if origin is dict:
        return SAMPLES["dict"]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return next(iter(annotation)).value
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return sample(annotation, depth + 1)
    return SAMPLES.get(getattr(annotation, "__name__", ""))


def test_each_model_says_the_same_in_both_spellings() -> None:
    """Every generated model is read, dumped, copied and pickled as both pydantics do."""
    for cls in models():
        values = sample(cls)
        made = cls(**values)
        for again in (
            cls.parse_obj(made.dict()),
            cls.model_validate(made.model_dump()),
            cls.parse_raw(made.json(exclude_none=True)),
            cls.model_validate_json(made.model_dump_json()),
            pickle.loads(pickle.dumps(made)),
            copy.deepcopy(made),
            made.copy(),
            cls.construct(**dict(made)),
        ):
            assert again == made, classes()[cls]
            assert type(again) is cls
        assert made.__fields_set__ == made.model_fields_set
        assert cls.__fields__.keys() == cls.model_fields.keys() == made.__fields__.keys()
    assert cls.schema() == cls.model_json_schema()


def test_each_model_is_that_of_the_host() -> None:
    """A spelled model takes what core's takes, and is a record of core without conversion."""
    for cls in models():
        core = core_of(cls)
        own = core(**sample(cls))
        made = cls(**sample(cls))
        for name in cls.model_fields:
            getattr(made, name)  # it gets the attributes of root models when it is read
        assert isinstance(made, core)
        given = native(made)
        assert type(given) is core
        assert given.__pydantic_serializer__.to_json(
            given, exclude_none=True, warnings="error"
        ) == own.__pydantic_serializer__.to_json(own, exclude_none=True), classes()[cls]
        assert spelled_entity(own) == cls(**sample(cls))


def test_each_field_answers_as_a_root_model() -> None:
    """Texts, ids, mappings and lists that are read have .root and .__root__; None stays None."""
    for cls in models():
        made = cls(**sample(cls))
        for name in cls.model_fields:
            value = getattr(made, name)
            if isinstance(value, str | UUID | dict | list) and not isinstance(value, Enum):
                assert value.root == value.__root__ == value, f"{classes()[cls]}.{name}"
                assert isinstance(value, Root)
    assert rows()["entity.data.table.TableData"]().columns is None


def test_each_enum_is_an_enum() -> None:
    """It iterates, compares, and refuses what it does not have."""
    enums = [cls for cls in classes() if issubclass(cls, Enum)]
    assert len(enums) > 50
    for enum in enums:
        for member in enum:
            assert enum(member.value) is member is enum[member.name] is getattr(enum, member.name)
            assert member.value == member
        assert not hasattr(enum, "NoSuchMember")
        with pytest.raises(ValueError, match="NoSuchMember"):
            enum("NoSuchMember")


def test_each_root_model_takes_its_value_in_every_spelling() -> None:
    """X(v), X(root=v), X(__root__=v), parse_obj and model_validate give the same plain value."""
    for cls in classes():
        if issubclass(cls, Root) and not issubclass(cls, OpenModel):
            value = _plain_of(cls)
            made = cls(value)
            for again in (
                cls(root=value),
                cls(__root__=value),
                cls.parse_obj(value),
                cls.parse_obj({"__root__": value}),
                cls.model_validate(value),
                cls.parse_raw(made.json()),
                cls.model_validate_json(made.model_dump_json()),
                pickle.loads(pickle.dumps(made)),
                copy.deepcopy(made),
            ):
                assert again == made == value, classes()[cls]
                assert type(again) is cls
            assert made.root == made.__root__ == made.model_dump() == value


def _plain_of(cls: type[Any]) -> Any:
    texts = {"Email": "ann@example.org", "EntityLink": "<#E::table::s.d.x.t>"}
    for kind, value in (
        (str, texts.get(cls.__name__, "http://a/b")),
        (float, 0.5),
        (int, 1),
        (UUID, UUID(int=7)),
        (dict, {"a": {"b": 1}}),
    ):
        if issubclass(cls, kind):
            return value
    return ["a", "b"]
