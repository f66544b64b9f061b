"""Faults drawn at random: whatever comes together, the accounts are right, and it can be finished.

A seed that fails is a schedule that can be run again: `pytest -k 'test_schedule[1234]'`. The
environment variable DELIVERY_SCHEDULES says how many are run; `nox -s soak` runs 2,000. A
dozen run every time.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import FindOut, NewTrial

SEEDS = range(int(os.environ.get("DELIVERY_SCHEDULES", "100")))
WAREHOUSE = {"schemas": 2, "tables": 10, "reads": 5}


@pytest.mark.parametrize("seed", few(SEEDS, 2))
def test_schedule(seed: int, trial: NewTrial, complete: FindOut) -> None:
    """What arrived and what is set aside is what was yielded; the rest follows later."""
    whole = complete(WAREHOUSE)
    draw = random.Random(seed)
    sink = {
        "bulk_sink_batch_size": draw.choice([1, 3, 10, 100]),
        "async_pipeline_workers": draw.choice([1, 2, 8]),
    }
    job = trial(WAREHOUSE, server={"retryBudget_s": draw.choice([0.2, 1, 3])}, sink=sink)
    plan = faults.Drawn(seed)
    job.proxy.begin(plan)
    ended = job.run()
    print(f"{plan}\n{sink}\n{ended}\n{job.proxy.faults()}")
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    if ended.code == 1 and ended.records["yielded"] == len(whole.identities) and seed % 2:
        for path in job.dead_letters():
            job.replay(path).exits(0)
    elif ended.code != 0:
        job.run(resume=True).exits(0)
    assert job.state() == whole.state
