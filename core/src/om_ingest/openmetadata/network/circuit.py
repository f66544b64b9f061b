"""The gate before a server: one pause for all workers, and a budget for what is lost.

Without a clock of its own, without threads and without HTTP: `retry.Retrier` waits.
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
_WORTH_TELLING = 3
"""Pauses in a row from which on an outage is worth a line in the log."""

_TELL_AGAIN_S = 30.0
_POLL_S = 0.05


class RetryBudget:
    """Seconds that a run may lose while its server fails; answers give some back.

    A server that stays away uses it up. One that is merely flaky or slow to admit requests
    does not: it goes on answering.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.left_s = limit_s

    def spend(self, lost_s: float) -> None:
        """Take off what was lost."""
        self.left_s -= max(lost_s, 0.0)

    def earn(self) -> None:
        """Give some back for an answer."""
        self.left_s = min(self.limit_s, self.left_s + _REFUND_S)


@dataclass(frozen=True)
class Backoff:
    """Exponential pauses with full jitter: anything from 0 to a limit that doubles."""

    base_s: float = 0.25
    """Limit of the first pause."""

    cap_s: float = 20.0
    """No pause is longer, unless the server asks for it."""

    jitter: Callable[[float, float], float] = random.uniform
    """Draws from a range; tests pass one that does not."""

    def pause_s(self, failure_count: int) -> float:
        """How long to wait after so many failures in a row, from 1 on."""
        limit = min(self.cap_s, self.base_s * 2.0 ** min(failure_count - 1, 30))
        return self.jitter(0.0, limit)


@dataclass(frozen=True, eq=False)
class Ticket:
    """Leave to send one request; handed back with what became of it."""

    pause_count: int
    """How many pauses there had been: a failure from before the latest one says nothing new."""

    begun_s: float
    """When it was given, on the circuit's clock."""


class Circuit:
    """Lets requests pass while the server answers; pauses them all while it does not.

    After a pause a single request goes first, and the others follow when it is answered. So
    a server that comes back is not run over, and no worker gives its records up because the
    server was away when its turn came. Any thread may use it.
    """

    _SHARED_AFTER = 5
    """So many failures in a row, whoever had them, are the server's and not a request's."""

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
        """Up to here nothing is left to be charged: workers fail at the same time, and while
        one request hangs others may be answered."""
        self._probe: Ticket | None = None
        self._refusal: ServerError | None = None
        self._told_at: float | None = None
        """When people were told of this outage last; None while there is none."""

    def admit(self) -> Ticket | float:
        """Leave to send, or the seconds after which to ask again.

        Raises a `ServerError` once the circuit is closed for good.
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
        """The server has answered."""
        with self._lock:
            self._put_back(ticket)
            self._budget.earn()
            self._failures_in_a_row = 0
            self._lost_until = max(self._lost_until, self._clock())
            if ticket.pause_count == self._pause_count:
                self._pauses_in_a_row = 0
                self._end_outage()

    def failed(
        self, ticket: Ticket, what: str, *, shared: bool, retry_after_s: float | None = None
    ) -> None:
        """The server has not answered, or not what it should.

        `shared` means that any request would have failed, `retry_after_s` that the server
        says when to come back. Raises a `ServerError`, here and for everybody, once the
        budget is used up.
        """
        with self._lock:
            self._put_back(ticket)
            now = self._clock()
            self._charge(ticket.begun_s, now)
            self._failures_in_a_row += 1
            many = self._failures_in_a_row >= self._SHARED_AFTER
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
                    "Mend the server, or raise retryBudget_s, and run again with --resume: what "
                    "has arrived is not sent again.",
                )
            self._raise_refusal()

    def abandoned(self, ticket: Ticket) -> None:
        """The request was given up for reasons that say nothing of the server."""
        with self._lock:
            self._put_back(ticket)

    def is_alive(self) -> None:
        """The server answers others: what has failed was a request, and no time is lost."""
        with self._lock:
            self._failures_in_a_row = self._pauses_in_a_row = 0
            self._end_outage()
            self._lost_until = max(self._lost_until, self._clock())

    def close_for_good(self, error: ServerError) -> None:
        """Let nobody pass any more: `admit` raises the first error that is given here."""
        with self._lock:
            self._refusal = self._refusal or error

    def _tell(self, now: float, what: str) -> None:
        """Say that everything waits, now and then: nobody else sees it."""
        if self._pauses_in_a_row < _WORTH_TELLING:
            return
        if self._told_at is None or now - self._told_at >= _TELL_AGAIN_S:
            self._told_at = now
            logger.warning(
                "The server fails, and everything waits for it, up to %.0f s more: %s",
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
        """Take a stretch of time off the budget, but for what is charged already."""
        self._budget.spend(end_s - max(begun_s, self._lost_until))
        self._lost_until = max(self._lost_until, end_s)
