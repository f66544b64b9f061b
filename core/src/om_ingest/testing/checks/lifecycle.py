"""Checks of the run of a source: create, prepare, next_record, get_status, close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest.source import Source, SourceStatus
from om_ingest.testing.checks.installation import ALONE
from om_ingest.testing.observations import why_unsound
from om_ingest.testing.source_run import SourceRun
from om_ingest.testing.verdict import Checks, UnseenError, check, said, shown
from om_ingest.workflow.interrupt import RunInterrupted

SORTS = ("scanned", "warning", "failure", "filtered")
NOTES = ("warnings", "failures", "filtered")

ENDINGS: dict[str, dict[str, Any]] = {
    "without prepare": {"prepare": False, "read": False},
    "before a record was asked for": {"read": False},
    "after its first record": {"limit": 1},
    "after an interrupt": {"interrupt": 1},
}
"""How a run may end early, beside by an error of its own."""


class LifeCycleChecks(Checks):
    """The source does what each step is for, once, and can be ended at any of them."""

    @check
    def test_creates(self) -> Iterator[str]:
        _ = self.observations.subject.source_class
        run = self.observations.created
        if "create" in run.errors:
            yield f"could not be created: {said(run.errors['create'])}"
        elif not isinstance(run.source, Source):
            yield f"returned {shown(run.source)} from create, which is not a Source"

    @check
    def test_create_stays_local(self) -> Iterator[str]:
        found = self.observations.probed
        if found.problem:
            raise UnseenError(ALONE)
        for event in found.connections("create"):
            yield f"connected while it was created: {event}"

    @check
    def test_prepared_once(self) -> Iterator[str]:
        run = self.observations.full
        if run.prepare_count != 1:
            yield f"was prepared {run.prepare_count} times: it called its own prepare"

    @check
    def test_closed_once(self) -> Iterator[str]:
        run = self.observations.full
        if not run.finished:
            raise UnseenError("it did not end: see test_reads_to_the_end")
        yield from _bad_close(run, "after a whole run")

    @check
    def test_closed_after_failure(self) -> Iterator[str]:
        if any(_bad_close(self.observations.full, "")):
            raise UnseenError("it cannot be closed at all: see test_closed_once")
        for when, plan in ENDINGS.items():
            run = self.observations.run(**{"limit": self.observations.limit, **plan})
            yield from _bad_close(run, when)

    @check
    def test_stops_at_limit(self) -> Iterator[str]:
        for count in self.observations.points:
            run = self.observations.run(limit=count)
            when = f"when its generator was closed after record {count}"
            if "generator" in run.errors:
                yield f"did not end {when}: {said(run.errors['generator'])}"
                return
            if not run.finished:
                yield f"was still busy {self._patience} later, {when}"
                return

    @check
    def test_stops_when_cancelled(self) -> Iterator[str]:
        observations = self.observations
        before = observations.begun
        run = observations.run(cancel=True)
        if not run.finished:
            yield f"was still busy {self._patience} after ctx.cancelled was set"
        elif not why_unsound(before) and "next_record" in run.errors:
            yield f"raised when ctx.cancelled was set: {said(run.errors['next_record'])}"

    @check
    def test_lets_interrupts_through(self) -> Iterator[str]:
        for count in self.observations.points:
            run = self.observations.run(interrupt=count, limit=count)
            error = run.errors.get("next_record")
            if not run.finished:
                yield f"was still busy {self._patience} after an interrupt"
            elif run.swallowed:
                yield f"swallowed an interrupt after record {count}"
            elif run.interrupted and not isinstance(error, RunInterrupted):
                said_of = said(error) if error else "nothing"
                yield f"turned an interrupt after record {count} into something else: {said_of}"
            else:
                continue
            return

    @check
    def test_status_makes_sense(self) -> Iterator[str]:
        _ = self.observations.full
        for when, run in (("a run", self.observations.full), ("create", self.observations.created)):
            if "get_status" in run.errors:
                yield f"raised in get_status after {when}: {said(run.errors['get_status'])}"
                continue
            if not isinstance(run.status, SourceStatus):
                if run.finished:
                    yield f"returned {shown(run.status)} from get_status after {when}"
                continue
            for sort in SORTS:
                count = getattr(run.status, f"{sort}_count")
                if not isinstance(count, int) or count < 0:
                    yield f"counted {count!r} as {sort} in its status after {when}"
            for notes, sort in zip(NOTES, SORTS[1:], strict=True):
                kept = len(getattr(run.status, notes))
                count = getattr(run.status, f"{sort}_count")
                if isinstance(count, int) and 0 <= count < kept:
                    yield f"holds {kept} notes in status.{notes} after {when}, and counts {count}"

    @check
    def test_status_stays_small(self) -> Iterator[str]:
        status = self.observations.full.status
        if isinstance(status, SourceStatus):
            for notes in NOTES:
                kept = len(getattr(status, notes))
                if kept > SourceStatus.sample_count:
                    yield f"kept {kept} notes in status.{notes}"

    @check
    def test_prints_nothing(self) -> Iterator[str]:
        run = self.observations.full
        if run.output:
            lines = run.output.splitlines()
            yield f"printed {len(lines)} lines to standard output, the first: {shown(lines[0])}"

    @property
    def _patience(self) -> str:
        return f"{self.observations.patience_s:g} s"


def _bad_close(run: SourceRun, when: str) -> Iterator[str]:
    """What is wrong with how a source closes."""
    if "close" in run.errors:
        yield f"raised when it was closed {when}: {said(run.errors['close'])}"
    if run.finished and run.close_count > 1:
        yield f"was closed {run.close_count} times {when}: it called its own close"
