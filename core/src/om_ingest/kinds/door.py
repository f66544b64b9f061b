"""The door of every sink: the content of a record as one line of JSON, if every reader takes it.

What passes can be stored by each sink, set aside, recorded, and read again. Its line is the
content from then on, whatever becomes of the object.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from math import isfinite
from typing import Any, NoReturn, cast

from pydantic import ValidationError
from pydantic_core import to_json

from om_ingest.config.validation import summary
from om_ingest.errors import RecordError
from om_ingest.kinds.table import KINDS
from om_ingest.model.entity import AttachmentRequest, CreateRequest, Model
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.naming import OVER_REST
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete
from om_ingest.wording import plain

NESTING_MAX = 99
"""Most objects and lists inside each other. MySQL, which OpenMetadata stores entities in, takes
100 levels, the innermost value among them."""

DIGIT_MAX = 1000
"""Longest integer, in digits: as many as Jackson reads, OpenMetadata's parser."""

TOO_DEEP = f"it is nested more than {NESTING_MAX} levels deep"

SCOPE_TYPE = "scopeComplete"

_ATTACHMENTS = {  # loaded by name: most runs need none of their modules
    "sampleData": "AddSampleDataRequest",
    "pipelineStatus": "AddPipelineStatusRequest",
    "tableProfile": "AddTableProfileRequest",
    "usage": "AddUsageRequest",
}
RECORD_TYPE_NAMES = (*KINDS, AddLineageRequest.entity_type, *_ATTACHMENTS)

_HEADS: dict[type, tuple[bytes, int]] = {}
"""How the line of a record begins, and the number of its fields, by its class; only classes that
are those of a kind."""

_DEEPER = object()
_STEP = DIGIT_MAX // 4
_DIGITS = bytes(48 if chr(code).isdecimal() and code < 128 else code for code in range(256))
_BRACES = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS = bytes(code for code in range(256) if chr(code) not in "[]{}")

Request = CreateRequest | AddLineageRequest | AttachmentRequest


def encode(record: Record) -> bytes:
    """One line of JSON without its line break: `{"type":<entity type>,"record":{…}}`.

    Fields that are None are left out, as in a call of a server (contract §3.0). Raises
    `RecordError`, as `content_of` does.
    """
    return content_of(record)[0]


def content_of(record: Record) -> tuple[bytes, Record]:
    """What a record says now: its line, and the record itself or a valid copy of it.

    A record is validated again if its values may have passed by the validation: where one has
    another type than its field, where the class is not the one of its kind, and once this
    process has used `model_construct` or `model_copy(update=…)`. Raises `RecordError` that
    names the place of what is wrong.
    """
    head, count = _HEADS.get(type(record), (b"", 0))
    if not head or len(record.__dict__) != count or Model.skipped_validation:
        return _content_of_odd(record)
    try:  # what model_dump_json calls, without making a str of it
        body = record.__pydantic_serializer__.to_json(  # type: ignore[union-attr]  # no marker
            record, exclude_none=True, warnings="error"
        )
    except (ValueError, RecursionError):  # values of other types, or without JSON
        return _content_of_odd(record)
    line: bytes = head + body + b"}"
    _check_plain(line)
    return line, record


def fault_of(record: Record) -> str:
    """Why no sink takes a record as it is now; empty if each would."""
    try:
        content_of(record)
    except RecordError as error:
        return error.what
    return ""


def request_of(record_type: object) -> type[Request]:
    """The class of the records of a type; raises `RecordError` for an unknown type."""
    if record_type == AddLineageRequest.entity_type:
        return AddLineageRequest
    if isinstance(record_type, str):
        if record_type in KINDS:
            return KINDS[record_type].request
        if record_type in _ATTACHMENTS:
            module = importlib.import_module("om_ingest.model.attachment")
            return cast(type[Request], getattr(module, _ATTACHMENTS[record_type]))
    known = ", ".join(RECORD_TYPE_NAMES)
    raise RecordError(f"Unknown record type {record_type!r}", f"Known: {known}.")


def head_of(record_type: str) -> bytes:
    """How the line of a record of a type begins; the JSON object of its fields follows."""
    return f'{{"type":"{record_type}","record":'.encode()


def _content_of_odd(record: Record) -> tuple[bytes, Record]:
    """As `content_of`, for the first record of a class, and for what may not be valid."""
    if isinstance(record, ScopeComplete):
        scope = {"scopeFqn": record.scope_fqn, "entity": record.entity.entity_type}
        return json.dumps({"type": SCOPE_TYPE, "record": scope}).encode(), record
    if not isinstance(record, RECORD_TYPES):
        raise RecordError(f"not a record: {type(record).__name__}", "Yield om_ingest.model's.")
    record_type = getattr(record, "entity_type", "")
    request, head = request_of(record_type), head_of(record_type)
    if type(record) is request and type(record) not in _HEADS:
        _HEADS[type(record)] = head, len(request.model_fields)
        return content_of(record)
    try:
        body = record.model_dump_json(exclude_none=True, warnings=False)
    except Exception as error:  # noqa: BLE001  # `extension` may hold objects of any class
        _refuse(record, error)
    _check_plain(head + body.encode() + b"}")
    try:
        valid = request.model_validate_json(body, context=OVER_REST)
    except ValidationError as error:
        raise RecordError(
            f"Not a valid {record_type}: {summary(error, request)}", "Correct the record."
        ) from None
    return head + valid.model_dump_json(exclude_none=True).encode() + b"}", valid


def _refuse(record: Request, error: Exception) -> NoReturn:
    """Raise `RecordError` that names the value which JSON cannot hold."""
    place, why = "", str(error)
    for name in record.__dict__:
        try:
            record.model_dump_json(include={name}, warnings=False)
        except Exception as found:  # noqa: BLE001  # as in `_content_of_odd`
            place, why = f"{name}: ", str(found)
            with suppress(Exception):  # of a value in a circle, or too deep: the field is named
                place, why = _culprit_in(record.model_dump(include={name}, warnings=False))
            break
    why = " ".join(plain(why).rpartition("Error serializing to JSON: ")[2].split())
    if isinstance(error, RecursionError) or "depth exceeded" in why:
        why = TOO_DEEP
    elif "surrogates not allowed" in why:
        why = "half of a surrogate pair, which JSON cannot carry"
    raise RecordError(f"Cannot be written as JSON: {place}{why}", "Use plain values.") from None


def _culprit_in(value: Any) -> tuple[str, str]:
    """Place and error of the first value that cannot be written as JSON."""
    for place, part in _parts_of(value):
        try:
            to_json(part if part is not _DEEPER else None)
        except Exception as error:  # noqa: BLE001  # as in `_content_of_odd`
            if not isinstance(part, dict | list):
                return f"{place}: ", str(error)
    raise ValueError("it is none of the parts")


def _parts_of(value: Any) -> Iterator[tuple[str, Any]]:
    """All keys and values inside objects and lists, each with its place, outer ones first.

    The last part is `_DEEPER` if there are objects or lists inside of more than `NESTING_MAX`.
    """
    level: list[tuple[str, Any]] = [("", value)]
    for _ in range(NESTING_MAX):
        below: list[tuple[str, Any]] = []
        for place, holder in level:
            if isinstance(holder, dict):
                yield from ((f"a key in {place or 'the record'}", key) for key in holder)
                below += ((f"{place}.{key}" if place else str(key), holder[key]) for key in holder)
            elif isinstance(holder, list):
                below += ((f"{place}[{index}]", item) for index, item in enumerate(holder))
        yield from below
        level = below
    for place, part in level:
        if isinstance(part, dict | list):
            yield re.split(r"[.\[]", place)[0], _DEEPER
            return


def _check_plain(line: bytes) -> None:
    """Raise `RecordError` if some reader would not take a line.

    Everything here runs for each record: it looks for what may be wrong, and only then parses.
    """
    if (
        b"NaN" in line
        or b"Infinity" in line
        or (b"\\" in line and b"\\u0000" in line)
        or (line.count(b"{") + line.count(b"[") > NESTING_MAX and _may_be_deep(line))
        or (len(line) > DIGIT_MAX and b"0000" in line[::_STEP].translate(_DIGITS))
    ):
        wrong = _problem_in(line)
        if wrong:
            raise RecordError(wrong, "Correct the record.")


def _may_be_deep(line: bytes) -> bool:
    """False only if no more brackets than `NESTING_MAX` are open at once; texts may have some."""
    brackets = line.translate(_BRACES, _NO_BRACKETS)
    for _ in range(NESTING_MAX + 1):  # the line itself is around the record
        shorter = brackets.replace(b"{}", b"")
        if len(shorter) == len(brackets):
            break
        brackets = shorter
    return bool(brackets)


def _problem_in(line: bytes) -> str:
    """The first value in a line that some reader would not take, with its place; or nothing."""
    try:
        body = json.loads(line, parse_int=_Digits)["record"]
    except RecursionError:
        return TOO_DEEP
    for place, part in _parts_of(body):
        if part is _DEEPER:
            return f"{place}: {TOO_DEEP}"
        if isinstance(part, float) and not isfinite(part):
            return f"{place}: {part} is no number in JSON"
        if isinstance(part, _Digits):
            if len(part) > DIGIT_MAX:
                return f"{place} is an integer of more than {DIGIT_MAX} digits"
        elif isinstance(part, str) and "\0" in part:
            where = place.replace("\0", "?")
            return f"{where} holds a NUL character (U+0000), which databases refuse"
    return ""


class _Digits(str):
    """An integer as it is written: Python converts no more than 4,300 digits."""

    __slots__ = ()
