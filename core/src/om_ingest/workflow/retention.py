"""Old runs leave the journal, and the files that they have left behind leave the disk."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from om_ingest.kinds.lines import LINE_MAX_BYTES
from om_ingest.workflow.deadletter import FORMAT
from om_ingest.workflow.job_lock import RunLock
from om_ingest.workflow.journal import FILE_NAME, Journal
from om_ingest.workflow.kept_run import (
    DEAD_LETTERS,
    RUNNING,
    SUCCESS,
    UNKNOWN,
    KeptFile,
    KeptRun,
)

_REPORT_MAX_BYTES = 64 * 1024 * 1024


@dataclass
class Pruned:
    """A run that leaves the journal."""

    run: KeptRun
    removed: list[str] = field(default_factory=list)
    """Its files that are removed with it."""

    left: dict[str, str] = field(default_factory=dict)
    """Its files that are left alone, each with the reason."""

    is_kept: bool = False
    """Whether the run stays after all, because one of its files could not be removed."""

    def as_dict(self) -> dict[str, Any]:
        """It as plain data."""
        run = self.run
        return {
            "runId": run.run_id,
            "state": run.state,
            "startedAt": run.started_at,
            "source": run.source,
            "serviceName": run.service_name,
            "sink": run.sink,
            "removed": self.removed,
            "left": [{"path": path, "reason": reason} for path, reason in self.left.items()],
            "kept": self.is_kept,
        }


def prunable(runs: Iterable[KeptRun], *, keep: int = 0, before: datetime | None) -> list[KeptRun]:
    """Those of all runs, newest first, that may leave the journal.

    Not the `keep` newest of each job, nor those that began later than `before`; and never the
    latest of each job, which tells what --resume continues, its latest success, and runs that go on
    or may do so.
    """
    counts: dict[bytes, int] = {}
    succeeded: set[bytes] = set()
    found = []
    for run in runs:
        place = counts[run.job] = counts.get(run.job, 0) + 1
        is_latest_success = run.state == SUCCESS and run.job not in succeeded
        if is_latest_success:
            succeeded.add(run.job)
        if place <= max(keep, 1) or is_latest_success or run.state in (RUNNING, UNKNOWN):
            continue
        if before is None or datetime.fromisoformat(run.started_at) < before:
            found.append(run)
    return found


def prune(
    folder: Path,
    *,
    keep: int = 0,
    before: datetime | None = None,
    services: Collection[str] = (),
    dry_run: bool = False,
) -> list[Pruned]:
    """Remove old runs from the journal of a folder, with their dead letters and reports.

    Those of `services`, or of all if none is named; which of them, see `prunable`. A file is
    removed only if it is still what the run has written: it says so itself, belongs to the same
    user, and lies where the journal says; and if no run that stays names it, too. A `dry_run` only
    tells. Raises `WorkflowError` for a journal that cannot be used.
    """
    if folder.is_dir() and not (folder / FILE_NAME).exists():
        return []
    with closing(Journal(folder, read_only=dry_run)) as journal:
        runs = journal.runs()
        pruned = [
            Pruned(run)
            for run in prunable(runs, keep=keep, before=before)
            if not services or run.service_name in services
        ]
        leaving = {one.run.number for one in pruned}
        staying = {file.path for run in runs if run.number not in leaving for file in run.files}
        for one in pruned:
            for file in one.run.files:
                _remove(one, file, staying, dry_run=dry_run)
        if not dry_run:
            gone = [one.run for one in pruned if not one.is_kept]
            journal.remove(run.number for run in gone)
            for run in gone:
                lock = RunLock(journal.path, run.lock)
                if lock.is_of_one_run:
                    lock.discard()
    return pruned


def _remove(one: Pruned, file: KeptFile, staying: set[str], *, dry_run: bool) -> None:
    """Remove a file of a run, if it is still that."""
    path = Path(file.path)
    if file.path in staying or file.path in one.removed:
        return
    try:
        reason = _not_ours(path, file, one.run.run_id)
        if reason:
            one.left[file.path] = reason
            return
        if not dry_run:
            path.unlink()
        one.removed.append(file.path)
    except FileNotFoundError:
        return
    except OSError as error:
        one.left[file.path] = error.strerror or str(error)
        one.is_kept = True


def _not_ours(path: Path, file: KeptFile, run_id: str) -> str:
    """Why a file is not the one that a run has written; empty if it is. Raises `OSError`."""
    if Path(os.path.realpath(path.parent)) != path.parent:
        return "its folder is reached by a link now"
    there = path.lstat()
    if not stat.S_ISREG(there.st_mode):
        return "it is no file any more"
    if there.st_uid != file.owner:
        return "it belongs to another user now"
    if there.st_nlink > 1:
        return "it has a second name"
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as content:
        if not os.path.samestat(there, os.fstat(content.fileno())):
            return "it was replaced just now"
        document: Any = None
        with contextlib.suppress(ValueError, RecursionError):
            is_letters = file.kind == DEAD_LETTERS
            document = json.loads(
                content.readline(LINE_MAX_BYTES) if is_letters else content.read(_REPORT_MAX_BYTES)
            )
    if not isinstance(document, dict):
        return "it is of another format now"
    if (document.get("format") == FORMAT) if is_letters else "exitCode" in document:
        return "" if document.get("runId") == run_id else "another run has written it since"
    return "it is of another format now"
