"""Locks of runs: who holds that of its job alone uses what the journal knows of the job's target.

A run that does not get it holds one of its own. Either says, until it is let go, that the run
lives: to other containers and hosts, too, where a process number means nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import time
from dataclasses import asdict, dataclass
from io import BufferedRandom
from pathlib import Path

from om_ingest import file_lock
from om_ingest.errors import DeliveryError

_PATIENCE_S = 0.5  # whoever looks whether the lock is held, holds it for a moment
_WRITING_S = 0.05  # between taking a lock and saying for whom

NAME = re.compile(r"[0-9a-f]{16}(-[0-9a-f]{8})?")
"""What distinguishes the file of a lock: the job, and a number if it is that of one run."""


@dataclass(frozen=True)
class Holder:
    """The run that holds a lock, as it says itself: for people, and no evidence of anything."""

    run_id: str
    started_at: str
    """UTC, ISO 8601."""

    host: str = ""
    pid: int = 0

    def still_running(self) -> DeliveryError:
        """The error of who needs the lock: no mistake, and gone once the holder has ended."""
        where = f" on {self.host}" if self.host else ""
        said = f", since {self.started_at}, as process {self.pid}{where}" if self.run_id else ""
        return DeliveryError(
            f"The run {self.run_id or '(of which nothing is known)'} of this job is still running"
            f"{said}",
            "Let it end; `om-ingest runs` tells when it has.",
            is_busy=True,
        )


class RunLock:
    """A lock file beside the journal, which is there as long as a run goes on."""

    def __init__(self, journal: Path, name: str) -> None:
        self.name = name
        self.path = journal.with_name(f"{journal.name}-{name}.lock")
        self._file: BufferedRandom | None = None
        self.problem = ""
        """Why there is no lock although nobody holds it; empty if there is one."""

    @classmethod
    def of_job(cls, journal: Path, job: bytes) -> RunLock:
        """The lock that only one run of a job can hold."""
        return cls(journal, job.hex()[:16])

    def beside(self, journal: Path) -> RunLock:
        """A lock for one more run of this job, which nobody else asks for."""
        return RunLock(journal, f"{self.name}-{secrets.token_hex(4)}")

    @property
    def is_of_one_run(self) -> bool:
        """Whether this is the lock of a run that did not get that of its job."""
        return "-" in self.name

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
            # Past its buffer: closing would try again, and fail.
            os.write(self._file.fileno(), json.dumps(asdict(me)).encode())
        except OSError:
            pass  # a full disk: the lock holds all the same, it only does not say for whom
        return None

    def holder(self) -> Holder | None:
        """Who holds the lock; None if nobody does. Raises `OSError` if nobody can tell."""
        deadline = time.monotonic() + _WRITING_S
        while file_lock.is_held(self.path):
            with contextlib.suppress(OSError, ValueError, TypeError):
                return Holder(**json.loads(self.path.read_bytes()))
            if time.monotonic() > deadline:
                return Holder("", "")
            time.sleep(_WRITING_S / 5)
        return None

    def is_held_by(self, run_id: str, started_at: str) -> bool | None:
        """Whether a run holds the lock; None if nobody can tell."""
        try:
            holder = self.holder()
        except OSError:
            return None
        if holder is not None and not holder.run_id:
            return None
        return holder is not None and (holder.run_id, holder.started_at) == (run_id, started_at)

    def discard(self) -> None:
        """Remove the file that a killed run left behind, unless somebody holds it."""
        with contextlib.suppress(OSError):
            if self.path.exists():
                self._file, self.problem = file_lock.claim(self.path)
                if self.is_mine:
                    self.release()

    def release(self) -> None:
        """Let others take the lock."""
        if self._file is not None:
            file_lock.release(self._file, self.path)
            self._file = None
