"""Repeats failed requests: which failures, how often, and when to give up.

Knows no HTTP: `transport.Transport` reports failures as `TransientError`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

from om_ingest.errors import DeliveryError, OmIngestError, ServerError
from om_ingest.openmetadata.network.circuit import Backoff, Circuit, Ticket

AnswerT = TypeVar("AnswerT")


class TransientError(OmIngestError):
    """A request failed, and a repetition may help.

    `status` is that of the answer, 0 without one. `is_shared`: any request would have failed,
    because the server is down or asks to wait. `may_have_arrived`: the server may have done
    the request although its answer is missing. `weight`: how many failures it counts for,
    more than one if it has cost minutes.
    """

    def __init__(
        self,
        what: str,
        remedy: str = "Try again.",
        *,
        status: int = 0,
        is_shared: bool = False,
        may_have_arrived: bool = True,
        weight: int = 1,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, remedy)
        self.status = status
        self.is_shared = is_shared
        self.may_have_arrived = may_have_arrived
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
    """Failures of one request, while the server answers others, after which it is given up."""

    backoff: Backoff = field(default_factory=Backoff)
    """Pauses between the attempts of one request."""


class Retrier:
    """Repeats an attempt until it succeeds. Thread-safe.

    `wait(seconds)` returns whether the run is to stop: `Cancellation.wait`. `is_alive` sends
    a request that fails only if the server is down.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        circuit: Circuit,
        wait: Callable[[float], bool],
        is_alive: Callable[[], bool],
    ) -> None:
        self._policy = policy
        self._circuit = circuit
        self._wait = wait
        self._is_alive = is_alive

    def call(self, attempt: Callable[[], AnswerT], *, repeatable: bool = True) -> AnswerT:
        """The result of `attempt`, which raises `TransientError` where a repetition may help.

        A request that is not `repeatable` is not repeated once the server may have done it.
        Raises `RequestFailedError` when only this request keeps failing; `ServerError`, in
        all threads, when the server keeps failing or refuses the token; `DeliveryError` when
        the run is to stop while the server fails.
        """
        failure_count = 0
        is_suspect = False
        while True:
            ticket = self._admitted()
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
            if failure.weight > 1 and self._is_alive():
                self._circuit.is_alive()  # the time is lost by this request, not by the server
            self._circuit.failed(
                ticket,
                failure.what,
                shared=failure.is_shared,
                retry_after_s=failure.retry_after_s,
            )
            if failure.may_have_arrived and not repeatable:
                raise _blamed(failure)
            if not failure.is_shared:
                failure_count += failure.weight
                if failure_count >= self._policy.attempt_count:
                    # The server may have been down until now. The request is given up only if
                    # it fails between two answers of the server.
                    was_suspect, is_suspect = is_suspect, self._is_alive()
                    if is_suspect:
                        self._circuit.is_alive()
                        if was_suspect:
                            raise _blamed(failure)
                    else:
                        failure_count = 0
                self._pause(self._policy.backoff.pause_s(failure_count))

    def _admitted(self) -> Ticket:
        while not isinstance(admission := self._circuit.admit(), Ticket):
            self._pause(admission)
        return admission

    def _pause(self, pause_s: float) -> None:
        if self._wait(pause_s):
            raise DeliveryError(
                "The run was stopped while the server did not answer",
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
