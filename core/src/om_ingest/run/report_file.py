"""The file that `--report` names: written when a run begins, and when it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from om_ingest import private_file
from om_ingest.errors import WorkflowError
from om_ingest.sinks.spool import check_replaceable

_BEGINNING = b'{\n  "runId": '
"""First bytes of every report: a file that begins differently is not replaced."""


def check(path: Path) -> None:
    """Raise `WorkflowError` for a path that no report will be written to."""
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise WorkflowError(
            f"Cannot write a report to {path}", "Name a file in a folder that exists."
        )
    check_replaceable(path, _BEGINNING)


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report in place of an earlier one, whole or not at all.

    Raises `WorkflowError` for a file that is none, and `DeliveryError` if it cannot be written.
    """
    check_replaceable(path, _BEGINNING)  # a file may have come there since the run began
    private_file.write_whole(path, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
