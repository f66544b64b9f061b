"""What does not pass: rows that are refused, tokens that expire, servers that stay away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.faults import Fault
from tests.functional.delivery.holdings import set_aside
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import FindOut, NewTrial
    from tests.functional.delivery.http11 import Message

WAREHOUSE = {"schemas": 2, "tables": 60, "reads": 0}
WIDE = {"schemas": 4, "tables": 30, "reads": 0}
"""120 tables."""

IMPATIENT = {"retryBudget_s": 0.3}


@pytest.mark.parametrize("status", few([400, 413, 500, 409, 502, 504], 2))
def test_guilty_rows(status: int, trial: NewTrial, complete: FindOut) -> None:
    """A batch that fails as a whole is split: only the guilty rows are set aside, and kept."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    fault = faults.status(status)
    guilty = [faults.holding(f'"name":"t{number}"') for number in (17, 44)]
    job.proxy.begin(faults.whenever(fault, lambda request: any(test(request) for test in guilty)))
    ended = job.run().exits(1)
    job.check(ended, whole.identities)
    (path,) = job.dead_letters()
    assert sorted(record.name for record in set_aside(path)) == ["t17", "t17", "t44", "t44"]
    job.proxy.begin(faults.nothing)
    job.replay(path).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize("first", few([1, 5, 15, 2, 3, 8, 12], 2))
@pytest.mark.parametrize("fault", [faults.EXPIRED, faults.FORBIDDEN], ids=str)
def test_refused_from_then_on(fault: Fault, first: int, trial: NewTrial, complete: FindOut) -> None:
    """A token that is refused in mid-run ends it with 4; `--resume` does the rest."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.since(first, fault))
    ended = job.run().exits(4)
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize("first", few([1, 8, 3, 5, 12, 15], 1))
@pytest.mark.parametrize(
    "fault", [faults.UNAVAILABLE, faults.RESET_BEFORE, faults.RESET_AFTER, faults.PAGE], ids=str
)
def test_stays_away(fault: Fault, first: int, trial: NewTrial, complete: FindOut) -> None:
    """A server that fails for longer than the budget ends the run with 4, and nothing is lost."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE, server=IMPATIENT)
    job.proxy.begin(faults.since(first, fault))
    ended = job.run().exits(4)
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize("first", few([5, 12, 8, 15], 1))
def test_resume_sends_the_rest(first: int, trial: NewTrial) -> None:
    """Resuming sends nothing again that was acknowledged, and everything else."""
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.since(first, faults.EXPIRED))
    job.run().exits(4)
    before = job.proxy.arrived()
    job.proxy.begin(faults.nothing)
    ended = job.run(resume=True).exits(0)
    assert before
    assert not before.keys() & job.proxy.arrived().keys()
    assert ended.report is not None
    assert ended.report["skipped"] == sum(before.values())


@pytest.mark.full
def test_resume_of_bad_rows_only(trial: NewTrial, complete: FindOut) -> None:
    """Rows that always fail cost themselves, also where nothing else is left to be written."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    broken = faults.whenever(
        faults.SERVER_ERROR, lambda sent: is_write(sent) and b'"name":"t17"' in sent.body
    )
    job.proxy.begin(broken)
    job.run().exits(1)
    held = job.state()
    job.proxy.begin(broken)
    ended = job.run(resume=True).exits(1)
    assert ended.report is not None
    assert (ended.records["failed"], ended.report["skipped"]) == (2, len(whole.identities) - 2)
    assert job.state() == held
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize("first", few([8, 5, 12], 1))
def test_replay_after_refusal(first: int, trial: NewTrial, complete: FindOut) -> None:
    """What was on its way when the token was refused is set aside: a replay delivers it."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.since(first, faults.EXPIRED))
    ended = job.run().exits(4)
    job.proxy.begin(faults.nothing)
    for path in job.dead_letters():
        job.replay(path).exits(0)
    assert set(whole.identities[: ended.records["yielded"]]) <= job.state().keys()
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


def is_write(request: Message) -> bool:
    """Whether a request changes something."""
    return request.method != "GET"


@pytest.mark.parametrize(
    ("status", "sink"),
    few(
        [
            (500, {}),
            (502, {"async_pipeline_workers": 1, "bulk_sink_batch_size": 1}),
            (403, {"async_pipeline_workers": 1}),
            *((status, {}) for status in (421, 423, 425, 503, 504, 507, 509, 520, 524, 529, 599)),
            (500, {"async_pipeline_workers": 1}),
            (500, {"bulk_sink_batch_size": 1}),
        ],
        1,
    ),
)
def test_rows_that_break_the_server(
    status: int, sink: dict[str, int], trial: NewTrial, complete: FindOut
) -> None:
    """Twelve rows that always fail, whatever the status, cost these rows and little time."""
    whole = complete(WIDE)
    job = trial(WIDE, sink=sink, server={"retryBudget_s": 3})
    guilty = [f'"name":"t{number}"'.encode() for number in (7, 17, 24)]
    job.proxy.begin(
        faults.whenever(
            faults.status(status),
            lambda request: is_write(request) and any(name in request.body for name in guilty),
        )
    )
    ended = job.run().exits(1)
    job.check(ended, whole.identities)
    assert ended.records["failed"] == 12
    assert len(job.proxy.exchanges) < 160 + 12 * 45
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize(
    ("first", "workers"), few([(1, 1), (12, 8), (1, 8), (12, 1), (8, 8), (5, 1), (15, 8)], 2)
)
def test_writes_fail(first: int, workers: int, trial: NewTrial, complete: FindOut) -> None:
    """A server that reads and does not write is away: exit code 4, and no row is blamed."""
    whole = complete(WAREHOUSE)
    sink = {"async_pipeline_workers": workers}
    job = trial(WAREHOUSE, server={"retryBudget_s": 0.5}, sink=sink)
    failing = faults.since(first, faults.SERVER_ERROR)
    job.proxy.begin(lambda number, sent: failing(number, sent) if is_write(sent) else None)
    ended = job.run().exits(4)
    job.check(ended, whole.identities)
    assert ended.report is not None
    reasons = {one["reason"].partition(";")[0] for one in ended.report["failures"]["samples"]}
    assert reasons == {"The server has kept failing for too long"}
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


def test_a_collection_fails(trial: NewTrial, complete: FindOut) -> None:
    """A server that writes anything but tables is an outage as well: few of them are blamed."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE, server={"retryBudget_s": 0.5})
    job.proxy.begin(
        lambda number, sent: (
            faults.SERVER_ERROR if "/tables" in sent.path and is_write(sent) else None
        )
    )
    ended = job.run().exits(4)
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    job.run(resume=True).exits(0)
    assert job.state() == whole.state


@pytest.mark.parametrize(
    "fault",
    few(
        [
            faults.status(302, location="http://127.0.0.1:9/login"),
            faults.FORBIDDEN_PAGE,
            *map(faults.status, (308, 407, 421, 511, 525, 529)),
        ],
        2,
    ),
    ids=str,
)
def test_somebody_between(fault: Fault, trial: NewTrial, complete: FindOut) -> None:
    """An answer by somebody on the way is tried again; if it is all that comes, exit code 4."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.every(3, fault))
    job.run().exits(0)
    assert job.state() == whole.state
    job = trial(WAREHOUSE, server=IMPATIENT)
    job.proxy.begin(faults.since(8, fault))
    ended = job.run().exits(4)
    job.check(ended, whole.identities)
