"""Deleting, restoring and patching what a server has (REST contract §5.2, §6.4, §6.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind, kind_of
from om_ingest.model import fqn as names
from om_ingest.model.entity import Entity
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.transport import JSON_PATCH, json_of, path_of
from om_ingest.openmetadata.reading.parsing import parsed
from om_ingest.openmetadata.reading.reader import Reader
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.writing.bulk import ABSENT, entries_of, reason_of
from om_ingest.store import EntityT

_WORTH_ONE_REQUEST = 20
_SEEN_COUNT = 20_000
"""FQNs in the body of one request: a megabyte or two."""


class Changer:
    """Changes single entities; any thread may use it. Raises `ServerError` and `RecordError`."""

    def __init__(self, server: Server, reader: Reader) -> None:
        self._server = server
        self._reader = reader

    def delete(self, entity: type[Entity], fqn: str, *, recursive: bool, hard: bool) -> bool:
        """Mark as deleted or remove; False when there is none."""
        kind = kind_of(entity)
        answer = self._server.transport.request(
            "DELETE",
            path_of(kind.collection, "name", fqn),
            query={
                "recursive": _flag(recursive),
                "hardDelete": _flag(hard or not kind.soft_delete),
            },
        )
        if answer.status == 404:
            return answer.may_be_second and self._is_deleted(entity, fqn)
        _check(answer, f"{kind.entity_type} {fqn} cannot be deleted")
        self._server.ids.forget_all()
        return True

    def _is_deleted(self, entity: type[Entity], fqn: str) -> bool:
        """Whether a delete whose answer was lost has been done, as far as can be told."""
        found = self._reader.by_name(entity, fqn, include="all")
        self._server.ids.forget_all()
        return found is None or bool(found.deleted)

    def restore(self, entity: type[EntityT], fqn: str) -> EntityT | None:
        """Undo a soft delete; None when there is none."""
        found = self._reader.by_name(entity, fqn, include="all")
        if found is None or not found.deleted:
            return found
        kind = kind_of(entity)
        answer = self._server.transport.request(
            "PUT", f"{kind.collection}/restore", body=json_of({"id": str(found.id)})
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be restored")
        return self._reader.by_name(entity, fqn)

    def patch(
        self, entity: type[EntityT], fqn: str, operations: Sequence[Mapping[str, Any]]
    ) -> EntityT | None:
        """Apply a JSON Patch; None when there is no such entity."""
        kind = kind_of(entity)
        found = self._reader.by_name(entity, fqn)
        if found is None:
            return None
        answer = self._server.transport.request(
            "PATCH",
            path_of(kind.collection, str(found.id)),
            body=json_of(list(operations)),
            content_type=JSON_PATCH,
            repeatable=False,  # twice the same `add` would add twice
        )
        _check(answer, f"{kind.entity_type} {fqn} cannot be patched")
        return parsed(entity, answer.body)

    def delete_unseen(
        self, entity: type[Entity], scope: str, seen: Collection[str], *, dry_run: bool
    ) -> list[str]:
        """Mark everything of a kind below a scope as deleted that was not seen; its FQNs.

        Nothing at all was seen: then nothing is deleted, as servers have it (§5.2).
        """
        if not seen:
            return []
        features = self._server.features
        if features.has_delete_stale:
            gone = self._deleted_by_server(kind_of(entity), scope, seen, dry_run=dry_run)
            if gone is not None:
                return gone
            features.lacks_delete_stale()
        known = {names.spelled(fqn) for fqn in seen}
        gone = [
            fqn for fqn in self._reader.fqns_of(entity, scope) if names.spelled(fqn) not in known
        ]
        if not dry_run:
            gone = [fqn for fqn in gone if self.delete(entity, fqn, recursive=True, hard=False)]
        return gone

    def delete_stale(self, entity: type[Entity], scope: str, fqns: Sequence[str]) -> int:
        """Mark entities below a scope as deleted; how many were live.

        In one request where the server takes one and the rest of the scope fits into it: it is
        told what stays, so one that came meanwhile would be lost. What is few goes one by one.
        """
        if len(fqns) >= _WORTH_ONE_REQUEST and self._server.features.has_delete_stale:
            gone = {names.spelled(fqn) for fqn in fqns}
            listed = self._reader.fqns_of(entity, scope)
            live = list(islice(listed, _SEEN_COUNT))
            staying = [fqn for fqn in live if names.spelled(fqn) not in gone]
            if staying and next(listed, None) is None:
                self.delete_unseen(entity, scope, staying, dry_run=False)
                return len(live) - len(staying)  # its answer may be a second one, of nothing left
        return sum(self.delete(entity, fqn, recursive=True, hard=False) for fqn in fqns)

    def _deleted_by_server(
        self, kind: EntityKind, scope: str, seen: Collection[str], *, dry_run: bool
    ) -> list[str] | None:
        """What `deleteStale` has deleted, or would delete; None where there is no such thing."""
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
                f"{failed.get('request')} cannot be deleted: {reason_of(failed)}",
                "Do what the server says, and run again.",
            )
        return [str(entry.get("request")) for entry in entries_of(told, "successRequest")]


def scope_type(kind: EntityKind, scope: str) -> str:
    """The entity type of a scope that a kind lies below; `service` for services of all families."""
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


def _flag(value: bool) -> str:
    return "true" if value else "false"
