"""Validation of settings; what is wrong is told as readable `Problem`s."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from om_ingest import wording
from om_ingest.errors import Problem, WorkflowError
from om_ingest.wording.paths import models_in as models_in, place

KeyPath = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model, with resolved annotations."""
    model.model_rebuild()
    return model.model_fields


def keys_of(model: type[BaseModel]) -> set[str]:
    """The keys that a model takes: names and aliases of its fields."""
    names = (
        (name, field.alias, field.validation_alias) for name, field in model.model_fields.items()
    )
    return {key for three in names for key in three if isinstance(key, str)}


def validated(model: type[ModelT], values: Mapping[str, Any], prefix: KeyPath = ()) -> ModelT:
    """`values` as an instance of `model`.

    Raises `WorkflowError` with all problems at once; their key paths begin with `prefix`.
    """
    try:
        return checked(model, values)
    except ValidationError as error:
        problems = tuple(explain(error, model, prefix))
        raise WorkflowError(
            "The config is not valid: " + "; ".join(f"{p.key}: {p.message}" for p in problems),
            "Correct these keys.",
            problems,
        ) from None


def checked(model: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """`values` as an instance of `model`; a text such as `[a, b]` is a list where one is wanted.

    So are mappings: environment variables and the command line have only texts. What `of_text`
    made of a text is that text again where one is wanted. Raises pydantic's `ValidationError`.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        data: dict[str, Any] = copy.deepcopy(dict(values))
        if not any(
            _corrected(data, one["loc"], one["type"], one["input"]) for one in error.errors()
        ):
            raise
    return checked(model, data)


class TextList(list[Any]):
    """A list that was written as a text."""

    text = ""
    """How it was written."""


class TextDict(dict[Any, Any]):
    """A mapping that was written as a text."""

    text = ""
    """How it was written."""


def of_text(text: str) -> Any:
    """What a text on the command line stands for: the list or mapping that it is, or itself."""
    value = structured(text)
    if value is None:
        return text
    found = TextList(value) if isinstance(value, list) else TextDict(value)
    found.text = text
    return found


def structured(text: object) -> list[Any] | dict[Any, Any] | None:
    """The list or mapping that a text such as `[a, b]` or `{key: value}` is in YAML, or None."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("[", "{"):
        return None
    with contextlib.suppress(ValueError, RecursionError):  # JSON is YAML, and read much faster
        found: list[Any] | dict[Any, Any] = json.loads(text)
        return found
    import yaml  # takes longer than a short run, most of which have no such text

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return value if isinstance(value, (list, dict)) else None


_COMPOUND = re.compile(r"(list|tuple|(frozen_)?set|dict|mapping|model(_attributes)?|iterable)_type")


def _corrected(data: Any, loc: KeyPath, kind: str, value: object) -> bool:
    """Whether something else stood for a wrong value, and was put in its place in `data`."""
    instead: object = structured(value) if _COMPOUND.fullmatch(kind) else None
    if isinstance(value, (TextList, TextDict)) and kind == "string_type":
        instead = value.text
    if instead is None:
        return False
    for part in loc:  # its last parts may be a branch of a union
        try:
            below = data[part]
        except (LookupError, TypeError):  # a validator has made the value
            return False
        if below == value:
            data[part] = instead
            return True
        data = below
    return False


_TEXTS = {"string_type", "name", "path_type", "url_type", "bytes_type"}
"""Types of errors about values that have to be texts."""


def explain(error: ValidationError, model: type[BaseModel], prefix: KeyPath = ()) -> list[Problem]:
    """The errors as problems; for an unknown key, the message suggests the nearest known one.

    Where a text is wanted, it says that a value without quotes is read as something else.
    """
    unquoted = {
        place(model, one["loc"], one["type"])[0]: _read_as(one["input"])
        for one in error.errors()
        if one["type"] in _TEXTS or "'" in str(one.get("ctx", {}).get("expected"))
    }
    problems = []
    for path, words in wording.findings(error, model):
        if found := unquoted.get(path):
            is_name = words.startswith("a name ")
            words = f"{'must be a text' if is_name else words}; it is read as {found}"
            words += ": put it in quotes"
        problems.append(Problem((*prefix, *path), words))
    return problems


def _read_as(value: object) -> str:
    """What a file holds in place of a text; empty for a text, and for lists and mappings."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number"
    return "a date" if isinstance(value, date) else ""


def summary(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """All errors on one line, as `field: message; …`; `model` is the class that was validated."""
    return wording.told(error, model)
