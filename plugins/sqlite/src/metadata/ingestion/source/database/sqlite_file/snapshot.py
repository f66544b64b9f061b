"""A SQLite file and its write-ahead log as they lie on the disk, seen without SQLite's help.

SQLite cannot read a log without creating or changing the `-shm` file beside it, so the log is
looked into here (https://sqlite.org/fileformat2.html §4). No lock is taken, no file is touched.
"""

from __future__ import annotations

import errno
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from om_ingest import SourceError

_LOG_MAGICS = (0x377F0682, 0x377F0683)
_LOG_HEAD = struct.Struct(">8I")
_FRAME_HEAD = struct.Struct(">6I")
_PAGE_HEAD_BYTES = 100
_COOKIE = slice(40, 44)
_LARGEST_ROOT = slice(52, 56)
_ATTEMPT_COUNT = 5

# Bytes that are not UTF-8, as `surrogateescape` decodes them, and what Windows-1252 makes of
# them; Latin-1 is the part of it that programs mean, and fills what it does not define.
_WINDOWS_1252 = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))
    for byte in range(0x80, 0x100)
}


def readable(text: bytes) -> str:
    """Text in UTF-8, in which every byte that cannot be is one of Windows-1252."""
    return text.decode("utf-8", "surrogateescape").translate(_WINDOWS_1252)


def log_of(path: Path) -> Path:
    """The write-ahead log of a file, which need not exist; it lies beside the target of a link."""
    real = path.resolve()
    return real.with_name(f"{real.name}-wal")


def head_of(log: Path) -> bytes:
    """The head of a write-ahead log; nothing if the log is not there, or empty."""
    try:
        with log.open("rb") as stream:
            return stream.read(_LOG_HEAD.size)
    except FileNotFoundError:
        return b""


class Schemas:
    """The versions of the schema that a file and its log hold, told apart by their cookies."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` if one of the two files cannot be read."""
        with path.open("rb") as stream:
            main = stream.read(_PAGE_HEAD_BYTES)
        status = path.stat()
        # An auto-vacuum may move the schema to other pages without a change of it.
        moves_pages = any(main[_LARGEST_ROOT])
        self._cookies = {main[_COOKIE]}
        self._cookies.update(page[_COOKIE] for page in _first_pages(log_of(path)))
        self._file = (status.st_ino, status.st_mtime_ns if moves_pages else 0)
        self.are_one = len(self._cookies) == 1 and not moves_pages
        """Whether the file alone holds the newest schema, whatever else is in the log."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schemas) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self._file)


def _first_pages(log: Path) -> Iterator[bytes]:
    """The head of every version of page 1 in a log."""
    try:
        stream = log.open("rb")
    except FileNotFoundError:
        return
    with stream:
        head = stream.read(_LOG_HEAD.size)
        if len(head) < _LOG_HEAD.size:
            return
        magic, _, page_bytes, _, *salts, _, _ = _LOG_HEAD.unpack(head)
        if magic not in _LOG_MAGICS:
            return
        while len(frame := stream.read(_FRAME_HEAD.size)) == _FRAME_HEAD.size:
            page, _, *frame_salts, _, _ = _FRAME_HEAD.unpack(frame)
            if frame_salts != salts:  # left over from before the log was last emptied
                return
            begin = stream.read(_PAGE_HEAD_BYTES)
            if page == 1 and len(begin) == _PAGE_HEAD_BYTES:
                yield begin
            stream.seek(page_bytes - len(begin), 1)


def copy_into(folder: Path, path: Path) -> Path:
    """Copy a file with its write-ahead log as one state that SQLite can recover.

    A checkpoint moves pages from the log into the file; the copied log repeats them as long as
    nobody has begun the log anew meanwhile. Raises `SourceError` if that happens again and again,
    and where there is no room; `OSError` for files that cannot be read.
    """
    log, copy = log_of(path), folder / "copy.db"
    try:
        for _ in range(_ATTEMPT_COUNT):
            before = head_of(log)
            shutil.copyfile(path, copy)
            if before:
                shutil.copyfile(log, folder / "copy.db-wal")
            if head_of(log) == before:
                return copy
            (folder / "copy.db-wal").unlink(missing_ok=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise SourceError(
            f"There is no room in {tempfile.gettempdir()} for a copy of {path}, which is in use",
            "Set TMPDIR to a directory with room, or run when no program has the file open.",
        ) from None
    raise SourceError(
        f"{path} is written to faster than it can be copied",
        "Run again when its program has less to write.",
    )
