"""Records as lines of JSON, and as labels for messages."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from om_ingest.config.validation import summary
from om_ingest.errors import RecordError, WorkflowError
from om_ingest.kinds.requests import kind_of, parent_of
from om_ingest.kinds.table import KINDS
from om_ingest.model.entity import AttachmentRequest, CreateRequest
from om_ingest.model.lineage import AddLineageRequest
from om_ingest.model.records import Record, ScopeComplete

INVALID = "invalid"
"""The type of a line whose object is not a record."""

_SCOPE_TYPE = "scopeComplete"
_ATTACHMENTS = {  # loaded by name: most runs need none of their modules
    "sampleData": "AddSampleDataRequest",
    "pipelineStatus": "AddPipelineStatusRequest",
    "tableProfile": "AddTableProfileRequest",
    "usage": "AddUsageRequest",
}
_HEADS: dict[str, bytes] = {}


def encode(record: Record) -> bytes:
    """One line of JSON without its line break: `{"type":<entity type>,"record":{…}}`.

    Fields that are None are left out, as in a call of a server (contract §3.0). Raises
    `RecordError` for a value that JSON does not have, which is possible only in `extension`.
    """
    if isinstance(record, ScopeComplete):
        scope = {"scopeFqn": record.scope_fqn, "entity": record.entity.entity_type}
        return json.dumps({"type": _SCOPE_TYPE, "record": scope}).encode()
    entity_type = record.entity_type
    head = _HEADS.get(entity_type)
    if head is None:
        head = _HEADS[entity_type] = f'{{"type":"{entity_type}","record":'.encode()
    try:
        return head + record.model_dump_json(exclude_none=True).encode() + b"}"
    except PydanticSerializationError as error:
        raise RecordError(f"Cannot be written as JSON: {error}", "Use plain values.") from None


def decode(line: bytes | str) -> Record:
    """The record on one line; raises `RecordError` for a malformed one."""
    try:
        document = json.loads(line)
    except ValueError as error:
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
    if record_type == _SCOPE_TYPE:
        return ScopeComplete(str(body.get("scopeFqn")), kind_of(body.get("entity")).entity)
    request: type[CreateRequest] | type[AddLineageRequest] | type[AttachmentRequest]
    if record_type == AddLineageRequest.entity_type:
        request = AddLineageRequest
    elif isinstance(record_type, str) and record_type in KINDS:
        request = KINDS[record_type].request
    elif isinstance(record_type, str) and record_type in _ATTACHMENTS:
        module = importlib.import_module("om_ingest.model.attachment")
        request = getattr(module, _ATTACHMENTS[record_type])
    else:
        known = (*KINDS, AddLineageRequest.entity_type, *_ATTACHMENTS)
        raise RecordError(f"Unknown record type {record_type!r}", f"Known: {', '.join(known)}.")
    try:
        return request.model_validate(body)
    except ValidationError as error:
        raise RecordError(
            f"Not a valid {record_type}: {summary(error)}", "Correct the record."
        ) from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, open; raises `WorkflowError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise WorkflowError(f"Cannot read {path}: {error.strerror}", "Check the path.") from None


def object_in(line: bytes) -> dict[str, Any] | None:
    """The JSON object on a line; None if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def label(record: object) -> str:
    """A name for logs and reports, e.g. `table shop.public.orders`; may hold a secret.

    Its first word is the type; `Redactor.label` masks the rest, and cuts it.
    """
    if isinstance(record, CreateRequest):
        parent = parent_of(record)
        where = getattr(parent, "fullyQualifiedName", parent)
        return (
            f"{record.entity_type} {where}.{record.name}"
            if where
            else f"{record.entity_type} {record.name}"
        )
    if isinstance(record, AddLineageRequest):
        edge = record.edge
        ends = (end.fullyQualifiedName or end.id for end in (edge.fromEntity, edge.toEntity))
        return "lineage {} -> {}".format(*ends)
    if isinstance(record, AttachmentRequest):
        target = record.target
        return f"{record.entity_type} of {target.type} {target.fullyQualifiedName or target.id}"
    if isinstance(record, ScopeComplete):
        return f"end of {record.entity.entity_type} in {record.scope_fqn}"
    return f"{type(record).__name__} {str(record)!r}"
