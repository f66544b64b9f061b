"""The request to stop a run."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from types import FrameType

_CUT, _LAST = 0.5, 0.75
"""Shares of the grace after which all is cut off, and nothing is begun any more."""

_RESERVE, _RESERVE_S = 0.2, 2.0
"""What is kept of the grace, as a share and at most, for the report of a run that hangs."""


class Cancellation:
    """Whether the run is to stop. Thread-safe, and safe in signal handlers.

    A signal handler must not set a `threading.Event`: it may have interrupted the thread that
    holds the event's lock. Releasing a plain lock is one step. (`SimpleQueue.get` of Python 3.11
    waits for ever where its timeout ends at the wrong moment.)
    """

    _LOOK_S = 0.5
    """Seconds between two checks of the flag: a signal that arrives just before the thread
    sleeps is handled when it wakes."""

    def __init__(self) -> None:
        self._requested = False
        self.cut_at = math.inf
        """When what is under way is cut off, on the monotonic clock; `inf` without a limit."""
        self.last_at = math.inf
        """When nothing new is begun any more, such as a request."""
        self.over_at = math.inf
        """When the process ends, whatever it does."""
        self._sleep = threading.Lock()
        """Held until the run is to stop: who waits, waits for it."""
        self._sleep.acquire()

    def set(self, grace_s: float | None = None) -> None:
        """Ask the run to stop, and to have ended after `grace_s` seconds; None for no limit."""
        if not self._requested:
            if grace_s is not None:
                begun = time.monotonic()
                self.cut_at, self.last_at = begun + _CUT * grace_s, begun + _LAST * grace_s
                self.over_at = begun + grace_s - min(_RESERVE_S, _RESERVE * grace_s)
            self._requested = True
            self._wake()

    def is_set(self) -> bool:
        """Whether the run is to stop."""
        return self._requested

    def left_s(self, most_s: float) -> float:
        """Seconds that something may still take, at most `most_s`; all of them before `set`."""
        return max(0.0, min(most_s, self.last_at - time.monotonic()))

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the run is to stop, at most `timeout_s` seconds; returns `is_set()`."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._requested:
            left = self._LOOK_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                break
            if self._sleep.acquire(timeout=min(left, self._LOOK_S)):
                self._wake()  # the other threads that wait
        return self._requested

    def _wake(self) -> None:
        # Released already if a second signal came between the check of the flag and its setting.
        with suppress(RuntimeError):
            self._sleep.release()


def end_process(number: int, frame: FrameType | None) -> None:
    """Handle a signal outside of a run: raise `SystemExit` with its exit code.

    Not once `settle` was called. A process that a run forks does without, and is ended by the
    system.
    """
    if not is_settled():
        raise SystemExit(128 + number)


_settled = threading.Event()


def settle(*, is_over: bool = True) -> None:
    """Let signals change nothing any more: how the command ends is told, and it ends at once.

    Without `is_over`, a command begins.
    """
    if is_over:
        _settled.set()
    else:
        _settled.clear()


def is_settled() -> bool:
    """Whether `settle` was called."""
    return _settled.is_set()
