"""The lock of a job: only its holder uses what the journal knows of the job's target."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from io import BufferedRandom
from pathlib import Path

from om_ingest import file_lock
from om_ingest.errors import WorkflowError

_PATIENCE_S = 0.5  # whoever looks whether the lock is held, holds it for a moment


@dataclass(frozen=True)
class Holder:
    """The run that holds a lock, as it says itself: for people, and no evidence of anything."""

    run_id: str
    started_at: str
    """UTC, ISO 8601."""

    host: str = ""
    pid: int = 0

    def still_running(self) -> WorkflowError:
        """The error of a run that needs the lock."""
        where = f" on {self.host}" if self.host else ""
        said = f", since {self.started_at}, as process {self.pid}{where}" if self.run_id else ""
        return WorkflowError(
            f"The run {self.run_id or '(of which nothing is known)'} of this job is still running"
            f"{said}",
            "Let it end; `om-ingest runs` tells when it has.",
        )


class JobLock:
    """A lock file beside the journal, which is there as long as a run of the job goes on."""

    def __init__(self, journal: Path, job: bytes) -> None:
        self.path = journal.with_name(f"{journal.name}-{job.hex()[:16]}.lock")
        self._file: BufferedRandom | None = None
        self.problem = ""
        """Why there is no lock although nobody holds it; empty if there is one."""

    @property
    def is_mine(self) -> bool:
        """Whether this run holds the lock."""
        return self._file is not None and not self.problem

    def take(self, run_id: str, started_at: str, pid: int) -> Holder | None:
        """Hold the lock until `release`; who holds it if somebody else does.

        Where the file system has no locks, `problem` says so afterwards.
        """
        try:
            self._file, self.problem = file_lock.claim(self.path, patience_s=_PATIENCE_S)
        except OSError as error:
            self.problem = error.strerror or str(error)
            return None
        if self._file is None:
            return self.holder() or Holder("", "")
        me = Holder(run_id, started_at, socket.gethostname(), pid)
        try:
            self._file.truncate(0)
            self._file.write(json.dumps(asdict(me)).encode())
            self._file.flush()
        except OSError:
            pass  # a full disk: the lock holds all the same, it only does not say for whom
        return None

    def holder(self) -> Holder | None:
        """Who holds the lock; None if nobody does. Raises `OSError` if nobody can tell."""
        if not file_lock.is_held(self.path):
            return None
        try:
            return Holder(**json.loads(self.path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return Holder("", "")

    def release(self) -> None:
        """Let others take the lock."""
        if self._file is not None:
            file_lock.release(self._file, self.path)
            self._file = None
