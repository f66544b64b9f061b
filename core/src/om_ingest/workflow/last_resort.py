"""The third request to stop ends the process: a source may swallow or block the two before it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Sequence

_PRESS_S = 0.1
"""Signals that follow each other sooner are one request."""
_LAST = 3
"""The request that ends the process."""


class LastResort:
    """Counts requests in Python's handler and, where it is not run, in a thread.

    The system writes each signal into a pipe (`signal.set_wakeup_fd`), which the thread reads. An
    event loop of the source may take the place of the pipe while it runs, and runs the handlers.
    """

    def __init__(self, last_words: str, stop_words: Sequence[str] = ()) -> None:
        """`last_words` are told when the process is ended, `stop_words` at the requests before."""
        words = dict(enumerate((text.encode() for text in stop_words), start=1))
        words[_LAST] = f"\nerror: {last_words}\n".encode()
        self._requests = _Requests(words)
        self._pipe: tuple[int, ...] = ()
        """Ends of the pipe into which the system writes each signal."""
        self._wakeup_before = -1

    def add(self, number: int) -> None:
        """For the handler of signals: one has come."""
        self._requests.add(number)

    def watch(self) -> None:
        """Begin to count in a thread; only in the main thread."""
        if sys.platform == "win32":
            return  # only sockets can be written to there
        # Trio takes the place of the pipe, and tells users that this may be wrong.
        warnings.filterwarnings("ignore", "It looks like Trio's signal handling", RuntimeWarning)
        self._pipe = reading, writing = os.pipe()
        os.set_blocking(writing, False)
        self._wakeup_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        words = self._requests.words
        threading.Thread(target=_count, args=(reading, words), daemon=True).start()

    def leave(self, *, is_forked: bool) -> None:
        """Count no more; a process that was forked has no such thread."""
        if not self._pipe:
            return
        reading, writing = self._pipe
        self._pipe = ()
        signal.set_wakeup_fd(-1 if is_forked else self._wakeup_before)
        os.close(writing)  # the thread ends, which closes the other end
        if is_forked:
            os.close(reading)


class _Requests:
    def __init__(self, words: dict[int, bytes]) -> None:
        self.words = words
        """What is left to be said at each request: who counts it first says it."""
        self._count, self._latest_s = 0, float("-inf")

    def add(self, number: int) -> None:
        now = time.monotonic()
        self._count += now - self._latest_s >= _PRESS_S
        self._latest_s = now
        if self._count == _LAST:
            _say(self.words[_LAST])
            os._exit(128 + number)
        if words := self.words.pop(self._count, b""):  # one step: nothing comes between
            _say(words)


def _say(words: bytes) -> None:
    """Write past `sys.stderr`, which the source may hold; nothing where it would block."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32" or select.select((), (2,), (), 0)[1]:
            os.write(2, words)


def _count(reading: int, words: dict[int, bytes]) -> None:
    requests = _Requests(words)
    while numbers := os.read(reading, 64):
        for number in {signal.SIGINT, signal.SIGTERM}.intersection(numbers):
            requests.add(number)
    os.close(reading)
