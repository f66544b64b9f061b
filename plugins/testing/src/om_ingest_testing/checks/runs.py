"""Checks of a run of the source: its steps, its endings, and its delivery into a sink."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from om_ingest.errors import OmIngestError, described
from om_ingest.failure_place import located
from om_ingest.source import Source, SourceStatus
from om_ingest.workflow.interrupt import RunInterrupted
from om_ingest.workflow.processing import SinkStoppedError

from om_ingest_testing.checks.installation import ALONE
from om_ingest_testing.double import OpenMetadataDouble
from om_ingest_testing.observations import SourceChecks
from om_ingest_testing.source_run import SourceRun
from om_ingest_testing.verdict import UnseenError, shown

NOTES = {"warning": "warnings", "failure": "failures", "filtered": "filtered"}
"""Counter of a status, without `_count` → the notes that it counts."""

ENDINGS: dict[str, dict[str, Any]] = {
    "without prepare": {"prepare": False, "read": False},
    "before a record was asked for": {"read": False},
    "after its first record": {"limit": 1},
    "after an interrupt": {"interrupt": 1},
}
"""How a run may end early, apart from an error of its own."""

SHOWN_COUNT = 5
"""Failures that a message lists."""

FOR_GOOD = 1_000_000
"""Calls that fail after a sink has stopped: more than any source makes."""


class RunChecks(SourceChecks):
    """The source does what each step is for, can be ended at any of them, and a run adds up."""

    sink_pause_s: ClassVar[float]

    def test_creates(self) -> Iterator[str]:
        run = self.observations.created
        if "create" in run.errors:
            yield f"could not be created: {located(run.errors['create'])}"
        elif not isinstance(run.source, Source):
            yield f"returned {shown(run.source)} from create, which is not a Source"

    def test_create_stays_local(self) -> Iterator[str]:
        found = self.observations.probed
        if found.problem:
            raise UnseenError(ALONE)
        for event in found.connections("create"):
            yield f"connected while it was created: {event}"

    def test_limits_are_lines(self) -> Iterator[str]:
        run = self.observations.created
        if "create" in run.errors or not isinstance(run.source, Source):
            raise UnseenError("the source cannot be created: see test_creates")
        if "limits" in run.errors:
            yield f"raised in limits: {located(run.errors['limits'])}"
        elif isinstance(run.limits, str) or not all(isinstance(line, str) for line in run.limits):
            yield f"answered {shown(run.limits)} from limits, which is not a list of lines"

    def test_prepared_once(self) -> Iterator[str]:
        count = self.observations.full.calls["prepare"]
        if count != 1:
            yield f"was prepared {count} times: it called its own prepare"

    def test_closed_once(self) -> Iterator[str]:
        run = self.observations.full
        if not run.finished:
            raise UnseenError("it did not end: see test_reads_to_the_end")
        yield from _bad_close(run, "after a whole run")

    def test_closed_after_failure(self) -> Iterator[str]:
        if any(_bad_close(self.observations.full, "")):
            raise UnseenError("it cannot be closed at all: see test_closed_once")
        for when, plan in ENDINGS.items():
            run = self.observations.run(**{"limit": self.observations.limit, **plan})
            yield from _bad_close(run, when)

    def test_stops_at_limit(self) -> Iterator[str]:
        for count in self.observations.points:
            run = self.observations.run(limit=count)
            when = f"when its generator was closed after record {count}"
            if "generator" in run.errors:
                yield f"did not end {when}: {located(run.errors['generator'])}"
                return
            if not run.finished:
                yield f"was still busy {self._patience} later, {when}"
                return

    def test_stops_when_cancelled(self) -> Iterator[str]:
        before = self.observations.begun
        run = self.observations.run(cancel=True)
        if not run.finished:
            yield f"was still busy {self._patience} after ctx.cancelled was set"
        elif not before.flaw and "next_record" in run.errors:
            yield f"raised when ctx.cancelled was set: {located(run.errors['next_record'])}"

    def test_lets_interrupts_through(self) -> Iterator[str]:
        for count in self.observations.points:
            run = self.observations.run(interrupt=count, limit=count)
            error = run.errors.get("next_record")
            if not run.finished:
                yield f"was still busy {self._patience} after an interrupt"
            elif run.swallowed:
                yield f"swallowed an interrupt after record {count}"
            elif run.interrupted and not isinstance(error, RunInterrupted):
                said_of = described(error) if error else "nothing"
                yield f"turned an interrupt after record {count} into something else: {said_of}"
            else:
                continue
            return

    def test_status_makes_sense(self) -> Iterator[str]:
        for when, run in (("a run", self.observations.full), ("create", self.observations.created)):
            status = run.status
            if "get_status" in run.errors:
                yield f"raised in get_status after {when}: {located(run.errors['get_status'])}"
            elif isinstance(status, SourceStatus):
                yield from _bad_counts(status, when)
            elif run.finished:
                yield f"returned {shown(status)} from get_status after {when}"

    def test_status_stays_small(self) -> Iterator[str]:
        status = self.observations.full.status
        if isinstance(status, SourceStatus):
            for notes in NOTES.values():
                kept = len(getattr(status, notes))
                if kept > SourceStatus.sample_count:
                    yield f"kept {kept} notes in status.{notes}"

    def test_no_failures(self) -> Iterator[str]:
        status = self.observations.full.status
        if isinstance(status, SourceStatus) and status.failure_count > 0:
            notes = status.failures[:SHOWN_COUNT]
            for note in notes:
                yield f"reported a failure: {note.key}: {' '.join(str(note.reason).split())}"
            if more := status.failure_count - len(notes):
                yield f"reported {more} failures more" if notes else f"counted {more} failures"

    def test_prints_nothing(self) -> Iterator[str]:
        if lines := self.observations.full.output.splitlines():
            yield f"printed {len(lines)} lines to standard output, the first: {shown(lines[0])}"

    def test_counts_add_up(self) -> Iterator[str]:
        good, bad = self.observations.expected
        tally = self._delivered().tally
        if tally is None:
            return
        if tally.yielded != good + bad:
            yield f"yielded {good + bad} records in one run, and {tally.yielded} in another"
        if tally.unaccounted or tally.unexpected:
            missing = tally.unaccounted or -tally.unexpected
            yield f"yielded {tally.yielded} records, of which {missing} are not accounted for"

    def test_survives_slow_sink(self) -> Iterator[str]:
        run = self._delivered(pause_s=self.sink_pause_s)
        yield from self._complaints(run, f"when the sink paused for {self.sink_pause_s:g} s")

    def test_survives_refusals(self) -> Iterator[str]:
        run = self._delivered(arrange=OpenMetadataDouble.refuse)
        yield from self._complaints(run, "when the sink refused its records")

    def test_survives_stopped_sink(self) -> Iterator[str]:
        run = self._delivered(arrange=lambda double: double.fail(FOR_GOOD))
        yield from self._complaints(run, "when the sink had failed")

    def _delivered(self, **plan: Any) -> SourceRun:
        """A run through the host's pipeline; raises `UnseenError` if a plain one fails."""
        _ = self.observations.sound
        return self.observations.run(pipeline=True, **plan)

    def _complaints(self, run: SourceRun, when: str) -> Iterator[str]:
        error = run.errors.get("next_record")
        if not run.finished:
            yield f"had not ended {self._patience} later, {when}"
        elif error is not None and not isinstance(error, OmIngestError | SinkStoppedError):
            yield f"raised {when}: {located(error)}"
        if "close" in run.errors and "close" not in self.observations.full.errors:
            yield f"could not be closed {when}: {located(run.errors['close'])}"

    @property
    def _patience(self) -> str:
        return f"{self.observations.patience_s:g} s"


def _bad_close(run: SourceRun, when: str) -> Iterator[str]:
    """What is wrong with how a source closes."""
    if "close" in run.errors:
        yield f"raised when it was closed {when}: {located(run.errors['close'])}"
    if run.finished and run.calls["close"] > 1:
        yield f"was closed {run.calls['close']} times {when}: it called its own close"


def _bad_counts(status: SourceStatus, when: str) -> Iterator[str]:
    """What is wrong with the counts of a status, and with the notes that they count."""
    for sort in ("scanned", *NOTES):
        count = getattr(status, f"{sort}_count")
        kept = len(getattr(status, NOTES[sort])) if sort in NOTES else 0
        if not isinstance(count, int) or count < 0:
            yield f"counted {count!r} as {sort} in its status after {when}"
        elif count < kept:
            yield f"holds {kept} notes in status.{NOTES[sort]} after {when}, and counts {count}"
