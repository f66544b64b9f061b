"""Files that om-ingest creates: for their owner alone, written whole; a full disk in plain words.

What is created has the mode 0600. `OM_INGEST_UMASK`, as in umask(1), or `files.readableBy` of the
workflow file widens it. A file that exists keeps its mode.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple

from om_ingest.errors import DeliveryError, WorkflowError

VARIABLE = "OM_INGEST_UMASK"

READABLE_BY = {"owner": 0o600, "group": 0o640, "everyone": 0o644}
"""The values of `files.readableBy`, each with the mode of new files."""

_OWNER_ONLY = READABLE_BY["owner"]
_LOW_BYTES = 64 * 1024
"""With less room than this, SQLite cannot make the files that it needs beside its own."""

_of_workflow = _OWNER_ONLY
_made: set[Path] = set()
"""What this process has created with `write_whole`, which it may do before the mode is known."""


def mode() -> int:
    """The mode of new files; raises `WorkflowError` for a variable that is no umask."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        return _of_workflow
    is_umask = re.fullmatch("0?[0-7]{1,3}", given)
    found = 0o666 & ~int(given, 8) if is_umask else 0
    if found & _OWNER_ONLY != _OWNER_ONLY:
        why = "takes files from their owner" if is_umask else "is no umask"
        raise WorkflowError(
            f"{VARIABLE} is {given!r}, which {why}",
            "Write the bits that new files are not to have, as in a shell: 077, 027 or 022.",
        )
    return found


def let_read(who: str) -> None:
    """Give new files the mode of a key of `READABLE_BY` from now on; the variable wins over it."""
    global _of_workflow  # a process runs one job at a time
    _of_workflow = READABLE_BY[who]


def create(path: Path, *, errors: str = "backslashreplace") -> TextIOWrapper:
    """A new text file in UTF-8, open for writing; raises `OSError`, if it exists, too."""
    return os.fdopen(_created(path, mode()), "w", encoding="utf-8", errors=errors)


def ensure(path: Path) -> None:
    """Create an empty file unless there is one, for who opens it then by its name.

    Raises `OSError`. A link that leads nowhere leads to the new file.
    """
    with contextlib.suppress(FileExistsError):
        os.close(_created(Path(os.path.realpath(path)), mode()))


def write_whole(path: Path, text: str, *, for_others: bool = False) -> None:
    """Replace the content of a file in one step: who reads it sees all of the old or of the new.

    The text is written beside the file, which is then renamed; a link stays one. Where that is
    impossible (a device, a pipe, a folder that may not be written, a file that is mounted by
    itself), the text is written into the file. `for_others` creates a file as the process's umask
    says, for a program of another user.

    A disk that has no room for a second file may have it for a file in the place of the old: what
    is written there is not to say what is no longer true. Nor does a variable that is no umask keep
    it from being written, for its owner. Raises `DeliveryError`; the file is then as it was, or
    empty if it had to be written in place.
    """
    data = text.encode("utf-8", "backslashreplace")  # writes lone surrogates as JSON does
    wanted: int | None = _OWNER_ONLY
    with contextlib.suppress(WorkflowError):  # `mode` tells it to who runs something
        wanted = None if for_others else mode()
    try:
        there = _status(path)
        if there is not None and not stat.S_ISREG(there.st_mode):
            _append(path, data)
            return
        real = Path(os.path.realpath(path))
        if there is not None and not os.access(real, os.W_OK):
            os.close(os.open(real, os.O_WRONLY))  # tells why
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # renaming replaced it
        try:
            _replace(real, data, wanted, None if real in _made else there)
            if there is None:
                _made.add(real)
        except OSError as error:
            is_possible = error.errno in _IN_PLACE or reason(error, real).is_full
            if there is None or not is_possible:
                raise
            _write_over(real, data)
    except OSError as error:
        raise unwritable(path, error) from None


def is_stream(path: Path) -> bool:
    """Whether what is written to a path goes to somebody at once: a pipe, `/dev/stdout`."""
    is_device = path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))
    if is_device and path.parts[1:3] != ("dev", "shm"):
        return True
    try:
        return path.exists() and not path.is_file()
    except OSError:  # one that may not be looked at
        return False


def append(path: Path, text: str) -> None:
    """Write into a stream, or behind what a file has; raises `DeliveryError`."""
    try:
        _append(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise unwritable(path, error) from None


_IN_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV, errno.ENAMETOOLONG}
"""What writing beside a file meets where the file itself may be writable all the same."""


class Reason(NamedTuple):
    """Why a file cannot be written."""

    text: str
    """In plain words, for the end of a sentence: `the disk is full`."""

    remedy: str
    """What to do, one sentence; empty where nothing is known but the system's own words."""

    is_full: bool = False
    """Whether there is no room: once there is some, the same may succeed."""


def reason(error: OSError | None, path: Path | str) -> Reason:
    """Why `path` cannot be written: a full disk, a quota, a size limit, a read-only file system.

    Without an `error`, for who is only told that something failed, the disk itself is asked.
    """
    number = error.errno if error is not None else None
    folder = Path(path).absolute().parent
    if number == errno.ENOSPC or (error is None and is_full(folder)):
        return full(folder)
    if number == errno.EDQUOT:
        return Reason(
            f"the disk quota is used up ({folder})",
            f"Remove files of this user on the disk of {folder}, or have the quota raised.",
            is_full=True,
        )
    if number == errno.EFBIG:
        return Reason(
            "the file would be larger than this process may write",
            "Raise the limit (`ulimit -f`), or use a file system for larger files.",
            is_full=True,
        )
    if number == errno.ENXIO:
        return Reason("nobody reads it", "Start its reader first, or name a file.")
    if number == errno.EROFS:
        return Reason(
            f"the file system is read-only ({folder})",
            "Name a place that can be written: in a container, a volume.",
        )
    return Reason((error.strerror or str(error)) if error is not None else "", "")


def full(folder: Path) -> Reason:
    """The reason for a disk that has no room."""
    kind = "the disk is full" if _has_inodes(folder) else "the disk has no room for more files"
    return Reason(f"{kind} ({folder})", f"Make room on the disk of {folder}.", is_full=True)


def temporary_folder() -> Path:
    """Where SQLite puts temporary files (sqlite.org/tempfiles.html, section 5)."""
    for name in (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/tmp"):
        if name and Path(name).is_dir() and os.access(name, os.W_OK | os.X_OK):
            return Path(name)
    return Path.cwd()


def unwritable(path: Path, error: OSError, what: str = "") -> DeliveryError:
    """The error for a file that cannot be written; `what` it is stands before its path."""
    told = reason(error, path)
    named = f"{what} {path}" if what else str(path)
    remedy = told.remedy or "Name a file that you may write, in a folder that exists."
    return DeliveryError(f"Cannot write {named}: {told.text}", remedy)


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has no room; False where that cannot be found out."""
    try:
        found = os.statvfs(folder)
    except (OSError, AttributeError):  # not on Windows
        return False
    return found.f_bavail * found.f_frsize < _LOW_BYTES or not _has_inodes(folder)


def _has_inodes(folder: Path) -> bool:
    """Whether the disk takes one more file, however small."""
    try:
        found = os.statvfs(folder)
    except (OSError, AttributeError):
        return True
    return found.f_files == 0 or found.f_favail > 0  # 0 files: it does not count them


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _created(path: Path, wanted: int | None) -> int:
    """A descriptor of a new file; None as mode is what the process's umask says."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    number = os.open(path, flags, 0o666 if wanted is None else _OWNER_ONLY)
    if wanted not in (None, _OWNER_ONLY):
        _change(number, wanted)
    return number


def _change(number: int, wanted: int) -> None:
    """Set the mode of an open file, where it can be: some mounts have one mode for all files."""
    with contextlib.suppress(OSError, AttributeError):
        os.fchmod(number, wanted)


def _replace(path: Path, data: bytes, wanted: int | None, there: os.stat_result | None) -> None:
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.partial")
    number = _created(beside, wanted)
    try:
        with os.fdopen(number, "wb") as file:
            if there is not None:
                with contextlib.suppress(OSError, AttributeError):
                    if (there.st_uid, there.st_gid) != (os.geteuid(), os.getegid()):
                        os.fchown(number, there.st_uid, there.st_gid)
                _change(number, stat.S_IMODE(there.st_mode))
            file.write(data)
            file.flush()
            os.fsync(number)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _write_over(path: Path, data: bytes) -> None:
    """Write over the content of a file: that needs no room where the old one had it."""
    with path.open("r+b", buffering=0) as file:
        try:
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
            file.truncate()
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(0)
            raise


def _append(path: Path, data: bytes) -> None:
    """Write into what is there. A pipe without a reader is an error, a slow one is waited for."""
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
    number = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(number, "wb") as file:
        if sys.platform != "win32":
            os.set_blocking(number, True)
        file.write(data)
