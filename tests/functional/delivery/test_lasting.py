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

WAREHOUSE = {"schemas": 2, "tables": 60, "reads": 0}
IMPATIENT = {"retryBudget_s": 0.3}


@pytest.mark.parametrize("status", few([400, 413, 500, 409, 502, 504], 3))
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


@pytest.mark.parametrize("first", few([1, 5, 15, 2, 3, 8, 12], 3))
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


@pytest.mark.parametrize("first", few([1, 8, 3, 5, 12, 15], 2))
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


@pytest.mark.parametrize("first", few([5, 12, 8, 15], 2))
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
