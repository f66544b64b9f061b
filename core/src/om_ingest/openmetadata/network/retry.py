"""Repeats failed requests: which failures, how often, and when to give up.

Knows no HTTP: `transport.Transport` reports failures as `TransientError`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

from om_ingest.errors import DeliveryError, OmIngestError, ServerError
from om_ingest.openmetadata.network import retries
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, Ticket

AnswerT = TypeVar("AnswerT")

WEIGHT = 3
"""For how many failures an attempt counts that has cost minutes."""


class TransientError(OmIngestError):
    """A request failed, and a repetition may help.

    `status` is that of the answer, 0 without one. `is_shared`: any request would have failed,
    because the server is down or asks to wait. `may_have_arrived`: the server may have done
    the request although its answer is missing. `is_unhandled`: the server itself says that the
    request broke it, with 500 and JSON. `weight`: how many failures it counts for, more than one
    if it has cost minutes.
    """

    def __init__(
        self,
        what: str,
        remedy: str = "",
        *,
        status: int = 0,
        is_shared: bool = False,
        may_have_arrived: bool = True,
        is_unhandled: bool = False,
        weight: int = 1,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, remedy)
        self.status = status
        self.is_shared = is_shared
        self.may_have_arrived = may_have_arrived
        self.is_unhandled = is_unhandled
        self.weight = weight
        self.retry_after_s = retry_after_s


class RequestFailedError(ServerError):
    """The server answers other requests, but keeps failing on this one.

    `status` is that of its last answer, 0 without one.
    """

    status: int = 0


@dataclass(frozen=True)
class RetryPolicy:
    """Number of attempts, and pauses between them."""

    attempt_count: int = 8
    """Failures of one request, while the server answers others, after which it is suspected;
    with one more failure it is given up."""

    answered_count: int = 5
    """The same for failures that the server answers with a status. Lost connections say less
    about a request: they are lost together."""

    busy_count: int = 12
    """The same for answers of a busy server, which say even less."""

    expendable_count: int = 2
    """The same for an expendable request, which is given up at once."""

    backoff: Backoff = field(default_factory=lambda: Backoff(cap_s=0.5))
    """Pauses between the attempts of one request."""

    def share(self, failure: TransientError, *, expendable: bool) -> float:
        """How much a failure contributes to a suspicion, which is there at 1."""
        if failure.is_shared:
            if failure.status in _SAY_NOTHING:
                return 0.0
            return failure.weight / (2 * self.expendable_count if expendable else self.busy_count)
        if expendable:
            return failure.weight / self.expendable_count
        answered_count = min(self.answered_count, self.attempt_count)
        return failure.weight / (answered_count if failure.status else self.attempt_count)


_SAY_NOTHING = frozenset({0, 429})
"""Statuses of a busy server, or of none, that never are about the content of a request."""

_UNHANDLED_COUNT = 3
"""Consecutive unhandled failures without which no request is given up on the word of reads."""

_OPEN_COUNT = 5
"""Attempts within the circuit's patience of a request of which it stays open who is to blame."""

_CERTAIN = 0.999
"""One, as a sum of shares."""


class Retrier:
    """Repeats an attempt until it succeeds. Thread-safe.

    `wait(seconds)` returns whether the run is to stop: `Cancellation.wait`.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        circuit: Circuit,
        wait: Callable[[float], bool],
        server: str = "",
    ) -> None:
        """`server` names the server where repetitions are counted."""
        self._server = server
        self._policy = policy
        self._circuit = circuit
        self._wait = wait

    def call(
        self,
        attempt: Callable[[], AnswerT],
        others_are_answered: Callable[[bool], bool | None],
        *,
        repeatable: bool = True,
        expendable: bool = False,
    ) -> AnswerT:
        """The result of `attempt`, which raises `TransientError` where a repetition may help.

        `others_are_answered` tells whether the server has answered other requests of this kind
        since it was called last, and may send one to find out. Its argument is whether the server
        does not handle the request; it returns None if reads are answered and there is nothing to
        find out about writes with: then the request is given up after the circuit's `patience_s`.
        A request that is not `repeatable` is not repeated once the server may have done it. An
        `expendable` one is given up soon, because nothing is lost with it. Raises
        `RequestFailedError` when only this request keeps failing; `ServerError`, in all
        threads, when the server keeps failing or refuses the token; `DeliveryError` when the run is
        to stop while the server fails.
        """
        suspicion, failure_count, is_suspect = 0.0, 0, expendable
        unhandled_s: list[float] = []
        """When the latest attempts began, if the server has handled none of them."""
        said, began_s = "", 0.0
        failure: TransientError | None = None
        while True:
            ticket = self._admitted(said)
            if failure is not None:
                retries.current().add(self._server, failure.status, time.monotonic() - began_s)
            began_s = time.monotonic()
            try:
                answer = attempt()
            except TransientError as error:
                failure = error
            except ServerError as error:
                self._circuit.close_for_good(error)
                raise
            except BaseException:
                self._circuit.abandoned(ticket)
                raise
            else:
                self._circuit.succeeded(ticket)
                return answer
            failure_count, said = failure_count + 1, failure.what
            suspicion += self._policy.share(failure, expendable=expendable)
            unhandled_s = [*unhandled_s, ticket.begun_s] if failure.is_unhandled else []
            is_due, is_down, is_open = suspicion >= _CERTAIN, failure.is_shared, False
            if is_due or not (is_down or (failure.weight == 1 and self._circuit.is_calm())):
                # Asked before anybody has to wait: is it the server, or this request alone?
                are_answered = others_are_answered(failure.is_unhandled)
                is_open = are_answered is None and failure.is_unhandled
                is_down = not (are_answered or is_open)
                if not is_open:
                    unhandled_s.clear()
                if are_answered:
                    self._circuit.others_answered()
            pause_s = self._policy.backoff.pause_s(failure_count)
            if is_open:  # nobody else waits
                pause_s = max(pause_s, self._circuit.patience_s / _OPEN_COUNT)
            self._circuit.failed(
                ticket,
                failure.what,
                failure.remedy,
                shared=is_down,
                retry_after_s=failure.retry_after_s,
                alone_s=pause_s if is_open else 0.0,
            )
            if failure.may_have_arrived and not repeatable:
                raise _blamed(failure)
            if is_open and self._is_enough(unhandled_s):
                raise _blamed(failure)
            if is_due and (is_down or is_open):
                suspicion, failure_count, is_suspect = 0.0, 0, expendable
            elif is_due and is_suspect:
                raise _blamed(failure)
            else:
                # The server may have been down until now: the request is given up only if it
                # fails between two answers to others.
                is_suspect = is_suspect or is_due
            if not failure.is_shared:
                self._pause(pause_s, said)

    def _is_enough(self, unhandled_s: list[float]) -> bool:
        """Whether attempts that began then are enough to give up a request that is not handled."""
        if len(unhandled_s) < _UNHANDLED_COUNT:
            return False
        return unhandled_s[-1] - unhandled_s[0] >= self._circuit.patience_s

    def _admitted(self, said: str) -> Ticket:
        while not isinstance(admission := self._circuit.admit(), Ticket):
            self._pause(admission, said)
        return admission

    def _pause(self, pause_s: float, said: str) -> None:
        """Wait; `said` is the latest failure of the request, empty before its first attempt."""
        if self._wait(pause_s):
            raise stopped(said)


def stopped(last: str = "") -> DeliveryError:
    """The error for a request of a run that is to stop; `last` is its latest failure."""
    return DeliveryError(
        f"The run was stopped before this was delivered{f'; last: {last}' if last else ''}",
        "Run again with --resume: what has arrived is not sent again.",
    )


def _blamed(failure: TransientError) -> RequestFailedError:
    error = RequestFailedError(failure.what, "The server's log says why.")
    error.status = failure.status
    return error


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait by a `Retry-After` header; None if it is missing or malformed.

    It holds seconds or an HTTP date (RFC 9110 §10.2.3).
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year of twenty digits
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - (now or datetime.now(timezone.utc))).total_seconds())
