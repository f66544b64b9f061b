"""A circuit breaker shared by all workers: common pauses, and a budget for lost time.

It does not wait and knows no HTTP: `retry.Retrier` waits.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from om_ingest.errors import ServerError

logger = logging.getLogger(__name__)

_REFUND_S = 2.0
_PATIENCE_S = (1.0, 5.0)
"""Minimum and maximum of `Circuit.patience_s`: nothing is judged by what happens in a moment."""

_WORTH_TELLING = 3
"""Consecutive pauses after which an outage is logged."""

_TELL_AGAIN_S = 30.0
_POLL_S = 0.05


class RetryBudget:
    """Seconds that a run may lose while its server fails; each answer gives some back.

    A server that stays down uses it up. A flaky or throttling server does not, because it
    keeps answering.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.left_s = limit_s

    def spend(self, lost_s: float) -> None:
        """Subtract lost time."""
        self.left_s -= max(lost_s, 0.0)

    def earn(self) -> None:
        """Give some time back for an answer."""
        self.left_s = min(self.limit_s, self.left_s + _REFUND_S)


@dataclass(frozen=True)
class Backoff:
    """Exponential backoff with full jitter: a random pause up to a limit that doubles."""

    base_s: float = 0.25
    """Limit of the first pause."""

    cap_s: float = 20.0
    """Maximum of a pause, unless the server asks for a longer one."""

    jitter: Callable[[float, float], float] = random.uniform
    """Draws from a range; tests pass a deterministic function."""

    def pause_s(self, failure_count: int) -> float:
        """Seconds to wait after this many consecutive failures, from 1 on."""
        limit = min(self.cap_s, self.base_s * 2.0 ** min(failure_count - 1, 30))
        return self.jitter(0.0, limit)


@dataclass(frozen=True, eq=False)
class Ticket:
    """Permission to send one request; returned with its result."""

    pause_count: int
    """Number of pauses so far: a failure from before the latest pause starts no new one."""

    begun_s: float
    """When it was issued, on the circuit's clock."""


class Circuit:
    """Admits requests while the server answers; pauses all of them while it does not.

    After a pause, one request is sent as a probe, and the others follow when it is answered.
    So a server that comes back is not overloaded, and no worker drops records because the
    server was down at that moment. Thread-safe.
    """

    _SHARED_AFTER = 5
    """Consecutive failures of any requests after which the server is considered down."""

    def __init__(
        self,
        budget: RetryBudget,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._backoff = backoff or Backoff()
        self._clock = clock
        self._lock = threading.Lock()
        self._failures_in_a_row = 0
        self._pause_count = 0
        self._pauses_in_a_row = 0
        self._paused_until = clock()
        self._lost_until = clock()
        """Time up to here is charged already: workers fail at the same time, and while one
        request hangs others may be answered."""
        self._probe: Ticket | None = None
        self._refusal: ServerError | None = None
        self._told_at: float | None = None
        """When this outage was logged last; None while there is none."""

    @property
    def patience_s(self) -> float:
        """Seconds after which a request may be given up where no write shows that writes work."""
        least_s, most_s = _PATIENCE_S
        return min(most_s, max(least_s, self._budget.limit_s / 20))

    def admit(self) -> Ticket | float:
        """A ticket, or the seconds after which to ask again.

        Raises `ServerError` once the circuit is closed for good.
        """
        with self._lock:
            self._raise_refusal()
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now
            ticket = Ticket(self._pause_count, now)
            if self._pauses_in_a_row:
                if self._probe is not None:
                    return _POLL_S
                self._probe = ticket
            return ticket

    def succeeded(self, ticket: Ticket) -> None:
        """Report that the server has answered."""
        with self._lock:
            self._put_back(ticket)
            self._budget.earn()
            self._failures_in_a_row = 0
            self._lost_until = max(self._lost_until, self._clock())
            if ticket.pause_count == self._pause_count:
                self._pauses_in_a_row = 0
                self._end_outage()

    def failed(
        self,
        ticket: Ticket,
        what: str,
        remedy: str = "",
        *,
        shared: bool,
        retry_after_s: float | None = None,
        alone_s: float = 0.0,
    ) -> None:
        """Report a failure: no answer, or an unusable one.

        `shared`: any request would have failed; `retry_after_s`: the pause that the server
        asks for; `alone_s`: how long this request waits, at the cost of the budget, while others
        go on. Raises `ServerError`, in all threads, once the budget is used up.
        """
        with self._lock:
            self._put_back(ticket)
            now = self._clock()
            self._charge(ticket.begun_s, now)
            self._failures_in_a_row += 1
            self._charge(now, now + alone_s)
            many = self._failures_in_a_row >= self._SHARED_AFTER and not alone_s
            pause_s = retry_after_s or 0.0
            if ticket.pause_count == self._pause_count and (shared or many):
                self._pause_count += 1
                self._pauses_in_a_row += 1
                pause_s += self._backoff.pause_s(self._pauses_in_a_row)
                self._tell(now, what)
            if pause_s:
                self._paused_until = max(self._paused_until, now + pause_s)
                self._charge(now, self._paused_until)
            if self._budget.left_s < 0:
                self._refusal = self._refusal or ServerError(
                    f"The server has kept failing for too long; last: {what}",
                    f"{remedy or 'Repair the server, or raise retryBudget_s.'} Then run again with "
                    "--resume: what has arrived is not sent again.",
                )
            self._raise_refusal()

    def abandoned(self, ticket: Ticket) -> None:
        """Report that the request was given up for a reason other than the server."""
        with self._lock:
            self._put_back(ticket)

    def is_calm(self) -> bool:
        """Whether one more failure makes nobody wait."""
        return self._failures_in_a_row + 1 < self._SHARED_AFTER

    def others_answered(self) -> None:
        """Report that the server answers others: one request failed, and no time is lost."""
        with self._lock:
            self._failures_in_a_row = self._pauses_in_a_row = 0
            self._end_outage()
            self._lost_until = max(self._lost_until, self._clock())

    def close_for_good(self, error: ServerError) -> None:
        """Admit no more requests: `admit` raises the first error given here."""
        with self._lock:
            self._refusal = self._refusal or error

    def _tell(self, now: float, what: str) -> None:
        """Log from time to time that all requests wait."""
        if self._pauses_in_a_row < _WORTH_TELLING:
            return
        if self._told_at is None or now - self._told_at >= _TELL_AGAIN_S:
            self._told_at = now
            logger.warning(
                "The server fails; all requests wait for up to %.0f s more: %s",
                max(self._budget.left_s, 0.0),
                what,
            )

    def _end_outage(self) -> None:
        if self._told_at is not None:
            self._told_at = None
            logger.info("The server answers again.")

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            # A new one for each thread: raising adds a traceback to the object.
            raise ServerError(self._refusal.what, self._refusal.remedy)

    def _put_back(self, ticket: Ticket) -> None:
        if self._probe is ticket:
            self._probe = None

    def _charge(self, begun_s: float, end_s: float) -> None:
        """Charge a period to the budget, except what is charged already."""
        self._budget.spend(end_s - max(begun_s, self._lost_until))
        self._lost_until = max(self._lost_until, end_s)
