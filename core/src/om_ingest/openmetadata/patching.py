"""The smallest JSON Patch (RFC 6902) for an entity of a server, and its way there (§6.4).

Only `add`: it sets a member that is absent, and replaces one that is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import (
    KEEPING,
    KINDS,
    SHARED_LINKS,
    EntityKind,
    Policy,
    as_request,
    item_key,
    policy_of,
)
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.comparison import MODEL, Comparison
from om_ingest.openmetadata.evidence import naming_id, reading
from om_ingest.openmetadata.existing import Existing
from om_ingest.openmetadata.fingerprints import fingerprint_of
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import JSON_PATCH, json_of, path_of
from om_ingest.openmetadata.payloads import Part
from om_ingest.openmetadata.results import RowResult, refused
from om_ingest.openmetadata.server import Server
from om_ingest.openmetadata.trials import HELD
from om_ingest.releases import Dialect
from om_ingest.store import Outcome

Body = dict[str, Any]

_ATTEMPT_COUNT = 4
"""How often an entity is patched that somebody else changes at the same time."""

_BUSY = "somebody else changes it at the same time"

_RELATED = "relatedTerms"
_RELATION = "relatedTo"


class Patcher:
    """Changes entities that are there by patches. Thread-safe."""

    def __init__(self, server: Server, existing: Existing, comparison: Comparison) -> None:
        self._server = server
        self._existing = existing
        self._comparison = comparison

    def patch(self, row: Row, *, only: Collection[str] = ()) -> Row | RowResult:
        """The result of a patch; the row itself if there is no such entity.

        `only` are the fields to patch, if not all.
        """
        row.refit()
        outcome, lost = Outcome.UNCHANGED, ""
        for _ in range(_ATTEMPT_COUNT):
            document = self._existing.read(row)
            if document is None:
                return row
            if document.get("deleted"):
                restore(self._server, row.kind, str(document["id"]))
                outcome = Outcome.UPDATED
                continue
            stored = as_request(row.kind, document)
            found = self._comparison.changes(row, stored)
            if row.kind.entity_type == "table":
                found.pop(MODEL, None)  # see `Updater`
            if only:
                found = {field: value for field, value in found.items() if field in only}
            if not found:
                return RowResult(outcome)
            try:
                answer = self._sent(row, document, found, with_fingerprint=True)
            except RequestFailedError as error:
                outcome, lost = Outcome.WRITTEN, error.what
                continue
            if answer.status == 412 and answer.may_be_second:
                outcome = Outcome.WRITTEN  # it may be our own change that it does not fit
            if answer.status != 412:
                if not answer.is_done:
                    return refused(answer)
                if not found:  # the server knows nothing of what is to be changed
                    return RowResult(outcome)
                outcome, lost = Outcome.UPDATED, ", ".join(found)
                if not self._is_missing(row, answer, only):
                    return RowResult(outcome)
        what = f"the server does not have what was patched: {lost}" if lost else _BUSY
        return RowResult(Outcome.FAILED, what)

    def patch_before(self, row: Row, document: Body) -> Body | None:
        """Patch what a PUT by a bot does not change; the entity as it was read last, if any.

        Done before the PUT, so that after a failure the old fingerprint still shows that work is
        left.
        """
        read: Body | None = document
        found: Body = {}
        reason = _BUSY
        for _ in range(_ATTEMPT_COUNT):
            if read is None:
                return None
            found = self._comparison.not_put(row, as_request(row.kind, read))
            if not found:
                return read
            if read.get("deleted"):
                restore(self._server, row.kind, str(read["id"]))
            else:
                try:
                    answer = self._sent(row, read, found)
                except RequestFailedError as error:
                    reason = error.what
                else:
                    if answer.is_done:
                        return read
                    if answer.status != 412:
                        raise _unchangeable(found, answer.reason)
            read = self._existing.read(row)
        raise _unchangeable(found, reason)

    def _sent(
        self, row: Row, document: Body, found: Body, *, with_fingerprint: bool = False
    ) -> Answer:
        """The answer to a patch, as of `_patched`; `found` is left with what the server knows.

        Nothing is sent where that is nothing: the answer is done then. Only a trial sends the name.
        """

        def send(parts: Sequence[Part]) -> Answer:
            changes, dialect = dict(parts[0].body), parts[0].dialect
            is_hashed = with_fingerprint and "sourceHash" in row.body
            if not changes:
                changes["name"] = document["name"]
            elif is_hashed and dialect.takes(name, "sourceHash"):
                said = fingerprint_of(row.parcel, dialect) if row.parcel else row.body["sourceHash"]
                if said != document.get("sourceHash"):
                    changes["sourceHash"] = said
            operations = _operations(self._server, row.kind, document, changes, dialect)
            return _patched(self._server, row.kind, document, list(operations))

        name = row.request.__name__
        answer = self._server.trials.sent([Part(row.request, found, row.dialect)], send)
        row.refit()
        return Answer(200, document) if answer is HELD else answer

    def _is_missing(self, row: Row, answer: Answer, only: Collection[str]) -> bool:
        """Whether the answer to a patch lacks something that the row says.

        Other writes to the server may have removed it. What the source decides alone is not
        compared: a server may show it in another way.
        """
        rest = self._comparison.lacks(row, as_request(row.kind, answer.body))
        return any(
            policy_of(row.kind, field) in KEEPING and (not only or field in only) for field in rest
        )


def _unchangeable(found: Mapping[str, Any], reason: str) -> RecordError:
    what = f"{', '.join(found)} cannot be changed: {reason}"
    return RecordError(what, "Correct the record, or run again.")


def _patched(
    server: Server, kind: EntityKind, document: Mapping[str, Any], operations: list[Body]
) -> Answer:
    """The answer to a patch.

    It is 412 if the entity has another version by now than in `document`, on servers that can
    tell. Raises `RequestFailedError`, also if the answer is lost: the patch may have been done
    then.
    """
    entity_id, version = str(document["id"]), document.get("version")
    has_tag = server.features.has_etag and version is not None
    return server.transport.request(
        "PATCH",
        path_of(kind.collection, entity_id),
        body=json_of(operations),
        content_type=JSON_PATCH,
        repeatable=has_tag,
        evidence=reading(naming_id(kind.entity_type, entity_id)),
        if_match=f'W/"{version}"' if has_tag else None,
    )


def restore(server: Server, kind: EntityKind, entity_id: str) -> None:
    """Bring back an entity that is marked as deleted, with what was deleted below it (§6.5).

    Raises `RecordError` if the server refuses it, and `RequestFailedError`.
    """
    answer = server.transport.request(
        "PUT",
        f"{kind.collection}/restore",
        body=json_of({"id": entity_id}),
        evidence=naming_id(kind.entity_type, entity_id),
    )
    if not answer.is_done:
        raise RecordError(f"it cannot be restored: {answer.reason}", "Restore it by hand.")


def _operations(
    server: Server,
    kind: EntityKind,
    document: Mapping[str, Any],
    found: Mapping[str, Any],
    dialect: Dialect,
) -> Iterator[Body]:
    """The operations that make the changes `found`, values in the form of requests.

    Raises `RecordError` if an entity that a change refers to does not exist.
    """
    stored = as_request(kind, document)
    for field, value in found.items():
        shown, path = document.get(field), f"/{field}"
        if policy_of(kind, field) is Policy.KEYS and isinstance(shown, dict):
            old = stored.get(field) or {}
            for key, inner in value.items():
                if key not in old or old[key] != inner:
                    yield _add(f"{path}/{_escaped(key)}", inner)
        elif (name := dialect.sent_as(kind.request.__name__, field)) != field:
            yield _add(f"/{name}", _shown(server, kind, field, value[0], shown))
        elif (
            isinstance(value, list)
            and _is_own(stored, field, shown)
            and _extends(stored, field, value)
        ):
            known = {item_key(item) for item in stored.get(field) or ()}
            for item in value:
                if item_key(item) not in known:
                    yield _add(f"{path}/-", _shown(server, kind, field, item, shown))
        elif isinstance(value, list):
            items = [_shown(server, kind, field, item, shown) for item in value]
            yield _add(path, items)
        else:
            yield _add(path, _shown(server, kind, field, value, shown))


def _is_own(stored: Body, field: str, shown: Any) -> bool:
    """Whether a list is the entity's own: a patch that adds to an inherited one would copy it."""
    return isinstance(shown, list) and len(shown) == len(stored.get(field) or ())


def _extends(stored: Body, field: str, value: list[Any]) -> bool:
    """Whether a list has all that is stored: the patches of two ends of a relation add up then."""
    keys = {item_key(item) for item in value}
    return all(item_key(item) in keys for item in stored.get(field) or ())


def _shown(server: Server, kind: EntityKind, field: str, item: Any, shown: Any) -> Any:
    """A value of a request in the form in which the server shows it: references have ids."""
    if field in kind.id_links:
        return {"id": item, "type": kind.id_links[field]}
    entity_type = kind.links.get(field) or SHARED_LINKS.get(field)
    if entity_type is None or not isinstance(item, str):
        return item
    fqn = KINDS[entity_type].spelled(item)
    reference = {"id": server.ids.id_of(entity_type, fqn), "type": entity_type}
    if field == _RELATED and _has_relations(server, shown):
        return {"relationType": _RELATION, "term": reference}
    return reference


def _has_relations(server: Server, shown: Any) -> bool:
    """Whether related terms have the type of their relation beside them."""
    if shown:
        return "term" in shown[0]
    return server.features.has_relation_types


def _add(path: str, value: Any) -> Body:
    return {"op": "add", "path": path, "value": value}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
