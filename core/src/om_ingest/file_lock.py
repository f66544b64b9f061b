"""Locks on files: one holder at a time, across processes, that end when the holder ends.

The lock is the operating system's: `flock` (flock(2)), a byte range on Windows. A process number
proves nothing where containers share a folder; a lock of the system that they run on does.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from io import BufferedRandom
from pathlib import Path
from typing import IO, NamedTuple
from weakref import WeakSet

from om_ingest import private_file

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_RETRY_S = 0.02
_FAR = 1 << 30  # Windows keeps others from reading a locked byte: one behind the content

_held: WeakSet[BufferedRandom] = WeakSet()


class Claim(NamedTuple):
    """What became of an attempt to hold a file."""

    file: BufferedRandom | None
    """The file, open for reading and writing at its beginning; None if it is held elsewhere."""

    problem: str = ""
    """Why the file could not be locked although nobody holds it, e.g. `No locks available`."""


def claim(path: Path, *, patience_s: float = 0.0, is_private: bool = True) -> Claim:
    """Open a file, created if it is missing, and hold its lock until it is closed.

    A new one has the mode of `om_ingest.private_file` if `is_private`, else that of the process's
    umask. A process forked meanwhile holds nothing. Raises `OSError` if the file cannot be opened.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            file = _opened(path, is_private=is_private)
        except FileNotFoundError:
            if not is_private or not path.parent.is_dir():
                raise
            continue  # its last holder has just removed it
        try:
            is_ours = _lock(file, exclusive=True)
        except OSError as error:  # some network file systems have no locks
            return Claim(file, error.strerror or str(error))
        if is_ours and _is_at(file, path):
            _held.add(file)
            return Claim(file)
        file.close()
        if not is_ours:  # otherwise it was moved or removed before it was locked
            if time.monotonic() >= deadline:
                return Claim(None)
            time.sleep(_RETRY_S)


def _opened(path: Path, *, is_private: bool) -> BufferedRandom:
    """A file that may be new; of a private one only `private_file` decides with which mode."""
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0)
    if is_private:
        private_file.ensure(path)
    else:
        flags |= os.O_CREAT
    return os.fdopen(os.open(path, flags, 0o666), "r+b")


def release(file: BufferedRandom, path: Path) -> None:
    """Remove a file that is held, and let it go; whoever waits for it creates a new one."""
    if sys.platform == "win32":
        file.close()  # an open file cannot be removed there
    with contextlib.suppress(OSError):
        path.unlink()  # else it stays, and says nothing: only the lock does
    with contextlib.suppress(OSError):
        file.close()  # it may have content that a full disk did not take


def move(file: BufferedRandom, path: Path, target: Path) -> None:
    """Put a file that is held in the place of another, and let it go; raises `OSError`."""
    if sys.platform == "win32":
        file.close()  # as above
    try:
        path.replace(target)
    finally:
        file.close()


def is_held(path: Path) -> bool:
    """Whether somebody holds the file; raises `OSError` if that cannot be found out."""
    try:
        with path.open("r+b" if sys.platform == "win32" else "rb") as file:
            return not _lock(file, exclusive=False)
    except FileNotFoundError:
        return False


def _is_at(file: BufferedRandom, path: Path) -> bool:
    """Whether the path still leads to the open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _lock(file: IO[bytes], *, exclusive: bool) -> bool:
        """Lock an open file, if nobody else has; raises `OSError` where there are no locks."""
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            file.seek(0)
        return True

else:

    def _lock(file: IO[bytes], *, exclusive: bool) -> bool:
        """Lock an open file, if nobody else has; raises `OSError` where there are no locks."""
        mode = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(file.fileno(), mode | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _let_go() -> None:
        """In a forked process: hold nothing, and write nothing into what the parent holds."""
        nothing = os.open(os.devnull, os.O_RDWR)
        for file in _held:
            if not file.closed:
                os.dup2(nothing, file.fileno(), inheritable=False)
        os.close(nothing)

    os.register_at_fork(after_in_child=_let_go)
