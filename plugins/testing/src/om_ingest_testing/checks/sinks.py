"""Checks of a sink."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from om_ingest.delivery import RunEnd
from om_ingest.errors import WorkflowError, described
from om_ingest.failure_place import located
from om_ingest.kinds import label
from om_ingest.model.records import ScopeComplete
from om_ingest.model.table import Table
from om_ingest.sink import Sink
from om_ingest.store import Outcome

from om_ingest_testing.sink_observations import (
    ABOVE,
    SCHEMA,
    SinkObservations,
    SinkRun,
    empty_folder,
    everything,
    files_here,
    parents,
    table,
)
from om_ingest_testing.verdict import UNKNOWN_KEY, Checks, UnseenError, shown

ORDERS = f"{SCHEMA}.orders"
ELSEWHERE = "kit.db.elsewhere"
"""A schema that nobody writes."""

STATES = ("success", "failed", "interrupted")


class SinkChecks(Checks):
    """One method per rule of `SINK_RULES`; each runs in an empty working directory."""

    @property
    @abstractmethod
    def observations(self) -> SinkObservations:
        """What the checks observe."""

    def _surroundings(self) -> AbstractContextManager[object]:
        return empty_folder()

    def test_entry_point(self) -> Iterator[str]:
        if self.observations.entry_point is None:
            yield (
                "is not installed: no entry point leads to it. Name it in pyproject.toml under "
                '[project.entry-points."om_ingest.sink"], and run `pip install -e .`'
            )

    def test_creates(self) -> Iterator[str]:
        seen = self.observations
        before = copy.deepcopy(dict(seen.config))
        sink, finding = _tried("create", partial(seen.create, seen.config))
        yield from finding
        if not finding and not isinstance(sink, Sink):
            yield f"returned {type(sink).__name__} from create"
        for name in files_here():
            yield f"wrote the file {name} in create"
        if dict(seen.config) != before:
            yield "changed its config in create"

    def test_unknown_key_refused(self) -> Iterator[str]:
        try:
            self.observations.create({**self.observations.config, UNKNOWN_KEY: 1})
        except WorkflowError as error:
            if UNKNOWN_KEY not in str(error):
                yield f"did not name the key {UNKNOWN_KEY!r}: {described(error)}"
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
            yield f"raised no WorkflowError for the key {UNKNOWN_KEY!r}: {described(error)}"
        else:
            yield f"was created with the unknown key {UNKNOWN_KEY!r}"

    def test_check_changes_nothing(self) -> Iterator[str]:
        for when in ("in an empty folder", "after a run"):
            sink = self.observations.created()
            before = files_here()
            yield from _tried(f"check {when}", sink.check)[1]
            _tried("close", sink.close)
            if files_here() != before:
                yield f"changed files in check {when}: {', '.join(files_here())}"
            self.observations.run()

    def test_opens(self) -> Iterator[str]:
        for time in ("the first", "the second"):
            sink = self.observations.created()
            yield from _tried(f"prepare, {time} time", sink.prepare)[1]
            _tried("close", sink.close)

    def test_target_is_one_line(self) -> Iterator[str]:
        mask, sink = self.observations.mask, self.observations.created()
        for when, step in (("after create", lambda: None), ("after prepare", sink.prepare)):
            _tried(when, step)
            target, finding = _tried(f"target {when}", lambda: sink.target)
            yield from finding
            if not finding and (not isinstance(target, str) or len(target.splitlines()) != 1):
                yield f"has the target {shown(target)} {when}, which is not one line"
            for what, text in (("target", str(target)), ("repr", repr(sink))):
                if mask(text) != text:
                    yield f"shows a secret in its {what} {when}: {mask(text)}"
        _tried("close", sink.close)

    def test_settles_once(self) -> Iterator[str]:
        run = self.observations.whole
        if run.error is not None:
            yield f"raised in write or flush: {located(run.error)}"
        else:
            yield from _unsettled(run)

    def test_flush_settles_all(self) -> Iterator[str]:
        for result in self.observations.sound.late:
            yield f"gave a result after flush: {shown(result)}"

    def test_failed_is_a_result(self) -> Iterator[str]:
        orphan = table("orphan", schema=ELSEWHERE)
        run = self.observations.run([*parents(), orphan, table("orders")])
        if run.error is not None:
            yield f"raised for a table without a schema: {located(run.error)}"
        for record, outcome, reason, _ in run.results:
            if outcome is not Outcome.FAILED:
                continue
            if record is not orphan:
                yield f"failed {label(record)}, which is valid: {reason}"
            elif len(str(reason).splitlines()) != 1:
                yield f"gave the reason {reason!r}, which is not one line"

    def test_names_what_is_missing(self) -> Iterator[str]:
        orphan = table("orphan", schema=ELSEWHERE)
        for record, outcome, _, missing in self.observations.run([*parents(), orphan]).results:
            refused = record is orphan and outcome is Outcome.FAILED
            if refused and missing != ("databaseSchema", ELSEWHERE):
                yield f"refused a table without a schema, with missing={missing!r}"

    def test_records_left_alone(self) -> Iterator[str]:
        for record in self.observations.sound.changed:
            yield f"changed {label(record)}"

    def test_reads_back(self) -> Iterator[str]:
        with self.observations.opened() as sink:
            list(sink.write(everything()))
            yield from _read(sink, "id")
            for entity, name in ABOVE.items():
                find = partial(sink.store.get_by_name, entity, name)
                found, finding = _tried(f"get_by_name of {name}", find)
                yield from finding
                if not finding and getattr(found, "fullyQualifiedName", None) != name:
                    yield f"does not return {entity.entity_type} {name} from its store"

    def test_latest_version_wins(self) -> Iterator[str]:
        with self.observations.opened() as sink:
            list(sink.write([*parents(), table("orders")]))
            list(sink.write([table("orders", "new")]))
            yield from _read(sink, "id", "new")

    def test_same_again_is_unchanged(self) -> Iterator[str]:
        with self.observations.opened() as sink:
            if sink.existing() is None:
                raise UnseenError("its target is written anew by each run")
        self.observations.run()
        for record, outcome, reason, _ in self.observations.run().results:
            if outcome not in (Outcome.UNCHANGED, Outcome.WRITTEN, Outcome.LEFT_OUT):
                yield f"{outcome.value} {label(record)} at the second time {reason}".rstrip()

    def test_temporary_stores(self) -> Iterator[str]:
        self.observations.run()
        sink = self.observations.created()
        for name, open_store in (("rehearsal", sink.rehearsal), ("scratch", sink.scratch)):
            store, finding = _tried(name, open_store)
            yield from finding
            if store is None:
                continue
            with store:
                if name == "scratch" and store.get_by_name(Table, ORDERS) is not None:
                    yield "has a scratch store that is not empty"
                for record, outcome, reason, _ in store.write([*parents(), table("rehearsed")]):
                    if outcome is Outcome.FAILED:
                        yield f"cannot write {label(record)} into its {name}: {reason}"
            with self.observations.opened() as target:
                if target.store.get_by_name(Table, f"{SCHEMA}.rehearsed") is not None:
                    yield f"writes into its target what a dry run writes into its {name}"
        _tried("close", sink.close)

    def test_finishes(self) -> Iterator[str]:
        _ = self.observations.sound
        for state in STATES:
            with empty_folder(), self.observations.opened() as sink:
                list(sink.write(everything()))
                list(sink.flush())
                finish = partial(sink.finish, RunEnd(state, complete=state == "success"))
                yield from _tried(f"finish, in a run with the state {state!r},", finish)[1]

    def test_closes_whatever_happened(self) -> Iterator[str]:
        _ = self.observations.sound
        for number, when in enumerate(("without prepare", "after prepare", "without flush")):
            with empty_folder():
                sink = self.observations.created()
                if number > 0:
                    sink.prepare()
                if number > 1:
                    list(sink.write(everything()))
                yield from _tried(f"close {when}", sink.close)[1]
        if self.observations.broken_config is not None:
            sink = self.observations.create(self.observations.broken_config)
            if not _tried("prepare", sink.prepare)[1]:
                yield "was opened with its broken_config"
            yield from _tried("close after a prepare that failed", sink.close)[1]

    def test_survives_abort(self) -> Iterator[str]:
        if list(_unsettled(self.observations.sound)):
            raise UnseenError("records have no result anyway: see test_settles_once")
        with self.observations.opened() as sink:
            next(iter(sink.write(everything())), None)
        run = self.observations.run()
        if run.error is not None:
            yield f"raised in the run after one that was cut off: {located(run.error)}"
        else:
            yield from _unsettled(run)


def _tried(step: str, call: Callable[[], Any]) -> tuple[Any, list[str]]:
    """The result of a call, and the findings: one if it raises."""
    try:
        return call(), []
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        return None, [f"raised in {step}: {located(error)}"]


def _unsettled(run: SinkRun) -> Iterator[str]:
    """Records without exactly one result, and results of something else."""
    counts = Counter(id(result.record) for result in run.results)
    for record in run.records:
        count = counts.pop(id(record), 0)
        if count != 1 and not (count == 0 and isinstance(record, ScopeComplete)):
            yield f"gave {count} results for {label(record)}"
    for result in run.results:
        outcome: object = result.outcome
        if not isinstance(outcome, Outcome):
            yield f"gave the outcome {shown(outcome)}, which is no Outcome"
        elif id(result.record) in counts:
            yield f"gave a result for an object that it was not handed: {shown(result.record)}"


def _read(sink: Sink, *columns: str) -> Iterator[str]:
    """What is wrong with the table that is read back."""
    yield from _tried("flush_for", lambda: list(sink.flush_for("table", ORDERS)))[1]
    found, finding = _tried("get_by_name", lambda: sink.store.get_by_name(Table, ORDERS))
    yield from finding
    if finding:
        return
    if found is None:
        yield f"does not return {ORDERS} from its store after flush_for"
    elif not isinstance(found, Table):
        yield f"returns {type(found).__name__} for a table"
    elif found.fullyQualifiedName != ORDERS:
        yield f"returns {found.fullyQualifiedName} for {ORDERS}"
    elif tuple(column.name for column in found.columns) != columns:
        yield f"returns {ORDERS} with the columns {[column.name for column in found.columns]}"
