"""In JSON mode: everything that is written to standard error goes through a process that makes
JSON of it.

A pipe takes the place of descriptors 1 and 2, so that also what code in C and child processes
print becomes JSON. Its reader is a process, not a thread: code in C that holds Python's lock could
fill the pipe, and wait for ever; and what a process that crashes or is killed has said last still
arrives. What Python code says goes into the same pipe, in frames that tell where it comes from, so
the order is kept.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import logging
import os
import select
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from om_ingest.logs import formats, writer
from om_ingest.logs.frames import Framing, Kind, here
from om_ingest.logs.labels import labels
from om_ingest.masking import Redactor

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_HELD_CHARS = 4000

_LEAVE_S = 10.0
"""Longest time that the end waits for a reader of standard error that does not read."""


class Capture:
    """The way to the process that writes; made once, before the process has threads."""

    def __init__(self) -> None:
        self.redact = _SharedRedactor(self)
        """Masks what it knows here and in the process that writes."""
        self.stdout = CapturedStream(self, Kind.STDOUT, 1)
        self.stderr = CapturedStream(self, Kind.STDERR, 2)
        self._framing = Framing()
        self._owner = os.getpid()
        self._patience_s: float | None = None
        """Longest time to wait for who reads; None for ever, until the run ends."""
        self._writer: writer.Writer | None = None
        """Writes in this process, where there can be no other."""
        self._lock = threading.RLock()
        try:
            self._start()
        except (OSError, AttributeError):  # no more processes; Windows has no fork
            self._write_here()

    def _start(self) -> None:
        reading, self._pipe = os.pipe()
        alive, self._alive = os.pipe()
        self._answers, answering = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if os.fork() == 0:  # no child of ours: a connector may wait for all of its own
                    writer.serve(reading, alive, answering, self._framing.token)
                code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            raise OSError("there can be no more processes")
        for fd in (reading, alive, answering):
            os.close(fd)
        os.register_at_fork(after_in_child=self._forked)
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import fcntl

            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, writer.PIPE_BYTES)  # type: ignore[attr-defined,unused-ignore]  # of Linux, from Python 3.10 on
        for number in (1, 2):
            os.dup2(self._pipe, number)

    def _write_here(self) -> None:
        self._writer = writer.Writer(writer.onto(os.dup(2)))

    def _forked(self) -> None:
        """The end is that of the process that has begun."""
        with contextlib.suppress(OSError):
            os.close(self._alive)
        self._alive = -1
        self.stdout.forget()
        self.stderr.forget()

    def send(self, kind: Kind, data: bytes) -> None:
        """Write one message; several threads and processes may do so at once. Never raises.

        Waits where nobody reads; in the end no longer than the last event may.
        """
        if self._writer is not None:
            with self._lock:
                self._writer.take(kind, here(), data)
            return
        for frame in self._framing.frames(kind, data):
            if self._patience_s is not None and not self._is_read():
                self._patience_s = 0
                return
            self._put(frame)

    def _is_read(self) -> bool:
        """Whether the pipe takes a frame, or will in time."""
        with contextlib.suppress(OSError):
            return bool(select.select((), (self._pipe,), (), self._patience_s)[1])
        return False

    def _put(self, frame: bytes) -> None:
        while True:
            try:
                os.write(self._pipe, frame)
            except BlockingIOError:  # whoever shares the pipe has made it non-blocking
                select.select((), (self._pipe,), ())
            except OSError:  # the process that writes was killed
                return
            else:
                return

    def event(
        self, name: str, message: str, fields: Mapping[str, Any], level: str, kind: Kind = Kind.LINE
    ) -> None:
        """Write an event."""
        said, found = self.redact(message), {"event": name, **self.redact.values(dict(fields))}
        self.send(
            kind, formats.as_line(level, "om_ingest.run", said, labels.as_dict(), found).encode()
        )

    def last_event(
        self, message: str, fields: Mapping[str, Any], level: str, within_s: float
    ) -> None:
        """Write the event that ends the run, and wait until it is written, so long at most."""
        self._patience_s = within_s
        self._flush()
        self.event("run.ended", message, fields, level, Kind.LAST)
        self.drain()

    def _flush(self) -> None:
        self.stdout.flush_all()
        self.stderr.flush_all()

    def handler(self) -> logging.Handler:
        """Writes log records."""
        return _Handler(self)

    def drain(self) -> None:
        """Wait until everything is written that was said before; not for ever."""
        if self._patience_s is None:
            self._patience_s = _LEAVE_S
        self._flush()
        if self._writer is not None:
            with self._lock:
                self._writer.flush()
            return
        if os.getpid() != self._owner:
            return
        self.send(Kind.MARK, b"")
        with contextlib.suppress(OSError):
            if select.select((self._answers,), (), (), self._patience_s)[0]:
                os.read(self._answers, 1)
            else:
                self._patience_s = 0


class _SharedRedactor(Redactor):
    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        super().__init__()

    def add(self, secrets: Iterable[str]) -> None:
        found = list(secrets)
        super().add(found)
        if found:
            self._capture.send(Kind.SECRETS, json.dumps(found).encode())


class _Handler(logging.Handler):
    """Writes each record as one object, whatever is wrong with it."""

    def __init__(self, capture: Capture) -> None:
        super().__init__()
        self._capture = capture

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001  # of arguments or `extra` of code of others
            where = f"{record.pathname}:{record.lineno}"
            said = f"{record.msg!s:.1000} (cannot be formatted, at {where}: {error!r:.1000})"
            said = self._capture.redact(said)
            line = formats.as_line(formats.level_of(record), record.name, said, labels.as_dict())
        self._capture.send(Kind.LINE, line.encode())


class CapturedStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr`: what is written becomes JSON, line by line."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, capture: Capture, kind: Kind, number: int) -> None:
        self._capture, self._kind, self._number = capture, kind, number
        self._held: dict[int, str] = {}
        """Lines that have begun, by thread: `print` writes each of its arguments by itself."""

    @property
    def buffer(self) -> io.RawIOBase:
        """For what is written as bytes: UTF-8."""
        self.flush()
        return _Bytes(self._capture, self._kind)

    def write(self, text: str) -> int:
        thread = threading.get_ident()
        held = self._held.pop(thread, "") + text
        if "\n" in text or len(held) > _HELD_CHARS:
            self._send(held)
        elif held:
            self._held[thread] = held
        return len(text)

    def flush(self) -> None:
        """Pass on the line that this thread has begun."""
        self._send(self._held.pop(threading.get_ident(), ""))

    def flush_all(self) -> None:
        """Pass on what all threads have begun."""
        while self._held:
            self._send(self._held.popitem()[1] + "\n")

    def forget(self) -> None:
        """Leave what has begun to the process that this one was forked from."""
        self._held.clear()

    def _send(self, text: str) -> None:
        if text:
            self._capture.send(self._kind, text.encode("utf-8", "backslashreplace"))

    def say(self, text: str) -> None:
        """Say something of the host's own, which may have several lines, as one object."""
        said = formats.said(self._capture.redact(text), labels.as_dict())
        if said:
            self._capture.send(Kind.LINE, said.encode())

    def writable(self) -> bool:
        return True

    def reconfigure(self, **options: object) -> None:
        """Scripts choose an encoding: it stays UTF-8."""

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return False


class _Bytes(io.RawIOBase):
    def __init__(self, capture: Capture, kind: Kind) -> None:
        self._capture, self._kind = capture, kind

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        said = bytes(data)
        if said:
            self._capture.send(self._kind, said)
        return len(said)


def begin() -> Capture:
    """Make JSON of everything that this process and its children write to standard error.

    Descriptor 1 counts as that, too: `streams.keep_output` has the real one. Once for a process.
    """
    capture = Capture()
    labels.told = lambda: capture.send(Kind.LABELS, json.dumps(labels.as_dict()).encode())
    labels.begin()
    sys.stderr = sys.__stderr__ = capture.stderr  # type: ignore[assignment, misc]  # typeshed: Final, and no TextIOBase
    if sys.__stdout__ is not None:
        sys.__stdout__ = capture.stdout  # type: ignore[assignment, misc]  # as above
    atexit.register(capture.drain)
    return capture
