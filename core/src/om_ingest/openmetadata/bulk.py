"""Writes rows of one kind, many in one request (REST contract §5.1) or one by one (§6.1)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence

from om_ingest.errors import RecordError
from om_ingest.kinds import EntityKind
from om_ingest.openmetadata.bodies import Row
from om_ingest.openmetadata.complaints import complaint_of
from om_ingest.openmetadata.network.answers import Answer
from om_ingest.openmetadata.network.retry import RequestFailedError
from om_ingest.openmetadata.results import Alone, BulkAnswer, Results, RowResult, failed, refused
from om_ingest.openmetadata.server import Server
from om_ingest.store import Outcome

_LOGGER = logging.getLogger("om_ingest.openmetadata")

ROW_COUNT = 100
"""Maximum of rows in one request, as in OpenMetadata's own sink."""

_SMALLEST_LIMIT_BYTES = 16 * 1024

_TRIAL_COUNT = 3
"""Rows that are written alone to find one that does not fail for a reason of its own."""


class BulkWriter:
    """Writes rows in batches. Thread-safe.

    `override` lets them replace what people have edited, on servers from 2.0 on; `row_count`
    is the maximum of rows in one request. A server that turns out to take no batches is sent no
    more of them, whatever its version.
    """

    def __init__(
        self, server: Server, *, override: bool = False, row_count: int = ROW_COUNT
    ) -> None:
        self._server = server
        self._override = override
        self._row_count = row_count
        self._limit_bytes: int | None = None
        """Size of a request that the server or a proxy refused as too large."""
        self._taking: set[str] = set()
        """Collections that have taken a batch."""
        self._refused: set[str] = set()
        """Collections that are known to take none."""
        self._unsure: set[str] = set()
        """FQNs of rows that were handed back, and that the server may have done."""
        self._lock = threading.RLock()
        """Held while one worker finds out whether a collection takes batches."""

    def takes(self, kind: EntityKind) -> bool:
        """Whether rows of a kind go in batches, as far as is known. Raises `ServerError`."""
        may = kind.bulk and self._server.features.has_bulk
        return may and kind.collection not in self._refused

    def put(self, rows: Sequence[Row], alone: Alone) -> Iterator[Results]:
        """Create or update entities of one kind; results come as soon as they are known.

        `alone` writes a row that goes into no batch. Rows that do not come are to be given once
        more, in any groups: it has turned out that the server takes no batches of their kind.
        """
        if not rows:
            return
        kind = rows[0].kind
        in_batches = self.takes(kind)
        for chunk in _chunks(rows, self._row_count):
            if in_batches and not self.takes(kind):
                return
            yield from self._put(chunk, alone)

    def _put(self, rows: list[Row], alone: Alone, *, again: bool = False) -> Iterator[Results]:
        """As `put`, for one request; `again` if the server may have done the rows already."""
        kind = rows[0].kind
        if not self.takes(kind) or (len(rows) == 1 and not self._overrides):
            yield from self._singly(rows, alone, again=again)  # more precise for one row
            return
        is_large = self._limit_bytes is not None and len(_content(rows)) >= self._limit_bytes
        if is_large and len(rows) > 1:
            yield from self._halved(rows, alone, again=again)
            return
        told = BulkAnswer(rows)

        def send(some: Sequence[Row]) -> Answer:
            return self._sent(some, told if some is rows else BulkAnswer(some))

        try:
            sent = self._server.trials.sent_together(rows, send)
            if sent is None:
                settled = _settled(rows)
                yield list(settled.items())
                if rows := [row for row in rows if row not in settled]:
                    yield from self._put(rows, alone, again=again)
                return
            answer = sent
        except RequestFailedError as error:
            if 200 <= error.status < 300:
                self._give_up(kind, error.what)
                self._hand_back(rows, again=True)
                return
            answer = Answer(error.status or 500, {"message": error.what}, may_be_second=True)
        again = again or answer.may_be_second
        is_absent = self._server.has_no(kind, answer)  # or there, as this shows
        if answer.is_done:
            # A row of which the answer does not say exactly one thing is sent again on its own.
            self._taking.add(kind.collection)
            results, refusals = told.results(answer)
            left = [row for row in rows if row not in results]
            self._server.trials.prove([row for row in results if row not in refusals])
            shorter = self._shortened(refusals, results) if refusals else ()
            yield [(row, result) for row, result in results.items() if row not in shorter]
            yield from self._singly(left, alone, again=True)
            if shorter:
                yield from self._put(list(shorter), alone, again=again)
            return
        if is_absent:
            yield [(row, refused(answer)) for row in rows]
            return
        left = rows
        if answer.lacks_route and kind.collection not in self._taking:
            self._give_up(kind, f"the server has no {kind.collection}/bulk", is_absent=True)
        elif answer.status == 413:
            size = len(_content(rows))
            self._limit_bytes = max(min(self._limit_bytes or size, size), _SMALLEST_LIMIT_BYTES)
        else:
            left = yield from self._tried(rows, alone, again=again)
        if len(rows) == len(left) == 1 and self.takes(kind):
            yield [(rows[0], refused(answer))]
        else:
            yield from self._halved(left, alone, again=again)

    @property
    def _overrides(self) -> bool:
        return self._override and self._server.features.has_override

    def _sent(
        self, rows: Sequence[Row], told: BulkAnswer, *, expendable: bool | None = None
    ) -> Answer:
        return self._server.transport.request(
            "PUT",
            f"{rows[0].kind.collection}/bulk",
            query={"async": False, "overrideMetadata": self._overrides},
            body=_content(rows),
            expendable=len(rows) > 1 if expendable is None else expendable,
            evidence=told.complaint,
        )

    def _sent_as_one(self, rows: Sequence[Row]) -> Answer:
        """The answer to a batch of one row, as if the row was sent alone."""
        told = BulkAnswer(rows)
        answer = self._sent(rows, told)
        refusals = told.results(answer)[1] if answer.is_done else {}
        return refusals.get(rows[0], answer)

    def _shortened(
        self, refusals: Mapping[Row, Answer], results: dict[Row, RowResult]
    ) -> list[Row]:
        """The refused rows of a batch that are to be sent again, without what is not known.

        Where the server does not say what that is, it is found with one of them; `results` has its
        result then.
        """
        shorter = []
        for row, answer in refusals.items():
            complaint = complaint_of(answer)
            if complaint is None:
                continue
            try:
                if not self._server.trials.heeds(complaint, row):
                    sent = self._server.trials.sent([row], self._sent_as_one, first=answer)
                    outcome = Outcome.UNCHANGED if row.is_settled else Outcome.WRITTEN
                    results[row] = RowResult(outcome) if sent.is_done else refused(sent)
                elif row.is_held():
                    results[row] = RowResult(Outcome.UNCHANGED)
                else:
                    shorter.append(row)
            except (RecordError, RequestFailedError) as error:
                results[row] = failed(error)
        return shorter

    def _tried(
        self, rows: list[Row], alone: Alone, *, again: bool
    ) -> Generator[Results, None, list[Row]]:
        """Find out whether a batch was refused for its rows, or as every batch is.

        Rows are written alone until one is done. If a batch of only this one is refused, too, the
        server takes none, and does not say so. Returns the rows that are left.
        """
        kind, left = rows[0].kind, rows
        with self._lock:
            for row in rows[:_TRIAL_COUNT]:
                if kind.collection in self._taking or not self.takes(kind):
                    break
                result = alone(row, again)
                if result.outcome is not Outcome.FAILED and (
                    len(rows) == 1 or not self._is_taken(row)
                ):
                    why = f"{kind.collection}/bulk fails with what is taken alone"
                    self._give_up(kind, why, is_absent=True)
                    if len(rows) == 1:  # what was to be overridden is still there
                        break
                left = left[1:]
                yield [(row, result)]
        return left

    def _is_taken(self, row: Row) -> bool:
        """Whether the server takes a batch of one row, which it has just taken alone."""
        try:
            answer = self._sent([row], BulkAnswer([row]), expendable=True)
        except RequestFailedError:
            return False
        if answer.is_done:
            self._taking.add(row.kind.collection)
        return answer.is_done

    def _give_up(self, kind: EntityKind, why: str, *, is_absent: bool = False) -> None:
        """Send no more batches to a collection; other workers may find out at the same time.

        With `is_absent` that goes for all of them, unless another one has taken a batch: servers
        have them for all collections of `EntityKind.bulk`, or for none.
        """
        with self._lock:
            if not self.takes(kind):
                return
            if is_absent and not self._taking - {kind.collection}:
                features = self._server.features
                features.has_bulk = features.has_override = False
            self._refused.add(kind.collection)
        _LOGGER.warning("%s are written one by one from here on: %s", kind.collection, why)

    def _hand_back(self, rows: Sequence[Row], *, again: bool) -> None:
        if again:
            self._unsure.update(row.fqn for row in rows)

    def _singly(self, rows: list[Row], alone: Alone, *, again: bool) -> Iterator[Results]:
        for row in rows:
            is_second = again or row.fqn in self._unsure
            self._unsure.discard(row.fqn)
            yield [(row, alone(row, is_second))]

    def _halved(self, rows: list[Row], alone: Alone, *, again: bool) -> Iterator[Results]:
        """Send both halves, and so on, until a row that makes requests fail is sent alone."""
        middle = len(rows) // 2
        for some in filter(None, (rows[:middle], rows[middle:])):
            if self.takes(some[0].kind):
                yield from self._put(some, alone, again=again)
            else:
                self._hand_back(some, again=again)


def _content(rows: Sequence[Row]) -> bytes:
    return b"[" + b",".join(row.content for row in rows) + b"]"


def _settled(rows: Sequence[Row]) -> dict[Row, RowResult]:
    """Results of rows that cannot do without what the server was found not to know, or that it
    has without that.
    """
    found: dict[Row, RowResult] = {}
    for row in rows:
        try:
            row.refit()
            if row.is_held():
                found[row] = RowResult(Outcome.UNCHANGED)
        except RecordError as error:
            found[row] = failed(error)
    return found


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
