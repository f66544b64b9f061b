"""What runs of ingestion pipelines say while they run: their log and progress, in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

MAX_RUNS = 100
"""How many runs are remembered; the one that was silent for longest is forgotten first."""

MAX_LOG_CHARACTERS = 8 * 1024 * 1024
"""How much of a run's log is kept: its end."""


@dataclass
class _Run:
    log: str = ""
    dropped: int = 0
    is_closed: bool = False
    reports: dict[str, Any] = field(default_factory=dict)


class RunReports:
    """Logs and latest reports of the latest runs; may be used from any thread.

    A run is known by the id of its pipeline and its own. A restart forgets them all, and
    nothing but these reports: how runs ended is in the catalog.
    """

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[str, str], _Run] = OrderedDict()
        self._lock = Lock()

    def add_to_log(self, pipeline: str, run: str, text: str) -> None:
        """Continue the log of a run."""
        with self._lock:
            found = self._run(pipeline, run)
            found.log += text
            surplus = max(len(found.log) - MAX_LOG_CHARACTERS, 0)
            found.log = found.log[surplus:]
            found.dropped += surplus

    def close_log(self, pipeline: str, run: str) -> None:
        """Note that nothing will follow."""
        with self._lock:
            self._run(pipeline, run).is_closed = True

    def report(self, pipeline: str, run: str, name: str, body: Any) -> None:
        """Keep the latest report of a run under a name."""
        with self._lock:
            self._run(pipeline, run).reports[name] = body

    def latest_run(self, pipeline: str) -> str | None:
        """The run of a pipeline that said something last."""
        with self._lock:
            return next((run for owner, run in reversed(self._runs) if owner == pipeline), None)

    def log(self, pipeline: str, run: str, start: int, count: int) -> tuple[str, int, int]:
        """At most `count` characters of a log from a position on, where they end, and where
        the log ends.
        """
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
