"""The report of a run as text."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from om_ingest import logs, terminal
from om_ingest.kinds import KINDS, overridable
from om_ingest.reasons import counted
from om_ingest.store import Outcome
from om_ingest.workflow.report import RunReport

_RARE = {Outcome.WRITTEN.value, Outcome.LEFT_OUT.value}
"""Only some sinks use them; their columns are left out where they are zero."""


_GROUP_COUNT = 20
"""Reasons that the summary tells; the report has more."""


def print_report(report: RunReport) -> None:
    """Print to standard error: standard output is for records."""
    found = lines(report.as_dict(), terminal.room(err=True))
    if logs.captured() is not None:
        terminal.document("\n".join(found), err=True)  # one object
        return
    for line in found:
        terminal.line(line, err=True)


def checked(report: RunReport) -> Iterator[str]:
    """What `om-ingest check` says of a run that could begin, and what its user should know."""
    yield f"ok: {report.source} ({report.distribution or 'no distribution'}) -> {report.sink}"
    if report.override_metadata:
        yield "overrideMetadata: what the source says of these replaces what people have set:"
        fields = ", ".join(overridable(KINDS.values()))
        yield from textwrap.wrap(fields, 100, initial_indent="  ", subsequent_indent="  ")
        yield "  and of columns and other parts: texts, tags; in a catalog also owners"
        yield "What the source leaves out stays as it is."
    yield from works_in_part(report)
    if report.limits:
        yield "The target does not know these; a run leaves them out, or sends the nearest value:"
        for line in report.limits:
            yield from textwrap.wrap(line, 100, initial_indent="  ", subsequent_indent="    ")
    yield from _delivery_warnings(report.as_dict()["deliveryWarnings"])


def works_in_part(report: RunReport) -> Iterator[str]:
    """What of a source works only in part; nothing if all does."""
    if report.source_limits:
        yield "The source works only in part; a run warns of these, and --strict refuses them:"
        for line in report.source_limits:
            yield from textwrap.wrap(line, 100, initial_indent="  ", subsequent_indent="    ")


def spelled(count: str) -> str:
    """The name of a count in a report as words: `leftOut` is left out."""
    return "left out" if count == "leftOut" else count


def lines(report: dict[str, Any], room: int | None = None) -> Iterator[str]:
    """The report in lines for `terminal.line`; its table fits into `room` columns if it can.

    Entries that a report of an older om-ingest lacks are left out.
    """
    by_type = {**report["byEntityType"], "total": report["records"]}
    if len(by_type) > 1:
        yield ""
        yield from _table(by_type, room)
    yield ""
    yield from _notes(report)


def _table(by_type: dict[str, dict[str, int]], room: int | None) -> list[str]:
    """The counts; without the columns of zeros where the terminal is too narrow for them."""
    found: list[str] = []
    for left_out in (_RARE, {outcome.value for outcome in Outcome} - {Outcome.FAILED.value}):
        outcomes = [
            outcome.value
            for outcome in Outcome
            if outcome.value not in left_out or by_type["total"].get(outcome.value)
        ]
        found = terminal.table_lines(
            ("ENTITY TYPE", *(spelled(outcome).upper() for outcome in outcomes)),
            [
                (name, *(str(row.get(outcome, 0)) for outcome in outcomes))
                for name, row in by_type.items()
            ],
        )
        if room is None or max(map(len, found)) <= room:
            break
    return found


def errors(report: dict[str, Any]) -> Iterator[str]:
    """What went wrong apart from single records, and the tracebacks of bugs."""
    for error in report["errors"]:
        first, *rest = f"error: {error}".split("\n")
        yield from (first, *map(terminal.continued, rest))
    for fault in report.get("faults", ()):
        if fault["traceback"]:
            yield ""
            yield from fault["traceback"].rstrip("\n").split("\n")


def _notes(report: dict[str, Any]) -> Iterator[str]:
    """What follows the counts: failures, warnings, what is gone, and how the run ended."""
    counts, status = report["records"], report["sourceStatus"]
    yield from _section("failed", report["failures"])
    yield from _section("failures in the source", status["failures"])
    yield from _section("warnings", status["warnings"])
    yield from _delivery_warnings(report.get("deliveryWarnings") or {})
    for said in report.get("processors", ()):
        yield from _processor(said)
    if status["filtered"]["total"] or counts["filtered"]:
        yield (
            f"filtered: {status['filtered']['total']} by the source, {counted(counts['filtered'])}"
        )
    written = "; nothing is written in a dry run" if report.get("dryRun") else ""
    for change, kinds in (status.get("changes") or {}).items():
        yield f"{change} by the source itself, beside its records{written}: {_kinds(kinds)}"
    yield from _stale(report.get("stale") or {})
    if report.get("resumedFrom"):
        skipped, sent_all = report["skipped"], "every record was sent again"
        what = f"{counted(skipped)} had been delivered" if skipped else sent_all
        yield f"resumed from {report['resumedFrom']}: {what}"
    limit = report["limit"]
    limited = "" if limit is None else f", stopped after {limit} as asked"
    yield (
        f"{report['state']}: {report['source']} -> {report['sink']}: {counted(counts['yielded'])}"
        f" in {report['durations_s']['total']:.2f} s ({report['recordsPerSecond']:.0f}/s{limited})"
    )
    if report["state"] == "interrupted" and not counts["failed"] and not report["dryRun"]:
        yield "What was read until then has been delivered."
    if report["deadLetters"] and limit is None and not report.get("readToEnd", True):
        yield f"Failed records are in {report['deadLetters']}. The source was not read to its end:"
        yield "  run again with --resume, which delivers them and the rest."
    elif report["deadLetters"]:
        kept = report.get("notReplayable", 0)
        if kept < counts["failed"]:
            others = f"; deliver all but {kept} of them with:" if kept else "; deliver them with:"
            yield f"Failed records are in {report['deadLetters']}{others}"
            yield f"  om-ingest replay {shlex.quote(report['deadLetters'])}"
        else:
            yield f"Failed records are in {report['deadLetters']}, to look at."
        if kept:
            were = "was no record" if kept == 1 else "were no records"
            yield f"{kept} held a secret, or {were} to store: correct the cause, and run again."


def _processor(said: dict[str, Any]) -> Iterator[str]:
    """What a processor says: its numbers on a line, then its warnings."""
    numbers = ", ".join(
        f"{number:,} {re.sub('[A-Z]', lambda letter: f' {letter[0].lower()}', name)}"
        for name, number in said["counts"].items()
    )
    if numbers:
        yield from textwrap.wrap(f"{said['name']}: {numbers}", 100, subsequent_indent="  ")
    yield from _section(f"warnings of {said['name']}", said["warnings"])


def _stale(stale: dict[str, Any]) -> Iterator[str]:
    """Entities that are gone from the source or left out, and what was done with them."""
    said = "would be marked as deleted" if stale.get("dryRun") else "marked as deleted"
    deleted, left_out = stale.get("markedDeleted") or {}, stale.get("leftOut") or {}
    also_deleted = left_out.get("markedDeleted") or {}
    if deleted:
        yield f"gone from the source, {said}: {_kinds(deleted)}"
    if also_deleted:
        yield f"left out by a filter, {said}: {_kinds(also_deleted)}"
    if deleted or also_deleted:
        for name in stale["samples"]:
            yield f"  {name}"
        if len(stale["samples"]) < sum(deleted.values()) + sum(also_deleted.values()):
            where = "the log names all" if stale["dryRun"] else "and more"
            yield f"  … the first {len(stale['samples'])}; {where}"
    if left_out.get("kept"):
        yield f"left out by a filter, kept: {_kinds(left_out['kept'])}"
    if failures := stale.get("failures"):
        yield from _section("gone from the source, but not marked as deleted", failures)
    scopes: dict[str, list[str]] = {}
    for kept in stale.get("keptScopes", ()):
        scopes.setdefault(kept["reason"], []).append(kept["scope"])
    for reason, some in scopes.items():
        yield f"kept, whether gone or not: {', '.join(some)}: {reason}"


def _delivery_warnings(told: dict[str, Any]) -> Iterator[str]:
    """What sink and processors find odd, one line for each reason, with the number of records."""
    if told.get("samples"):
        yield "warnings of the delivery:"
    keys: dict[str, list[str]] = {}
    for note in told.get("samples", ()):
        count = f" (records: {note['records']})" if note["records"] else ""
        keys.setdefault(note["reason"], []).append(f"{note['key']}{count}")
    for reason, some in keys.items():
        yield f"  {', '.join(some)}: {reason}"


def _kinds(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {entity_type}" for entity_type, count in counts.items())


def _section(title: str, notes: dict[str, Any]) -> Iterator[str]:
    count, samples = notes["total"], notes["samples"]
    if not count:
        return
    groups = notes.get("reasons") or []
    if len(groups) > 1 and groups[0]["count"] > 1:
        yield f"{title}: {count}"
        yield from _groups(groups[:_GROUP_COUNT], count)
        return
    more = f", the first {len(samples)}" if count > len(samples) else ""
    yield f"{title}: {count}{more}"
    reasons = {note["reason"] for note in samples}
    if len(samples) > 1 and len(reasons) == 1:
        yield f"  {reasons.pop()}:"
        for note in samples:
            yield f"    {note['key']}"
        return
    for note in samples:
        yield f"  {note['key']}: {note['reason']}"


def _groups(groups: Sequence[dict[str, Any]], total: int) -> Iterator[str]:
    """What things have in common, said once with their number and some of their names."""
    for group in groups:
        count, keys = group["count"], group["keys"]
        if count == 1:
            yield f"  {keys[0]}: {group['reason']}"
            continue
        yield f"  {count} × {group['reason']}:"
        for key in keys:
            yield f"    {key}"
        if count > len(keys):
            yield f"    … and {count - len(keys)} more"
    rest = total - sum(group["count"] for group in groups)
    if rest:
        yield f"  {rest} for other reasons"
