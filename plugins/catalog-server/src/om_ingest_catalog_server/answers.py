"""HTTP responses in OpenMetadata's form: entities, lists and errors."""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from om_ingest import Outcome
from om_ingest.kinds import KINDS
from om_ingest_catalog import mask_secrets
from starlette.responses import Response

from om_ingest_catalog_server import jsontext, releases, showing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from om_ingest.kinds import EntityKind
    from om_ingest_catalog import EntityDocument, StoredEntity

    from om_ingest_catalog_server.call import ApiCall
    from om_ingest_catalog_server.showing import Completion

CHANGE_HEADER = "X-OpenMetadata-Change"


def json_answer(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON response."""
    return Response(jsontext.dump(value), status, headers, "application/json")


def error_answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error in OpenMetadata's form (contract §10.1)."""
    named = {"WWW-Authenticate": "om-auth", **(headers or {})} if status < 500 else headers
    return json_answer({"code": status, "message": message}, status, named)


def empty_answer(status: int = 200) -> Response:
    """A response without a body."""
    return Response(b"", status)


def href(call: ApiCall, kind: EntityKind, entity_id: str) -> str:
    """The URL of an entity."""
    return f"{call.base_url}/api/v1/{kind.collection}/{entity_id}"


def mask_for_caller(call: ApiCall, kind: EntityKind, entity: dict[str, Any]) -> None:
    """Mask the secrets in an entity, in place, unless the caller may see them (contract §2)."""
    if kind.segment is not None and not call.sees_secrets:  # only services have connections
        mask_secrets(kind, entity)


def entity_of(call: ApiCall, entity: dict[str, Any]) -> dict[str, Any]:
    """An entity of the route's kind with its `href`, as the release shows it.

    Secrets are masked unless allowed.
    """
    _show(call, [entity])
    return entity


def entities_of(
    call: ApiCall, entities: list[dict[str, Any]], complete: Completion | None = None
) -> list[dict[str, Any]]:
    """As `entity_of`, for many; `complete` is how releases before `releases.SHOWN` show them."""
    _show(call, entities, complete)
    return entities


def show_targets(call: ApiCall, bodies: Sequence[dict[str, Any]]) -> str:
    """Complete the references and tag labels in JSON, in place; a digest of what they show."""
    return call.connection.catalog.show_targets(
        bodies, lambda entity_type, target: href(call, KINDS[entity_type], target)
    )


def _show(
    call: ApiCall,
    entities: Sequence[dict[str, Any]],
    complete: Completion | None = None,
    kind: EntityKind | None = None,
) -> str:
    """Complete entities of a kind, or else the route's, in place; a digest of what their
    references show.
    """
    kind = kind or call.kind
    for entity in entities:
        if call.settings.release < releases.SHOWN:
            showing.every(kind.entity_type, entity)
            if complete is not None:
                complete(kind.entity_type, entity)
        show_entity(call, kind, entity)
    return show_targets(call, entities)


def show_entity(call: ApiCall, kind: EntityKind, entity: dict[str, Any]) -> None:
    """Give an entity its `href`, and the form that the release shows, in place."""
    mask_for_caller(call, kind, entity)
    call.settings.entity_fields.fit(kind, entity)
    if releases.has_one_domain(kind, call.settings.release):
        releases.with_one_domain(entity)
    if kind.entity_type == "pipeline":
        releases.with_times(entity)
    entity["href"] = href(call, kind, entity["id"])


def entity_answer(
    call: ApiCall,
    entity: dict[str, Any],
    headers: Mapping[str, str] | None = None,
    complete: Completion = showing.attached,
) -> Response:
    """A response with an entity of the route's kind, to which something was attached."""
    return json_answer(entities_of(call, [entity], complete)[0], 200, headers)


def series_answer(call: ApiCall, found: list[dict[str, Any]]) -> Response:
    """A time series, which has no pages: what its cursors mark is the span that was asked for."""
    start, end = call.query.span
    span = {"before": start, "after": end}
    paging: dict[str, object] = {"total": len(found)}
    if call.settings.release < releases.SHOWN:
        cursors = {name: b64encode(str(at).encode()) for name, at in span.items() if at is not None}
        paging.update((name, cursor.decode()) for name, cursor in cursors.items())
    return json_answer({"data": found, "paging": paging})


def event_answer(
    call: ApiCall, kind: EntityKind, entity: dict[str, Any], change: dict[str, Any], status: int
) -> Response:
    """The change event that releases before `releases.SHOWN` answer to what is attached.

    `change` is the entry of its change description: `{"name", "oldValue"?, "newValue"}`.
    """
    version = entity["version"]
    _show(call, [entity], kind=kind)
    event = {
        "id": str(uuid4()),
        "eventType": "entityUpdated",
        "entityType": kind.entity_type,
        "entityId": entity["id"],
        "entityFullyQualifiedName": entity["fullyQualifiedName"],
        "previousVersion": version,
        "currentVersion": version,
        "userName": entity["updatedBy"],
        "timestamp": time.time_ns() // 1_000_000,
        "changeDescription": showing.described(change, version),
        "entity": entity,
    }
    return json_answer(event, status, {CHANGE_HEADER: "entityFieldsChanged"})


def document_answer(call: ApiCall, document: EntityDocument) -> Response:
    """A response with an entity, or 304 if `If-None-Match` matches."""
    document, headers = _tagged(call, document, showing.read(call.query.fields))
    if_none_match = call.headers.get("if-none-match")
    if headers and if_none_match is not None and _matches(if_none_match, document):
        return Response(b"", 304, headers)
    return json_answer(document.entity, 200, headers)


def put_answer(call: ApiCall, stored: StoredEntity) -> Response:
    """The response to a PUT: 201 for a new entity, with the kind of change in a header."""
    is_new = stored.outcome is Outcome.CREATED
    complete = showing.created if is_new else showing.updated
    document, headers = _tagged(call, stored.document, complete)
    named = {CHANGE_HEADER: stored.change, **headers}
    return json_answer(document.entity, 201 if is_new else 200, named)


def stored_answer(call: ApiCall, stored: StoredEntity, status: int = 200) -> Response:
    """A response with a changed entity, and the kind of change in `X-OpenMetadata-Change`."""
    document, headers = _tagged(call, stored.document, showing.whole)
    return json_answer(document.entity, status, {CHANGE_HEADER: stored.change, **headers})


def created_answer(call: ApiCall, stored: StoredEntity) -> Response:
    """The response to a POST: 201 with the URL of the entity, but no kind of change (§6.1)."""
    document, headers = _tagged(call, stored.document, showing.created)
    return json_answer(document.entity, 201, {"Location": document.entity["href"], **headers})


def _tagged(
    call: ApiCall, document: EntityDocument, complete: Completion
) -> tuple[EntityDocument, dict[str, str]]:
    """A document as the release shows it, and its header `ETag`."""
    digest = _show(call, [document.entity], complete)
    document = document._replace(etag=f'{document.etag[:-1]}.{digest}"')
    has_etags = call.settings.release >= releases.ETAGS
    return document, {"ETag": document.etag} if has_etags else {}


def _matches(if_none_match: str, document: EntityDocument) -> bool:
    tags = {tag.strip() for tag in if_none_match.split(",")}
    return bool(tags & {"*", document.etag, f"W/{document.etag}", document.weak_etag})
