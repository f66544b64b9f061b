"""The door of every sink: the content of a record as one line of JSON, if every reader takes it.

What passes can be stored by each sink, set aside, recorded, and read again. Its line is the
content from then on, whatever becomes of the object.
"""

from __future__ import annotations

import importlib
import json
from typing import Any, NoReturn, cast

from pydantic import ValidationError

from om_ingest.config.validation import summary
from om_ingest.errors import RecordError, described
from om_ingest.kinds.table import KINDS
from om_ingest.model.entity import AttachmentRequest, CreateRequest, Model
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.naming import OVER_REST
from om_ingest.model.records import RECORD_TYPES, Record, ScopeComplete

NESTING_MAX = 100
"""Most objects and lists inside each other: as many as MySQL stores, OpenMetadata's database."""

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

_HEADS: dict[type, bytes] = {}
"""How the line of a record begins, by its class; only classes that are those of a kind."""

_STEP = DIGIT_MAX // 4
_DIGITS = bytes(48 if chr(code).isdecimal() and code < 128 else code for code in range(256))
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
    head = _HEADS.get(type(record))
    if head is None or Model.skipped_validation:
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
        _HEADS[type(record)] = head
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
            f"Not a valid {record_type}: {summary(error)}", "Correct the record."
        ) from None
    return head + valid.model_dump_json(exclude_none=True).encode() + b"}", valid


def _refuse(record: Request, error: Exception) -> NoReturn:
    """Raise `RecordError` that names the field which JSON cannot hold."""
    place = ""
    for name in record.__dict__:
        try:
            record.model_dump_json(include={name}, warnings=False)
        except Exception as found:  # noqa: BLE001  # as in `_content_of_odd`
            place, error = f"{name}: ", found
            break
    why = described(error).removeprefix("PydanticSerializationError: ")
    why = why.rpartition("Error serializing to JSON: ")[2]
    if isinstance(error, RecursionError) or "depth exceeded" in why:
        why = TOO_DEEP
    raise RecordError(f"Cannot be written as JSON: {place}{why}", "Use plain values.") from None


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
    brackets = line.translate(None, _NO_BRACKETS)
    for _ in range(NESTING_MAX + 1):  # the line itself is around the record
        shorter = brackets.replace(b"{}", b"").replace(b"[]", b"")
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
    level: list[tuple[str, Any]] = [("", body)]
    for _ in range(NESTING_MAX):
        below: list[tuple[str, Any]] = []
        for place, holder in level:
            items = holder.items() if isinstance(holder, dict) else enumerate(holder)
            for key, value in items:
                where = f"{place}.{key}" if place else str(key)
                wrong = _wrong_about(value) or _wrong_about(key)
                if wrong:
                    return f"{where}: {wrong}"
                if isinstance(value, dict | list):
                    below.append((where, value))
        level = below
        if not level:
            return ""
    return f"{level[0][0].split('.')[0]}: {TOO_DEEP}"


class _Digits(str):
    """An integer as it is written: Python converts no more than 4,300 digits."""

    __slots__ = ()


def _wrong_about(value: object) -> str:
    if isinstance(value, float) and value - value != 0:
        return f"{value} is no number in JSON"
    if isinstance(value, _Digits):
        return f"an integer of more than {DIGIT_MAX} digits" if len(value) > DIGIT_MAX else ""
    if isinstance(value, str) and "\0" in value:
        return "it holds the character U+0000, which databases do not store in a text"
    return ""
