"""The deadline of a run that was asked to stop: it is cut off in time, and ended in any case."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from om_ingest.cancellation import Cancellation

CUT_SIGNAL = None if sys.platform == "win32" else signal.SIGURG
"""Wakes the main thread wherever it waits; the system's own default is to ignore it."""

_AGAIN_S = 0.5
"""Pause between two attempts to cut off the main thread: a source may swallow what is raised."""

_FAREWELL_S = 2.0
"""Longest time that the report may take where the main thread does not come back."""


class Deadline:
    """Follows the stages of `Cancellation` in a thread, once the run is to stop.

    At `cut_at` the main thread gets `CUT_SIGNAL`, and again until the run has ended. At
    `over_at` the process ends, with what `farewell` has put down, and the exit code it returns.
    """

    def __init__(self, cancelled: Cancellation, farewell: Callable[[], int]) -> None:
        self._cancelled = cancelled
        self._farewell = farewell
        self._has_ended = threading.Event()

    def begin(self) -> None:
        """Start the thread, which is not inherited by a process that is forked."""
        threading.Thread(target=self._follow, name="deadline", daemon=True).start()

    def end(self) -> None:
        """Let the thread end: the run has come to its own end."""
        self._has_ended.set()

    def _follow(self) -> None:
        while not self._cancelled.wait(_AGAIN_S):
            if self._has_ended.is_set():
                return
        pause_s = self._cancelled.cut_at - time.monotonic()
        while not self._has_ended.wait(min(max(pause_s, 0.0), threading.TIMEOUT_MAX)):
            left_s = self._cancelled.over_at - time.monotonic()
            if left_s <= 0:
                end_process_with(self._farewell)
            cut_main_thread()
            pause_s = min(_AGAIN_S, left_s)


def cut_main_thread() -> None:
    """Interrupt what the main thread waits for, where the system can do that."""
    main = threading.main_thread().ident
    if CUT_SIGNAL is not None and main is not None:
        with contextlib.suppress(OSError):
            signal.pthread_kill(main, CUT_SIGNAL)


def end_process_with(farewell: Callable[[], int]) -> None:
    """End the process with the exit code that `farewell` returns, which has some seconds.

    It runs in a thread of its own: whoever was interrupted may hold the locks that it needs.
    """
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(farewell()), daemon=True)
    thread.start()
    thread.join(_FAREWELL_S)
    os._exit(codes[0] if codes else 1)
