"""Deletes, restores and patches entities of a server (REST contract §5.2, §6.4, §6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.openmetadata.bulk import ABSENT, entries_of, row_reason
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import JSON_PATCH, json_of, path_of
from om_ingest.openmetadata.reading import EntityReader, parsed
from om_ingest.store import EntityT

_WORTH_ONE_REQUEST = 20
_SEEN_COUNT = 20_000
"""FQNs in the body of one request: a megabyte or two."""


class EntityChanger(EntityReader):
    """The changing part of a store on a server. Raises `ServerError` and `RecordError`."""

    def delete(
        self, entity: type[Entity], fqn: str, *, recursive: bool = False, hard: bool = False
    ) -> bool:
        """Mark as deleted, or remove for good if `hard`; False when there is none.

        Raises `RecordError` when it has live children and `recursive` is not set.
        """
        kind = kind_of(entity)
        answer = self._server.transport.request(
            "DELETE",
            path_of(kind.collection, "name", fqn),
            query={"recursive": recursive, "hardDelete": hard or not kind.soft_delete},
        )
        if answer.status == 404:
            return answer.may_be_second and self._is_deleted(entity, fqn)
        _check(answer, f"{kind.entity_type} {fqn} cannot be deleted")
        self._server.ids.forget_all()
        return True

    def _is_deleted(self, entity: type[Entity], fqn: str) -> bool:
        """Whether a delete whose answer was lost was done: the entity is gone or deleted."""
        found = self.get_by_name(entity, fqn, include_deleted=True)
        self._server.ids.forget_all()
        return found is None or bool(found.deleted)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete, with the children deleted by it; None when there is none."""
        found = self.get_by_name(entity, fqn, include_deleted=True)
        if found is None or not found.deleted:
            return found
        kind = kind_of(entity)
        answer = self._server.transport.request(
            "PUT", f"{kind.collection}/restore", body=json_of({"id": str(found.id)})
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be restored")
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
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be patched")
        return parsed(entity, answer.body)

    def delete_unseen(
        self, entity: type[Entity], scope: str, seen: Collection[str], *, dry_run: bool = False
    ) -> list[str]:
        """Mark the entities of a kind below a scope that are not in `seen` as deleted; their FQNs.

        An empty `seen` deletes nothing (§5.2). Servers from 2.0 on do it in one request.
        """
        if not seen:
            return []
        features = self._server.features
        if features.has_delete_stale:
            gone = self._deleted_by_server(kind_of(entity), scope, seen, dry_run=dry_run)
            if gone is not None:
                return gone
            features.has_delete_stale = False
        known = {names.spelled(fqn) for fqn in seen}
        gone = [
            fqn for fqn in self.list_fqns(entity, scope=scope) if names.spelled(fqn) not in known
        ]
        if not dry_run:
            gone = [fqn for fqn in gone if self.delete(entity, fqn, recursive=True, hard=False)]
        return gone

    def delete_stale(self, entity: type[Entity], scope: str, fqns: Sequence[str]) -> int:
        """Mark entities below a scope as deleted, with their children; how many were live.

        One request deletes many, if the server has `deleteStale` and the FQNs to keep fit into
        the request. Few are deleted one by one, because `deleteStale` also deletes what was
        created since the FQNs were listed.
        """
        if len(fqns) >= _WORTH_ONE_REQUEST and self._server.features.has_delete_stale:
            gone = {names.spelled(fqn) for fqn in fqns}
            listed = self.list_fqns(entity, scope=scope)
            live = list(islice(listed, _SEEN_COUNT))
            staying = [fqn for fqn in live if names.spelled(fqn) not in gone]
            if staying and next(listed, None) is None:
                self.delete_unseen(entity, scope, staying, dry_run=False)
                return len(live) - len(staying)  # a retry answers that none is left
        return sum(self.delete(entity, fqn, recursive=True, hard=False) for fqn in fqns)

    def _deleted_by_server(
        self, kind: EntityKind, scope: str, seen: Collection[str], *, dry_run: bool
    ) -> list[str] | None:
        """What `deleteStale` deleted, or would delete; None if the server does not have it."""
        body = {
            "scopeFqn": names.spelled(scope),
            "scopeEntityType": scope_type(kind, scope),
            "seenFqns": list(seen),
            "recursive": True,
            "hardDelete": False,
            "dryRun": dry_run,
        }
        path = f"{kind.collection}/deleteStale"
        answer = self._server.transport.request("DELETE", path, body=json_of(body))
        if answer.status in ABSENT:
            return None
        _check(answer, f"what is gone below {scope} cannot be deleted")
        self._server.ids.forget_all()
        told = answer.body if isinstance(answer.body, dict) else {}
        for failed in entries_of(told, "failedRequest"):
            raise RecordError(
                f"{failed.get('request')} cannot be deleted: {row_reason(failed)}",
                "Do what the server says, and run again.",
            )
        return [str(entry.get("request")) for entry in entries_of(told, "successRequest")]


def scope_type(kind: EntityKind, scope: str) -> str:
    """Entity type of a scope of a kind; `service` for services of all families."""
    depth = len(names.split(scope))
    above: EntityKind | None = kind
    while above is not None and above.depth > depth:
        above = above.parent
    if above is None or above.segment is not None:
        return "service"
    return (above.nested_type if above is kind else above.entity_type) or above.entity_type


def _check(answer: Answer, what: str) -> None:
    if not answer.is_done:
        raise RecordError(f"{what}: {answer.reason}", "Do what the server says.")
