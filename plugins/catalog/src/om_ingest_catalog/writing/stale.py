"""Deletion of entities that are no longer in the source: `deleteStale` of contract §5.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind
from om_ingest.model import Model, fqn as names
from om_ingest.model.fqn import normalised
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from om_ingest_catalog.rows.file import CatalogFile
from om_ingest_catalog.rows.reading import find
from om_ingest_catalog.rules.request import validated
from om_ingest_catalog.writing import deletion
from om_ingest_catalog.writing.batch import BatchWriter
from om_ingest_catalog.writing.options import Actor, BulkResult

_SERVICE = "service"
_PAGE_COUNT = 1000


class StaleRequest(Model):
    """Body of `deleteStale`: the FQNs seen in a scope, and how to delete the others."""

    model_config = ConfigDict(alias_generator=to_camel)  # on the wire: `scopeFqn` …

    scope_fqn: str = Field(min_length=1)
    scope_entity_type: str = Field(min_length=1)
    seen_fqns: list[str] = []
    recursive: bool = True
    hard_delete: bool = False
    dry_run: bool = False


def delete_stale(
    file: CatalogFile, writer: BatchWriter, kind: EntityKind, given: Mapping[str, Any], actor: Actor
) -> BulkResult:
    """Delete the live entities of a kind in a scope that were not seen; one result row each.

    Each delete is a separate transaction, ancestors first. Ancestors of seen entities are kept.
    Nothing is deleted if nothing was seen. Raises `RecordError` for an invalid request.
    """
    request = validated(StaleRequest, given, "request")
    result = BulkResult([], [], request.dry_run)
    seen = {fqn for fqn in map(normalised, request.seen_fqns) if fqn is not None}
    scope = find(file, _scope_type(kind, request.scope_entity_type), request.scope_fqn)
    if scope is None or not seen:
        return result
    kept = seen | _above(seen) if kind.entity_type == kind.nested_type else seen
    for fqn in [fqn for fqn in _live(file, kind, scope.fqn) if fqn not in kept]:
        try:
            _delete(file, writer, kind, fqn, request, actor)
        except RecordError as error:
            result.add_failure(fqn, error.what)
        else:
            result.add_success(fqn)
    return result


def _scope_type(kind: EntityKind, given: str) -> str:
    """The entity type of a scope; raises `RecordError` if it cannot contain the kind."""
    types, root = {kind.nested_type}, kind
    while root.parent is not None:
        root = root.parent
        types |= {root.entity_type, root.nested_type}
    if given == _SERVICE and root is not kind and root.segment is not None:
        return root.entity_type
    if given not in types:
        raise RecordError(
            f"A {kind.entity_type} cannot lie in a {given}",
            f"scopeEntityType is {_SERVICE}, or one of: {', '.join(sorted(filter(None, types)))}.",
        )
    return given


def _above(fqns: set[str]) -> set[str]:
    """All ancestors of the FQNs."""
    found: set[str] = set()
    for fqn in fqns:
        above = names.parent(fqn)
        while above is not None and above not in found:
            found.add(above)
            above = names.parent(above)
    return found


def _live(file: CatalogFile, kind: EntityKind, scope: str) -> Iterator[str]:
    after: str | None = None
    while page := file.fqns(kind.entity_type, scope, after, _PAGE_COUNT):
        yield from page
        after = page[-1]


def _delete(
    file: CatalogFile,
    writer: BatchWriter,
    kind: EntityKind,
    fqn: str,
    request: StaleRequest,
    actor: Actor,
) -> None:
    if request.dry_run:
        row = file.by_fqn(kind.entity_type, fqn)
        if row is not None:
            deletion.check_deletable(file, row, recursive=request.recursive)
        return
    with writer.changing():
        row = file.by_fqn(kind.entity_type, fqn)
        if row is None or row.deleted:  # deleted with an ancestor
            return
        deletion.delete(
            file,
            row,
            actor,
            writer.now,
            recursive=request.recursive,
            hard=request.hard_delete,
        )
