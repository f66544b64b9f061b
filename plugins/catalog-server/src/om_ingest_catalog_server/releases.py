"""Since which release OpenMetadata does what the server also emulates without it.

The sources are the pages of the contract that are named, and what a 1.6 server was seen to do.
Since when servers do otherwise than that one is not known: `AFTER_RECORDED` stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from om_ingest import NotFoundError
from om_ingest.kinds import KINDS as ALL_KINDS
from om_ingest.model import fqn
from om_ingest.releases import holds, known
from om_ingest_catalog import AFTER_RECORDED
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind
    from om_ingest.releases import Version
    from om_ingest_catalog import PatchError

NORMALISED_NAMES = AFTER_RECORDED
"""Look-ups by name accept quotes that are not needed (§8.1); 1.6 answers 404."""

REFERENCES_BY_NAME = AFTER_RECORDED
"""References in bodies, such as owners and ends of edges, may have an FQN alone; 1.6 needs their
ids."""

JSON_REFUSALS = AFTER_RECORDED
"""A body that is no JSON is refused in the form of other errors; 1.6 answers with plain text."""

TOKENS = AFTER_RECORDED
"""A token that is no JWT is refused as any other; 1.6 says that it cannot decode it."""

CURSORS = RESTORES = PATCHES = AFTER_RECORDED
"""What is no cursor, the restore of what is not deleted, and a JSON Patch that cannot be applied
are no faults of the server; 1.6 answers 500."""

NO_RESTORE = (
    'Cannot invoke "org.openmetadata.service.util.RestUtil$PutResponse.getEntity()"'
    ' because "response" is null'
)
"""What a release before `RESTORES` says."""

SHOWN = AFTER_RECORDED
"""Runs and usage are answered with the entity (§9), and a patch with its own changes (§6.2); 1.6
answers with events, and shows the changes of a session."""

LENGTHS = AFTER_RECORDED
"""Columns of texts may lack `dataLength` (§3.0), and may lose it; 1.6 fails then (§6.2)."""

DOMAINS = (1, 9)
"""Entities have `domains`, a list, in place of one `domain` (§3.0)."""

_ALWAYS_DOMAINS = frozenset({"user", "team"})

ETAGS = (1, 9)
"""`ETag`, `If-Match` and `If-None-Match` (§6.4); ignored before."""

BULK = (1, 11)
"""`PUT …/bulk` (§5.1)."""

PLAIN_REFUSALS = (1, 12)
"""An absent path or method is 404 or 405; before, 500 with that in its message (§10.1)."""

MAPPING_HIDDEN = (1, 13)
"""A body that cannot be read is `Invalid request format` and no more; before, a message of Jackson
names the field (§10.1). Upstream changed it after 1.9, and before 2.0; the release is not known."""

STALE = OVERRIDE = (2, 0)
"""`deleteStale`, and `overrideMetadata` of a bulk PUT (§5)."""

_TEXTS = ("CHAR", "VARCHAR", "BINARY", "VARBINARY")
_OPERATIONS = frozenset({"add", "remove", "replace", "move", "copy", "test"})
_NAMING = frozenset({"name", "fullyQualifiedName"})
_POINTING = _NAMING | {"id"}


def has_kind(version: Version, entity_type: str) -> bool:
    """Whether a version has entities of a type."""
    return entity_type in ALL_KINDS and holds(known().kinds.get(entity_type), version)


@cache
def _absent_kinds(version: Version) -> frozenset[str]:
    return frozenset(name for name in known().kinds if not has_kind(version, name))


def check_kinds(version: Version, value: Any) -> None:
    """Raise 404 for a reference in a body to a kind that the version does not have."""
    absent = _absent_kinds(version)
    for part in _parts(value) if absent else ():
        given = part.get("type")
        if isinstance(given, str) and given in absent and part.keys() & _POINTING:
            check_kind(version, given)


def check_kind(version: Version, entity_type: str) -> None:
    """Raise 404 for an entity type that the version does not have."""
    if not has_kind(version, entity_type):
        raise HTTPException(404, f"Entity type {entity_type} not found")


def check_references(value: Any) -> None:
    """Raise 400 for references in a body that have no id."""
    missing = sum(
        str(part.get("type")) in ALL_KINDS
        and part.get("id") is None
        and bool(part.keys() & _NAMING)
        for part in _parts(value)
    )
    if missing:
        raise HTTPException(400, f"[{', '.join(['id must not be null'] * missing)}]")


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """The objects in a JSON value, at any depth."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _parts(item)


def check_spelling(kind: EntityKind, body: dict[str, Any]) -> None:
    """Raise `NotFoundError` for an FQN in a create body with quotes that are not needed."""
    above = (kind.parent_field, kind.parent_type), (kind.nested_field, kind.nested_type)
    for field, target in (*above, *kind.links.items()):
        given = body.get(field or "")
        for name in given if isinstance(given, list) else [given]:
            if target and isinstance(name, str) and name != fqn.spelled(name):
                raise NotFoundError.of(target, name)
    for part in _parts(body):
        name = part.get("tagFQN")
        if isinstance(name, str) and name != fqn.spelled(name):
            raise NotFoundError.of("tag", name)


def is_patch(operations: Any) -> bool:
    """Whether it is an array of objects, which releases before `PATCHES` then fail to apply."""
    return isinstance(operations, list) and all(isinstance(item, dict) for item in operations)


def thrown_by(operations: list[Any], error: PatchError) -> str:
    """What releases before `PATCHES` say of a JSON Patch that cannot be applied."""
    given = (operation.get("op") for operation in operations)
    unknown = next((op for op in given if op not in _OPERATIONS), None)
    if unknown is None:
        return error.what
    return f"Illegal value for the operationName of the JSON patch operation: {unknown}"


def check_lengths(columns: Any) -> None:
    """Raise 400 for a column of texts without `dataLength`."""
    for column in _objects(columns):
        if column.get("dataType") in _TEXTS and column.get("dataLength") is None:
            types = ", ".join(_TEXTS).lower()
            raise HTTPException(400, f"For column data types {types} dataLength must not be null")
        check_lengths(column.get("children"))


def loses_length(columns: Any, stored: list[dict[str, Any]]) -> bool:
    """Whether a column of the same type as the stored one no longer has its `dataLength`."""
    kept = {(one["name"].lower(), one["dataType"]) for one in stored if "dataLength" in one}
    return any(
        (str(column.get("name")).lower(), column.get("dataType")) in kept
        for column in _objects(columns)
        if column.get("dataLength") is None
    )


def _objects(given: Any) -> list[dict[str, Any]]:
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def has_one_domain(kind: EntityKind, release: tuple[int, ...]) -> bool:
    """Whether entities of a kind have one `domain` in a release."""
    return release < DOMAINS and kind.entity_type not in _ALWAYS_DOMAINS


def with_one_domain(entity: dict[str, Any]) -> None:
    """Replace `domains` by `domain`, in place."""
    if domains := entity.pop("domains", None):
        entity["domain"] = domains[0]


def with_times(pipeline: dict[str, Any]) -> None:
    """Show dates and times in milliseconds since 1970, in place, as every release does (§3.1)."""
    for field in ("startDate", "endDate"):
        with suppress(ValueError, KeyError):  # the catalog stores any text
            at = datetime.fromisoformat(pipeline[field].replace("Z", "+00:00"))
            at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
            pipeline[field] = round(at.timestamp() * 1000)


def of_all_domains(fields: frozenset[str]) -> frozenset[str]:
    """The names of fields as the catalog knows them; raises 400 for `domains`."""
    if "domains" in fields:
        raise HTTPException(400, "Invalid field name domains")
    return fields - {"domain"} | {"domains"} if "domain" in fields else fields


def patching_domains(operations: Any) -> Any:
    """A JSON Patch of `domain` as one of `domains`; what is no patch is returned as it is."""
    if not isinstance(operations, list):
        return operations
    return [
        _patching_domains(operation) if isinstance(operation, dict) else operation
        for operation in operations
    ]


def _patching_domains(operation: dict[str, Any]) -> dict[str, Any]:
    path = str(operation.get("path"))
    if path == "/domains" or path.startswith("/domains/"):
        raise HTTPException(400, 'Unrecognized field "domains"')
    if path == "/domain":
        whole = {"value": [operation["value"]]} if "value" in operation else {}
        return {**operation, "path": "/domains", **whole}
    if path.startswith("/domain/"):
        return {**operation, "path": f"/domains/0/{path.removeprefix('/domain/')}"}
    return operation
