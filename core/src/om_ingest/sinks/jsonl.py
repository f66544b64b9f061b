"""Sink into a file of JSON lines, which `om-ingest run FILE` delivers elsewhere."""

from __future__ import annotations

import contextlib
import os
import stat
from io import BufferedRandom
from pathlib import Path
from typing import Any

from om_ingest import file_lock, private_file
from om_ingest.config.validation import validated
from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.sinks import recording
from om_ingest.sinks.spool import FileConfig, Spool, SpoolSink, check_file, check_replaceable

_SUFFIX = ".partial"
_STREAMS = ("/dev/", "/proc/")
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Opening a device waits for nobody, and makes no terminal that of the process."""


class JsonlSink(SpoolSink):
    """Writes every record as a line into `<path>.partial`, which becomes the file at the end.

    A recording of a run that succeeded is replaced only by one of a run that succeeded, too.
    Where nothing can be written beside the file, and into a device such as /dev/null, lines go
    straight into it. A pipe or a terminal is refused: what is in it cannot be read back. One run
    writes at a time: a second one is refused.
    """

    shorthand = "path"
    config_class = FileConfig

    def __init__(self, path: Path, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.path = path
        self._written = path
        """The file that is written."""
        self._file: BufferedRandom | None = None
        self._header = b""
        self._is_ended = False

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> JsonlSink:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(FileConfig, config_dict, ("sink", "config")).path, ctx)

    def check(self) -> None:
        """Raise `WorkflowError` if the file cannot be written, or is no recording."""
        check_file(self.path)
        if not _is_seekable(self.path):
            raise WorkflowError(
                f"Cannot write {self.path}: it is a pipe, a terminal or the like, from which a run"
                " cannot read back what it has written",
                "Name a file that you may write; for standard output there is --sink console.",
            )
        for path in {self.path, _beside(self.path)}:
            check_replaceable(path, recording.BEGINNING)

    def prepare(self) -> None:
        """Create the file with its header line; raises `WorkflowError` if another run writes it."""
        self.check()
        self._written = _beside(self.path)
        try:
            self._file = self._opened()
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._header = recording.header_of(self.ctx)
        spool = Spool(self._file, str(self.path), self.ctx.scratch, len(self._header))
        self.opened = spool
        spool.append(self._header)

    def _opened(self) -> BufferedRandom:
        """The file to write, empty and locked."""
        if _is_stream(self.path):
            return self.path.open("w+b")
        claim = file_lock.claim(self._written, is_private=False)
        if claim.file is None:
            raise WorkflowError(
                f"Another run is writing {self.path}{_who_writes(self._written)}",
                "Let it end, or name another file.",
            )
        if claim.problem:
            self.ctx.logger.warning(
                "%s cannot be locked (%s): two runs that write it at once spoil it.",
                *(self.path, claim.problem),
            )
        claim.file.truncate(0)
        return claim.file

    def overrides(self) -> bool:
        """Whether the run that delivers the recording will replace what people have set."""
        return self.ctx.source_config.overrideMetadata

    @property
    def target(self) -> str:
        """`jsonl <path>`."""
        return f"jsonl {self.path}"

    def finish(self, end: RunEnd) -> None:
        """Append the line that says how the run ended; a file without it was cut off."""
        spool = self.store
        line = recording.end_of(end, spool.line_count - 1, spool.checksum)
        if self._file is not None and not self._file.closed:
            spool.append(line)
            self._is_ended = True
        else:
            self._is_ended = self._append_to_full(line)
        if not self._is_ended:
            return
        if end.state != "success" and self._written != self.path and recording.is_good(self.path):
            self._is_ended = False
            self.ctx.logger.warning(
                "%s keeps the recording of a run that succeeded. What this one has recorded is in"
                " %s, until the next run: deliver that, or run again.",
                *(self.path, self._written),
            )

    def _append_to_full(self, line: bytes) -> bool:
        """Append a line although the disk was full for a batch, which was reported.

        There may be room for one line. False if another run has begun to write the file.
        """
        file: BufferedRandom | None = None
        with contextlib.suppress(OSError):
            file = self._file = file_lock.claim(self._written, is_private=False).file
        if file is None or file.read(len(self._header)) != self._header:
            return False
        with contextlib.suppress(OSError):
            file.seek(0, 2)
            os.write(file.fileno(), line)
        return True

    def close(self) -> None:
        """Close the file, and put it in its place; raises `DeliveryError` if that fails."""
        super().close()
        if self._file is None:
            return
        if not self._is_ended or self._written == self.path:
            self._file.close()
            return
        try:
            file_lock.move(self._file, self._written, Path(os.path.realpath(self.path)))
        except OSError as error:
            raise DeliveryError(
                f"The recording cannot be put in its place, {self.path}:"
                f" {private_file.reason(error, self.path).text}",
                f"It is whole, in {self._written}: move it yourself.",
            ) from None


def _unwritable(path: Path, error: OSError) -> DeliveryError | WorkflowError:
    told = private_file.reason(error, path)
    remedy = told.remedy or "Name a file that you may write"
    what = f"Cannot write {path}: {told.text}"
    if told.is_full:
        return DeliveryError(what, told.remedy)
    return WorkflowError(
        what, f"{remedy.rstrip('.')}; for standard output there is --sink console."
    )


def _is_stream(path: Path) -> bool:
    """Whether lines go straight into what has this path: a device, a file that is the output."""
    return str(path).startswith(_STREAMS) or (path.exists() and not path.is_file())


def _is_seekable(path: Path) -> bool:
    """Whether a file at this path has offsets; opens nothing but a device."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return True  # there is none so far
    if not stat.S_ISCHR(mode):
        return stat.S_ISREG(mode) or stat.S_ISBLK(mode)
    try:
        device = os.open(path, os.O_WRONLY | _AT_ONCE)
    except OSError:
        return True  # what is wrong with it is told when it is opened to be written
    try:
        os.lseek(device, 0, os.SEEK_CUR)
    except OSError:
        return False
    finally:
        os.close(device)
    return True


def _beside(path: Path) -> Path:
    """The file to write for a recording; the very file where there can be none beside it."""
    if _is_stream(path):
        return path
    real = Path(os.path.realpath(path))  # a link stays one
    return real.with_name(real.name + _SUFFIX) if os.access(real.parent, os.W_OK) else path


def _who_writes(path: Path) -> str:
    with contextlib.suppress(WorkflowError):
        header = recording.read_header(path)
        return f": {header.get('runId')}, since {header.get('startedAt')}"
    return ""
