"""Checks of what the source yields, also against the golden file."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sized
from pathlib import Path
from typing import Any, ClassVar

import pytest
from om_ingest.errors import RecordError
from om_ingest.failure_place import located
from om_ingest.kinds import encode, label
from om_ingest.kinds.lines import from_document
from om_ingest.model import fqn as names
from om_ingest.model.entity import CreateRequest
from om_ingest.model.naming import NAME_MAX_CHARS, is_legal
from om_ingest.model.records import DATA_TYPES, RECORD_TYPES, ScopeComplete
from pydantic import BaseModel, ValidationError

from om_ingest_testing.checks.golden import OPTION, differences, first_difference, losses
from om_ingest_testing.observations import SourceChecks
from om_ingest_testing.source_run import ObservedRecord
from om_ingest_testing.verdict import UnseenError, shown

MISSING = "does not exist"
"""Part of what a catalog says of a record that refers to something it does not have."""

KEPT_COUNT = 3
"""Records that a source may keep: service, database, schema."""

SHOWN_COUNT = 5
"""Findings of one kind that a message lists."""


class RecordChecks(SourceChecks):
    """Records are valid, in order, lazy, and the same each time."""

    golden: ClassVar[Path | None]

    @abstractmethod
    def normalised(self, document: dict[str, Any]) -> dict[str, Any]:
        """One record as the golden file holds it."""

    def test_returns_iterator(self) -> Iterator[str]:
        returned = self.observations.full.returned
        if returned is None and self.observations.full.errors:
            raise UnseenError("next_record returned nothing: see test_reads_to_the_end")
        if not isinstance(returned, Iterator) or isinstance(returned, Sized):
            yield f"returned {shown(returned)} ({type(returned).__name__}) from next_record"

    def test_reads_to_the_end(self) -> Iterator[str]:
        run = self.observations.full
        for step in ("prepare", "next_record"):
            if step in run.errors:
                error = located(run.errors[step])
                yield f"raised in {step}, after {run.count} records: {error}"
        if not run.finished:
            patience_s = self.observations.patience_s
            yield f"had not ended after {patience_s:g} s, and {run.count} records"
        elif not run.errors and not run.count and isinstance(run.returned, Iterable):
            yield "yielded no record: give it a config with which there is something to read"

    def test_lazy(self) -> Iterator[str]:
        observations = self.observations
        total = sum(isinstance(seen.record, RECORD_TYPES) for seen in observations.begun.records)
        scopes = sum(isinstance(seen.record, ScopeComplete) for seen in observations.begun.records)
        built = observations.built_at_first()
        if built > KEPT_COUNT and built >= total - scopes:
            yield f"had built all {built} records when the first one arrived"

    def test_memory_flat(self) -> Iterator[str]:
        if not self.observations.begun.finished:
            return
        kept, earlier = self.observations.kept_at_last()
        if kept > KEPT_COUNT and 2 * kept > earlier:
            yield f"still held {kept} of {earlier} records that it had yielded before the last one"

    def test_bare_records(self) -> Iterator[str]:
        wrong = [s.record for s in self._seen() if not isinstance(s.record, RECORD_TYPES)]
        for thing in wrong[:SHOWN_COUNT]:
            yield f"yielded {shown(thing)}, which is not a record but {type(thing).__name__}"

    def test_records_valid(self) -> Iterator[str]:
        found = ((seen, _problem(seen)) for seen in self._seen())
        wrong = [(seen, problem) for seen, problem in found if problem]
        for seen, problem in wrong[:SHOWN_COUNT]:
            yield f"yielded {label(seen.record)}, which is not valid: {problem}"

    def test_names_legal(self) -> Iterator[str]:
        run = self.observations.full
        error = run.errors.get("next_record")
        if isinstance(error, ValidationError):
            for problem in error.errors(include_url=False):
                if problem["type"] == "name":
                    yield f"gave the name {shown(problem['input'])}: {problem['msg']}"
        wrong = [(seen, *found) for seen in run.records for found in _illegal_names(seen.record)]
        for seen, kind, name in wrong[:SHOWN_COUNT]:
            yield f"gave {kind} {shown(name)} in {type(seen.record).__name__}"

    def test_parents_first(self) -> Iterator[str]:
        wrong = [seen for seen in self._seen() if MISSING in seen.refusal]
        for seen in wrong[:SHOWN_COUNT]:
            yield f"yielded {label(seen.record)} too early: {seen.refusal}"

    def test_records_left_alone(self) -> Iterator[str]:
        first: dict[int, int] = {}
        again, changed = [], []
        for number, seen in enumerate(self._seen(), start=1):
            if not isinstance(seen.record, DATA_TYPES):
                continue
            before = first.setdefault(id(seen.record), number)
            if before != number:
                what = label(seen.record)
                again.append(f"yielded one object as record {before} and as {number}: {what}")
            elif seen.line is not None and _line(seen.record) != seen.line:
                what = label(seen.record)
                changed.append(f"changed record {number} after it was yielded: {what}")
        yield from (again or changed)[:SHOWN_COUNT]

    def test_scopes_own(self) -> Iterator[str]:
        records = self._seen()
        for place, seen in enumerate(records):
            if not isinstance(seen.record, ScopeComplete):
                continue
            scope, kind = seen.record.scope_fqn, seen.record.entity.entity_type
            before = records[:place]
            if not any(earlier.fqn == scope or _below(earlier, scope) for earlier in before):
                yield f"ended the scope {scope} of {kind}s, of which it had yielded nothing"
            for later in records[place:]:
                if _below(later, scope) and getattr(later.record, "entity_type", "") == kind:
                    yield f"yielded {label(later.record)} after it had ended the scope {scope}"
                    break

    def test_scopes_above(self) -> Iterator[str]:
        ended = [seen.record for seen in self._seen() if isinstance(seen.record, ScopeComplete)]
        yielded = {seen.fqn: getattr(seen.record, "entity_type", "") for seen in self._seen()}
        siblings: dict[tuple[str, str], list[str]] = {}
        for marker in ended:
            if names.normalised(marker.scope_fqn) is None:
                continue  # what test_scopes_own is about
            above = names.parent(marker.scope_fqn)
            if above is not None:
                kind = marker.entity.entity_type
                siblings.setdefault((kind, above), []).append(marker.scope_fqn)
        for (kind, above), scopes in siblings.items():
            kinds = {kind, *(yielded.get(scope, "") for scope in scopes)}
            covered = any(
                marker.entity.entity_type in kinds
                and f"{above}.".startswith(f"{marker.scope_fqn}.")
                for marker in ended
            )
            if len(set(scopes)) > 1 and not covered:
                yield f"ended {len(scopes)} scopes of {kind}s below {above}, and none above them"

    def test_same_twice(self) -> Iterator[str]:
        observations, limit = self.observations, self.observations.limit
        first = [seen.sent for seen in self._seen()][:limit]
        second = [seen.sent for seen in observations.run(one_by_one=True, limit=limit).records]
        place = first_difference(first, second)
        if place is not None:
            yield (
                f"yielded as record {place + 1} first {_text(first[place])}, "
                f"and at the second reading {_text(second[place])}"
            )
        elif len(first) != len(second):
            yield f"yielded {len(first)} records first, and {len(second)} at the second reading"

    def test_golden(self, request: pytest.FixtureRequest) -> Iterator[str]:
        lines = [
            json.dumps(self.normalised(json.loads(seen.sent)), ensure_ascii=False)
            for seen in self.observations.sound.records
            if seen.sent is not None
        ]
        path, update = Path(self.golden or ""), request.config.getoption(OPTION, default=False)
        wanted: list[str] = []
        if path.exists():
            wanted = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        elif not update:
            yield f"has no golden file {path.name} yet: `pytest {OPTION}` writes it; look it over"
            return
        if not update:
            yield from differences(lines, wanted, path.name)
        elif lost := list(losses(lines, wanted, path.name)):
            yield from lost
        else:
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _seen(self) -> list[ObservedRecord]:
        return self.observations.full.records


def _problem(seen: ObservedRecord) -> str:
    """Why a record is not valid; empty if it is, or if something else is the matter."""
    record = seen.record
    if not isinstance(record, DATA_TYPES):
        return ""
    if isinstance(record, CreateRequest) and not is_legal(str(record.name)):
        return ""  # what test_names_legal is about
    if seen.line is None:
        return seen.refusal
    try:
        again = from_document({"type": record.entity_type, "record": record.model_dump()})
    except RecordError as error:
        return error.what
    if not isinstance(again, type(record)):
        return f"it is read back as {type(again).__name__}"
    return "" if MISSING in seen.refusal else seen.refusal


def _illegal_names(record: object) -> Iterator[tuple[str, str]]:
    """What has an illegal name in a record, and the name."""
    if isinstance(record, CreateRequest):
        if not is_legal(str(record.name)):
            yield "the name", str(record.name)
        for name in _column_names(record):
            if not is_legal(name[:NAME_MAX_CHARS]):
                yield "the column name", name


def _column_names(holder: BaseModel) -> Iterator[str]:
    for field in ("columns", "children"):
        for column in getattr(holder, field, None) or ():
            if isinstance(column, BaseModel):
                yield str(getattr(column, "name", ""))
                yield from _column_names(column)


def _below(seen: ObservedRecord, scope: str) -> bool:
    return seen.fqn is not None and seen.fqn.startswith(f"{scope}.")


def _line(record: object) -> bytes | None:
    try:
        return encode(record)  # type: ignore[arg-type]  # it was a record when it came
    except RecordError:
        return None


def _text(line: bytes | None) -> str:
    return "no record" if line is None else shown(line.decode())
