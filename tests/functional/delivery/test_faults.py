"""Every fault that passes, at every rate, is healed within the run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.faults import Fault
from tests.selection import few, rarely

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import FindOut, NewTrial

WAREHOUSE = {"schemas": 4, "tables": 60, "reads": 15}
"""252 tables, 20 of which are read back."""

RATES = (2, 3, 5, 10)
FAULTS = rarely(
    [(fault, rate) for fault in faults.PASSING for rate in RATES],
    lambda position, case: position % (2 * len(RATES)) != position // (2 * len(RATES)) % len(RATES),
    ids=lambda case: f"{case[0]}-{case[1]}",
)
"""Each fault at each rate; every time each second fault at one rate, and so all rates."""

ONE_WAY = {**WAREHOUSE, "reads": 0}
"""As many, in batches as large as they get."""


@pytest.mark.parametrize(("fault", "rate"), FAULTS)
def test_passes(fault: Fault, rate: int, trial: NewTrial, complete: FindOut) -> None:
    """What goes wrong on every n-th request, and passes, is healed: everything is there."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.every(rate, fault))
    ended = job.run().exits(0)
    assert job.proxy.faults()[str(fault)]
    job.check(ended, whole.identities)
    assert job.state() == whole.state


def test_nothing_is_sent_twice(trial: NewTrial) -> None:
    """Without faults each row reaches the server once."""
    job = trial(WAREHOUSE)
    job.run().exits(0)
    assert set(job.proxy.arrived().values()) == {1}


@pytest.mark.parametrize("fault", [faults.TOO_MANY_SECONDS, faults.TOO_MANY_DATE], ids=str)
def test_retry_after(fault: Fault, trial: NewTrial, complete: FindOut) -> None:
    """A server that says when to come back is left alone by every worker until then."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.at({6}, fault))
    job.run().exits(0)
    assert job.state() == whole.state
    answered_s = job.proxy.exchanges[5].at_s
    later = [one.at_s - answered_s for one in job.proxy.exchanges[6:]]
    # Those that were on their way already have come; a date has no parts of a second.
    gap_s = max(second - first for first, second in pairwise([0.0, *later]))
    assert gap_s >= (0.9 if fault is faults.TOO_MANY_SECONDS else 0.0)


def test_server_restarts(trial: NewTrial, complete: FindOut) -> None:
    """A server that is killed in mid-run, and comes back with its catalog, gets the rest."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.at({8, 25}, faults.RESTART))
    ended = job.run().exits(0)
    assert job.proxy.faults() == {"restart": 2}
    job.check(ended, whole.identities)
    assert job.state() == whole.state


@pytest.mark.parametrize("rows", few([7, 1, 50, 99], 1))
def test_too_large(rows: int, trial: NewTrial, complete: FindOut) -> None:
    """A server that takes only so many rows at once gets batches that it takes."""
    whole = complete(ONE_WAY)
    job = trial(ONE_WAY)
    job.proxy.begin(faults.whenever(faults.TOO_LARGE, faults.longer_than(rows)))
    job.run().exits(0)
    assert job.proxy.faults()["413"]
    assert max(len(one.rows) for one in job.proxy.exchanges if one.arrived) <= rows
    assert job.state() == whole.state
