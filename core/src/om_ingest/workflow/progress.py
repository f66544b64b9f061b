"""Progress of a run, reported by a thread of its own: also while the source waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from om_ingest.kinds.lines import label
from om_ingest.workflow.pipeline import Pipeline

logger = logging.getLogger(__name__)

_SCOPE_CHARS = 200

_LEAVE_S = 1.0
"""Longest time to wait at the end for a source that does not tell its status."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of a run."""

    records: int
    """Records yielded so far."""

    records_per_s: float
    """Average rate since the run began."""

    scope: str
    """What is being read, or what else the run does; may be empty."""

    elapsed_s: float
    """Seconds since the run began."""


class Progress:
    """While entered, calls `tell` every `interval_s` seconds, in a thread of its own.

    For the first time after `first_s`, by default the same.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        tell: Callable[[Snapshot], None],
        interval_s: float,
        first_s: float | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._tell = tell
        self._interval_s = interval_s
        self._first_s = interval_s if first_s is None else first_s
        self._has_failed = False
        self._done = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._loop, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join(_LEAVE_S)

    def _loop(self) -> None:
        wait_s = self._first_s
        while not self._done.wait(wait_s):
            now = self.snapshot()
            if not self._done.is_set():  # the source may take its time
                self._tell(now)
            wait_s = self._interval_s

    def snapshot(self) -> Snapshot:
        """How far the run is now."""
        elapsed = time.monotonic() - self._began
        records = self._pipeline.tally.yielded
        latest = self._pipeline.latest
        redact = self._pipeline.delivery.dead_letters.redact
        scope = ""
        try:
            if not self._pipeline.stage:
                status = self._pipeline.source.get_status()
                scope = redact.reason(status.current_scope, _SCOPE_CHARS)
        except BaseException as error:  # a plugin's fault, reported when the run ends
            if not self._has_failed:
                logger.debug("get_status failed", exc_info=error)
            self._has_failed = True
        if not scope and latest is not None:
            scope = redact.label(label(latest), _SCOPE_CHARS)
        return Snapshot(
            records=records,
            records_per_s=records / elapsed if elapsed else 0.0,
            scope=self._pipeline.stage or scope,
            elapsed_s=elapsed,
        )
