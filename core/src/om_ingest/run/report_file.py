"""The file that `--report` names: written when a run begins, and when it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from om_ingest import private_file, streams
from om_ingest.errors import WorkflowError
from om_ingest.sinks.spool import check_replaceable

_BEGINNING = b'{\n  "runId": '
"""First bytes of every report: a file that begins differently is not replaced."""

_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def check(path: Path, what: str = "a report", beginning: bytes = _BEGINNING) -> None:
    """Raise `WorkflowError` for a path that no report, or `what` it is, will be written to.

    The folder is missing, or a file is there that has another `beginning`.
    """
    try:
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise WorkflowError(
                f"Cannot write {what} to {path}", "Name a file in a folder that exists."
            )
        check_replaceable(path, beginning)
    except OSError:
        pass  # one that may not be looked at, or has too long a name: writing tells more


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report in place of an earlier one, whole or not at all.

    A stream gets it once the run has ended. Raises `WorkflowError` for a file that is none, and
    `DeliveryError` if it cannot be written.
    """
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if private_file.is_stream(path):
        if report["endedAt"] is not None:
            send(path, text)
        return
    check(path)  # a file may have come there since the run began
    private_file.write_whole(path, text)


def send(path: Path, text: str) -> None:
    """Write into a stream; raises `DeliveryError`."""
    out = streams.output() if str(path) in _OUTPUT else None
    if out is None:
        private_file.append(path, text)
        return
    out.write(text)  # during a run the descriptor itself is standard error
    out.flush()
    lost = streams.failure(out)
    if lost is not None and not lost.reader_left:
        raise lost
