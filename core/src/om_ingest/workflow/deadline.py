"""The deadline of a run that was asked to stop: it is cut off in time, and ended in any case."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from os import _exit  # what `exits_told` replaces
from typing import NoReturn

from om_ingest.cancellation import Cancellation

CUT_SIGNAL = None if sys.platform == "win32" else signal.SIGURG
"""Wakes the main thread wherever it waits; the system's own default is to ignore it."""

GRACE_S = 25.0
"""Seconds in which a run ends after SIGTERM: Kubernetes kills after 30."""

_AGAIN_S = 0.5
"""Pause between two attempts to cut off the main thread: a source may swallow what is raised."""

_FAREWELL_S = 1.5
"""Longest time that the report may take where the main thread does not come back."""


class Deadline:
    """Follows the stages of `Cancellation` in a thread, once the run is to stop.

    At `cut_at` the main thread gets `CUT_SIGNAL`, and again until the run has ended. At `over_at`
    the process ends.
    """

    def __init__(
        self, cancelled: Cancellation, grace_s: float | None, farewell: Callable[[int], int]
    ) -> None:
        """The run ends within `grace_s` after a signal; without it within `GRACE_S` after SIGTERM.

        `farewell` puts down how a run ends that hangs, and returns its exit code; it is given the
        one of the signal.
        """
        self._cancelled = cancelled
        self._grace_s = grace_s
        self._farewell = farewell
        self._number: int = signal.SIGINT
        """The first signal."""
        self._has_ended = threading.Event()

    def begin(self) -> None:
        """Start the thread, which is not inherited by a process that is forked."""
        threading.Thread(target=self._follow, name="deadline", daemon=True).start()

    def ask(self, number: int) -> None:
        """Ask the run to stop, because of a signal; in its handler, and in a thread that saw it."""
        if not self._cancelled.is_set():
            self._number = number
        is_default = self._grace_s is None and number == signal.SIGTERM
        self._cancelled.set(GRACE_S if is_default else self._grace_s)

    def end(self) -> None:
        """Let the thread end: the run has come to its own end."""
        self._has_ended.set()

    def end_process(self) -> None:
        """End the process with what `farewell` returns, or the signal's own code if that hangs."""
        end_process(self._farewell, 128 + self._number)

    def _follow(self) -> None:
        while not self._cancelled.wait(_AGAIN_S):
            if self._has_ended.is_set():
                return
        pause_s = self._cancelled.cut_at - time.monotonic()
        while not self._has_ended.wait(min(max(pause_s, 0.0), _AGAIN_S)):
            now = time.monotonic()
            if now >= self._cancelled.over_at:
                self.end_process()
            if now >= self._cancelled.cut_at:
                cut_main_thread()
                pause_s = self._cancelled.over_at - now
            else:
                pause_s = self._cancelled.cut_at - now


def end_process(farewell: Callable[[int], int], code: int) -> NoReturn:
    """End the process with what `farewell` returns for this code, or the code if that hangs.

    It runs in a thread of its own: whoever was interrupted may hold the locks that it needs.
    """
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(farewell(code)), daemon=True)
    thread.start()
    thread.join(_FAREWELL_S)
    _exit(codes[0] if codes else code)


@contextlib.contextmanager
def exits_told(tell: Callable[[int, int], int]) -> Iterator[None]:
    """Inside, `os._exit` ends the process with what `tell` returns for its status, and 1.

    So code of a plugin that ends the process does not make a success of the run. Processes that
    are forked inside have the system's own.
    """
    owner = os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != owner:
            _exit(status)
        end_process(lambda code: tell(status, code), 1)

    vars(os)["_exit"] = leave
    try:
        yield
    finally:
        vars(os)["_exit"] = _exit


def cut_main_thread() -> None:
    """Interrupt what the main thread waits for, where the system can do that."""
    main = threading.main_thread().ident
    if CUT_SIGNAL is not None and main is not None:
        with contextlib.suppress(OSError):
            signal.pthread_kill(main, CUT_SIGNAL)
