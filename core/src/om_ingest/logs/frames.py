"""Messages in a pipe into which anybody may write: each goes in frames, between foreign bytes.

A frame begins with a token that only the two ends know, and is written in one step, so that what
other threads and processes write at the same time comes before or after it.
"""

from __future__ import annotations

import itertools
import os
import select
import struct
import threading
from collections.abc import Iterator
from enum import IntEnum

_HEADER = struct.Struct(">BBHIQI")
"""Kind, whether more follows, bytes of this part, process, thread, number of the message."""

_TOKEN_BYTES = 16
_ATOMIC_BYTES = getattr(select, "PIPE_BUF", 512)
"""What one write puts into a pipe without others in between: pipe(7). POSIX has 512 at least."""

_PART_BYTES = _ATOMIC_BYTES - _TOKEN_BYTES - _HEADER.size

Place = tuple[int, ...]
"""The process and the thread that a message is from; nothing for foreign bytes."""


class Kind(IntEnum):
    """What a message holds."""

    LINE = 1
    """A line of JSON."""

    LAST = 2
    """The same: the event that ends the run."""

    STDOUT = 3
    """What was written to `sys.stdout`."""

    STDERR = 4
    """What was written to `sys.stderr`."""

    LABELS = 5
    """The labels of the run, as JSON."""

    SECRETS = 6
    """Secrets, as JSON."""

    MARK = 7
    """Answer once everything before is written."""

    FOREIGN = 8
    """What was written to the descriptor, in no frame."""


class Framing:
    """Makes frames of messages; any thread may, and any process that was forked."""

    def __init__(self) -> None:
        self.token = b"\0\xff" + os.urandom(_TOKEN_BYTES - 2)
        self._numbers = itertools.count()

    def frames(self, kind: Kind, data: bytes) -> Iterator[bytes]:
        """The frames of a message, each to be written at once."""
        place = here()
        number = next(self._numbers) & 0xFFFFFFFF
        for start in range(0, len(data) or 1, _PART_BYTES):
            part = data[start : start + _PART_BYTES]
            more = start + _PART_BYTES < len(data)
            yield self.token + _HEADER.pack(kind, more, len(part), *place, number) + part


class Unframing:
    """Finds the messages in what comes out of the pipe."""

    def __init__(self, token: bytes) -> None:
        self._token = token
        self._buffer = b""
        self._parts: dict[tuple[int, ...], bytearray] = {}
        """Messages of several frames, the last of which has not come, by place and number."""

    def feed(self, data: bytes) -> Iterator[tuple[Kind, Place, bytes]]:
        """Take bytes of the pipe: the messages that are whole with them, and what is foreign."""
        buffer, token = self._buffer + data, self._token
        start = 0
        while (found := buffer.find(token, start)) >= 0:
            if found > start:
                yield Kind.FOREIGN, (), buffer[start:found]
            start, body = found, found + _TOKEN_BYTES + _HEADER.size
            if len(buffer) < body:
                break
            kind, more, size, *place = _HEADER.unpack_from(buffer, found + _TOKEN_BYTES)
            if len(buffer) < body + size:
                break
            start = body + size
            whole = self._joined(tuple(place), buffer[body:start], is_last=not more)
            if whole is not None:
                yield Kind(kind), tuple(place[:2]), whole
        else:
            end = len(buffer) - _overlap(buffer, token)
            if end > start:
                yield Kind.FOREIGN, (), buffer[start:end]
                start = end
        self._buffer = buffer[start:]

    def _joined(self, key: tuple[int, ...], data: bytes, *, is_last: bool) -> bytes | None:
        if key in self._parts or not is_last:
            self._parts.setdefault(key, bytearray()).extend(data)
            return bytes(self._parts.pop(key)) if is_last else None
        return data


def here() -> tuple[int, int]:
    """The place of a message that is made now."""
    return os.getpid(), threading.get_ident()


def _overlap(data: bytes, token: bytes) -> int:
    """How many bytes at the end of the data begin the token."""
    for size in range(min(len(data), len(token) - 1), 0, -1):
        if data.endswith(token[:size]):
            return size
    return 0
