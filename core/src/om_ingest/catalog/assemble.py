"""From a stored row to the entity that OpenMetadata would answer."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha1
from typing import Any, TypeVar
from uuid import UUID

from om_ingest.catalog.body import Body, parse
from om_ingest.catalog.file import Row
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.model.fqn import quote
from om_ingest.model.kinds import KINDS

EntityT = TypeVar("EntityT", bound=Entity)

ID_NAMESPACE = UUID("6f6d2d69-6e67-5573-8174-636174616c6f")
"""Ids are UUIDs of version 5 (RFC 9562) in this namespace."""

_REFERENCES_BY_FQN = {"domains": "domain", "dataProducts": "dataProduct"}
_REFERENCES_BY_ID = {
    "teams": "team",
    "roles": "role",
    "parents": "team",
    "users": "user",
    "defaultRoles": "role",
    "policies": "policy",
}
_TAGGED = frozenset(
    entity_type for entity_type, kind in KINDS.items() if "tags" in kind.entity.model_fields
)


def entity_id(entity_type: str, fqn: str) -> str:
    """The id of an entity: `uuid5(ID_NAMESPACE, "<entity type>:<fqn>")`, in every catalog."""
    # Written out: uuid.uuid5 takes as long as storing the row.
    name = ID_NAMESPACE.bytes + f"{entity_type}:{fqn}".encode()
    digits = sha1(name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def reference(entity_type: str, fqn: str) -> Body:
    """A reference to the entity with this FQN."""
    return dict(_reference(entity_type, fqn))


@lru_cache(maxsize=2048)
def _reference(entity_type: str, fqn: str) -> tuple[tuple[str, str], ...]:
    return (
        ("id", entity_id(entity_type, fqn)),
        ("type", entity_type),
        ("name", names.split(fqn)[-1]),
        ("fullyQualifiedName", fqn),
    )


def ancestors(entity_type: str, fqn: str) -> list[tuple[str, str, str]]:
    """The entity's place in the tree, nearest first: (field, entity type, FQN) each."""
    result = []
    parts = names.split(fqn)
    kind = KINDS[entity_type]
    if kind.nested_field is not None and len(parts) > kind.depth:
        result.append((kind.nested_field, entity_type, names.join(*parts[:-1])))
        del parts[kind.depth :]
    while kind.parent_type is not None and len(parts) > 1:
        parts.pop()
        result.append((str(kind.parent_field), kind.parent_type, names.join(*parts)))
        kind = KINDS[kind.parent_type]
    return result


def service_fqn(row: Row) -> str | None:
    """The FQN of the service that the row inherits its service type from."""
    if "serviceType" not in KINDS[row.entity_type].entity.model_fields:
        return None
    above = ancestors(row.entity_type, row.fqn)
    return above[-1][2] if above else None


def assemble(entity: type[EntityT], row: Row, service_type: str | None) -> EntityT:
    """The entity in a row; `service_type` is the one of its service, if it has one."""
    return entity.model_validate(document(row, service_type))


def document(row: Row, service_type: str | None) -> Body:
    """The entity in a row as JSON, in the shape of OpenMetadata's answers."""
    body = parse(row.body)
    known = KINDS[row.entity_type].entity.model_fields
    result: dict[str, Any] = {name: value for name, value in body.items() if name in known}
    result.update(
        id=row.id,
        name=row.name,
        fullyQualifiedName=row.fqn,
        version=row.version,
        updatedAt=row.updated_at,
        updatedBy=row.updated_by,
        deleted=bool(row.deleted),
    )
    if row.change is not None:
        result["changeDescription"] = parse(row.change)
    for field, entity_type, fqn in ancestors(row.entity_type, row.fqn):
        if field in known:
            result[field] = reference(entity_type, fqn)
    if service_type is not None and "serviceType" in known:
        result["serviceType"] = service_type
    _expand_references(row.entity_type, result)
    if row.entity_type in _TAGGED:
        result.setdefault("tags", [])
    if "columns" in body:
        _complete_columns(row.fqn, result["columns"])
    return result


def _expand_references(entity_type: str, result: Body) -> None:
    for field, target in _REFERENCES_BY_FQN.items():
        if field in result:
            result[field] = [reference(target, fqn) for fqn in result[field]]
    if entity_type in ("user", "team"):
        targets = {**_REFERENCES_BY_ID, "children": "team"}
        for field, target in targets.items():
            if field in result:
                result[field] = [{"id": value, "type": target} for value in result[field]]
    if isinstance(result.get("parent"), str):
        result["parent"] = reference(entity_type, result["parent"])


def _complete_columns(above: str, columns: list[Body]) -> None:
    for column in columns:
        fqn = column["fullyQualifiedName"] = f"{above}.{quote(column['name'])}"
        column.setdefault("tags", [])
        column.setdefault("dataTypeDisplay", column["dataType"].lower())
        if "children" in column:
            _complete_columns(fqn, column["children"])
