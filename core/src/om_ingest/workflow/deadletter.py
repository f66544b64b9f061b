"""Records that were refused, each with its reason, in a file that can be delivered later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from om_ingest import private_file
from om_ingest.errors import RecordError, WorkflowError
from om_ingest.kinds.door import encode
from om_ingest.kinds.lines import (
    INVALID,
    LINE_MAX_BYTES,
    from_document,
    lines_of,
    object_in,
    opened,
    text_of,
)
from om_ingest.masking import Redactor
from om_ingest.model.records import Record
from om_ingest.registry import host_version

FORMAT = "om-ingest-dead-letters"
VERSION = 1


class DeadLetters:
    """Writes refused records; the file is created with the first one.

    A file of an earlier run is never touched: `path` is then the next free name, `…-2.jsonl`.
    Without a path, as in a dry run, nothing is written.
    """

    def __init__(self, path: Path | None, header: dict[str, Any], redact: Redactor) -> None:
        self.path = path
        self.header = header
        self.redact = redact
        self.count = 0
        self.kept_count = 0
        """How many of these no replay can deliver: a secret is left out, or it was no record."""
        self.lost: str | None = None
        """Why records could not be set aside, e.g. a full disk; None if all were."""
        self.remedy = "Make it possible to write there."
        """What to do about that."""
        self.created: Callable[[Path], None] = lambda _: None
        """Called with the path of the file once that is created."""
        self._file: IO[str] | None = None

    def add(self, record: object, reason: str, content: bytes | None = None) -> None:
        """Set one record aside, as its line `content` or as it is now; as text if it has no JSON.

        A file that cannot be written is noted in `lost`.
        """
        if self.path is None:
            return
        try:
            document = json.loads(content or encode(cast(Record, record)))
        except RecordError:
            document = {"type": INVALID, "text": self.redact.reason(text_of(record))}
        masked = self.redact.values(document)
        if masked != document:
            masked["masked"] = True  # delivering it would put the mask into the store
        line = json.dumps({"reason": self.redact.reason(reason), **masked}, ensure_ascii=False)
        try:
            if self._file is None:
                self._file = self._create(self.path)
                head = {"format": FORMAT, "version": VERSION, "omIngest": host_version()}
                head |= self.header
                head["sink"] = self.redact.values(head.get("sink"))  # the rest is structure
                self._file.write(json.dumps(head) + "\n")
                self.created(self.path)
            self._file.write(line + "\n")
            self._file.flush()
            self.count += 1
            self.kept_count += "masked" in masked or document["type"] == INVALID
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        path = self.path or Path()
        told = private_file.reason(error, path)
        self.lost, self.remedy = f"{path}: {told.text}", told.remedy or self.remedy

    def _create(self, path: Path) -> IO[str]:
        """A new file, at the first free name."""
        stem, number = path.stem, 1
        while True:
            self.path = path
            try:
                return private_file.create(path)
            except FileExistsError:  # of a run with the same id, e.g. one that is tried again
                number += 1
                path = path.with_name(f"{stem}-{number}{path.suffix}")

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self._lose(error)


class DeadLetter(NamedTuple):
    """One line of a dead-letter file."""

    record: Record | None
    """The record; None if the line holds none."""

    reason: str
    """Why it was refused, or why the line cannot be read."""


def read_header(path: Path) -> dict[str, Any]:
    """The first line of a dead-letter file; raises `WorkflowError` for another file."""
    with opened(path) as file:
        header = object_in(file.readline(LINE_MAX_BYTES))
    if header is None or header.get("format") != FORMAT:
        raise WorkflowError(
            f"{path} is no dead-letter file",
            "Give the file that the report of a failed run names.",
        )
    if header.get("version") != VERSION:
        raise WorkflowError(
            f"{path} has version {header.get('version')!r} of the format, written by om-ingest "
            f"{header.get('omIngest')!r}; this is om-ingest {host_version()}, which reads version "
            f"{VERSION}",
            "Use the om-ingest that wrote it, or a newer one.",
        )
    return header


def read(path: Path) -> Iterator[DeadLetter]:
    """The lines after the header, lazily; a damaged line is a `DeadLetter` without record."""
    with opened(path) as file:
        for number, line in lines_of(file):
            if number > 1:
                yield _letter_in(line, number)


def _letter_in(line: bytes | None, number: int) -> DeadLetter:
    if line is None:
        return DeadLetter(None, f"line {number} is longer than {LINE_MAX_BYTES} bytes")
    try:
        document = json.loads(line.decode("utf-8-sig"))  # files may have been joined
    except UnicodeDecodeError as error:
        return DeadLetter(None, f"line {number} is damaged: not UTF-8 at byte {error.start + 1}")
    except (ValueError, RecursionError):
        return DeadLetter(None, f"line {number} is damaged: not JSON, or nested too deep")
    reason = str(document.get("reason")) if isinstance(document, dict) else ""
    if isinstance(document, dict) and document.get("masked"):
        return DeadLetter(None, f"line {number} held a secret: run the source once more")
    try:
        return DeadLetter(from_document(document), reason)
    except RecordError as error:
        return DeadLetter(None, f"line {number}: {error.what}")
