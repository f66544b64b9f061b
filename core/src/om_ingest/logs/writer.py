"""The process that makes lines of JSON of what a run writes to standard error."""

from __future__ import annotations

import codecs
import contextlib
import gc
import json
import os
import re
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from om_ingest.logs import formats
from om_ingest.logs.frames import Kind, Place, Unframing
from om_ingest.logs.labels import RunLabels
from om_ingest.masking import Redactor

_LONG_CHARS = 2**18
"""A longer line is cut into several objects."""

_TAIL_CHARS = 2**14
"""What is kept of it, since a secret may go on: longer than any."""

_PENDING_COUNT = 1000
"""Lines of different threads that have begun and are not ended: more are written as they are."""

_BATCH_S = 0.001
"""Pause in which lines gather: waking up for each costs more."""

_MANY_DESCRIPTORS = 2**16
_READ_BYTES = 2**16
PIPE_BYTES = 2**20
"""Size of the pipe, if the system permits it: code that fills it waits."""

_PIPE_READS = 2 * PIPE_BYTES // _READ_BYTES

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours and movements of the cursor: control sequences of ECMA-48."""

_LOGGERS = {Kind.STDOUT: "stdout", Kind.STDERR: "stderr", Kind.FOREIGN: "output"}


class Writer:
    """Makes lines of JSON of frames, and of bytes that come between them."""

    def __init__(
        self, write: Callable[[bytes], None], token: bytes = b"", answer: Callable[[], object] = int
    ) -> None:
        """`write` gets one whole line each time; `answer` is called for a mark."""
        self._write = write
        self._unframing = Unframing(token)
        self._answer = answer
        self._redact = Redactor()
        self._labels: dict[str, str] = RunLabels().as_dict()
        self._pending: dict[tuple[Kind, Place], _Pending] = {}
        """Lines that have no end yet, by where they come from."""
        self.has_ended = False
        """Whether the event that ends the run is written."""

    def feed(self, data: bytes) -> None:
        """Take bytes of the pipe."""
        for message in self._unframing.feed(data):
            self.take(*message)

    def take(self, kind: Kind, place: Place, data: bytes) -> None:
        """Take a message of a process and thread."""
        if kind in (Kind.LINE, Kind.LAST):
            if kind is Kind.LAST:
                self.has_ended = True
                self.flush()
            self._write(data + b"\n")
        elif kind is Kind.LABELS:
            self._labels = json.loads(data)
        elif kind is Kind.SECRETS:
            self._redact.add(json.loads(data))
        elif kind is Kind.MARK:
            self.flush()
            self._answer()
        else:
            self._text(kind, place, data)

    def _text(self, kind: Kind, place: Place, data: bytes) -> None:
        key = (kind, place)
        pending = self._pending.get(key)
        if pending is None:
            if len(self._pending) >= _PENDING_COUNT:
                self.flush()
            pending = self._pending[key] = _Pending()
        for text in pending.lines(data, self._redact):
            self._say(kind, text)
        if not pending:
            del self._pending[key]

    def _say(self, kind: Kind, text: str) -> None:
        """Write a line of what others say, as a terminal would show it in the end."""
        parts = _ESCAPES.sub("", text).split("\r")
        said = next((part for part in reversed(parts) if part.strip()), "")
        if said:
            line = formats.foreign(_LOGGERS[kind], self._redact(said), self._labels)
            self._write(line.encode() + b"\n")

    def flush(self) -> None:
        """Write what has begun and is not ended."""
        pending, self._pending = self._pending, {}
        for (kind, _), part in pending.items():
            self._say(kind, part.rest())

    def close(self) -> None:
        """Write what is left, and how the run has ended, if nobody has told."""
        self.flush()
        if not self.has_ended:
            self._write(formats.killed(self._labels).encode() + b"\n")


class _Pending:
    """A line that has begun."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    def __bool__(self) -> bool:
        return bool(self._text or self._decoder.getstate()[0])

    def lines(self, data: bytes, redact: Redactor) -> Iterator[str]:
        """The lines that end with this."""
        *whole, self._text = (self._text + self._decoder.decode(data)).split("\n")
        yield from whole
        if "\r" in self._text:  # a bar of progress: what it overwrites is not seen
            self._text = "\r".join(self._text.split("\r")[-3:])
        while len(self._text) > _LONG_CHARS:
            self._text = redact(self._text)  # before the cut, which may be inside of a secret
            yield self._text[: _LONG_CHARS - _TAIL_CHARS]
            self._text = self._text[_LONG_CHARS - _TAIL_CHARS :]

    def rest(self) -> str:
        return self._text + self._decoder.decode(b"", final=True)


def onto(number: int) -> Callable[[bytes], None]:
    """Writes lines to a descriptor; what it cannot take is dropped, and all that follows."""
    lost = False

    def write(line: bytes) -> None:
        nonlocal lost
        left = memoryview(line)
        while left and not lost:
            try:
                left = left[os.write(number, left) :]
            except BlockingIOError:  # whoever shares it has made it non-blocking
                select.select((), (number,), ())
            except OSError:
                lost = True

    return write


def serve(reading: int, alive: int, answering: int, token: bytes) -> None:
    """Write until the process that has begun is gone; what its children say later is lost.

    For a process that does nothing else: it closes all other descriptors, and ignores signals.
    """
    gc.disable()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGUSR1", "SIGUSR2"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    out = os.dup(2)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    _close_all_but({0, 1, 2, reading, alive, answering, out})
    os.chdir("/")

    def answer() -> None:
        with contextlib.suppress(OSError):
            os.write(answering, b"\0")

    writer = Writer(onto(out), token, answer)
    os.set_blocking(reading, False)
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(alive, select.POLLIN)
    is_alive = True
    while is_alive:
        is_alive = alive not in {number for number, _ in poll.poll()}
        # At the end, what the pipe can hold: a child that goes on may fill it for ever.
        for _ in range(1 if is_alive else _PIPE_READS):
            try:
                data = os.read(reading, _READ_BYTES)
            except BlockingIOError:
                break
            writer.feed(data)
            if not data:
                is_alive = False
                break
        if is_alive:
            time.sleep(_BATCH_S)
    writer.close()


def _close_all_but(kept: set[int]) -> None:
    """Close the descriptors that are open: of a billion that may be, one by one takes minutes."""
    try:
        found = {int(path.name) for path in Path("/dev/fd").iterdir()}
    except OSError:  # no such folder
        found = set(range(min(os.sysconf("SC_OPEN_MAX"), _MANY_DESCRIPTORS)))
    for number in found - kept:
        with contextlib.suppress(OSError):  # that of the folder itself
            os.close(number)
