"""The file format of the jsonl sink: a header line, one record per line, and an end line.

The first line is `{"format": "om-ingest-records", "version": 1, "runId": …, "startedAt": …,
"source": …, "distribution": …, "serviceName": …, "omIngest": …}`. The last one is
`{"type": "end", "state": "success", "complete": true, "lines": 41, "crc32": "0c2f5d7e"}`:
how the run ended, how many lines stand between, and the CRC-32 of all that stands before it.
A file without it was cut off.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any, NoReturn
from zlib import crc32

from om_ingest.delivery import RunEnd, SinkContext
from om_ingest.errors import RecordError, WorkflowError
from om_ingest.kinds.lines import decode, object_in, opened
from om_ingest.model.records import Record
from om_ingest.registry import host_version

FORMAT = "om-ingest-records"
VERSION = 1

BEGINNING = f'{{"format": "{FORMAT}",'.encode()
"""How every recording begins; a file that begins otherwise is not replaced."""

_END = "end"
_END_BYTES = 4096
_HEADER_BYTES = 64 * 1024
"""Longest header line; a file whose first line is longer is no recording."""


@dataclass(frozen=True)
class Recording:
    """A file that has been checked to its end."""

    path: Path
    header: dict[str, Any]
    """The first line."""

    end: RunEnd
    """How the run ended that wrote it."""

    def records(self) -> Iterator[tuple[int, Record | RecordError]]:
        """Each record with the number of its line, lazily; or what is wrong with that line."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1 or _end_in(line) is not None:
                    continue
                try:
                    yield number, decode(line)
                except RecordError as error:  # what one version wrote, a later one may refuse
                    yield number, error


def header_of(ctx: SinkContext) -> bytes:
    """The first line for a run that begins now; it holds nothing of the source's config."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "runId": ctx.run_id,
        "startedAt": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "source": ctx.source,
        "distribution": ctx.distribution,
        "serviceName": ctx.service_name,
        "omIngest": host_version(),
    }
    if ctx.source_config.overrideMetadata:  # its delivery is to override, too
        header["overrideMetadata"] = True
    return json.dumps(header).encode() + b"\n"


def end_of(end: RunEnd, line_count: int, checksum: int) -> bytes:
    """The last line, after `line_count` records and the CRC-32 of everything before it."""
    line = {
        "type": _END,
        "state": end.state,
        "complete": end.complete,
        "lines": line_count,
        "crc32": f"{checksum:08x}",
    }
    return json.dumps(line).encode() + b"\n"


def format_of(path: Path) -> object:
    """The `format` in the first line of a file; None if it has none."""
    with contextlib.suppress(WorkflowError), opened(path) as file:
        return (object_in(file.readline(_HEADER_BYTES)) or {}).get("format")
    return None


def read(path: Path) -> Recording:
    """Check a whole file; memory does not grow with its size.

    Raises `WorkflowError` for a file of another kind or of a newer version, and for one that
    is cut off or damaged, with the number of the line.
    """
    with opened(path) as file:
        return _checked(path, file)


def is_good(path: Path) -> bool:
    """Whether a file is the recording of a run that succeeded, as its last line says."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END_BYTES))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
        return (_end_in(last) or {}).get("state") == "success"
    return False


def read_header(path: Path) -> dict[str, Any]:
    """The first line alone; raises `WorkflowError` for a file of another kind or version."""
    with opened(path) as file:
        return _header(path, file.readline(_HEADER_BYTES))


def _checked(path: Path, file: IO[bytes]) -> Recording:
    last = file.readline(_HEADER_BYTES)
    header = _header(path, last)
    number, checksum = 1, 0
    for line in file:
        checksum = crc32(last, checksum)
        number += 1
        last = line
    end = _end_in(last)
    if end is None:
        raise WorkflowError(
            f"{path} breaks off at line {number}: the line that ends a recording is missing",
            "Its run was killed or had no room, or the copy is not whole: copy or record it again.",
        )
    if end.get("lines") != number - 2 or end.get("crc32") != f"{checksum:08x}":
        _refuse_damaged(path, number, end.get("lines"))
    state, complete = end.get("state"), end.get("complete") is True
    return Recording(path, header, RunEnd(str(state), complete))


def _header(path: Path, line: bytes) -> dict[str, Any]:
    header = object_in(line)
    if header is None or header.get("format") != FORMAT:
        raise WorkflowError(
            f"{path} is no recording: its first line does not say so",
            "Record one with: om-ingest run NAME --sink jsonl:FILE",
        )
    version = header.get("version")
    if version != VERSION:
        raise WorkflowError(
            f"{path} has version {version!r} of the format, written by om-ingest "
            f"{header.get('omIngest')!r}; this is om-ingest {host_version()}, which reads "
            f"version {VERSION}",
            "Upgrade om-ingest where you deliver: pip install --upgrade om-ingest",
        )
    return header


def _end_in(line: bytes) -> dict[str, Any] | None:
    """The last line, parsed; None for any other."""
    # Parsing every record would take minutes.
    return object_in(line) if line.startswith(b'{"type": "end"') else None


def _refuse_damaged(path: Path, last: int, count: object) -> NoReturn:
    """Find the damaged line, and raise `WorkflowError`."""
    said = f"{path} is damaged: "
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number in (1, last):
                continue
            try:
                decode(line)
            except RecordError as error:
                said += f"line {number}: {error.what}"
                break
        else:
            said += (
                f"the end in line {last} tells of {count} records, and {last - 2} are there"
                if count != last - 2
                else "it is not what was written, by its checksum"
            )
    raise WorkflowError(said, "Nothing has been delivered. Copy it again, or record it again.")
