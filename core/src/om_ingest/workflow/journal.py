"""The journal: every run with its state, and what the target of an unfinished one has taken.

A *job* is what is run again and again: one source, service, sink and workflow file. What its
target has acknowledged is kept until a run of it succeeds.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from om_ingest import file_systems
from om_ingest.errors import DeliveryError, WorkflowError
from om_ingest.versioned_file import LOOKUP_COUNT, OpenFile, open_again, open_file
from om_ingest.workflow.job_lock import RunLock
from om_ingest.workflow.journal_format import JOURNAL, SCHEME, damaged, readable as readable
from om_ingest.workflow.kept_run import COLUMNS, RUNNING, SUCCESS, KeptFile, KeptRun, now
from om_ingest.workflow.report import RunReport

FILE_NAME = "om-ingest-runs.db"
"""The journal's file, in the folder of the workflow file or in the one that `--state` names."""

NAMED_BY = "--state DIR or OM_INGEST_STATE"

KEPT_COUNT = 1000
"""How many runs a journal keeps, and as many older ones at most that are a job's latest."""

_TELLING = f"""
    SELECT number FROM run WHERE number <= ?1 AND (
        number IN (SELECT max(number) FROM run GROUP BY job)
        OR number IN (SELECT max(number) FROM run WHERE state = '{SUCCESS}' GROUP BY job)
    ) ORDER BY number DESC
"""
"""The runs until a number that tell how their job is: its latest, and its latest success."""


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
            if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
                raise WorkflowError(
                    f"The folder {folder} cannot be written, so it holds no {JOURNAL.name}",
                    f"Name another one with {NAMED_BY}.",
                )
        super().__init__(
            open_file(path, JOURNAL, read_only=read_only), f"The {JOURNAL.name} {path}"
        )
        try:  # a file that says it is a journal, and has not the tables of one
            self.query(f"SELECT {', '.join(COLUMNS)}, report FROM run LIMIT 1")
            self.query("SELECT job, key, digest FROM acknowledged LIMIT 1")
            self.query("SELECT job, bookmarks, configs FROM state LIMIT 1")
        except DeliveryError as error:
            with contextlib.suppress(DeliveryError):
                self.close()
            if error.is_busy:
                raise
            raise damaged(path, error.what.rpartition(" failed: ")[2]) from None

    def once_more(self, within_s: float) -> Journal:
        """A further connection to the same file, which waits so long for others who write."""
        another = copy.copy(self)
        OpenFile.__init__(another, open_again(self.path, within_s), self._title)
        return another

    # Runs

    def lock_of(self, job: bytes) -> RunLock:
        """The lock of a job; not held yet."""
        return RunLock.of_job(self.path, job)

    def begin(
        self,
        job: bytes,
        report: RunReport,
        resumed_from: str | None,
        *,
        lock: RunLock | None = None,
        workflow: str = "",
        host_version: str = "",
        files: Sequence[KeptFile] = (),
    ) -> int:
        """Enter a run of this process that begins now; its number. Drops the oldest runs.

        `lock` is held, and proves that the run goes on; without one nobody can tell.
        """
        row = {
            "id": _text(report.run_id),
            "job": job,
            "source": _text(report.source),
            "distribution": _text(report.distribution),
            "service_name": _text(report.service_name),
            "sink": _text(report.sink),
            "started_at": report.started_at,
            "state": RUNNING,
            "resumed_from": resumed_from,
            "pid": os.getpid(),
            "process_beginning": "",  # of the first format
            "lock": lock.name if lock and lock.is_mine else "",
            "host": _text(socket.gethostname()),
            "workflow": _text(workflow),
            "host_version": host_version,
            "scheme": SCHEME,
            "files": json.dumps(files),
        }
        with self.transaction():
            ((number,),) = self.query("SELECT coalesce(max(number), 0) + 1 FROM run")
            self.execute(
                f"INSERT INTO run (number, {', '.join(row)}) VALUES (?{', ?' * len(row)})",
                (number, *row.values()),
            )
            self._drop_old(number - KEPT_COUNT)
        return int(number)

    def _drop_old(self, number: int) -> None:
        """Drop the runs until a number, except those that tell how their job is."""
        kept = [found for (found,) in self.query(f"{_TELLING} LIMIT {KEPT_COUNT}", (number,))]
        old = f"number <= {int(number)} AND number NOT IN ({', '.join(map(str, kept))})"
        with contextlib.suppress(WorkflowError):  # a damaged row is dropped
            running = self._rows(f"WHERE {old} AND state = ?", RUNNING)
            kept += [run.number for run in running if run.state == RUNNING]
        self._delete(f"number <= {int(number)} AND number NOT IN ({', '.join(map(str, kept))})")

    def _delete(self, condition: str) -> None:
        """Delete runs, and what was acknowledged for jobs that have none left."""
        jobs = self.query(f"SELECT DISTINCT job FROM run WHERE {condition}")
        if not jobs:
            return
        self.execute(f"DELETE FROM run WHERE {condition}")
        for (job,) in jobs:
            if not self.query("SELECT 1 FROM run WHERE job = ? LIMIT 1", (job,)):
                self.execute("DELETE FROM acknowledged WHERE job = ?", (job,))

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget runs, and what was acknowledged for jobs that have none left."""
        marks = ", ".join(map(str, map(int, numbers)))
        with self.transaction():
            self._delete(f"number IN ({marks})")

    def add_file(self, number: int, file: KeptFile) -> None:
        """Enter a file that a run has written outside of the journal."""
        with self.transaction():
            ((files,),) = self.query("SELECT files FROM run WHERE number = ?", (number,))
            with readable(self.path):
                files = json.dumps([*json.loads(files), file])
            self.execute("UPDATE run SET files = ? WHERE number = ?", (files, number))

    def end(
        self,
        number: int,
        report: RunReport,
        *,
        document: Mapping[str, Any] | None = None,
        ended_at: str = "",
        forgets: bool = True,
    ) -> None:
        """Enter how a run ended, at `ended_at` in UTC; if it succeeded, the acknowledgements of its
        job are dropped. Not those that another run is adding meanwhile: `forgets` is False then.
        `document` is the report as plain data.
        """
        document = report.as_dict() if document is None else document
        with self.transaction():
            self.execute(
                "UPDATE run SET ended_at = ?, state = ?, exit_code = ?, counts = ?, report = ?,"
                " problem = ? WHERE number = ?",
                (
                    *(ended_at or now().isoformat(), report.state, report.exit_code),
                    *(json.dumps(document["records"]), json.dumps(document)),
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

    def last_success(self, job: bytes) -> KeptRun | None:
        """The run of a job that succeeded last; None if none has."""
        rows = self._rows("WHERE job = ? AND state = ? ORDER BY number DESC LIMIT 1", job, SUCCESS)
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

    def _holds_lock(self, name: str, run_id: str, started_at: str, host: str) -> bool | None:
        """Whether a run holds the lock of a name; None if nobody can tell."""
        is_held = RunLock(self.path, name).is_held_by(run_id, started_at)
        if not is_held and host not in ("", socket.gethostname()):
            return None if file_systems.of(self.path).keeps_locks else is_held
        return is_held

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
