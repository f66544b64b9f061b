"""The journal: every run with its state, and what the target of an unfinished one has taken.

A *job* is what is run again and again: one source, service, sink and workflow file. What its
target has acknowledged is kept until a run of it succeeds.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.versioned_file import LOOKUP_COUNT, OpenFile, Step, VersionedFormat, open_file
from om_ingest.workflow.job_lock import JobLock
from om_ingest.workflow.kept_run import (
    COLUMNS,
    RUNNING,
    SUCCESS,
    KeptRun,
    beginning_of,
    now,
)
from om_ingest.workflow.kept_state import STATE_TABLE
from om_ingest.workflow.report import RunReport

FILE_NAME = "om-ingest-runs.db"
"""The journal's file, in the folder of the workflow file or in the one that `--state` names."""

KEPT_COUNT = 1000
"""How many runs a journal keeps; older ones are forgotten."""

_VERSION_1: Step = (
    # `number` tells the order: an id may come twice, as `pipelineRunId` in a workflow file.
    """
    CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        job BLOB NOT NULL,
        source TEXT NOT NULL,
        distribution TEXT NOT NULL,
        service_name TEXT NOT NULL,
        sink TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        state TEXT NOT NULL,
        exit_code INTEGER,
        counts TEXT NOT NULL DEFAULT '{}',
        report TEXT,
        resumed_from TEXT,
        pid INTEGER NOT NULL,
        process_beginning TEXT NOT NULL
    )
    """,
    "CREATE INDEX run_job ON run (job)",
    """
    CREATE TABLE acknowledged (
        job BLOB NOT NULL,
        key BLOB NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (job, key)
    ) WITHOUT ROWID
    """,
)

_VERSION_2: Step = ("ALTER TABLE run ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0",)

_VERSION_3: Step = (
    *STATE_TABLE,
    "ALTER TABLE run ADD COLUMN problem TEXT NOT NULL DEFAULT ''",
)

JOURNAL = VersionedFormat(
    "journal of runs", 0x6F6D6972, (_VERSION_1, _VERSION_2, _VERSION_3), cache_kib=4 * 1024
)
"""The format of a journal; its application id is "omir" in ASCII."""


class Journal(OpenFile):
    """An open journal; several threads and processes may use one file at once.

    Every method raises `DeliveryError` when the file fails.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open the journal in a folder, both created unless `read_only`; raises `WorkflowError`."""
        self.path = path = folder / FILE_NAME
        if not read_only:
            with contextlib.suppress(OSError):  # opening says that there is no folder
                folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            open_file(path, JOURNAL, read_only=read_only), f"The {JOURNAL.name} {path}"
        )
        try:  # a file that says it is a journal, and has not the tables of one
            self.query(f"SELECT {', '.join(COLUMNS)}, number, report FROM run LIMIT 1")
            self.query("SELECT job, key, digest FROM acknowledged LIMIT 1")
            self.query("SELECT job, bookmarks, configs FROM state LIMIT 1")
        except DeliveryError as error:
            with contextlib.suppress(DeliveryError):
                self.close()
            if error.is_busy:
                raise
            raise damaged(path, error.what.rpartition(" failed: ")[2]) from None

    # Runs

    def lock_of(self, job: bytes) -> JobLock:
        """The lock of a job; not held yet."""
        return JobLock(self.path, job)

    def begin(
        self, job: bytes, report: RunReport, resumed_from: str | None, *, is_locked: bool = False
    ) -> int:
        """Enter a run of this process that begins now; its number. Drops the oldest runs.

        `is_locked` tells that the run holds the lock of its job, which then proves that it goes
        on; otherwise its process does, as far as a number can.
        """
        pid = os.getpid()
        with self.transaction():
            (((number,),)) = self.query("SELECT coalesce(max(number), 0) + 1 FROM run")
            self.execute(
                "INSERT INTO run (number, id, job, source, distribution, service_name, sink,"
                " started_at, state, resumed_from, pid, process_beginning, is_locked)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(number, _text(report.run_id), job, _text(report.source)),
                    *(_text(report.distribution), _text(report.service_name)),
                    *(_text(report.sink), report.started_at, RUNNING),
                    *(resumed_from, pid, beginning_of(pid), is_locked),
                ),
            )
            self._drop_until(number - KEPT_COUNT)
        return int(number)

    def _drop_until(self, number: int) -> None:
        old = self.query("SELECT DISTINCT job FROM run WHERE number <= ?", (number,))
        if old:
            self.execute("DELETE FROM run WHERE number <= ?", (number,))
        for (job,) in old:
            if not self.query("SELECT 1 FROM run WHERE job = ? LIMIT 1", (job,)):
                self.execute("DELETE FROM acknowledged WHERE job = ?", (job,))

    def end(self, number: int, report: RunReport, *, forgets: bool = True) -> None:
        """Enter how a run ended; if it succeeded, the acknowledgements of its job are dropped.

        Not those that another run is adding meanwhile: `forgets` is False then.
        """
        with self.transaction():
            self.execute(
                "UPDATE run SET ended_at = ?, state = ?, exit_code = ?, counts = ?, report = ?,"
                " problem = ? WHERE number = ?",
                (
                    *(now().isoformat(), report.state, report.exit_code),
                    *(json.dumps(report.counts()), json.dumps(report.as_dict())),
                    *(_text(report.problem), number),
                ),
            )
            if forgets and report.state == SUCCESS:
                self.execute(
                    "DELETE FROM acknowledged WHERE job = (SELECT job FROM run WHERE number = ?)",
                    (number,),
                )

    def latest(self, job: bytes) -> KeptRun | None:
        """The run of a job that began last; None if there is none."""
        rows = self._rows("WHERE job = ? ORDER BY number DESC LIMIT 1", job)
        return rows[0] if rows else None

    def runs(self) -> list[KeptRun]:
        """Every run, newest first."""
        return self._rows("ORDER BY number DESC")

    def find(self, prefix: str) -> tuple[KeptRun, dict[str, Any] | None]:
        """The run whose id begins with a text, and its report; None for one that did not end.

        Raises `WorkflowError` if there is none, or several. If an id occurs twice, the
        newer run.
        """
        prefix = _text(prefix)
        condition = "WHERE substr(id, 1, ?) = ? ORDER BY number DESC"
        found = self._rows(condition, len(prefix), prefix)
        ids = {run.run_id for run in found}
        if prefix in ids:
            ids = {prefix}
        if len(ids) != 1:
            what = "Several runs have" if ids else "There is no run with"
            raise WorkflowError(
                f"{what} an id that begins with {prefix!r}",
                "`om-ingest runs` lists them.",
            )
        (run_id,) = ids
        run = next(run for run in found if run.run_id == run_id)
        (((report,),)) = self.query(
            "SELECT report FROM run WHERE id = ? ORDER BY number DESC LIMIT 1", (run_id,)
        )
        if report is None:
            return run, None
        with readable(self.path, f"the report of the run {run_id}"):
            return run, dict(json.loads(report))

    def _rows(self, condition: str, *parameters: object) -> list[KeptRun]:
        rows = self.query(f"SELECT {', '.join(COLUMNS)} FROM run {condition}", parameters)
        with readable(self.path):
            return [KeptRun.of_row(row, self._holds_lock) for row in rows]

    def _holds_lock(self, job: bytes, run_id: str, started_at: str) -> bool | None:
        """Whether a run holds the lock of its job; None if that cannot be found out."""
        try:
            holder = self.lock_of(job).holder()
        except OSError:
            return None
        return holder is not None and (holder.run_id, holder.started_at) == (run_id, started_at)

    # What a target has acknowledged

    def digests(self, job: bytes, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The digests of what was acknowledged under these keys, as far as anything was."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), LOOKUP_COUNT):
            part = keys[start : start + LOOKUP_COUNT]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT key, digest FROM acknowledged WHERE job = ? AND key IN ({marks})"
            found.update(self.query(sql, (job, *part)))
        return found

    def acknowledge(self, job: bytes, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember keys and digests; committed when it returns."""
        with self.transaction():
            self.execute_many(
                "INSERT OR REPLACE INTO acknowledged (job, key, digest) VALUES (?, ?, ?)",
                ((job, key, digest) for key, digest in rows),
            )

    def forget(self, job: bytes, keys: Iterable[bytes] | None = None) -> None:
        """Forget what was acknowledged: under these keys, or all of it."""
        with self.transaction():
            if keys is None:
                self.execute("DELETE FROM acknowledged WHERE job = ?", (job,))
                return
            sql = "DELETE FROM acknowledged WHERE job = ? AND key = ?"
            self.execute_many(sql, ((job, key) for key in keys))

    def acknowledged_count(self, job: bytes) -> int:
        """How many records are remembered."""
        sql = "SELECT count(*) FROM acknowledged WHERE job = ?"
        return int(self.query(sql, (job,))[0][0])


def damaged(path: Path, what: str) -> WorkflowError:
    """The error for a journal whose content no run has written."""
    return WorkflowError(
        f"The {JOURNAL.name} {path} is damaged: {what}",
        "Restore it from a copy, or remove it: that costs the history, what --resume would"
        " leave out, and the bookmarks of sources.",
    )


@contextlib.contextmanager
def readable(path: Path, what: str = "") -> Iterator[None]:
    """Inside, content of a journal is read: what is not as a run wrote it is a `WorkflowError`."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(path, f"{what} is unreadable" if what else str(error)) from None


def runs_in(folder: Path) -> list[KeptRun]:
    """Every run in the journal of a folder, newest first; raises `WorkflowError`."""
    if folder.is_dir() and not (folder / FILE_NAME).exists():
        return []
    with contextlib.closing(Journal(folder, read_only=True)) as journal:
        return journal.runs()


def report_in(folder: Path, prefix: str) -> tuple[KeptRun, dict[str, Any] | None]:
    """What `Journal.find` finds in the journal of a folder; raises `WorkflowError`."""
    with contextlib.closing(Journal(folder, read_only=True)) as journal:
        return journal.find(prefix)


def _text(text: str) -> str:
    """The text with lone surrogates escaped, which SQLite cannot store."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
