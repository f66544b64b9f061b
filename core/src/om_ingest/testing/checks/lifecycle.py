"""Checks of the life of a source: create, prepare, next_record, get_status, close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from om_ingest.source import Source, SourceStatus
from om_ingest.testing.checks.installation import ALONE
from om_ingest.testing.observation import Life
from om_ingest.testing.observations import why_unsound
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
"""How a life may end early, beside by an error of its own."""


class LifeCycleChecks(Checks):
    """The source does what each step is for, once, and can be ended at any of them."""

    @check
    def test_creates(self) -> Iterator[str]:
        _ = self.laboratory.subject.source_class
        life = self.laboratory.created
        if "create" in life.errors:
            yield f"could not be created: {said(life.errors['create'])}"
        elif not isinstance(life.source, Source):
            yield f"returned {shown(life.source)} from create, which is no Source"

    @check
    def test_create_stays_local(self) -> Iterator[str]:
        found = self.laboratory.probed
        if found.problem:
            raise UnseenError(ALONE)
        for event in found.connections("create"):
            yield f"connected while it was created: {event}"

    @check
    def test_prepared_once(self) -> Iterator[str]:
        life = self.laboratory.full
        if life.prepare_count != 1:
            yield f"was prepared {life.prepare_count} times: it called its own prepare"

    @check
    def test_closed_once(self) -> Iterator[str]:
        life = self.laboratory.full
        if not life.finished:
            raise UnseenError("it came to no end: see test_reads_to_the_end")
        yield from _bad_close(life, "after a whole run")

    @check
    def test_closed_after_failure(self) -> Iterator[str]:
        if any(_bad_close(self.laboratory.full, "")):
            raise UnseenError("it cannot be closed at all: see test_closed_once")
        for when, plan in ENDINGS.items():
            life = self.laboratory.life(**{"limit": self.laboratory.limit, **plan})
            yield from _bad_close(life, when)

    @check
    def test_stops_at_limit(self) -> Iterator[str]:
        for count in self.laboratory.points:
            life = self.laboratory.life(limit=count)
            when = f"when its generator was closed after record {count}"
            if "generator" in life.errors:
                yield f"did not end {when}: {said(life.errors['generator'])}"
                return
            if not life.finished:
                yield f"was still busy {self._patience} later, {when}"
                return

    @check
    def test_stops_when_cancelled(self) -> Iterator[str]:
        laboratory = self.laboratory
        before = laboratory.begun
        life = laboratory.life(cancel=True)
        if not life.finished:
            yield f"was still busy {self._patience} after ctx.cancelled was set"
        elif not why_unsound(before) and "next_record" in life.errors:
            yield f"raised when ctx.cancelled was set: {said(life.errors['next_record'])}"

    @check
    def test_lets_interrupts_through(self) -> Iterator[str]:
        for count in self.laboratory.points:
            life = self.laboratory.life(interrupt=count, limit=count)
            error = life.errors.get("next_record")
            if not life.finished:
                yield f"was still busy {self._patience} after an interrupt"
            elif life.swallowed:
                yield f"swallowed an interrupt after record {count}"
            elif life.interrupted and not isinstance(error, RunInterrupted):
                said_of = said(error) if error else "nothing"
                yield f"turned an interrupt after record {count} into something else: {said_of}"
            else:
                continue
            return

    @check
    def test_status_makes_sense(self) -> Iterator[str]:
        _ = self.laboratory.full
        for when, life in (("a run", self.laboratory.full), ("create", self.laboratory.created)):
            if "get_status" in life.errors:
                yield f"raised in get_status after {when}: {said(life.errors['get_status'])}"
                continue
            if not isinstance(life.status, SourceStatus):
                if life.finished:
                    yield f"returned {shown(life.status)} from get_status after {when}"
                continue
            for sort in SORTS:
                count = getattr(life.status, f"{sort}_count")
                if not isinstance(count, int) or count < 0:
                    yield f"counted {count!r} as {sort} in its status after {when}"
            for notes, sort in zip(NOTES, SORTS[1:], strict=True):
                kept = len(getattr(life.status, notes))
                count = getattr(life.status, f"{sort}_count")
                if isinstance(count, int) and 0 <= count < kept:
                    yield f"holds {kept} notes in status.{notes} after {when}, and counts {count}"

    @check
    def test_status_stays_small(self) -> Iterator[str]:
        status = self.laboratory.full.status
        if isinstance(status, SourceStatus):
            for notes in NOTES:
                kept = len(getattr(status, notes))
                if kept > SourceStatus.sample_count:
                    yield f"kept {kept} notes in status.{notes}"

    @check
    def test_prints_nothing(self) -> Iterator[str]:
        life = self.laboratory.full
        if life.output:
            lines = life.output.splitlines()
            yield f"printed {len(lines)} lines to standard output, the first: {shown(lines[0])}"

    @property
    def _patience(self) -> str:
        return f"{self.laboratory.patience_s:g} s"


def _bad_close(life: Life, when: str) -> Iterator[str]:
    """What is wrong with how a source closes."""
    if "close" in life.errors:
        yield f"raised when it was closed {when}: {said(life.errors['close'])}"
    if life.finished and life.close_count > 1:
        yield f"was closed {life.close_count} times {when}: it called its own close"
