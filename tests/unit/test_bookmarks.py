"""A bookmark of `ctx.state` is kept once all that was yielded before it has been delivered."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from om_ingest import (
    CreateDatabaseRequest,
    MetadataStore,
    Outcome,
    PluginError,
    Processor,
    Record,
    Sink,
    SinkContext,
    Source,
    SourceStatus,
    WriteResult,
)
from om_ingest.masking import Redactor
from om_ingest.state import JobState
from om_ingest.workflow.deadletter import DeadLetters
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.pipeline import Pipeline
from om_ingest_catalog import Catalog

GOOD, DROPPED, REFUSED = "good", "dropped", "refused"
LATER, NEVER = "later", "never"
"""What comes too early: it is delivered when it is tried again, or is not."""


class MarkingSource(Source):
    """Yields records whose names say what becomes of them, and sets bookmarks between them.

    A number is a bookmark; an exception is raised. After every `batch_count` records it lets them
    be delivered, as reading back does.
    """

    def __init__(self, steps: Sequence[Any], state: JobState, batch_count: int) -> None:
        self.steps, self.state, self.batch_count = steps, state, batch_count
        self.deliver = lambda: None
        self.names: list[str] = []
        """Names of what was yielded."""
        self.covered: dict[int, int] = {}
        """How many records were yielded before each bookmark."""

    @classmethod
    def create(cls, *given: Any) -> MarkingSource:
        raise NotImplementedError

    def prepare(self) -> None: ...

    def next_record(self) -> Iterator[Any]:
        for step in self.steps:
            if isinstance(step, int):
                self.covered[step] = len(self.names)
                self.state["at"] = step
            elif isinstance(step, BaseException):
                raise step
            else:
                self.names.append(f"{step} {len(self.names)}")
                if len(self.names) % self.batch_count == 0:
                    self.deliver()
                is_record = step != "no record"
                name = self.names[-1]
                yield CreateDatabaseRequest(name=name, service="s") if is_record else name

    def get_status(self) -> SourceStatus:
        return SourceStatus()


class SlowSink(Sink):
    """Keeps some records back, and settles that at `place` among them; the rest when flushed."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.waiting: list[Record] = []
        self.tried: set[str] = set()
        self.delivered: set[str] = set()

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> SlowSink:
        raise NotImplementedError

    @property
    def store(self) -> MetadataStore:
        return Catalog.temporary()

    @property
    def target(self) -> str:
        return "slow"

    def write(self, records: Sequence[Record]) -> Iterator[WriteResult]:
        self.waiting += records
        while len(self.waiting) > 3:
            yield self._result(self.waiting.pop(self.place))

    def flush(self) -> Iterable[WriteResult]:
        waiting, self.waiting = self.waiting, []
        return [self._result(record) for record in waiting]

    def _result(self, record: Any) -> WriteResult:
        fate = record.name.split()[0]
        is_new = record.name not in self.tried
        self.tried.add(record.name)
        if fate == REFUSED:
            return WriteResult(record, Outcome.FAILED, "why")
        if fate == NEVER or (fate == LATER and is_new):
            return WriteResult(record, Outcome.FAILED, "early", ("databaseService", "s"))
        self.delivered.add(record.name)
        return WriteResult(record, Outcome.CREATED)


class Drops(Processor):
    """Filters some records out."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> Drops:
        raise NotImplementedError

    def process(self, record: Any) -> Record | None:
        return None if record.name.startswith(DROPPED) else record


class Follows(Drops):
    """Yields something at the end that follows from all it has seen."""

    def finish(self) -> Iterable[Record]:
        return [CreateDatabaseRequest(name="last of all", service="s")]


class Trial:
    """One run, and what it kept."""

    def __init__(
        self,
        steps: Sequence[Any],
        processor: Processor | None = None,
        place: int = 0,
        batch_count: int = 2,
    ) -> None:
        state = JobState()
        self.source, self.sink = MarkingSource(steps, state, batch_count), SlowSink(place)
        self.kept: list[int] = []
        self.ahead: list[str] = []
        """What was not delivered when a bookmark behind it was kept."""
        letters = DeadLetters(None, {}, Redactor())
        self.pipeline = Pipeline(
            *(self.source, [processor or Drops()], self.sink, letters, Interrupt()),
            state=state,
            keep=self._keep,
        )
        self.source.deliver = self.pipeline.delivery.deliver
        self.pipeline.run()

    def _keep(self, changes: dict[str, str | None]) -> None:
        mark = int(changes["at"] or -1)
        self.kept.append(mark)
        before = self.source.names[: self.source.covered[mark]]
        done = self.sink.delivered
        self.ahead += [n for n in before if n not in done and not n.startswith(DROPPED)]

    @property
    def best(self) -> int | None:
        """The last bookmark before the first record that was not delivered."""
        failed = [at for at, name in enumerate(self.source.names) if self._has_failed(name)]
        first = min(failed, default=len(self.source.names))
        marks = [mark for mark, count in self.source.covered.items() if count <= first]
        return max(marks, default=None)

    def _has_failed(self, name: str) -> bool:
        return name not in self.sink.delivered and not name.startswith(DROPPED)


PLACES = st.sampled_from([0, 1, -1])


def steps_of(fates: Sequence[str]) -> st.SearchStrategy[list[Any]]:
    """Records with one of these fates, and bookmarks that count up."""
    return st.lists(st.sampled_from([*fates, "mark", "mark"]), max_size=40).map(
        lambda drawn: [at if step == "mark" else step for at, step in enumerate(drawn)]
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps_of([GOOD, GOOD, GOOD, DROPPED, LATER, REFUSED, NEVER, "no record"]), PLACES)
def test_never_ahead(steps: list[Any], place: int) -> None:
    """No bookmark is kept before what it covers was delivered, in whichever order that is."""
    trial = Trial(steps, place=place)
    assert trial.ahead == []
    assert trial.kept == sorted(trial.kept)
    is_behind = (trial.kept or [None])[-1] != max(trial.source.covered, default=None)
    assert trial.pipeline.bookmarks.is_behind is is_behind


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps_of([GOOD, GOOD, GOOD, DROPPED, LATER, REFUSED, "no record"]), PLACES)
def test_no_further_behind_than_need_be(steps: list[Any], place: int) -> None:
    """The last bookmark before the first failure is kept; what is tried again may succeed."""
    trial = Trial(steps, place=place)
    assert (trial.kept or [None])[-1] == trial.best


@pytest.mark.parametrize("end", [RuntimeError("away"), None])
def test_while_it_runs(end: Exception | None) -> None:
    """Bookmarks are kept as the run goes on, and those of a source that dies as well."""
    steps = [step for at in range(50) for step in (GOOD, at)]
    trial = Trial([*steps, *filter(None, [end])])
    assert len(trial.kept) > 10
    assert trial.kept[-1] == 49


def test_many_at_once() -> None:
    """A bookmark behind each record keeps few in memory, and the last is kept."""
    trial = Trial([step for at in range(2000) for step in (GOOD, at)], batch_count=1000)
    assert trial.kept[-1] == 1999
    assert trial.ahead == []


def test_records_that_follow_later() -> None:
    """With a processor that yields at the end, bookmarks are kept once that was delivered."""
    assert Trial([GOOD, 1, GOOD, 2], Follows()).kept == [2]
    assert Trial([GOOD, 1, GOOD, 2, RuntimeError("away")], Follows()).kept == []


def test_nothing_to_wait_for() -> None:
    """A bookmark without records before it is kept at the end of the run at the latest."""
    assert Trial([7]).kept == [7]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (date(2026, 1, 1), "a date"),
        (float("nan"), "nan"),
        ({"a": [{1: 2}]}, "a key of type int"),
        (b"x", "a bytes"),
        ("x" * 65_540, "would hold 65,5.. bytes"),
    ],
)
def test_values(value: Any, named: str) -> None:
    """What is no JSON, or too much, is refused in words that name it, and changes nothing."""
    state = JobState({"at": 1})
    with pytest.raises(PluginError, match=named):
        state["at"] = value
    assert dict(state) == {"at": 1}


def test_values_are_assigned_as_a_whole() -> None:
    """A list or mapping in it cannot be changed in place, where nobody would notice; a copy can."""
    state, given = JobState(), {"tables": ["a"]}
    state["seen"] = given
    given["tables"].append("b")
    assert state["seen"] == {"tables": ["a"]}
    for change in (lambda: state["seen"].update(x=1), lambda: state["seen"]["tables"].append("b")):
        with pytest.raises(PluginError, match="changed in place"):
            change()
    changed = copy.deepcopy(state["seen"])
    changed["tables"].append("b")
    state["seen"] = changed
    assert state["seen"] == {"tables": ["a", "b"]}


def test_not_before_the_run() -> None:
    """In `create` there is no state so far: the message says where to read it."""
    with pytest.raises(PluginError, match="before the run began"):
        JobState(is_open=False).get("at")
