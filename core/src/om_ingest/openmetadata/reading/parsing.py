"""Answers as models; what only newer servers know is left out, and is no error."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from om_ingest.config.validation import summary
from om_ingest.errors import ServerError

ModelT = TypeVar("ModelT", bound=BaseModel)

_ROUND_COUNT = 20


def parsed(model: type[ModelT], document: Any) -> ModelT:
    """The document as an instance of `model`, without what does not fit.

    Unknown fields are left out, and so are values that a field does not take, such as a kind
    of table that is newer than we. Raises `ServerError` if what is left is no `model`.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        failure = error
    document = copy.deepcopy(document)
    for _ in range(_ROUND_COUNT):  # leaving out one thing may bring another to light
        if not _prune(document, failure):
            break
        try:
            return model.model_validate(document)
        except ValidationError as error:
            failure = error
    raise ServerError(
        f"The server's answer is no {model.__name__}: {summary(failure)[:500]}",
        "Look for a newer om-ingest, or for a proxy that changes answers.",
    )


def _prune(document: Any, failure: ValidationError) -> bool:
    """Take out what the findings point at; whether anything went."""
    found: dict[tuple[int, int | str], Any] = {}  # the branches of a union find the same thing
    for finding in failure.errors(include_url=False, include_context=False):
        path = finding["loc"]
        # Where something is missing, the thing that lacks it has to go.
        place = _innermost(document, path[:-1] if finding["type"] == "missing" else path)
        if place is not None:
            holder, key = place
            found[id(holder), key] = holder
    # From the end, so that the places in a list stay right.
    for (_, key), holder in sorted(found.items(), key=_position, reverse=True):
        del holder[key]
    return bool(found)


def _innermost(document: Any, path: tuple[int | str, ...]) -> tuple[Any, int | str] | None:
    """The innermost thing on a path, as its holder and key; the path names unions' branches too."""
    place: tuple[Any, int | str] | None = None
    inner = document
    for step in path:
        if isinstance(inner, list):
            is_there = isinstance(step, int) and step < len(inner)
        else:
            is_there = isinstance(inner, dict) and step in inner
        if is_there:
            place = (inner, step)
            inner = inner[step]
    return place


def _position(item: tuple[tuple[int, int | str], Any]) -> int:
    key = item[0][1]
    return key if isinstance(key, int) else 0
