"""Ctrl-C and SIGTERM: stop reading at once, but never in the middle of a delivery."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from om_ingest.cancellation import Cancellation

_END = object()


class RunInterrupted(BaseException):
    """Raised inside the source when the run is to stop; connectors must not catch it."""


class Interrupt:
    """While entered, the first signal asks the run to stop, and the second ends it at once.

    The first signal raises only while code of the source runs, which `source_runs` and
    `reading` tell: a batch that is being delivered is always finished.
    """

    def __init__(self) -> None:
        self.cancelled = Cancellation()
        self.signal_number: int | None = None
        """The signal that asked to stop; None while none did."""
        self._in_source = False
        """Whether a signal raises; set here and nowhere else."""
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

    @contextlib.contextmanager
    def source_runs(self, *, ending: bool = False) -> Iterator[None]:
        """Code of the source runs inside: a signal raises `RunInterrupted` there.

        Raises it at once if a signal has come already, unless the source is only `ending`:
        what it holds is released in any case.
        """
        self._in_source = True
        try:
            if self.signal_number is not None and not ending:  # looked at last, as in `reading`
                raise RunInterrupted
            yield
        finally:
            self._in_source = False

    def reading(self, records: Iterator[object]) -> Iterator[object]:
        """Pass records on; a signal raises while the next one is awaited, and at no other time.

        Ends early once a signal has come.
        """
        while True:
            try:
                self._in_source = True
                if self.signal_number is not None:  # looked at last: from here on it raises
                    return
                record = next(records, _END)
            finally:
                self._in_source = False
            if record is _END:
                return
            yield record

    @contextlib.contextmanager
    def delivering(self) -> Iterator[None]:
        """Inside, no signal raises, whether the pipeline or the source asked for the delivery.

        If the source did, by reading back, `RunInterrupted` is raised afterwards for a signal
        that came meanwhile. Enter it before anything is taken that must not be lost.
        """
        before, self._in_source = self._in_source, False
        try:
            yield
        finally:
            self._in_source = before
        if before and self.signal_number is not None:
            raise RunInterrupted

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is not None:
            raise KeyboardInterrupt
        self.signal_number = number
        self.cancelled.set()
        if self._in_source:
            self._in_source = False
            raise RunInterrupted
