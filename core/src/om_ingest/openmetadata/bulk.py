"""Writes rows of one kind, many in one request (REST contract §5.1) or one by one (§6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from om_ingest.kinds import Identity
from om_ingest.masking import Redactor
from om_ingest.model import fqn as names
from om_ingest.openmetadata.bodies import Row, mark_of
from om_ingest.openmetadata.network.answers import Answer, message_of
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

ROW_COUNT = 100
"""Maximum of rows in one request, as in OpenMetadata's own sink."""

ABSENT = frozenset({404, 405, 501})
"""Status of servers without `/bulk` or `/deleteStale`."""

_STATUSES = frozenset({"success", "partialSuccess", "failure"})
_PASSING = frozenset({408, 409, 429, 500, 502, 503, 504})
_SMALLEST_LIMIT_BYTES = 16 * 1024


class BulkWriter:
    """Writes rows in batches. Thread-safe.

    `override` lets them replace what people have edited, on servers from 2.0 on; `row_count`
    is the maximum of rows in one request.
    """

    def __init__(
        self, server: Server, *, override: bool = False, row_count: int = ROW_COUNT
    ) -> None:
        self._server = server
        self._override = override
        self._row_count = row_count
        self._limit_bytes: int | None = None
        """Size of a request that the server or a proxy refused as too large."""

    def put(self, rows: Sequence[Row]) -> list[Settled]:
        """Create or update entities of one kind; one result per row, in the same order."""
        settled: dict[Row, Settled] = {}
        for chunk in _chunks(rows, self._row_count):
            settled |= self._put(chunk)
        return [settled[row] for row in rows]

    def _put(self, rows: list[Row]) -> dict[Row, Settled]:
        kind, features = rows[0].kind, self._server.features
        if not kind.bulk or kind.collection in features.without_bulk:
            return self._singly(rows)
        overrides = self._override and features.has_override
        if len(rows) == 1 and not overrides:  # a more precise result at the same cost
            return self._singly(rows)
        content = b"[" + b",".join(row.content for row in rows) + b"]"
        if self._limit_bytes is not None and len(content) >= self._limit_bytes and len(rows) > 1:
            return self._halved(rows)
        query = {"async": False, "overrideMetadata": overrides}
        try:
            answer = self._server.transport.request(
                "PUT", f"{kind.collection}/bulk", query=query, body=content
            )
        except RequestFailedError as error:
            answer = Answer(error.status or 500, {"message": error.what})
        if answer.is_done:
            return self._told(rows, answer.body)
        if answer.status in ABSENT:
            features.without_bulk.add(kind.collection)
            return self._singly(rows)
        if answer.status == 413:
            limit = self._limit_bytes or len(content)
            self._limit_bytes = max(min(limit, len(content)), _SMALLEST_LIMIT_BYTES)
        if len(rows) > 1:
            return self._halved(rows)
        return {rows[0]: Settled(Outcome.FAILED, answer.reason)}

    def _halved(self, rows: list[Row]) -> dict[Row, Settled]:
        """Send both halves, and so on, until a row that makes requests fail is sent alone."""
        middle = len(rows) // 2
        return self._put(rows[:middle]) | self._put(rows[middle:])

    def _singly(self, rows: list[Row]) -> dict[Row, Settled]:
        return {row: put_one(self._server, row) for row in rows}

    def _told(self, rows: list[Row], result: Any) -> dict[Row, Settled]:
        """Result of each row by the answer; rows without a result are sent again, one by one."""
        by_name = {row.fqn: row for row in rows}
        told = result if isinstance(result, dict) else {}
        failed = entries_of(told, "failedRequest")
        by_mark = {row.mark: row for row in rows} if failed else {}
        settled: dict[Row, Settled] = {}
        again: set[Row] = set()
        is_open = told.get("status") not in _STATUSES
        for entry in failed:
            given = entry.get("request")
            if isinstance(given, dict):
                row = by_mark.get(mark_of(rows[0].kind, given))
            else:
                row = by_name.get(names.spelled(str(given)))
            if row is None:
                is_open = True
            elif entry.get("status") in _PASSING:
                again.add(row)
            else:
                settled[row] = Settled(
                    Outcome.FAILED, row_reason(entry, self._server.transport.redact)
                )
        is_open |= _count(told, "numberOfRowsFailed", 0) > len(settled) + len(again)
        is_open |= _count(told, "numberOfRowsProcessed", len(rows)) < len(rows)
        sure = {
            by_name.get(names.spelled(str(entry.get("request"))))
            for entry in entries_of(told, "successRequest")
        }
        for row in rows:
            if row in again or (is_open and row not in settled and row not in sure):
                settled[row] = put_one(self._server, row)
            elif row not in settled:
                settled[row] = Settled(Outcome.WRITTEN)
        return settled


def _chunks(rows: Sequence[Row], row_count: int) -> Iterator[list[Row]]:
    """The rows in chunks; no chunk has two rows of one FQN, as results are given by FQN."""
    chunk: list[Row] = []
    fqns: set[str] = set()
    for row in rows:
        if len(chunk) >= row_count or row.fqn in fqns:
            yield chunk
            chunk, fqns = [], set()
        chunk.append(row)
        fqns.add(row.fqn)
    if chunk:
        yield chunk


def entries_of(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Entries of a `BulkOperationResult`: `successRequest` or `failedRequest`."""
    entries = told.get(name)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _count(told: dict[str, Any], name: str, otherwise: int) -> int:
    count = told.get(name)
    return count if isinstance(count, int) else otherwise


def row_reason(entry: dict[str, Any], redact: Redactor) -> str:
    """Why a row failed, masked, in one line."""
    message = message_of(entry, redact) or "the server gives no reason"
    return f"{message} ({entry.get('status', 400)})"


class Settled(NamedTuple):
    """Result of one row."""

    outcome: Outcome
    reason: str = ""
    """Why it failed; empty otherwise."""

    missing: Identity | None = None
    """What it refers to and the server does not have, if that is why it failed."""


def put_one(server: Server, row: Row) -> Settled:
    """Create or update one entity."""
    try:
        answer = server.transport.request("PUT", row.kind.collection, body=row.content)
        if answer.status == 409:  # a parent is being deleted, or a concurrent create
            server.transport.pause()
            answer = server.transport.request("PUT", row.kind.collection, body=row.content)
    except RequestFailedError as error:
        return Settled(Outcome.FAILED, error.what)
    return outcome_of(answer)


def outcome_of(answer: Answer) -> Settled:
    """Result from the answer to a PUT (contract §6.1)."""
    if not answer.is_done:
        return Settled(Outcome.FAILED, answer.reason)
    if answer.status == 201 or answer.change == "entityCreated":
        return Settled(Outcome.CREATED)
    unchanged = answer.change == "entityNoChange"
    return Settled(Outcome.UNCHANGED if unchanged else Outcome.UPDATED)
