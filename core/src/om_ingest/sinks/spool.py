"""Read-your-writes for sinks that write lines: a store that is filled from the lines on demand.

The store costs nothing until a source reads back. Each read loads the lines that were written
since the last one into a scratch store, so memory stays flat.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import BufferedRandom
from itertools import islice
from pathlib import Path
from zlib import crc32

from om_ingest.config.settings import Settings
from om_ingest.delivery import SinkContext
from om_ingest.errors import DeliveryError, RecordError, WorkflowError
from om_ingest.kinds.door import encode
from om_ingest.kinds.identity import Parcel, level_of
from om_ingest.kinds.lines import decode
from om_ingest.model.records import Record, ScopeComplete
from om_ingest.private_file import reason
from om_ingest.sink import Sink
from om_ingest.store import ForwardingStore, MetadataStore, Outcome, WriteResult, write_sealed

_CHUNK = 500

logger = logging.getLogger(__name__)


class Spool(ForwardingStore):
    """An append-only file of records that can be asked like a store.

    `file` is open for reading and writing in binary mode; `start` is the offset of its first
    record. `scratch` opens the empty store that answers; `SinkContext.scratch` does. `delete`,
    `restore` and `patch` change that store only, not the lines. Raises `DeliveryError` when the
    file cannot be written.
    """

    def __init__(
        self,
        file: BufferedRandom,
        name: str,
        scratch: Callable[[], MetadataStore],
        start: int = 0,
    ) -> None:
        self._file = file
        self._name = name
        self._loaded_to = start
        self._open_scratch = scratch
        self._scratch: MetadataStore | None = None
        self._is_temporary = False
        self.line_count = 0
        """Lines that were appended."""

        self.checksum = 0
        """CRC-32 of everything that was appended."""

    @classmethod
    def temporary(cls, scratch: Callable[[], MetadataStore]) -> Spool:
        """A spool in a temporary file, which is removed when the spool is closed."""
        file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
        spool = cls(file, "a temporary file", scratch)
        spool._is_temporary = True
        return spool

    def append(self, lines: bytes) -> None:
        """Write finished lines: all, or none."""
        end = self._file.seek(0, 2)  # a read that failed half-way has left it elsewhere
        try:
            self._file.write(lines)
            self._file.flush()
        except OSError as error:
            with contextlib.suppress(OSError):  # /dev/full, for instance, cannot be cut
                self._file.raw.truncate(end)
            self._file.raw.close()  # or closing the file would try to write once more
            place = tempfile.gettempdir() + "/" if self._is_temporary else self._name
            told = reason(error, place)
            remedy = told.remedy.rstrip(".") or "Make room"
            raise DeliveryError(
                f"Cannot write to {self._name}: {told.text}",
                f"{remedy}, or name another file; the records that failed are set aside.",
            ) from None
        self.line_count += lines.count(b"\n")
        self.checksum = crc32(lines, self.checksum)

    def write(self, records: Sequence[Record]) -> list[WriteResult]:
        """Append the records that the scratch store accepts; they can be read back at once."""
        return write_sealed(records, partial(Spool.write_parcels, self))

    def write_parcels(self, parcels: Sequence[Parcel]) -> list[WriteResult]:
        """As `write`, for records with their content."""
        results = self._target().write_parcels(parcels)
        pairs = zip(parcels, results, strict=True)
        accepted = [parcel for parcel, result in pairs if result.outcome is not Outcome.FAILED]
        self.append(_lines(accepted))
        self._loaded_to = self._file.seek(0, 2)
        return results

    def delivers_changes(self) -> bool:
        """False: lines are not changed."""
        return False

    def flush(self) -> None:
        """Nothing waits: `append` returns once the lines are written."""

    def close(self) -> None:
        """Drop the scratch store, and the file if it is temporary; others belong to the caller."""
        if self._scratch is not None:
            self._scratch.close()
        if self._is_temporary:
            self._file.close()

    def _target(self) -> MetadataStore:
        """The scratch store with every line in it that has been written so far."""
        if self._scratch is None:
            self._scratch = self._open_scratch()
        self._file.seek(self._loaded_to)
        while chunk := list(islice(self._file, _CHUNK)):
            self._scratch.write(sorted(self._records_in(chunk), key=level_of))
        self._loaded_to = self._file.tell()
        return self._scratch

    def _records_in(self, lines: Iterable[bytes]) -> Iterator[Record]:
        """The records on lines, without markers; a line that cannot be read is logged."""
        for line in lines:
            try:
                record = decode(line)
            except RecordError as error:
                logger.error("A line of %s cannot be read back: %s", self._name, error.what)
                continue
            if not isinstance(record, ScopeComplete):
                yield record


class SpoolSink(Sink):
    """A sink whose records are lines of a spool, which `prepare` opens."""

    def __init__(self, ctx: SinkContext) -> None:
        self.ctx = ctx
        self.opened: Spool | None = None

    @property
    def store(self) -> Spool:
        """Reads back the lines of this run."""
        if self.opened is None:
            raise RuntimeError(f"{type(self).__name__} is used before prepare")
        return self.opened

    def write(self, records: Sequence[Record]) -> Iterable[WriteResult]:
        """Append one line per record."""
        return write_sealed(records, partial(SpoolSink.write_parcels, self))

    def write_parcels(self, parcels: Sequence[Parcel]) -> Iterable[WriteResult]:
        """Append the line of each parcel."""
        self.append(_lines(parcels))
        return created([parcel.record for parcel in parcels])

    def append(self, lines: bytes) -> None:
        """Write finished lines: all, or none. Raises `DeliveryError`."""
        self.store.append(lines)

    def close(self) -> None:
        """Close the spool."""
        if self.opened is not None:
            self.opened.close()


def lines_of(records: Sequence[Record]) -> bytes:
    """The records as lines, each ending in a line break; raises `RecordError` as `encode`."""
    return b"".join([encode(record) + b"\n" for record in records])


def created(records: Sequence[Record]) -> list[WriteResult]:
    """The results of a sink that keeps no state: every line is new."""
    return [WriteResult(record, Outcome.CREATED) for record in records]


def _lines(parcels: Sequence[Parcel]) -> bytes:
    lines = [parcel.encoded for parcel in parcels]
    lines.append(b"")
    return b"\n".join(lines)


class FileConfig(Settings):
    """Config of a sink that writes one file."""

    path: Path
    """The file; a relative path starts at the working directory of the run."""


def check_file(path: Path) -> None:
    """Raise `WorkflowError` if a file at this path could not be written; writes nothing."""
    if path.is_dir():
        raise WorkflowError(f"{path} is a directory", "Name a file for the sink.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise WorkflowError(f"There is no folder {folder}", "Create it, or name another file.")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise WorkflowError(f"No permission to write {path}", "Name a file that you may write.")


def check_replaceable(path: Path, beginning: bytes) -> None:
    """Raise `WorkflowError` if the file exists and does not start with `beginning`.

    A typing error in a path must not overwrite a database, or the data of the source.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        if file.read(len(beginning)) != beginning:
            raise WorkflowError(
                f"{path} holds something else, and would be lost",
                "Name another file, or remove this one first.",
            )
