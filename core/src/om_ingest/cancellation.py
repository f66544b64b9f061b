"""The request to stop a run."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from types import FrameType
from typing import NoReturn


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
        self._sleep = threading.Lock()
        """Held until the run is to stop: who waits, waits for it."""
        self._sleep.acquire()

    def set(self) -> None:
        """Ask the run to stop."""
        if not self._requested:
            self._requested = True
            self._wake()

    def is_set(self) -> bool:
        """Whether the run is to stop."""
        return self._requested

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


def end_process(number: int, frame: FrameType | None) -> NoReturn:
    """Handle a signal outside of a run: raise `SystemExit` with its exit code.

    A process that a run forks does without, and is ended by the system.
    """
    raise SystemExit(128 + number)
