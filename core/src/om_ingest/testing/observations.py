"""What the checks of one suite look at; each observation is made once."""

from __future__ import annotations

import copy
import functools
import gc
import weakref
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from om_ingest.model.records import DATA_TYPES, ScopeComplete
from om_ingest.source import Source, SourceStatus
from om_ingest.testing.observation import Life, Plan
from om_ingest.testing.probe import Probe, probe
from om_ingest.testing.source_run import live
from om_ingest.testing.subject import Subject
from om_ingest.testing.verdict import UnseenError
from om_ingest.workflow.secrets import Redactor, secrets_by_key, secrets_by_type

FEW = 20
"""Records that are enough to look at of a source that does not come to an end."""


class Laboratory:
    """Makes and keeps the observations that several checks share."""

    def __init__(
        self,
        source: type[Source] | str,
        config: Mapping[str, Any],
        service_name: str | None,
        source_config: Mapping[str, Any] | None,
        patience_s: float,
    ) -> None:
        self.subject = Subject(source, config, service_name, source_config)
        self.patience_s = patience_s

    @property
    def title(self) -> str:
        """How messages call the source."""
        return self.subject.title

    def life(self, **plan: Any) -> Life:
        """A new life of the source, as planned (`Plan`); raises `UnseenError` without a class."""
        _ = self.subject.source_class
        return live(self.subject, Plan(**plan), self.patience_s)

    def attempt(self, config: dict[str, Any]) -> Life:
        """A life with another config, which ends when the source is created."""
        subject = copy.copy(self.subject)
        subject.config = config
        return live(subject, Plan(prepare=False, read=False), self.patience_s)

    @functools.cached_property
    def created(self) -> Life:
        """A life that ends without `prepare`."""
        return self.life(prepare=False, read=False)

    @functools.cached_property
    def _full(self) -> Life:
        return self.life(one_by_one=True)

    @property
    def full(self) -> Life:
        """A whole life, each record looked at; raises `UnseenError` if it cannot begin."""
        if "create" in self.created.errors or not isinstance(self.created.source, Source):
            raise UnseenError("the source cannot be created: see test_creates")
        return self._full

    @property
    def begun(self) -> Life:
        """A whole life in which a record was seen; raises `UnseenError` otherwise."""
        if not self.full.count:
            self._blame()
        return self.full

    @property
    def sound(self) -> Life:
        """A whole life without an error on the way; raises `UnseenError` otherwise."""
        if why_unsound(self.full):
            self._blame()
        return self.full

    def _blame(self) -> NoReturn:
        readable = why_unsound(self.full) != "returned"
        check = "test_reads_to_the_end" if readable else "test_returns_iterator"
        raise UnseenError(f"it cannot be read to the end: see {check}")

    @property
    def faultless(self) -> Life:
        """A whole life in which no step failed; raises `UnseenError` otherwise."""
        life = self.sound
        if "close" in life.errors:
            raise UnseenError("it cannot be closed: see test_closed_once")
        if not isinstance(life.status, SourceStatus):
            raise UnseenError("it has no status: see test_status_makes_sense")
        return life

    @property
    def points(self) -> list[int]:
        """Numbers of records after which a life is worth to be ended: first, middle and last."""
        last = self.limit or self.begun.count
        return sorted({1, (last + 1) // 2, last})

    @functools.cached_property
    def mask(self) -> Redactor:
        """Masks the secrets of the config."""
        source = None if self.subject.refusal else self.created.source
        config = getattr(source, "config", None)
        return Redactor({*secrets_by_type(config), *secrets_by_key(self.subject.config)})

    @property
    def limit(self) -> int | None:
        """Where to stop reading: None for a source that comes to an end by itself."""
        return None if self.full.finished else min(self.full.count, FEW)

    @property
    def expected(self) -> tuple[int, int]:
        """How many records a run delivers, and how many it has to set aside."""
        good = bad = 0
        known: set[int] = set()
        for seen in self.full.records:
            if isinstance(seen.record, ScopeComplete):
                continue
            if seen.refusal or not isinstance(seen.record, DATA_TYPES) or id(seen.record) in known:
                bad += 1
            else:
                good += 1
            known.add(id(seen.record))
        return good, bad

    @property
    def noted_failures(self) -> int:
        """How many failures the source noted itself in a whole run."""
        return int(getattr(self.full.status, "failure_count", 0))

    @functools.cached_property
    def probed(self) -> Probe:
        """What importing and creating the source did in a process of its own."""
        return self.probe()

    def probe(self) -> Probe:
        """The same, once more."""
        return probe(self.subject, self.patience_s)

    @functools.cached_property
    def again(self) -> Life:
        """A second life like the first."""
        return self.life(one_by_one=True, limit=self.limit)

    @functools.cached_property
    def built_at_first(self) -> int:
        """How many records there were in memory when the first one came."""
        counts: list[int] = []
        gc.collect()  # or the records of another life might go just now
        before = _count_records()

        def watch(number: int, record: object) -> None:
            if number == 1:
                counts.append(_count_records() - before)

        self.life(watch=watch, limit=1)
        return counts[0] if counts else 0

    @functools.cached_property
    def kept_at_last(self) -> tuple[int, int]:
        """How many earlier records were in memory when the last one came, and of how many."""
        earlier: list[weakref.ref[Any]] = []
        last = self.limit or self.full.count
        kept: list[tuple[int, int]] = []

        def watch(number: int, record: object) -> None:
            if number == last:
                gc.collect()
                kept.append((sum(ref() is not None for ref in earlier), len(earlier)))
            elif isinstance(record, DATA_TYPES):
                earlier.append(weakref.ref(record))

        self.life(watch=watch, limit=last)
        if not kept:
            raise UnseenError("it did not come to its last record again: see test_same_twice")
        return kept[0]


def why_unsound(life: Life) -> str:
    """Why a life was cut short, in one word; empty if it was not."""
    if not life.finished:
        return "unfinished"
    step = next((step for step in ("prepare", "next_record") if step in life.errors), "")
    return step or ("" if isinstance(life.returned, Iterable) else "returned")


def _count_records() -> int:
    return sum(isinstance(thing, DATA_TYPES) for thing in gc.get_objects())
