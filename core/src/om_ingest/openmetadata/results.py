"""What became of rows: by the answer to one alone (REST contract §6.1), or to a batch (§5.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from om_ingest.errors import RecordError
from om_ingest.kinds import Identity
from om_ingest.model import fqn as names
from om_ingest.openmetadata.bodies import Row, mark_of
from om_ingest.openmetadata.evidence import MissingError, missing_in
from om_ingest.openmetadata.network.answers import Answer, Meaning, meaning_of, message_of
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.store import Outcome

_LISTS = ("successRequest", "failedRequest")
_COUNTS = ("numberOfRowsProcessed", "numberOfRowsPassed", "numberOfRowsFailed")
_STATUSES = frozenset({"success", "partialSuccess", "failure"})


class RowResult(NamedTuple):
    """Result of one row."""

    outcome: Outcome
    reason: str = ""
    """Why it failed; empty otherwise."""

    missing: Identity | None = None
    """What it refers to and the server does not have, if that is why it failed."""


class Refused(RowResult):
    """Result of a row that the server has looked at, and does not take."""

    __slots__ = ()


Results = list[tuple[Row, RowResult]]

Alone = Callable[[Row, bool], RowResult]
"""Writes one row; the flag says that the server may have done it already."""


def outcome_of(answer: Answer) -> RowResult:
    """Result from the answer to a PUT or POST (contract §6.1).

    The answer to a repetition compares with what the first attempt may have made: only that
    the entity was created holds then.
    """
    if not answer.is_done:
        return refused(answer)
    if answer.status == 201 or answer.change == "entityCreated":
        return RowResult(Outcome.CREATED)
    if answer.may_be_second or not answer.change:  # no header: before 1.6, or removed by a proxy
        return RowResult(Outcome.WRITTEN)
    unchanged = answer.change == "entityNoChange"
    return RowResult(Outcome.UNCHANGED if unchanged else Outcome.UPDATED)


def refused(answer: Answer) -> RowResult:
    """Result of a record that the server refuses."""
    return Refused(Outcome.FAILED, answer.reason, missing_in(answer.status, answer.body))


def failed(error: RecordError | RequestFailedError) -> RowResult:
    """Result of a record that raised an error: it was not sent, or never answered for good."""
    missing = error.missing if isinstance(error, MissingError) else None
    return RowResult(Outcome.FAILED, error.what, missing)


class BulkAnswer:
    """What an answer to a batch says of its rows (§5.1)."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.kind = rows[0].kind
        self._rows = rows
        self._by_name = {row.fqn: row for row in rows}

    def complaint(self, answer: Answer) -> str:
        """Why the answer cannot belong to the batch; empty if it can.

        Lists and counts may be missing. What is there has to agree with the batch, and with
        the rest: an answer that contradicts itself is believed in nothing. So is one that names
        more rows that were not sent than it leaves out; fewer may be other spellings of these.
        """
        told = answer.body
        if answer.status != 200 or not isinstance(told, dict):
            return f"the server's answer ({answer.status}) to a batch says nothing of its rows"
        status = told.get("status")
        if not isinstance(status, str) or status not in _STATUSES:
            return f"the server's answer to a batch has the status {status!r}"
        if told.get("abortReason") or told.get("dryRun"):
            reason = told.get("abortReason") or "a dry run"
            return f"the server did not write a batch: {reason}"
        for name in (*_LISTS, *_COUNTS):
            value = told.get(name)
            if value is not None and type(value) is not (int if name in _COUNTS else list):
                return f"the server's answer to a batch has a {type(value).__name__} as {name}"
        passed, failed = (told.get(name) for name in _LISTS)
        if (status == "success" and failed) or (status == "failure" and passed):
            return "the server's answer to a batch contradicts its own status"
        if status == "failure" and not failed:
            return "the server's answer to a batch is a failure, and names no row that failed"
        for name, entries in zip(_COUNTS, (self._rows, passed, failed), strict=True):
            count = told.get(name)
            if count is not None and entries is not None and count != len(entries):
                return f"the server's answer to a batch has {count} as {name}, not {len(entries)}"
        known: set[Row] = set()
        stranger_count = 0
        for entry in (*(passed or ()), *(failed or ())):
            if not isinstance(entry, dict):
                return f"the server's answer to a batch has a {type(entry).__name__} as a row"
            if row := self._row_of(entry):
                known.add(row)
            elif entry.get("request") is not None:
                stranger_count += 1
        if stranger_count > (len(self._rows) - len(known) if known else 0):
            return f"the server's answer to a batch names {stranger_count} rows that were not sent"
        return ""

    def results(self, answer: Answer) -> tuple[dict[Row, RowResult], dict[Row, Answer]]:
        """Results of the rows that the answer names once, others are missing; and the refusals.

        `complaint` has found nothing in the answer.
        """
        said: dict[Row, list[RowResult | None]] = {}
        refusals: dict[Row, Answer] = {}
        passed, failed = (answer.body.get(name) or () for name in _LISTS)
        for entry in passed:
            if row := self._row_of(entry):
                is_done = entry.get("status") in (None, 200, 201)
                said.setdefault(row, []).append(RowResult(Outcome.WRITTEN) if is_done else None)
        for entry in failed:
            if row := self._row_of(entry):
                is_final = _is_final(entry.get("status", 400))
                said.setdefault(row, []).append(_refused_row(entry, answer) if is_final else None)
                if is_final:
                    refusals[row] = Answer(entry.get("status", 400), entry, redact=answer.redact)
        results = {
            row: results[0]
            for row, results in said.items()
            if len(results) == 1 and results[0] is not None
        }
        return results, {row: told for row, told in refusals.items() if row in results}

    def _row_of(self, entry: dict[str, Any]) -> Row | None:
        """The row that an entry names, by its FQN or by its body."""
        given = entry.get("request")
        if isinstance(given, dict):
            return self._by_mark.get(mark_of(self.kind, given))
        return self._by_name.get(names.spelled(given)) if isinstance(given, str) else None

    @cached_property
    def _by_mark(self) -> dict[tuple[str, ...], Row]:
        return {row.mark: row for row in self._rows}


def _is_final(status: object) -> bool:
    """Whether the status of a failed row refuses it, whenever it is sent.

    A conflict is due to what is written at the same time (§6.1).
    """
    if type(status) is not int or status < 400 or status == 409:
        return False
    return meaning_of(status) not in {Meaning.PASSING, Meaning.BUSY}


def _refused_row(entry: dict[str, Any], answer: Answer) -> RowResult:
    status = entry.get("status", 400)
    message = message_of(entry, answer.redact) or "the server gives no reason"
    return Refused(Outcome.FAILED, f"{message} ({status})", missing_in(status, entry))
