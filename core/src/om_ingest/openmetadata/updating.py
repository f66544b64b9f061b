"""Writes of entities that may be there already what their source says, and nothing more (§6.3).

What the server holds is compared first, and what did not change is not written; `kinds.policy`
says who wins in a field. Entities of kinds with a fingerprint are put, completed with what is
there; others are patched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from om_ingest.errors import RecordError
from om_ingest.kinds import KEEPING, Policy, as_request, changes, policy_of, settled
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.bulk import BulkWriter, Settled, failed, refused
from om_ingest.openmetadata.evidence import naming_id
from om_ingest.openmetadata.existing import CERTIFICATION, Existing
from om_ingest.openmetadata.held import Held
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.network.transport import json_of
from om_ingest.openmetadata.patching import patched
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

_ATTEMPT_COUNT = 4
"""How often an entity is patched that somebody else changes at the same time."""

_MODEL = "dataModel"
"""A field of tables that a PUT takes and does not store; it has a path of its own (§3.0)."""

_INHERITED = "retentionPeriod"
"""A field that a server shows also below where it was set, without a mark."""

_KEPT = ("domains", "dataProducts")
"""Fields that no PUT by a bot changes once they are there, not even one that overrides (§6.3)."""


class Updater:
    """Writes rows of one kind. Thread-safe.

    With `override`, what rows say wins also where it would keep what people have set.
    """

    def __init__(
        self, server: Server, bulk: BulkWriter, existing: Existing, *, override: bool = False
    ) -> None:
        self._server = server
        self._bulk = bulk
        self._existing = existing
        self._override = override

    def put(self, rows: Sequence[Row]) -> list[Settled]:
        """Create or update; one result per row, in the same order.

        Raises `ServerError` when the server fails altogether or refuses us.
        """
        results: dict[Row, Settled] = {}
        for some in _distinct(rows):
            results |= self._put(some)
        return [results[row] for row in rows]

    def _put(self, rows: list[Row]) -> dict[Row, Settled]:
        results: dict[Row, Settled] = {}
        to_send: dict[Row, Row] = {}
        known = self._known(rows)
        for row in rows:
            try:
                is_absent = row.is_new or (row in known and known[row] is None)
                done = row if is_absent else self._updated(row, known)
            except (RecordError, RequestFailedError) as error:
                done = failed(error)
            if isinstance(done, Row):
                to_send[row] = done
            else:
                results[row] = done
        sent = self._bulk.put(list(to_send.values()))
        for row, result in zip(to_send, sent, strict=True):
            if result.outcome is Outcome.WRITTEN and to_send[row] is not row:
                result = Settled(Outcome.UPDATED)  # it was there, and differed
            results[row] = self._with_model(to_send[row], result)
        written = [row for row, result in results.items() if result.outcome is not Outcome.FAILED]
        created = {row for row in written if to_send.get(row) is row}
        self._existing.wrote(created, created=True)
        self._existing.wrote([row for row in written if row not in created], created=False)
        return results

    def _known(self, rows: list[Row]) -> dict[Row, Held | None]:
        """What is known of rows of one kind; `Existing.find`."""
        whole: list[Row] = []
        bare: list[Row] = []
        for row in rows:
            if row.is_new:
                continue
            is_whole = self._override or "sourceHash" not in row.body or _has_model(row)
            (whole if is_whole else bare).append(row)
        return self._existing.find(whole, whole=True) | self._existing.find(bare, whole=False)

    def _updated(self, row: Row, known: Mapping[Row, Held | None]) -> Row | Settled:
        """The row to send, which is `row` itself if there is no such entity, or the result."""
        held = known.get(row)
        if held is not None and self._is_as_said(row, held):
            return Settled(Outcome.UNCHANGED)
        if "sourceHash" not in row.body:
            return self._patched(row)
        document = self._existing.read(row)
        if document is None:
            return row
        stored, is_deleted = as_request(row.kind, document), bool(document.get("deleted"))
        if self._is_as_said(row, Held(stored.get("sourceHash"), is_deleted, stored)):
            return Settled(Outcome.UNCHANGED)
        if self._put_would_lose(document):
            done = self._patched(row)
            return self._with_model(row, done) if isinstance(done, Settled) else done
        self._patch_before(row, document, stored)
        body = settled(row.kind, stored, row.body, override=self._override)
        if _INHERITED in body and _INHERITED not in row.body and self._inherits(row, body):
            del body[_INHERITED]
        if "domains" not in row.body and row.kind.has_one_domain(self._server.features.version):
            body.pop("domains", None)  # kept by the server, which has another name for it
        return replace(row, body=body)

    def _is_as_said(self, row: Row, held: Held) -> bool:
        """Whether there is nothing to write."""
        if held.is_deleted:
            return False
        said = row.body.get("sourceHash")
        is_same = said is not None and held.fingerprint == said
        if held.stored is None:
            return is_same
        if said is not None and not is_same and held.fingerprint is not None:
            return False
        found = changes(row.kind, held.stored, row.body, override=self._override)
        return _MODEL not in found if is_same and not self._override else not found

    def _put_would_lose(self, document: Mapping[str, Any]) -> bool:
        """Whether an entity has what requests cannot say, and a PUT takes away."""
        if document.get(CERTIFICATION) and not self._server.features.keeps_certification:
            return True
        return any(task.get("owners") for task in document.get("tasks") or ())

    def _patch_before(self, row: Row, document: dict[str, Any], stored: dict[str, Any]) -> None:
        """Patch what a PUT by a bot does not change in an entity that is there.

        Before the PUT: if this fails, the old fingerprint tells that there is something to do.
        """
        found = changes(row.kind, stored, row.body, override=self._override)
        features = self._server.features
        overrides = self._override and not (features.has_override and features.is_bot)
        policies = KEEPING if overrides else {Policy.KEYS}
        kept = _KEPT if self._override else ()
        some = {
            field: value
            for field, value in found.items()
            if field in kept or policy_of(row.kind, field) in policies
        }
        if some:
            answer = patched(self._server, row.kind, document, some)
            if not answer.is_done:
                raise RecordError(
                    f"{', '.join(some)} cannot be changed: {answer.reason}", "Correct the record."
                )

    def _inherits(self, row: Row, body: Mapping[str, Any]) -> bool:
        """Whether the parent has the value of the field that is inherited without a mark."""
        parent = row.kind.parent
        field = row.kind.request.parent_field
        if parent is None or field is None or _INHERITED not in parent.entity.model_fields:
            return False
        answer = self._server.by_name(parent.entity_type, str(row.body[field]))
        return answer.is_done and answer.body.get(_INHERITED) == body[_INHERITED]

    def _with_model(self, row: Row, result: Settled) -> Settled:
        """The result of a row once its `dataModel` is where servers store it."""
        model = row.body.get(_MODEL)
        if row.kind.entity_type != "table" or not model or result.outcome is Outcome.FAILED:
            return result
        try:
            entity_id = self._server.ids.id_of("table", row.fqn)
            answer = self._server.transport.request(
                "PUT",
                f"tables/{entity_id}/{_MODEL}",
                body=json_of(model),
                evidence=naming_id("table", entity_id),
            )
        except (RecordError, RequestFailedError) as error:
            return failed(error)
        if answer.is_done:
            return result
        reason = f"{_MODEL} is not stored: {answer.reason}"
        return Settled(Outcome.FAILED, reason, refused(answer).missing)

    def _patched(self, row: Row) -> Row | Settled:
        """The result of a patch; the row itself if there is no such entity."""
        outcome, lost = Outcome.UNCHANGED, ""
        for _ in range(_ATTEMPT_COUNT):
            document = self._existing.read(row)
            if document is None:
                return row
            if document.get("deleted"):
                self._restore(row, str(document["id"]))
                outcome = Outcome.UPDATED
                continue
            stored = as_request(row.kind, document)
            found = changes(row.kind, stored, row.body, override=self._override)
            if row.kind.entity_type == "table":
                found.pop(_MODEL, None)  # see `_with_model`
            fingerprint = row.body.get("sourceHash")
            if fingerprint not in (None, stored.get("sourceHash")):
                found["sourceHash"] = fingerprint
            if not found:
                return Settled(outcome)
            try:
                answer = patched(self._server, row.kind, document, found)
            except RequestFailedError as error:
                outcome, lost = Outcome.WRITTEN, error.what
                continue
            if answer.status == 412 and answer.may_be_second:
                outcome = Outcome.WRITTEN  # it may be our own change that it does not fit
            if answer.status != 412:
                if not answer.is_done:
                    return refused(answer)
                outcome, lost = Outcome.UPDATED, ", ".join(found)
                if not self._is_missing(row, answer):
                    return Settled(outcome)
        return Settled(Outcome.FAILED, f"the server does not have what was patched: {lost}")

    def _is_missing(self, row: Row, answer: Answer) -> bool:
        """Whether the answer to a patch lacks something that the row says.

        Other writes to the server may have removed it. What the source decides alone is not
        compared: a server may show it in another way.
        """
        rest = changes(row.kind, as_request(row.kind, answer.body), row.body, override=False)
        return any(policy_of(row.kind, field) in KEEPING for field in rest)

    def _restore(self, row: Row, entity_id: str) -> None:
        answer = self._server.transport.request(
            "PUT",
            f"{row.kind.collection}/restore",
            body=json_of({"id": entity_id}),
            evidence=naming_id(row.kind.entity_type, entity_id),
        )
        if not answer.is_done:
            raise RecordError(f"it cannot be restored: {answer.reason}", "Restore it by hand.")


def _has_model(row: Row) -> bool:
    return row.kind.entity_type == "table" and bool(row.body.get(_MODEL))


def _distinct(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows in runs in which no FQN comes twice: the second one meets the first."""
    some: dict[str, Row] = {}
    for row in rows:
        if row.fqn in some:
            yield list(some.values())
            some = {}
        some[row.fqn] = row
    if some:
        yield list(some.values())
