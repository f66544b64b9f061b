"""The third request to stop ends the process: a source may swallow or block the two before it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

_PRESS_S = 0.1
"""Signals that follow each other sooner are one request."""
_LAST = 3
"""The request that ends the process."""


class LastResort:
    """Counts requests in Python's handler and in a thread: code in C may hold up the handler.

    The system writes each signal into a pipe (`signal.set_wakeup_fd`), which the thread reads.
    There can be only one such descriptor, and event loops need it: asyncio, trio, uvloop. So the
    pipe gives way while code of others has its own there, and they are told that nobody had one
    before. Such a loop runs the handler.
    """

    def __init__(
        self,
        last_words: str,
        stop_words: Sequence[str],
        asked: Callable[[int], None],
        end_process: Callable[[], None],
    ) -> None:
        """`last_words` are told when the process is ended, `stop_words` at the requests before.

        `asked` is called in the thread with each signal, `end_process` at the last request.
        """
        self._asked = asked
        words = dict(enumerate((text.encode() for text in stop_words), start=1))
        words[_LAST] = f"\nerror: {last_words}\n".encode()
        self._handled, self._seen = _Requests(words, end_process), _Requests(words, end_process)
        """What the handler and the thread have counted: each may be late, and miss some."""
        self._pipe: tuple[int, ...] = ()
        """Ends of the pipe into which the system writes each signal."""
        self._is_watching = False
        """Whether it does so now."""
        self._set = signal.set_wakeup_fd
        self._instead = self._set_wakeup_fd

    def add(self, number: int) -> None:
        """For the handler of signals: one has come."""
        self._handled.add(number)
        if not self._is_watching:
            self._seen.add(number)

    def watch(self) -> None:
        """Begin to count in a thread; only in the main thread."""
        if sys.platform == "win32":
            return  # only sockets can be written to there
        self._pipe = reading, writing = os.pipe()
        os.set_blocking(writing, False)
        self._set = signal.set_wakeup_fd
        others = self._set(writing, warn_on_full_buffer=False)
        self._is_watching = others == -1
        if others != -1:  # of an event loop in which the caller runs
            self._set(others, warn_on_full_buffer=False)
        _replace(self._instead)
        threading.Thread(target=self._read, args=(reading,), daemon=True).start()

    def leave(self, *, is_forked: bool) -> None:
        """Count no more; a process that was forked has no such thread."""
        if not self._pipe:
            return
        if signal.set_wakeup_fd is self._instead:
            _replace(self._set)
        if self._is_watching:
            self._set(-1)
        reading, writing = self._pipe
        self._pipe, self._is_watching = (), False
        os.close(writing)  # the thread ends, which closes the other end
        if is_forked:
            os.close(reading)

    def _set_wakeup_fd(self, fd: int, /, *, warn_on_full_buffer: bool = True) -> int:
        """As `signal.set_wakeup_fd`, as if the pipe were not there."""
        if not self._pipe:  # kept by a library beyond the run
            return self._set(fd, warn_on_full_buffer=warn_on_full_buffer)
        writing = self._pipe[1]
        if fd == -1:
            before = self._set(writing, warn_on_full_buffer=False)
        else:
            before = self._set(fd, warn_on_full_buffer=warn_on_full_buffer)
        self._is_watching = fd == -1
        return -1 if before == writing else before

    def _read(self, reading: int) -> None:
        while numbers := os.read(reading, 64):
            for number in {signal.SIGINT, signal.SIGTERM}.intersection(numbers):
                self._asked(number)
                self._seen.add(number)
        os.close(reading)


class _Requests:
    def __init__(self, words: dict[int, bytes], end_process: Callable[[], None]) -> None:
        self._end_process = end_process
        self._words = words
        """What is left to be said at each request: who counts it first says it."""
        self._count, self._latest_s = 0, float("-inf")

    def add(self, number: int) -> None:
        now = time.monotonic()
        self._count += now - self._latest_s >= _PRESS_S
        self._latest_s = now
        if self._count == _LAST:
            say(self._words[_LAST])
            self._end_process()
        with _saying:  # the handler goes on once it is said, by whichever of the two
            if words := self._words.pop(self._count, b""):
                say(words)


_saying = threading.RLock()
"""A handler may interrupt another one."""


def say(words: bytes) -> None:
    """Write past `sys.stderr`, which the source may hold; nothing where it would block."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32" or select.select((), (2,), (), 0)[1]:
            os.write(2, words)


def _replace(function: object) -> None:
    """Let libraries find another `signal.set_wakeup_fd`."""
    vars(signal)["set_wakeup_fd"] = function
