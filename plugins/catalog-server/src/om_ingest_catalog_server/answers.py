"""The answers that routes give: entities, pages and errors in OpenMetadata's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from om_ingest_catalog import mask_secrets
from starlette.responses import Response

from om_ingest_catalog_server import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from om_ingest.kinds import EntityKind
    from om_ingest_catalog import EntityDocument, StoredEntity

    from om_ingest_catalog_server.call import ApiCall

CHANGE_HEADER = "X-OpenMetadata-Change"


def json_answer(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A value as JSON."""
    return Response(jsontext.dump(value), status, headers, "application/json")


def error_answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as OpenMetadata words it (contract §10.1)."""
    named = {"WWW-Authenticate": "om-auth", **(headers or {})} if status < 500 else headers
    return json_answer({"code": status, "message": message}, status, named)


def empty_answer(status: int = 200) -> Response:
    """No body."""
    return Response(b"", status)


def href(call: ApiCall, kind: EntityKind, entity_id: str) -> str:
    """Where a client finds an entity."""
    return f"{call.base_url}/api/v1/{kind.collection}/{entity_id}"


def mask_for_caller(call: ApiCall, kind: EntityKind, entity: dict[str, Any]) -> None:
    """Mask the secrets in an entity, in place, unless the caller may see them."""
    if kind.segment is not None and not call.sees_secrets:  # only services have connections
        mask_secrets(kind, entity)


def entity_of(call: ApiCall, entity: dict[str, Any]) -> dict[str, Any]:
    """An entity of the route's kind with its address, and without what is not for the caller."""
    mask_for_caller(call, call.kind, entity)
    entity["href"] = href(call, call.kind, entity["id"])
    return entity


def entity_answer(call: ApiCall, entity: dict[str, Any]) -> Response:
    """An entity of the route's kind."""
    return json_answer(entity_of(call, entity))


def series_answer(found: list[dict[str, Any]]) -> Response:
    """All of a series that was asked for, which has no pages."""
    return json_answer({"data": found, "paging": {"total": len(found)}})


def document_answer(call: ApiCall, document: EntityDocument) -> Response:
    """An entity that was asked for; 304 without it if the client has it already."""
    headers = {"ETag": document.etag}
    wanted = call.headers.get("if-none-match")
    if wanted is not None and _matches(wanted, document):
        return Response(b"", 304, headers)
    return json_answer(entity_of(call, document.entity), 200, headers)


def stored_answer(call: ApiCall, stored: StoredEntity, status: int = 200) -> Response:
    """An entity after a change, with what changed in the header."""
    entity = entity_of(call, stored.document.entity)
    headers = {CHANGE_HEADER: stored.change, "ETag": stored.document.etag}
    if status == 201:
        headers["Location"] = entity["href"]
    return json_answer(entity, status, headers)


def _matches(wanted: str, document: EntityDocument) -> bool:
    tags = {tag.strip() for tag in wanted.split(",")}
    return bool(tags & {"*", document.etag, f"W/{document.etag}", document.weak_etag})
