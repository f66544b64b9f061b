"""Sink into a file of JSON lines, which `om-ingest run FILE` delivers elsewhere."""

from __future__ import annotations

import contextlib
from io import BufferedRandom
from pathlib import Path
from typing import Any

from om_ingest.config.validation import validated
from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.errors import WorkflowError
from om_ingest.sinks import recording
from om_ingest.sinks.spool import FileConfig, Spool, SpoolSink, check_file, check_replaceable


class JsonlSink(SpoolSink):
    """Writes every record as a line; a file of an earlier run is replaced."""

    shorthand = "path"
    config_class = FileConfig

    def __init__(self, path: Path, ctx: SinkContext) -> None:
        super().__init__(ctx)
        self.path = path
        self._file: BufferedRandom | None = None

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> JsonlSink:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(FileConfig, config_dict, ("sink", "config")).path, ctx)

    def check(self) -> None:
        """Raise `WorkflowError` if the file cannot be written, or is no recording."""
        check_file(self.path)
        check_replaceable(self.path, recording.BEGINNING)

    def prepare(self) -> None:
        """Create the file with its header line."""
        self.check()
        try:
            self._file = self.path.open("w+b")
        except OSError as error:
            raise WorkflowError(
                f"Cannot write {self.path}: {error.strerror or error}",
                "Name a file that you may write; for standard output there is --sink console.",
            ) from None
        header = recording.header_of(self.ctx)
        self.opened = Spool(self._file, str(self.path), self.ctx.scratch, len(header))
        self.opened.append(header)

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
            return
        # The disk was full for a batch, which was reported; there may be room for one line.
        with contextlib.suppress(OSError), self.path.open("r+b", buffering=0) as file:
            file.seek(0, 2)
            file.write(line)

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self._file is not None:
            self._file.close()
