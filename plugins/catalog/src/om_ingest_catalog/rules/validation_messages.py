"""Validation errors in the wording of an OpenMetadata server (contract §10.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from om_ingest.model import NAME_MAX_CHARS, NAME_RULE
from om_ingest.wording import words_for
from pydantic import ValidationError
from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NULL = "must not be null"
_NAME = re.compile("(?:(?!::)[^\n\r\u0085\u2028\u2029])*")
_WHAT = {
    "missing": _NULL,
    "extra_forbidden": "is no field of this request",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
}
_SCALARS = (bool, int, float)


def message_of(error: ValidationError, body: Any) -> str:
    """All errors of a body as `[<field> <problem>, …]`, without its values, but for those
    that are no terms of OpenMetadata, as on a server.
    """
    findings = error.errors(include_url=False, include_context=False)
    found = [text for finding in findings for text in _texts(finding, body)]
    return f"[{', '.join(dict.fromkeys(found))}]"


def with_texts(error: ValidationError, body: Any) -> Any:
    """The body with texts in place of numbers and booleans, where an error asks for texts.

    OpenMetadata's framework reads them so. The same body if there is nothing to replace.
    """
    ways = [
        list(_way(finding["loc"], body))
        for finding in error.errors(include_url=False, include_context=False)
        if finding["type"] == "string_type" and isinstance(finding["input"], _SCALARS)
    ]
    result, is_changed = from_json(to_json(body)) if ways else body, False
    for way in filter(None, ways):
        holder = result
        for part in way[:-1]:
            holder = holder[part]
        given = holder[way[-1]]
        if isinstance(given, _SCALARS):
            holder[way[-1]], is_changed = to_json(given).decode(), True
    return result if is_changed else body


def _way(loc: tuple[int | str, ...], body: Any) -> Iterator[int | str]:
    """The keys and indexes to the place of an error, without the branches of unions."""
    value = body
    for part in loc:
        is_element = isinstance(value, list) and isinstance(part, int)
        if is_element or (isinstance(value, dict) and part in value):
            value = value[part]
            yield part


def _texts(finding: ErrorDetails, body: Any) -> Iterator[str]:
    field, given = ".".join(_field_path(finding, body)) or "request body", finding["input"]
    if finding["type"] == "name" and finding["msg"] == NAME_RULE and isinstance(given, str):
        if not 1 <= len(given) <= NAME_MAX_CHARS:
            yield f"{field} size must be between 1 and {NAME_MAX_CHARS}"
        if not _NAME.fullmatch(given):
            yield f'{field} must match "^((?!::).)*$"'
        return
    yield _finding_text(finding, field)


def _finding_text(finding: ErrorDetails, field: str) -> str:
    kind, given = finding["type"], finding["input"]
    what = _NULL if given is None else _WHAT.get(kind) or words_for(kind, finding["msg"], given)
    if what.startswith(("must ", "is ")):
        return f"{field} {what}"
    return f"{field}: {what}"  # a complete sentence, such as the rule for names


def _field_path(finding: ErrorDetails, body: Any) -> Iterator[str]:
    """The path of the error, without the branches of unions that pydantic adds."""
    value = body
    for position, part in enumerate(finding["loc"], start=1):
        is_element = isinstance(value, list) and isinstance(part, int)
        if is_element or (isinstance(value, dict) and part in value):
            value = value[part]
        elif finding["type"] != "missing" or position < len(finding["loc"]):
            continue
        yield str(part)
