"""Deletes, restores and patches entities of a server (REST contract §5.2, §6.4, §6.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity, EntityReference
from om_ingest.openmetadata.evidence import is_absent, is_edge, naming_id, reading
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.listing import Fields
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import JSON_PATCH, json_of, path_of
from om_ingest.openmetadata.reading import EntityReader, parsed
from om_ingest.openmetadata.server import Server
from om_ingest.store import DeleteResult, EntityT


class EntityChanger(EntityReader):
    """The changing part of a store on a server. Raises `ServerError` and `RecordError`."""

    def __init__(self, server: Server, existing: Existing, bare_fields: Fields) -> None:
        super().__init__(server, bare_fields)
        self._existing = existing

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Mark as deleted, or remove for good if `hard`; False when there is none.

        Raises `RecordError` when it has live children and `recursive` is not set, and when it is
        still there whatever the server has answered.
        """
        kind = kind_of(entity)
        fqn = kind.spelled(fqn)
        answer = self._server.transport.request(
            "DELETE",
            path_of(kind.collection, "name", fqn),
            query={"recursive": recursive, "hardDelete": hard or not kind.soft_delete},
        )
        if is_absent(answer, fqn):
            return answer.may_be_second and self._is_deleted(entity, fqn)
        _check(answer, f"{kind.entity_type} {fqn} cannot be deleted")
        self._forget_all()
        told = answer.body if isinstance(answer.body, dict) else {}
        is_named = names.spelled(str(told.get("fullyQualifiedName"))) == fqn
        is_sure = is_named and told.get("deleted") is True
        if not is_sure and not self._is_deleted(entity, fqn):
            raise RecordError(
                f"{kind.entity_type} {fqn} is still there, although the server has answered"
                f" ({answer.status}) to its deletion",
                "Look into the server's log, and for a proxy that answers instead of it.",
            )
        return True

    def _is_deleted(self, entity: type[Entity], fqn: str) -> bool:
        """Whether a delete whose answer was lost was done: the entity is gone or deleted."""
        found = self.get_by_name(entity, fqn, include_deleted=True)
        self._forget_all()
        return found is None or bool(found.deleted)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, with the children deleted by it; None when there is none."""
        found = self.get_by_name(entity, fqn, include_deleted=True)
        if found is None or not found.deleted:
            return found
        kind = kind_of(entity)
        answer = self._server.transport.request(
            "PUT",
            f"{kind.collection}/restore",
            body=json_of({"id": str(found.id)}),
            evidence=naming_id(kind.entity_type, str(found.id)),
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be restored")
        self._forget_all()
        return self.get_by_name(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch (RFC 6902); the patched entity, None when there is none."""
        kind = kind_of(entity)
        found = self.get_by_name(entity, fqn)
        if found is None:
            return None
        answer = self._server.transport.request(
            "PATCH",
            path_of(kind.collection, str(found.id)),
            body=json_of(list(operations)),
            content_type=JSON_PATCH,
            repeatable=False,  # a repeated `add` adds twice
            evidence=reading(naming_id(kind.entity_type, str(found.id))),
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be patched")
        self._existing.forget((kind.entity_type, fqn))
        return parsed(entity, answer.body)

    def delete_lineage(self, start: EntityReference, target: EntityReference) -> bool:
        """Remove an edge (§4); False when there is none.

        Raises `RecordError` if the server refuses, or still has the edge.
        """
        ends = [
            part
            for end in (start, target)
            for part in (end.type, "name", kind_of(end.type).spelled(end.fullyQualifiedName or ""))
        ]
        answer = self._server.transport.request("DELETE", path_of("lineage", *ends))
        if is_absent(answer, "Lineage edge"):
            return answer.may_be_second
        said = f"The edge {start.fullyQualifiedName} -> {target.fullyQualifiedName}"
        _check(answer, f"{said} cannot be removed")
        if self._server.get(path_of("lineage", "getLineageEdge", *ends), is_edge).is_done:
            raise RecordError(
                f"{said} is still there, although the server has answered ({answer.status})",
                "Look into the server's log, and for a proxy that answers instead of it.",
            )
        return True

    def delete_stale(self, entity: type[Entity], fqns: Sequence[str]) -> Iterator[DeleteResult]:
        """Mark exactly these entities as deleted, with what lies below them; a result for each.

        One request for each, over all connections. `deleteStale` of a server (§5.2) is no way
        to do it: it also deletes what it is not told to keep.
        """
        with ThreadPoolExecutor(self._server.config.maxConnections) as pool:
            for _, wave in groupby(sorted(fqns, key=_depth), _depth):  # what lies above first
                waiting = [pool.submit(self._deleted, entity, fqn) for fqn in wave]
                try:
                    for result in waiting:
                        yield result.result()
                finally:
                    for result in waiting:
                        result.cancel()

    def _deleted(self, entity: type[Entity], fqn: str) -> DeleteResult:
        try:
            return super()._deleted(entity, fqn)
        except RequestFailedError as error:
            return DeleteResult(fqn, deleted=False, reason=error.what)

    def _forget_all(self) -> None:
        self._server.ids.forget_all()
        self._existing.forget_all()


def _depth(fqn: str) -> int:
    return len(names.split(fqn))


def _check(answer: Answer, what: str) -> None:
    if not answer.is_done:
        raise RecordError(f"{what}: {answer.reason}", "Do what the server says.")
