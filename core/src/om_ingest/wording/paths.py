"""Where in a document an error is: pydantic's path, without what it adds for unions."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

UNKNOWN = "extra_forbidden"
"""The type of the error for a key that is no field."""

_BRANCH = (
    r"str|int|float|bool|bytes|none|date|datetime|time|decimal|uuid|url|.*[\[(].*"
    "|constrained-.*|function-.*|lax-or-strict.*|json-or-python.*|is-instance.*"
)
"""What pydantic calls a branch of a union that is no model; compiled where it is needed."""


@lru_cache(maxsize=256)
def model_called(title: str, first: Set[object]) -> Any:
    """The loaded model that an error names, with the fields that its paths begin with, or None."""
    pydantic = sys.modules.get("pydantic")
    models = below(pydantic.BaseModel) if pydantic else ()
    return next((one for one in models if one.__name__ == title and first <= _keys(one)), None)


def below(root: Any) -> Iterator[Any]:
    """All loaded subclasses of a class."""
    for inner in root.__subclasses__():
        yield inner
        yield from below(inner)


def place(model: Any, loc: Path, kind: str) -> tuple[Path, list[str]]:
    """The path of an error without the branches of unions; of an unknown key, the known ones."""
    path: list[str | int] = []
    models, is_open, is_union = [model] if model else [], model is None, False
    for number, part in enumerate(loc, start=1):
        named = [one for one in models if one.__name__ == part]
        if isinstance(part, int):
            path.append(part)
        elif is_open and not named and not (is_union and re.fullmatch(_BRANCH, part)):
            path.append(part)  # a key of a mapping
            is_open = model is None
        elif (field := _field(models, part)) is not None:
            path.append(part)
            annotation = field.annotation
            models, is_open = list(models_in(annotation)), _has_keys(annotation)
            is_union = len(_branches(annotation)) > 1
        elif number == len(loc) and kind == UNKNOWN:
            return (*path, part), sorted({name for one in models for name, _ in _fields(one)})
        else:  # a branch of a union
            models = named or models
    return tuple(path), []


def models_in(annotation: object) -> Iterator[Any]:
    """The models inside an annotation such as `list[Model] | None`, from left to right."""
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def _field(models: list[Any], name: str) -> Any:
    """The field that one of the models has by this name or alias, or None."""
    for model in models:
        if name in model.model_fields:
            return model.model_fields[name]
    return next((info for one in models for key, info in _fields(one) if key == name), None)


def _fields(model: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a model by their names, and by their aliases."""
    for name, info in model.model_fields.items():
        yield name, info
        if info.alias:
            yield info.alias, info


def _keys(model: Any) -> set[object]:
    return {name for name, _ in _fields(model)}


def _branches(annotation: object) -> set[object]:
    """The types of a union, without None."""
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return {*typing.get_args(annotation)} - {type(None)} if is_union else set()


def _has_keys(annotation: object) -> bool:
    """Whether an annotation is that of a mapping, or has one inside."""
    origin = typing.get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return True
    return any(map(_has_keys, typing.get_args(annotation)))
