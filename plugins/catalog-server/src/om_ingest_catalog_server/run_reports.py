"""Logs and progress of the runs of ingestion pipelines, in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

MAX_RUNS = 100
"""Maximum number of runs; the least recently updated one is dropped first."""

MAX_LOG_CHARACTERS = 8 * 1024 * 1024
"""Maximum length of a run's log; its end is kept."""


@dataclass
class _Run:
    log: str = ""
    dropped: int = 0
    is_closed: bool = False
    reports: dict[str, Any] = field(default_factory=dict)


class RunReports:
    """Logs, progress and metrics of the latest runs; thread-safe.

    A run is identified by the id of its pipeline and its run id. The reports are lost when the
    server stops; the statuses of runs are in the catalog.
    """

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[str, str], _Run] = OrderedDict()
        self._lock = Lock()

    def add_to_log(self, pipeline: str, run: str, text: str) -> None:
        """Append to the log of a run."""
        with self._lock:
            found = self._run(pipeline, run)
            found.log += text
            surplus = max(len(found.log) - MAX_LOG_CHARACTERS, 0)
            found.log = found.log[surplus:]
            found.dropped += surplus

    def close_log(self, pipeline: str, run: str) -> None:
        """Mark the log of a run as complete."""
        with self._lock:
            self._run(pipeline, run).is_closed = True

    def report(self, pipeline: str, run: str, name: str, body: Any) -> None:
        """Store the latest report of a run with this name."""
        with self._lock:
            self._run(pipeline, run).reports[name] = body

    def latest_run(self, pipeline: str) -> str | None:
        """The most recently updated run of a pipeline; None if there is none."""
        with self._lock:
            return next((run for owner, run in reversed(self._runs) if owner == pipeline), None)

    def log(self, pipeline: str, run: str, start: int, count: int) -> tuple[str, int, int]:
        """Up to `count` characters of a log from `start` on, their end, and the end of the log."""
        with self._lock:
            found = self._runs.get((pipeline, run), _Run())
            start = max(start, found.dropped)
            text = found.log[start - found.dropped :][:count]
            return text, start + len(text), found.dropped + len(found.log)

    def _run(self, pipeline: str, run: str) -> _Run:
        key = (pipeline, run)
        found = self._runs.setdefault(key, _Run())
        self._runs.move_to_end(key)
        if len(self._runs) > MAX_RUNS:
            self._runs.popitem(last=False)
        return found
