"""Writes of entities that may be there already what their source says, and nothing more (§6.3).

What the server holds is compared first, and what did not change is not written; `kinds.policy`
says who wins in a field. Entities of kinds with a fingerprint are put, completed with what is
there; others are patched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from threading import Lock
from typing import Any

from om_ingest.errors import RecordError, ServerError
from om_ingest.kinds import as_request, item_key
from om_ingest.kinds.references import named_in
from om_ingest.model.table import DataModel
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.bulk import BulkWriter
from om_ingest.openmetadata.comparison import INHERITED, MODEL, Comparison
from om_ingest.openmetadata.creating import PUT_ONLY, Creation
from om_ingest.openmetadata.evidence import naming_id
from om_ingest.openmetadata.existing import CERTIFICATION, Existing
from om_ingest.openmetadata.held import Held
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.patching import Patcher
from om_ingest.openmetadata.payloads import Part
from om_ingest.openmetadata.results import Refused, Results, RowResult, failed, refused
from om_ingest.openmetadata.server import Server
from om_ingest.releases import Dialect
from om_ingest.store import Outcome


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
        self._comparison = Comparison(server, override=override)
        self._patcher = Patcher(server, existing, self._comparison)
        self._override = override
        self._relating = Lock()
        """Held while a relation is written that both of its ends show: what one worker has read of
        an end must not be without the relation that another one is about to write."""

    def put(self, rows: Sequence[Row]) -> Iterator[Results]:
        """Create or update; results come as soon as they are known, each row's once.

        Rows that do not come are to be given once more, as in `BulkWriter.put`. Raises
        `ServerError` when the server fails altogether or refuses us.
        """
        with self._relating if _relate_to_their_kind(rows) else nullcontext():
            for some in _distinct(rows):
                settled_count = 0
                for results in self._put(some):
                    settled_count += len(results)
                    yield results
                if settled_count < len(some):
                    return

    def _put(self, rows: list[Row]) -> Iterator[Results]:
        results: dict[Row, RowResult] = {}
        to_send: dict[Row, Row] = {}
        known = self._known(rows)
        unchanged: Results = []
        for row in rows:
            try:
                done = row if self._is_absent(row, known) else self._updated(row, known)
            except (RecordError, RequestFailedError) as error:
                done = failed(error)
            except ServerError:
                yield unchanged
                raise
            if isinstance(done, Row):
                to_send[row] = done
                continue
            results[row] = done
            if done.outcome is Outcome.UNCHANGED:
                unchanged.append((row, done))
            else:
                yield [(row, done)]
        if unchanged:
            yield unchanged
        absent = {row for row, sent in to_send.items() if sent is row}
        creation = Creation(self._server, absent, self._found)
        given = {sent: row for row, sent in to_send.items()}
        for some in self._bulk.put(list(given), creation.alone):
            settled = [(given[sent], self._settled(given[sent], sent, done)) for sent, done in some]
            results.update(settled)
            yield settled
        written = [row for row, result in results.items() if result.outcome is not Outcome.FAILED]
        absent -= creation.present
        self._existing.wrote([row for row in written if row in absent], created=True)
        self._existing.wrote([row for row in written if row not in absent], created=False)

    def _settled(self, row: Row, sent: Row, result: RowResult) -> RowResult:
        """The result of a row, of which `sent` was sent."""
        if sent.is_settled:
            return result
        if sent is not row:
            result = self._of_completed(row, result)
        return self._with_model(sent, result)

    def _known(self, rows: list[Row]) -> dict[Row, Held | None]:
        """What is known of rows of one kind; `Existing.find`."""
        whole: list[Row] = []
        bare: list[Row] = []
        for row in rows:
            if row.is_new:
                continue
            is_whole = self._override or "sourceHash" not in row.body
            (whole if is_whole else bare).append(row)
        return self._existing.find(whole, whole=True) | self._existing.find(bare, whole=False)

    def _is_absent(self, row: Row, known: Mapping[Row, Held | None]) -> bool:
        """Whether the server is believed not to have an entity."""
        if row.is_new:
            return True
        return row in known and known[row] is None and row.kind.entity_type not in PUT_ONLY

    def _found(self, row: Row) -> Row | RowResult:
        """As `_updated`, for an entity that was believed absent, and is not."""
        if not row.is_new:
            return self._updated(row, {})
        return row if self._existing.read(row) is None else RowResult(Outcome.UNCHANGED)

    def _updated(self, row: Row, known: Mapping[Row, Held | None]) -> Row | RowResult:
        """The row to send, which is `row` itself if there is no such entity, or the result."""
        held = known.get(row)
        is_seen = held is not None and held.is_seen
        anew = frozenset() if is_seen else self._existing.fields_named_anew(row)
        if held is not None and self._is_as_said(row, held, anew):
            return RowResult(Outcome.UNCHANGED)
        if "sourceHash" not in row.body:
            return self._patcher.patch(row)
        if held is not None and held.stored is None:
            shown = self._existing.shown(row)
            if shown is not None and self._is_as_said(row, shown, anew):
                return RowResult(Outcome.UNCHANGED)
        document = self._existing.read(row)
        if document is None:
            return row
        stored, is_deleted = as_request(row.kind, document), bool(document.get("deleted"))
        fingerprint = stored.get("sourceHash")
        if self._is_as_said(row, Held(fingerprint, is_deleted, stored), anew):
            self._existing.read_for_nothing(row)
            return RowResult(Outcome.UNCHANGED)
        # From 2.0 on a batch does not look at a row whose fingerprint is stored.
        is_link_lost = bool(anew) and fingerprint == row.body["sourceHash"]
        would_lose = self._put_would_lose(document, stored)
        if is_link_lost or would_lose or self._comparison.needs_patch(row, stored):
            only = anew if is_link_lost and not self._override else ()
            done = self._patcher.patch(row, only=only)
            return self._with_model(row, done) if isinstance(done, RowResult) else done
        document = self._patcher.patch_before(row, document)
        if document is None:
            return row
        stored = as_request(row.kind, document)
        return self._completed(row, Held(stored.get("sourceHash"), is_deleted, stored), anew)

    def _completed(self, row: Row, held: Held, anew: frozenset[str]) -> Row:
        """A row with what is there and a PUT without it takes away."""

        def is_held(dialect: Dialect) -> bool:
            return self._is_as_said(row.as_for(dialect), held, anew)

        stored = held.stored or {}
        body = self._comparison.completed(row, stored)
        if body.get("tags") and not (self._override and row.body.get("tags")):
            # A PUT removes none, and is refused if it names one that was deleted or disabled.
            kept = {item_key(label) for label in stored.get("tags") or ()}
            body["tags"] = [label for label in body["tags"] if item_key(label) not in kept]
        if INHERITED in body and INHERITED not in row.body and self._comparison.inherits(row, body):
            del body[INHERITED]
        self._server.dialect.fit(row.kind.request.__name__, body)  # it may show more than it takes
        hashed, at = held.fingerprint, row.revision
        return replace(row, body=body, holds=is_held, stored_hash=hashed, compared=at)

    def _is_as_said(self, row: Row, held: Held, anew: frozenset[str]) -> bool:
        """Whether there is nothing to write.

        Another fingerprint alone, of an older release or of another client, is not written. An
        equal one does not tell that of the fields `anew`: they name what was created after it was
        written.
        """
        if held.is_deleted:
            return False
        said = row.body.get("sourceHash")
        is_same = said is not None and held.fingerprint == said
        if held.stored is None:
            return is_same and not anew and not _has_model(row)
        found = self._comparison.changes(row, held.stored)
        if is_same and not self._override:
            return found.keys().isdisjoint(anew) and not (_has_model(row) and MODEL in found)
        return not found

    def _of_completed(self, row: Row, result: RowResult) -> RowResult:
        """The result of a row that was sent completed with what is there.

        If that was refused, what is there may refer to something that was deleted or disabled
        since. A patch does not name it.
        """
        if result.outcome is Outcome.WRITTEN:
            return RowResult(Outcome.UPDATED)  # it was there, and differed
        named = {identity for _, identity in named_in(row.kind, row.body)}
        if not isinstance(result, Refused) or result.missing in named:
            return result
        try:
            done = self._patcher.patch(row)
        except (RecordError, RequestFailedError) as error:
            return failed(error)
        return done if isinstance(done, RowResult) else result

    def _put_would_lose(self, document: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
        """Whether an entity has what requests cannot say, and a PUT takes away."""
        if document.get(CERTIFICATION) and not self._server.features.keeps_certification:
            return True
        if any(task.get("owners") for task in document.get("tasks") or ()):
            return True
        return any(_names_deleted(document.get(field)) for field in stored)

    def _with_model(self, row: Row, result: RowResult) -> RowResult:
        """The result of a row once its `dataModel` is where servers store it."""
        model = row.body.get(MODEL)
        if row.kind.entity_type != "table" or not model or result.outcome is Outcome.FAILED:
            return result
        try:
            entity_id = self._server.ids.id_of("table", row.fqn)

            def send(parts: Sequence[Part]) -> Answer:
                return self._server.transport.request(
                    *("PUT", f"tables/{entity_id}/{MODEL}"),
                    body=parts[0].content,
                    evidence=naming_id("table", entity_id),
                )

            part = Part(DataModel, model, self._server.dialect)
            answer = self._server.trials.sent([part], send)
        except (RecordError, RequestFailedError) as error:
            return failed(error)
        if answer.is_done:
            return result
        reason = f"{MODEL} is not stored: {answer.reason}"
        return RowResult(Outcome.FAILED, reason, refused(answer).missing)


def _names_deleted(value: Any) -> bool:
    """Whether a server shows a reference to something that is marked as deleted."""
    references = value if isinstance(value, list) else [value]
    return any(
        isinstance(given, dict) and given.get("deleted") is True and not given.get("inherited")
        for given in references
    )


def _has_model(row: Row) -> bool:
    return row.kind.entity_type == "table" and bool(row.body.get(MODEL))


def _relate_to_their_kind(rows: Sequence[Row]) -> bool:
    """Whether a row says a relation that the other entity shows, too, such as `relatedTerms`."""
    kind = rows[0].kind if rows else None
    links = kind.links.items() if kind else ()
    fields = [field for field, target in links if kind and target == kind.entity_type]
    return any(row.body.get(field) for field in fields for row in rows)


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
