"""Validation errors in the wording of an OpenMetadata server (contract §10.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NULL = "must not be null"
_WHAT = {
    "missing": _NULL,
    "extra_forbidden": "is no field of this request",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be an array",
}
# pydantic's messages start with the type of the value; here the field name replaces it.
_SUBJECT = re.compile("^[A-Z]\\w+ (?=should )")


def message_of(error: ValidationError, body: Any) -> str:
    """All errors of a body as `[<field> <problem>, …]`, without any of its values."""
    findings = error.errors(include_url=False, include_context=False)
    return f"[{', '.join(dict.fromkeys(_finding_text(finding, body) for finding in findings))}]"


def _finding_text(finding: ErrorDetails, body: Any) -> str:
    field = ".".join(_field_path(finding, body)) or "request body"
    what = _NULL if finding["input"] is None else _WHAT.get(finding["type"], finding["msg"])
    if what == finding["msg"] and not _SUBJECT.match(what):
        return f"{field}: {what}"  # a complete sentence, such as the rule for names
    return f"{field} {_SUBJECT.sub('', what)}"


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
