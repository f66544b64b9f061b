"""The seed's flow against a server: yield, then look it up by name at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.selection import few

if TYPE_CHECKING:
    from tests.functional.delivery.conftest import FindOut, NewTrial

WAREHOUSE = {"schemas": 2, "tables": 700, "reads": 350}
"""Between two reads of a schema there are three full batches and a half."""


@pytest.mark.parametrize("reads", few([7, 1, 100], 1))
def test_read_at_once(reads: int, trial: NewTrial) -> None:
    """A table that was just yielded is found, while batches before it are on their way."""
    job = trial({"schemas": 2, "tables": 40 if reads == 1 else 250, "reads": reads})
    job.proxy.latency_s = 0.002
    job.run().exits(0)


@pytest.mark.full
def test_full_batches_in_flight(trial: NewTrial, complete: FindOut) -> None:
    """With latency several batches of 100 are on their way at once, and each read is right."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.latency_s = 0.05
    job.run().exits(0)
    assert job.state() == whole.state
    batches = [one for one in job.proxy.exchanges if one.path.partition("?")[0].endswith("/bulk")]
    assert max(len(one.rows) for one in batches) == 100
    assert any(
        later.at_s < earlier.at_s + job.proxy.latency_s for earlier, later in pairwise(batches)
    )


def test_reads_wait_only_for_what_they_need(trial: NewTrial) -> None:
    """A read sends what it asks for, and leaves other batches to fill."""
    job = trial({**WAREHOUSE, "reads": 0})
    job.run().exits(0)
    without = len(job.proxy.exchanges)
    job.proxy.begin(faults.nothing)
    job = trial(WAREHOUSE)
    job.run().exits(0)
    # Each read costs itself, and at most the batch that it cuts in two.
    reads = 2 * 3
    assert len(job.proxy.exchanges) - without <= 2 * reads


@pytest.mark.full
def test_read_through_faults(trial: NewTrial, complete: FindOut) -> None:
    """What is read back is right although every third request goes wrong."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.latency_s = 0.01
    job.proxy.begin(faults.every(3, faults.RESET_AFTER))
    job.run().exits(0)
    assert job.state() == whole.state
