"""Create, read, list, update and delete entities of every kind (contract §3.0, §6, §7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from om_ingest import Outcome, RecordError, kinds
from om_ingest.kinds import EntityKind
from om_ingest_catalog import PatchError, is_cursor
from starlette.exceptions import HTTPException
from starlette.responses import Response

from om_ingest_catalog_server import jsontext, releases, showing
from om_ingest_catalog_server.answers import (
    created_answer,
    document_answer,
    entities_of,
    json_answer,
    put_answer,
    stored_answer,
)
from om_ingest_catalog_server.call import ApiCall
from om_ingest_catalog_server.failures import UnhandledError
from om_ingest_catalog_server.route import JSON, JSON_PATCH, Execution, Route

_SAMPLES = "sampleData"
"""A field that may be requested, and is only shown by its own route."""

_PAGING = frozenset({"fields", "limit", "before", "after", "include"})


def routes() -> Iterator[Route]:
    """The standard routes of each kind."""
    for kind in kinds.KINDS.values():
        yield from _routes_of(kind)


def _routes_of(kind: EntityKind) -> Iterator[Route]:
    top, what = kind.collection, kind.entity_type
    read, write = Execution.READING, Execution.WRITING

    yield Route("GET", top, page, f"List {what} entities", read, kind)
    yield Route("POST", top, create, f"Create a {what}", write, kind, JSON)
    yield Route("PUT", top, put, f"Create or update a {what}", write, kind, JSON)
    back = f"Restore a deleted {what}"
    yield Route("PUT", f"{top}/restore", restore, back, write, kind, JSON, deferrable=True)
    by_id, by_name = f"{top}/{{id}}", f"{top}/name/{{fqn}}"
    for path in (by_id, by_name):
        yield Route("GET", path, get, f"Get a {what}", Execution.INLINE, kind)
        yield Route("PATCH", path, patch, f"Patch a {what}", write, kind, JSON_PATCH)
        yield Route("DELETE", path, delete, f"Delete a {what}", write, kind)
    later = f"Delete a {what} in the background"
    yield Route("DELETE", f"{top}/async/{{id}}", delete_later, later, read, kind)
    yield Route("GET", f"{by_id}/versions", versions, f"List the versions of a {what}", read, kind)
    one = f"Get a version of a {what}"
    yield Route("GET", f"{by_id}/versions/{{version}}", version, one, read, kind)


def page(call: ApiCall) -> Response:
    """A page of entities in FQN order, with cursors."""
    query = call.query
    if call.settings.release < releases.CURSORS:
        _check_cursors(call)
    found = call.readable.page(
        limit=query.limit,
        after=query.text("after"),
        before=query.text("before"),
        include=query.include,
        filters={name: value for name, value in query.values.items() if name not in _PAGING},
        fields=call.fields,
    )
    for entity in found.entities:
        entity.pop(_SAMPLES, None)
    paging: dict[str, object] = {"total": found.total}
    if found.after is not None:
        paging["after"] = found.after
    if found.before is not None:
        paging["before"] = found.before
    answer: dict[str, object] = {
        "data": entities_of(call, found.entities, showing.read(query.fields)),
        "paging": paging,
    }
    if found.errors:  # entities that cannot be read (contract §7)
        answer["errors"] = [{"message": error.what} for error in found.errors]
    return json_answer(answer)


def _check_cursors(call: ApiCall) -> None:
    """Raise what a release raises that reads cursors with less care."""
    for name in ("after", "before"):
        if (cursor := call.query.text(name)) and not is_cursor(cursor):
            raise HTTPException(
                500,
                "An exception with message [Failed to process JSON ] was thrown while processing"
                " request.",
            )


def get(call: ApiCall) -> Response:
    """One entity, or 304 if `If-None-Match` matches."""
    query = call.query
    document = call.readable.get(call.key, include=query.include, fields=call.fields)
    document.entity.pop(_SAMPLES, None)
    return document_answer(call, document)


def create(call: ApiCall) -> Response:
    """Create an entity; 409 if its FQN exists."""
    return created_answer(call, call.writable.create(call.request(), call.actor))


def put(call: ApiCall) -> Response:
    """Create or update the entity with the request's FQN, by the rules of §6.3."""
    body = call.request()
    if call.kind.entity_type == "table" and call.settings.release < releases.LENGTHS:
        _check_lengths(call, body)
    return put_answer(call, call.writable.put(body, call.actor))


def _check_lengths(call: ApiCall, body: dict[str, Any]) -> None:
    """Raise what a release raises that has trouble with columns without `dataLength`."""
    columns = body.get("columns")
    releases.check_lengths(columns)
    try:
        fqn = kinds.fqn_of(call.kind.request.model_validate(body))
        stored = call.writable.get(fqn, fields={"columns"}).entity
    except (ValueError, RecordError):  # not valid, which the catalog says, or new
        return
    if releases.loses_length(columns, stored.get("columns", [])):
        raise UnhandledError("Column.getDataLength() is null")


def patch(call: ApiCall) -> Response:
    """Apply a JSON Patch; 412 if `If-Match` does not match."""
    release, operations = call.settings.release, call.body
    call.settings.mapping.read_patch(call.kind, operations)
    if_match = call.headers.get("if-match") if release >= releases.ETAGS else None
    if call.kind.entity_type == "user" and _makes_admin(operations):
        call.check_admin()
    if releases.has_one_domain(call.kind, release):
        operations = releases.patching_domains(operations)
    try:
        patched = call.writable.patch(call.key, operations, call.actor, if_match=if_match)
    except PatchError as error:
        if release >= releases.PATCHES or not releases.is_patch(operations):
            raise
        raise UnhandledError(error.what, thrown=releases.thrown_by(operations, error)) from None
    return stored_answer(call, patched)


def _makes_admin(operations: Any) -> bool:
    """Whether a JSON Patch may set `isAdmin` of a user; what is no patch does not."""
    for one in operations if isinstance(operations, list) else ():
        if not isinstance(one, dict) or one.get("path") not in ("", "/isAdmin"):
            continue
        given = one.get("value")
        said = given.get("isAdmin") if isinstance(given, dict) else given
        if one.get("op") in ("copy", "move") or (one.get("op") != "test" and said is True):
            return True
    return False


def delete(call: ApiCall) -> Response:
    """Delete an entity; its last state."""
    return stored_answer(
        call,
        call.writable.delete(
            call.key,
            call.actor,
            recursive=call.query.flag("recursive"),
            hard=call.query.flag("hardDelete"),
        ),
    )


def delete_later(call: ApiCall) -> Response:
    """Queue the deletion of an entity; 202 immediately."""
    recursive, hard = call.query.flag("recursive"), call.query.flag("hardDelete")
    entity = call.readable.get(call.key, include="all", fields=frozenset()).entity
    job = str(uuid4())
    call.stores.later(
        lambda: call.writable.delete(call.key, call.actor, recursive=recursive, hard=hard)
    )
    answer = {
        "jobId": job,
        "message": f"Delete operation initiated for {entity['name']}",
        "entityName": entity["name"],
        "hardDelete": hard,
        "recursive": recursive,
    }
    return json_answer(answer, 202)


def restore(call: ApiCall) -> Response:
    """Restore an entity and the descendants deleted with it."""
    given = call.object().get("id")
    try:
        entity_id = UUID(str(given))
    except ValueError:
        raise HTTPException(400, "[id must be a UUID]") from None
    if not call.query.flag("async"):
        restored = call.writable.restore(entity_id, call.actor)
        if restored.outcome is Outcome.UNCHANGED and call.settings.release < releases.RESTORES:
            raise UnhandledError(releases.NO_RESTORE)
        return stored_answer(call, restored)
    call.stores.later(lambda: call.writable.restore(entity_id, call.actor))
    return json_answer({"jobId": str(uuid4()), "message": "Restore operation initiated"}, 202)


def versions(call: ApiCall) -> Response:
    """All versions of an entity as JSON text, newest first."""
    found = [document.entity for document in call.readable.versions(call.key)]
    texts = [jsontext.dump(entity).decode() for entity in entities_of(call, found, showing.whole)]
    return json_answer({"entityType": call.kind.entity_type, "versions": texts})


def version(call: ApiCall) -> Response:
    """One version of an entity."""
    document = call.readable.version(call.key, call.values["version"])
    return json_answer(entities_of(call, [document.entity], showing.whole)[0])
