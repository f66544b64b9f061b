"""The report: counts that add up, and the exit code that follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from om_ingest import CreateDatabaseRequest, Outcome, ScopeComplete, SourceStatus, WriteResult
from om_ingest.cli import running, summary
from om_ingest.masking import MASK, Redactor
from om_ingest.model import Table
from om_ingest.reasons import REASON_COUNT, Reasons
from om_ingest.run.outputs import RunOutputs
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.tally import Tally

RECORD = CreateDatabaseRequest(name="d", service="s")


def report(
    created: int = 0, failed: int = 0, filtered: int = 0, lost: int = 0, **options: Any
) -> RunReport:
    tally = Tally(yielded=created + failed + filtered + lost, filtered=filtered)
    for outcome, count in ((Outcome.CREATED, created), (Outcome.FAILED, failed)):
        for _ in range(count):
            tally.settle(WriteResult(RECORD, outcome, "reason"))
    return RunReport("run", "source", "d 1", "service", "sink", tally=tally, **options)


@pytest.mark.parametrize(("count", "said"), [(0, "0 records"), (1, "1 record"), (2, "2 records")])
def test_counts_in_words(count: int, said: str) -> None:
    """One is no plural."""
    assert f": {said} in " in list(summary.lines(report(created=count).as_dict()))[-1]


@pytest.mark.parametrize("is_dry", [False, True])
def test_what_an_interruption_leaves(is_dry: bool) -> None:
    """What was read has been delivered, but in a dry run."""
    ended = report(created=3, dry_run=is_dry)
    ended.finish(signal_number=2)
    assert ("What was read until" in list(summary.lines(ended.as_dict()))[-1]) is not is_dry
    first, _ = running.stop_words(quiet=False, dry_run=is_dry)
    assert ("is delivered" in first) is not is_dry


@pytest.mark.parametrize(
    ("counts", "options", "expected"),
    [
        ({"created": 3}, {}, (0, "success")),
        ({}, {}, (0, "success")),
        ({"created": 1, "filtered": 5}, {}, (0, "success")),
        ({"created": 99, "failed": 1}, {}, (1, "failed")),
        ({"created": 99, "failed": 1}, {"success_threshold": 99}, (0, "success")),
        ({"created": 98, "failed": 2}, {"success_threshold": 99}, (1, "failed")),
        ({"failed": 1}, {"success_threshold": 0}, (0, "success")),
        ({"failed": 1}, {"raise_on_error": False}, (0, "failed")),
        ({"created": 3, "lost": 1}, {}, (1, "failed")),
        ({"created": 3, "lost": -1}, {}, (1, "failed")),
        ({"created": 3, "lost": 1}, {"success_threshold": 0}, (1, "failed")),
        ({"created": 3}, {"error_code": 4}, (4, "failed")),
        ({"created": 3}, {"error_code": 4, "raise_on_error": False}, (4, "failed")),
        ({"created": 3, "failed": 1}, {"error_code": 3, "success_threshold": 0}, (3, "failed")),
        ({"created": 3}, {"signal_number": 2}, (130, "interrupted")),
        ({"failed": 3}, {"signal_number": 15, "error_code": 4}, (143, "interrupted")),
    ],
)
def test_exit_code(
    counts: dict[str, int], options: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Failures count unless a threshold tolerates them; errors and signals always do."""
    ended = {key: options[key] for key in ("error_code", "signal_number") if key in options}
    finished = report(**counts, **{key: options[key] for key in options.keys() - ended.keys()})
    finished.finish(**ended)
    assert (finished.exit_code, finished.state) == expected


def test_failures_of_the_source_count_too() -> None:
    """What the source could not read is part of the share that must succeed."""
    for threshold, code in ((None, 1), (50, 0), (51, 1)):
        finished = report(created=3, success_threshold=threshold)
        finished.source_status = SourceStatus(failure_count=3)
        finished.finish()
        assert finished.exit_code == code, threshold


def test_counts_that_do_not_add_up_are_told() -> None:
    """Records without a result are named beside any other error."""
    for code in (0, 4):
        finished = report(created=1, lost=2)
        finished.finish(error_code=code)
        (error,) = finished.errors
        assert "3 records were yielded, 2 of them have no result" in error


def test_size_does_not_grow() -> None:
    """However many records fail, 20 are named, and all are counted."""
    finished = report(failed=1000)
    finished.finish()
    failures = finished.as_dict()["failures"]
    assert (failures["total"], len(failures["samples"])) == (1000, 20)
    assert failures["samples"][0] == {"key": "database s.d", "reason": "reason"}


def test_kinds() -> None:
    """Counts are kept per entity type; what is no record counts as invalid."""
    tally = Tally(yielded=2)
    tally.settle(WriteResult(RECORD, Outcome.UPDATED))
    tally.settle(WriteResult("word", Outcome.FAILED, "no record"))  # type: ignore[arg-type]  # on purpose
    finished = RunReport("run", "source", "d 1", "service", "sink", tally=tally)
    zero = dict.fromkeys(("created", "updated", "unchanged", "written", "leftOut", "failed"), 0)
    assert finished.by_entity_type() == {
        "database": {**zero, "updated": 1},
        "invalid": {**zero, "failed": 1},
    }
    assert finished.counts() == {"yielded": 2, **zero, "updated": 1, "failed": 1, "filtered": 0}


def test_markers_are_no_records() -> None:
    """The label of a marker tells what it marks."""
    tally = Tally()
    tally.settle(WriteResult(ScopeComplete("s.d", Table), Outcome.FAILED, "why"))
    assert tally.failures[0].key == "end of table in s.d"


def told(tally: Tally, status: SourceStatus) -> dict[str, Any]:
    """A finished report as it is kept, so without what JSON has no form for."""
    finished = RunReport("run", "source", "d 1", "service", "sink", tally=tally)
    finished.source_status = status
    finished.finish()
    kept: dict[str, Any] = json.loads(json.dumps(finished.as_dict()))
    return kept


def test_equal_reasons_are_said_once() -> None:
    """Failures are counted by reason, each with its exact number and the first names."""
    tally, status = Tally(), SourceStatus()
    for number in range(1000):
        reason = ("no schema", "no type", "no owner")[min(number % 4, 2)]
        record = CreateDatabaseRequest(name=f"d.{number}", service="s")
        tally.settle(WriteResult(record, Outcome.FAILED, reason))
    tally.settle(WriteResult(RECORD, Outcome.FAILED, "a reason of its own"))
    for number in range(3):
        status.failure(f"t{number}", "no permission")
        status.warning(f"t{number}", "odd" if number else "older")
    status.failure("view", "no such column")
    report = told(tally, status)
    groups = report["failures"]["reasons"]
    assert [(group["reason"], group["count"]) for group in groups] == [
        ("no owner", 500), ("no schema", 250), ("no type", 250), ("a reason of its own", 1),
    ]  # fmt: skip
    said = list(summary.lines(report))
    assert said[said.index("failed: 1001") + 1 :][:7] == [
        "  500 × no owner:",
        '    database s."d.2"', '    database s."d.3"', '    database s."d.6"',
        '    database s."d.7"', '    database s."d.10"',
        "    … and 495 more",
    ]  # fmt: skip
    assert "  database s.d: a reason of its own" in said
    assert said[said.index("failures in the source: 4") + 1 :][:5] == [
        "  3 × no permission:", "    t0", "    t1", "    t2", "  view: no such column",
    ]  # fmt: skip
    assert "  2 × odd:" in said
    assert "  t0: older" in said


def test_reasons_do_not_grow() -> None:
    """Of reasons that all differ the first are kept; what has another one is counted."""
    tally = Tally()
    for number in range(2000):
        tally.settle(WriteResult(RECORD, Outcome.FAILED, f"reason {number // 2}"))
    report = told(tally, SourceStatus())
    assert len(report["failures"]["reasons"]) == REASON_COUNT
    said = list(summary.lines(report))
    assert "failed: 2000" in said
    assert "  2 × reason 19:" in said
    assert "  1960 for other reasons" in said
    assert len(said) < 100


def test_secrets_in_reasons() -> None:
    """Reasons that differ in a secret only are one once it is masked."""
    reasons = Reasons()
    for word in ("first-secret", "other-secret"):
        reasons.add(f"refused: {word}", f"key {word}")
    masked = reasons.masked(Redactor(["first-secret", "other-secret"])).as_list()
    assert masked == [
        {"reason": f"refused: {MASK}", "count": 2, "keys": [f"key {MASK}", f"key {MASK}"]}
    ]


def test_reports_of_older_versions() -> None:
    """The summary reads a report without reasons and faults."""
    tally = Tally()
    for number in range(3):
        tally.settle(WriteResult(RECORD, Outcome.FAILED, f"reason {number % 2}"))
    report = told(tally, SourceStatus())
    del report["faults"], report["failures"]["reasons"]
    for sort in ("warnings", "failures", "filtered"):
        del report["sourceStatus"][sort]["reasons"]
    said = [*summary.lines(report), *summary.errors(report)]
    assert "failed: 3" in said
    assert said.count("  database s.d: reason 0") == 2


def test_commands_are_quoted_for_a_shell() -> None:
    """What the report suggests can be pasted, whatever the files are called."""
    ended = report(failed=1, dead_letters="x y.jsonl", read_to_end=True)
    assert "  om-ingest replay 'x y.jsonl'" in list(summary.lines(ended.as_dict()))


@pytest.mark.parametrize(
    ("counts", "things", "kept", "said"),
    [
        ({"created": 3}, 0, {}, []),
        (
            {"created": 3, "failed": 2},
            1,
            {"dead_letters": "f", "kept_in": "x y"},
            [
                "error: source: failed: 2 records of 5; failures in the source: 1",
                "  Failed records are in f. `om-ingest runs show run --state 'x y'` tells more.",
            ],
        ),
        (
            {"failed": 1},
            0,
            {"kept_in": str(Path.cwd())},
            [
                "error: source: failed: 1 record of 1",
                "  `om-ingest runs show run` tells more.",
            ],
        ),
        (
            {},
            2,
            {},
            ["error: source: failures in the source: 2", "  Leaving --quiet out tells more."],
        ),
        ({"created": 1, "failed": 1}, 0, {"success_threshold": 50}, []),
    ],
)
def test_quiet_tells_what_failed(
    counts: dict[str, int],
    things: int,
    kept: dict[str, Any],
    said: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a report there are the numbers, and where the rest is; nothing where all is well."""
    ended = report(**counts, **kept)
    for number in range(things):
        ended.source_status.failure(str(number), "unreadable")
    ended.finish()
    with pytest.raises(typer.Exit):
        running.finish(ended, RunOutputs(), quiet=True)
    assert capsys.readouterr().err.splitlines() == said
