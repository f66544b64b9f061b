"""Pydantic's validation errors as readable `Problem`s."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from om_ingest.errors import Problem, WorkflowError

KeyPath = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model, with resolved annotations."""
    model.model_rebuild()
    return model.model_fields


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models inside an annotation such as `list[Model] | None`, from left to right."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from models_in(argument)


def validated(model: type[ModelT], values: Mapping[str, Any], prefix: KeyPath = ()) -> ModelT:
    """`values` as an instance of `model`.

    Raises `WorkflowError` with all problems at once; their key paths begin with `prefix`.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = tuple(explain(error, model, prefix))
        raise WorkflowError(
            "The config is not valid: " + "; ".join(f"{p.key}: {p.message}" for p in problems),
            "Correct these keys.",
            problems,
        ) from None


def explain(error: ValidationError, model: type[BaseModel], prefix: KeyPath = ()) -> list[Problem]:
    """The errors as problems; for an unknown key, the message suggests the nearest known one."""
    problems = []
    for finding in error.errors(include_url=False):
        path: KeyPath = tuple(finding["loc"])
        message = finding["msg"].removeprefix("Value error, ")  # an input may be a secret: left out
        if finding["type"] == "extra_forbidden":
            known = _fields_at(model, path[:-1])
            near = difflib.get_close_matches(str(path[-1]), known, n=1)
            message = "unknown key"
            if near:
                message += f"; did you mean {near[0]!r}?"
            elif known:
                message += f"; known: {', '.join(known)}"
        elif finding["type"] == "missing":
            message = "this key is required"
        elif finding["input"] is None:
            message = "this key has no value"
        problems.append(Problem((*prefix, *path), message))
    return problems


def summary(error: ValidationError) -> str:
    """All errors on one line, as `field: message; …`."""
    return "; ".join(
        f"{'.'.join(map(str, finding['loc'])) or 'record'}: {finding['msg']}"
        for finding in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _fields_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Names of the fields that the model has at a key path."""
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        nested = next(models_in(field.annotation), None) if field else None
        if nested is None:
            return []
        model = nested
    return sorted(model.model_fields)
