"""Entities in the form of OpenMetadata's answers, from stored rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from om_ingest.kinds import KINDS, SHARED_LINKS
from om_ingest.model import Entity

from om_ingest_catalog.documents.derived import complete
from om_ingest_catalog.rows.body import (
    Body,
    above_members,
    complete_members,
    member_list,
    parse,
)
from om_ingest_catalog.rows.file import CatalogFile, EntityRow
from om_ingest_catalog.rows.links import reference
from om_ingest_catalog.rows.reading import UNREADABLE, ancestors, field_names, unreadable
from om_ingest_catalog.rules.defaults import add_defaults

EntityT = TypeVar("EntityT", bound=Entity)

_RELATIONS = frozenset({"relatedTerms"})  # answered as `{"relationType", "term"}` (§3.1)


def assemble(
    file: CatalogFile, entity: type[EntityT], row: EntityRow, service_type: str | None
) -> EntityT:
    """The entity of a row; `service_type` is inherited from its service, if it has one.

    Raises `UnreadableError`.
    """
    try:
        whole = document(row, service_type)
        complete(file, row, whole, whole=True)
        return entity.model_validate(whole)
    except UNREADABLE as error:
        raise unreadable(row, error) from None


def document(row: EntityRow, service_type: str | None) -> Body:
    """The entity of a row as JSON, in the form of OpenMetadata's answers."""
    body = parse(row.body)
    kind = KINDS[row.entity_type]
    known = field_names(row.entity_type)
    result: dict[str, Any] = {name: value for name, value in body.items() if name in known}
    result.update(
        id=row.id,
        name=row.name,
        fullyQualifiedName=row.fqn,
        version=row.version,
        updatedAt=row.updated_at,
        updatedBy=row.updated_by,
    )
    if kind.soft_delete or row.deleted:
        result["deleted"] = bool(row.deleted)
    if row.impersonated_by is not None:
        result["impersonatedBy"] = row.impersonated_by
    if row.change is not None:
        result["changeDescription"] = parse(row.change)
    for field, entity_type, fqn in ancestors(row):
        if field in known:
            result[field] = reference(entity_type, fqn)
    if service_type is not None and "serviceType" in known:
        result["serviceType"] = service_type
    for links in (SHARED_LINKS, kind.links):
        _expand_links(result, links)
    _expand_ids(result, kind.id_links)
    add_defaults(row.entity_type, result, known)
    if "tags" in known:
        result.setdefault("tags", [])
    for path in kind.members:
        above = above_members(kind.members, path, row.fqn)
        complete_members(above, member_list(result, path), are_columns=path[-1] == "columns")
    return result


def _expand_links(result: Body, links: Mapping[str, str]) -> None:
    for field, target in links.items():
        given = result.get(field)
        if isinstance(given, str):
            result[field] = reference(target, given)
        elif given is not None:
            found = [reference(target, fqn) for fqn in given]
            if field in _RELATIONS:
                found = [{"relationType": "relatedTo", "term": term} for term in found]
            result[field] = found


def _expand_ids(result: Body, links: Mapping[str, str]) -> None:
    for field, target in links.items():
        given = result.get(field)
        if isinstance(given, str):
            result[field] = {"id": given, "type": target}
        elif isinstance(given, list):
            result[field] = [{"id": value, "type": target} for value in given]
