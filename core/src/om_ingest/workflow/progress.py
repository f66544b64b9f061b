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


@dataclass(frozen=True)
class Snapshot:
    """One moment of a run."""

    records: int
    """Records yielded so far."""

    records_per_s: float
    """Average rate since the run began."""

    scope: str
    """What is being read."""

    elapsed_s: float
    """Seconds since the run began."""


class Progress:
    """While entered, calls `tell` every `interval_s` seconds, in a thread of its own."""

    def __init__(
        self, pipeline: Pipeline, tell: Callable[[Snapshot], None], interval_s: float
    ) -> None:
        self._pipeline = pipeline
        self._tell = tell
        self._interval_s = interval_s
        self._done = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._loop, name="progress", daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._done.wait(self._interval_s):
            self._tell(self.snapshot())

    def snapshot(self) -> Snapshot:
        """How far the run is now."""
        elapsed = time.monotonic() - self._began
        records = self._pipeline.tally.yielded
        latest = self._pipeline.latest
        redact = self._pipeline.delivery.dead_letters.redact
        try:
            scope = redact.reason(self._pipeline.source.get_status().current_scope, _SCOPE_CHARS)
        except BaseException as error:  # a plugin's fault, reported when the run ends
            logger.debug("get_status failed", exc_info=error)
            scope = ""
        if not scope and latest is not None:
            scope = redact.label(label(latest), _SCOPE_CHARS)
        return Snapshot(
            records=records,
            records_per_s=records / elapsed if elapsed else 0.0,
            scope=scope,
            elapsed_s=elapsed,
        )
