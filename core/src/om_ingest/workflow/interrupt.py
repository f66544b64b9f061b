"""Ctrl-C and SIGTERM: stop reading at once, but never in the middle of a delivery."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from om_ingest.cancellation import Cancellation


class RunInterrupted(BaseException):
    """Raised inside the source when the run is to stop; connectors must not catch it."""


class Interrupt:
    """While entered, the first signal asks the run to stop, and the second ends it at once.

    The pipeline sets `in_source` while the source's own code runs: only there does a
    signal raise, so a batch that is being delivered is always finished.
    """

    def __init__(self) -> None:
        self.cancelled = Cancellation()
        self.in_source = False
        self.signal_number: int | None = None
        """The signal that asked to stop; None while none did."""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for number, handler in self._before.items():
            # None stands for a handler that was not set from Python, and cannot be set again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def enter_source(self) -> None:
        """The source's code runs from here on; raises `RunInterrupted` if a signal has come."""
        self.in_source = True
        if self.signal_number is not None:
            self.in_source = False
            raise RunInterrupted

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is not None:
            raise KeyboardInterrupt
        self.signal_number = number
        self.cancelled.set()
        if self.in_source:
            self.in_source = False
            raise RunInterrupted
