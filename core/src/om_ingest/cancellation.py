"""The request to stop a run."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue


class Cancellation:
    """Whether the run is to stop. Thread-safe, and safe in signal handlers.

    A signal handler must not set a `threading.Event`: it may have interrupted the thread that
    holds the event's lock. `SimpleQueue.put` is reentrant.
    """

    _LOOK_S = 0.5
    """Seconds between two checks of the flag: a signal that arrives just before the thread
    sleeps is handled when it wakes."""

    def __init__(self) -> None:
        self._requested = False
        self._wake: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Ask the run to stop."""
        self._requested = True
        self._wake.put(None)

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
            try:
                self._wake.get(timeout=min(left, self._LOOK_S))
                self._wake.put(None)  # for other waiting threads
            except Empty:
                continue
        return self._requested
