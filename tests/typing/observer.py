"""An observer as its author writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from om_ingest.observer import ObservedRun, Phase, RunObserver, SettledBatch
from om_ingest.store import Outcome


class Counting(RunObserver):
    """Counts what failed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.failed = 0

    @classmethod
    def create(cls, value: str) -> Counting:
        return cls(value)

    def started(self, run: ObservedRun) -> None:
        self.path = f"{self.path}-{run.run_id}"

    def phase_ended(self, phase: Phase) -> None:
        print(phase.name, (phase.ended_at - phase.began_at).total_seconds())

    def settled(self, batch: SettledBatch) -> None:
        self.failed += sum(result.outcome is Outcome.FAILED for result in batch.results)

    def ended(self, report: Mapping[str, Any]) -> None:
        print(report["state"], self.failed)
