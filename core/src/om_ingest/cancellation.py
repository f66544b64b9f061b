"""The request to stop a run."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        """Ask the run to stop, and to have ended after `grace_s` seconds; None for no limit.

        Asked again, a limit that is there stays.
        """
        if grace_s is not None and self.over_at == math.inf:
            begun = time.monotonic()
            self.cut_at, self.last_at = begun + _CUT * grace_s, begun + _LAST * grace_s
            self.over_at = begun + grace_s - min(_RESERVE_S, _RESERVE * grace_s)
        if not self._requested:
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


class SignalExit(SystemExit):
    """A signal ends the command, outside of a run: no fault of the code that it interrupts."""


class _Process:
    """What signals do outside of a run."""

    number: int | None = None
    """The first that came."""

    raises = False
    """Whether a signal raises: otherwise it is only noted."""

    code: int | None = None
    """The exit code of the process, once nothing changes it."""

    over_at = math.inf
    """When the process has to be at its end, on the monotonic clock."""


_process = _Process()


def end_process(number: int, frame: FrameType | None) -> None:
    """Handle a signal outside of a run, which ends the command with the exit code of the signal.

    Within `signals_raise` it raises `SignalExit`, or `KeyboardInterrupt` for SIGINT; otherwise it
    is noted. After `fix` it ends the process with the code that is fixed. A process that a run
    forks does without this handler, and is ended by the system.
    """
    if _process.code is not None:
        os._exit(_process.code)
    _process.number = _process.number or number
    if _process.raises:
        raise _raised(number)


def _raised(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else SignalExit(128 + number)


@contextmanager
def signals_raise() -> Iterator[None]:
    """Inside, a signal ends what goes on, also one that has come before."""
    _process.raises = True
    try:
        if _process.number is not None:
            raise _raised(_process.number)
        yield
    finally:
        _process.raises = False


def exit_code(otherwise: int) -> int:
    """The exit code of a command that a signal has ended outside of a run, else the other one."""
    number = _process.number
    return otherwise if number is None else 128 + number


def end_by(over_at: float) -> None:
    """Let the process be at its end by this monotonic time, once its exit code is fixed."""
    _process.over_at = over_at


def fix(code: int) -> None:
    """From now on no signal changes the exit code, and nothing outlasts the time that is left.

    Python waits for threads of a connector at its end, and one may hang.
    """
    _process.code = code
    if _process.over_at == math.inf:
        return

    def wait() -> None:
        time.sleep(max(_process.over_at - time.monotonic(), 0.1))
        os._exit(code)

    threading.Thread(target=wait, name="grace", daemon=True).start()
