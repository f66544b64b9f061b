"""Parses answers as models; fields and values of newer servers are left out."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from om_ingest.config.validation import summary
from om_ingest.errors import ServerError

ModelT = TypeVar("ModelT", bound=BaseModel)

_ROUND_COUNT = 20


def parsed(model: type[ModelT], document: Any) -> ModelT:
    """The document as an instance of `model`, without the parts that are not valid.

    Unknown fields are left out, and so are values that a field does not accept, such as a new
    type of table. Raises `ServerError` if the rest is not a valid `model`.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        failure = error
    document = copy.deepcopy(document)
    for _ in range(_ROUND_COUNT):  # removing one may reveal another
        if not _prune(document, failure):
            break
        try:
            return model.model_validate(document)
        except ValidationError as error:
            failure = error
    raise ServerError(
        f"The server's answer is not a valid {model.__name__}: {summary(failure)[:500]}",
        "Look for a newer om-ingest, or for a proxy that changes answers.",
    )


def _prune(document: Any, failure: ValidationError) -> bool:
    """Remove the parts that the errors point at; returns whether any was removed."""
    found: dict[tuple[int, int | str], Any] = {}  # branches of a union report the same part
    for finding in failure.errors(include_url=False, include_context=False):
        path = finding["loc"]
        # Where a field is missing, the object that lacks it is removed.
        place = _innermost(document, path[:-1] if finding["type"] == "missing" else path)
        if place is not None:
            holder, key = place
            found[id(holder), key] = holder
    # From the end, so that list indexes stay valid.
    for (_, key), holder in sorted(found.items(), key=_position, reverse=True):
        del holder[key]
    return bool(found)


def _innermost(document: Any, path: tuple[int | str, ...]) -> tuple[Any, int | str] | None:
    """Holder and key of the innermost value on a path, which also names branches of unions."""
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
