"""Records as lines of JSON, and as labels for messages."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from om_ingest.config.validation import summary
from om_ingest.errors import RecordError, WorkflowError
from om_ingest.kinds.door import SCOPE_TYPE, request_of
from om_ingest.kinds.requests import kind_of, parent_of
from om_ingest.model import fqn
from om_ingest.model.entity import AttachmentRequest, CreateRequest
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete

INVALID = "invalid"
"""The type of a line whose object is not a record."""

LINE_MAX_BYTES = 32 * 1024 * 1024
"""Longest line that is read; servers take no longer request."""


def decode(line: bytes | str) -> Record:
    """The record on one line; raises `RecordError` for a malformed one."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"Not a line of JSON: {error}", "The file is damaged.") from None
    return from_document(document)


def from_document(document: Any) -> Record:
    """The record of a parsed line; raises `RecordError` for a malformed one."""
    if isinstance(document, dict) and document.get("type") == INVALID:
        raise RecordError(
            f"It never was a record, and cannot be delivered: {document.get('text')}",
            "Mend the connector that yielded it.",
        )
    if not isinstance(document, dict) or not isinstance(document.get("record"), dict):
        raise RecordError(
            "Not a record: a line is an object with 'type' and 'record'",
            "Write records with the jsonl sink.",
        )
    record_type, body = document.get("type"), document["record"]
    if record_type == SCOPE_TYPE:
        return ScopeComplete(str(body.get("scopeFqn")), kind_of(body.get("entity")).entity)
    request = request_of(record_type)
    try:
        return request.model_validate(body)
    except ValidationError as error:
        raise RecordError(
            f"Not a valid {record_type}: {summary(error, request)}", "Correct the record."
        ) from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, open; raises `WorkflowError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise WorkflowError(f"Cannot read {path}: {error.strerror}", "Check the path.") from None


def lines_of(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, each with its number from 1 on.

    None for one over `LINE_MAX_BYTES`: it is passed over, and never in memory as a whole.
    """
    number = 0
    while line := file.readline(LINE_MAX_BYTES):
        number += 1
        is_whole = len(line) < LINE_MAX_BYTES or line.endswith(b"\n")
        while len(line) == LINE_MAX_BYTES and not line.endswith(b"\n"):
            line = file.readline(LINE_MAX_BYTES)
        if not is_whole:
            yield number, None
        elif line.strip():
            yield number, line


def object_in(line: bytes) -> dict[str, Any] | None:
    """The JSON object on a line; None if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text_of(value: object) -> str:
    """The text of an object; a word on its class if it has none."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001  # a class of others may raise anything
        return f"a {type(value).__name__} whose text cannot be made: {type(error).__name__}"


def label(record: object) -> str:
    """A name for logs and reports, e.g. `table shop.public.orders`; may hold a secret.

    Its first word is the type; `Redactor.label` masks the rest, and cuts it.
    """
    try:
        return _label(record)
    except (AttributeError, TypeError):  # an invalid record, of which parts are missing
        return f"{type(record).__name__} {text_of(record)!r}"


def _label(record: object) -> str:
    if isinstance(record, CreateRequest):
        parent = parent_of(record)
        where = getattr(parent, "fullyQualifiedName", parent)
        name = fqn.quote(record.name) if record.name else record.name
        return f"{record.entity_type} {where}.{name}" if where else f"{record.entity_type} {name}"
    if isinstance(record, AddLineageRequest):
        edge = record.edge
        ends = (end.fullyQualifiedName or end.id for end in (edge.fromEntity, edge.toEntity))
        return "lineage {} -> {}".format(*ends)
    if isinstance(record, AttachmentRequest):
        target = record.target
        return f"{record.entity_type} of {target.type} {target.fullyQualifiedName or target.id}"
    if isinstance(record, ScopeComplete):
        return f"end of {record.entity.entity_type} in {record.scope_fqn}"
    return f"{type(record).__name__} {text_of(record)!r}"
