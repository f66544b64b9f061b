"""Checks of a source together with a sink."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from om_ingest.errors import OmIngestError
from om_ingest.testing.double import OpenMetadataDouble
from om_ingest.testing.source_run import SourceRun
from om_ingest.testing.verdict import Checks, check, said
from om_ingest.workflow.processing import SinkStoppedError

FOR_GOOD = 1_000_000
"""Calls that fail after a sink has stopped: more than any source makes."""


class DeliveryChecks(Checks):
    """A run adds up, and the source takes a sink as it is."""

    sink_pause_s: ClassVar[float]

    @check
    def test_counts_add_up(self) -> Iterator[str]:
        good, bad = self.observations.expected
        _ = self.observations.sound
        tally = self.observations.run(pipeline=True).tally
        if tally is None:
            return
        if tally.yielded != good + bad:
            yield f"yielded {good + bad} records in one run, and {tally.yielded} in another"
        if tally.unaccounted or tally.unexpected:
            missing = tally.unaccounted or -tally.unexpected
            yield f"yielded {tally.yielded} records, of which {missing} are not accounted for"

    @check
    def test_survives_slow_sink(self) -> Iterator[str]:
        _ = self.observations.sound
        run = self.observations.run(pipeline=True, pause_s=self.sink_pause_s)
        yield from self._complaints(run, f"when the sink paused for {self.sink_pause_s:g} s")

    @check
    def test_survives_refusals(self) -> Iterator[str]:
        _ = self.observations.sound
        run = self.observations.run(pipeline=True, arrange=OpenMetadataDouble.refuse)
        yield from self._complaints(run, "when the sink refused its records")

    @check
    def test_survives_stopped_sink(self) -> Iterator[str]:
        _ = self.observations.sound

        def stop(double: OpenMetadataDouble) -> None:
            double.fail(FOR_GOOD)

        run = self.observations.run(pipeline=True, arrange=stop)
        yield from self._complaints(run, "when the sink had failed")

    def _complaints(self, run: SourceRun, when: str) -> Iterator[str]:
        error = run.errors.get("next_record")
        if not run.finished:
            yield f"had not ended {self.observations.patience_s:g} s later, {when}"
        elif error is not None and not isinstance(error, OmIngestError | SinkStoppedError):
            yield f"raised {when}: {said(error)}"
        if "close" in run.errors and "close" not in self.observations.full.errors:
            yield f"could not be closed {when}: {said(run.errors['close'])}"
