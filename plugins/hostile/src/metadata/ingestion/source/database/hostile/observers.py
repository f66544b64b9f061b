"""Observers that raise, hang, or are none."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from om_ingest.observer import ObservedRun, RunObserver, SettledBatch


class Raises(RunObserver):
    """Raises whatever it is told, also what no `except Exception` catches."""

    def started(self, run: ObservedRun) -> None:
        raise SystemExit(0)

    def settled(self, batch: SettledBatch) -> None:
        raise KeyboardInterrupt

    def ended(self, report: Mapping[str, Any]) -> None:
        raise ZeroDivisionError(report["runId"])


class Hangs(RunObserver):
    """Never comes back."""

    def started(self, run: ObservedRun) -> None:
        threading.Event().wait()


class CreatesNone(RunObserver):
    """`create` returns None."""

    @classmethod
    def create(cls, value: str) -> Any:
        return None
