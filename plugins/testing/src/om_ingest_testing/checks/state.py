"""Checks of a source that keeps bookmarks in `ctx.state`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from om_ingest.errors import described
from om_ingest.kinds import label
from om_ingest.model.records import ScopeComplete

from om_ingest_testing.observations import SourceChecks
from om_ingest_testing.source_run import ObservedRecord, SourceRun
from om_ingest_testing.verdict import shown


class StateChecks(SourceChecks):
    """A run that begins with a bookmark brings what the run that set it had not yielded by then."""

    def test_goes_on_from_state(self) -> Iterator[str]:
        full = self.observations.sound
        if not full.bookmarks:
            return
        if not full.state_reads:
            yield "sets bookmarks in ctx.state, and never reads them"
            return
        for place in sorted({0, len(full.bookmarks) // 2, len(full.bookmarks) - 1}):
            count, state = full.bookmarks[place]
            run = self.observations.run(one_by_one=True, state=state)
            if run.flaw:
                error = run.errors.get("next_record") or run.errors.get("prepare")
                why = described(error) if error else "it did not end"
                yield f"failed when it began with ctx.state {shown(state)}: {why}"
                return
            if found := _lost(full, count, state, run) or _falsely_complete(full, state, run):
                yield found
                return


def _lost(full: SourceRun, count: int, state: Mapping[str, Any], run: SourceRun) -> str:
    again = {label(seen.record) for seen in run.records}
    behind = [label(seen.record) for seen in full.records[count:] if _is_data(seen)]
    lost = [name for name in behind if name not in again]
    if not lost:
        return ""
    return (
        f"left {lost[0]} out when it began with ctx.state {shown(state)}, a bookmark that it had"
        " set before it yielded that: a run that is cut there loses it"
    )


def _falsely_complete(full: SourceRun, state: Mapping[str, Any], run: SourceRun) -> str:
    again = {(_type_of(seen), seen.fqn) for seen in run.records}
    for marker in (seen.record for seen in run.records):
        if not isinstance(marker, ScopeComplete):
            continue
        below = f"{marker.scope_fqn}."
        for seen in full.records:
            named = _type_of(seen), seen.fqn
            is_in = named[0] == marker.entity.entity_type and (seen.fqn or "").startswith(below)
            if is_in and named not in again:
                return (
                    f"ended the scope {marker.scope_fqn} for {named[0]} when it began with"
                    f" ctx.state {shown(state)}, and left {seen.fqn} out: that would be deleted"
                )
    return ""


def _is_data(seen: ObservedRecord) -> bool:
    return not isinstance(seen.record, ScopeComplete)


def _type_of(seen: ObservedRecord) -> str:
    return str(getattr(seen.record, "entity_type", ""))
