"""What the checks of one suite observe; each observation is made once and shared."""

from __future__ import annotations

import copy
import functools
import gc
import weakref
from abc import abstractmethod
from typing import Any

from om_ingest.errors import OmIngestError
from om_ingest.masking import Redactor
from om_ingest.model.records import DATA_TYPES, ScopeComplete
from om_ingest.source import Source
from om_ingest.workflow.secrets import secrets_by_key, secrets_by_type

from om_ingest_testing.probe import Probe, probe
from om_ingest_testing.runner import run_source
from om_ingest_testing.source_run import ObservedRecord, Plan, SourceRun, Subject
from om_ingest_testing.verdict import Checks, UnseenError

FEW = 20
"""How many records are read from a source that never ends."""

UNREADABLE = "it cannot be read to the end: see "


class Observations:
    """Runs the source on request, and caches the runs that several checks share."""

    def __init__(self, patience_s: float, *subject: Any) -> None:
        self.patience_s = patience_s
        self.subject = Subject(*subject)
        self.title = self.subject.title

    def run(self, **plan: Any) -> SourceRun:
        """A new run with these fields of `Plan`; raises `UnseenError` without a class."""
        _ = self.subject.source_class
        return run_source(self.subject, Plan(**plan), self.patience_s)

    def attempt(self, config: dict[str, Any]) -> SourceRun:
        """A run with another config, which only creates the source."""
        subject = copy.copy(self.subject)
        subject.config = config
        return run_source(subject, Plan(prepare=False, read=False), self.patience_s)

    @functools.cached_property
    def created(self) -> SourceRun:
        """A run that only creates the source."""
        return self.run(prepare=False, read=False)

    @functools.cached_property
    def full(self) -> SourceRun:
        """A whole run that keeps each record; raises `UnseenError` if it cannot begin."""
        if "create" in self.created.errors or not isinstance(self.created.source, Source):
            raise UnseenError("the source cannot be created: see test_creates")
        return self.run(one_by_one=True)

    @property
    def begun(self) -> SourceRun:
        """A whole run that yielded a record; raises `UnseenError` otherwise."""
        if not self.full.count:
            raise UnseenError(UNREADABLE + (self.full.flaw or "test_reads_to_the_end"))
        return self.full

    @property
    def sound(self) -> SourceRun:
        """A whole run that read to the end without an error; raises `UnseenError` otherwise."""
        if self.full.flaw:
            raise UnseenError(UNREADABLE + self.full.flaw)
        return self.full

    @property
    def points(self) -> list[int]:
        """Numbers of the first, middle and last record: where the checks end a run early."""
        last = self.limit or self.begun.count
        return sorted({1, (last + 1) // 2, last})

    @functools.cached_property
    def secrets(self) -> set[str]:
        """The secrets in the config."""
        refused = isinstance(self.subject.found, OmIngestError)
        typed = None if refused else getattr(self.created.source, "config", None)
        return {*secrets_by_type(typed), *secrets_by_key(self.subject.config)}

    @functools.cached_property
    def mask(self) -> Redactor:
        """Masks the secrets in the config."""
        return Redactor(self.secrets)

    @property
    def limit(self) -> int | None:
        """How many records to read; None if the source ends by itself."""
        return None if self.full.finished else min(self.full.count, FEW)

    @property
    def expected(self) -> tuple[int, int]:
        """How many records a run delivers, and how many it sets aside."""
        data = [seen for seen in self.full.records if not isinstance(seen.record, ScopeComplete)]
        first: dict[int, ObservedRecord] = {}
        for seen in data:  # an object that is yielded again is set aside
            first.setdefault(id(seen.record), seen)
        good = sum(
            not seen.refusal and isinstance(seen.record, DATA_TYPES) for seen in first.values()
        )
        return good, len(data) - good

    @functools.cached_property
    def probed(self) -> Probe:
        """What importing and creating the source does in a child process."""
        return probe(self.subject, self.patience_s)

    def built_at_first(self) -> int:
        """How many records were in memory when the first one was yielded."""
        built = 0
        gc.collect()  # or records of another run might be freed meanwhile
        before = _count_records()

        def watch(number: int, record: object) -> None:
            nonlocal built
            built = _count_records() - before

        self.run(watch=watch, limit=1)
        return built

    def kept_at_last(self) -> tuple[int, int]:
        """How many of how many earlier records were in memory when the last one was yielded."""
        earlier: list[weakref.ref[Any]] = []
        last = self.limit or self.full.count
        kept: int | None = None

        def watch(number: int, record: object) -> None:
            nonlocal kept
            if number == last:
                gc.collect()
                kept = sum(ref() is not None for ref in earlier)
            elif isinstance(record, DATA_TYPES):
                earlier.append(weakref.ref(record))

        self.run(watch=watch, limit=last)
        if kept is None:
            raise UnseenError("it did not reach its last record again: see test_same_twice")
        return kept, len(earlier)


class SourceChecks(Checks):
    """A group of checks of a source; `SourceSuite` inherits all groups."""

    @property
    @abstractmethod
    def observations(self) -> Observations:
        """What the checks observe."""


def _count_records() -> int:
    return sum(isinstance(thing, DATA_TYPES) for thing in gc.get_objects())
