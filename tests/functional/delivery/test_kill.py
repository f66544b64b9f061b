"""A run that is killed in the middle (SIGKILL), and resumed."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.faults import Fault
from tests.functional.delivery.http11 import Message
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli
    from tests.functional.delivery.conftest import FindOut, NewTrial

WAREHOUSE = {"schemas": 2, "tables": 60, "reads": 20}
WORKERS = 4
SINK = {"bulk_sink_batch_size": 10, "async_pipeline_workers": WORKERS}
REQUESTS = 50
"""As many as a run makes at the least; some it makes or not, as it comes."""


class Killer:
    """Kills a process at one of its requests, which then arrives at the server or does not."""

    def __init__(self, number: int, fault: Fault | None) -> None:
        self.number = number
        self.fault = fault
        self.pid = 0

    def __call__(self, number: int, request: Message) -> Fault | None:
        if number != self.number:
            return None
        os.kill(self.pid, signal.SIGKILL)
        return self.fault


@pytest.mark.parametrize("seed", few(range(30), 1))
def test_killed(seed: int, trial: NewTrial, complete: FindOut, cli: Cli) -> None:
    """Resumed, everything is there once, and each worker has sent one batch twice at the most."""
    whole = complete(WAREHOUSE)
    draw = random.Random(seed)
    job = trial(WAREHOUSE, sink=SINK)
    proxy = job.proxy
    killer = Killer(draw.randint(1, REQUESTS), draw.choice([None, faults.RESET_BEFORE]))
    proxy.latency_s = draw.choice([0.0, 0.003, 0.01])
    proxy.begin(killer)
    process = cli.start("run", "flow.json", "--quiet", cwd=job.folder)
    killer.pid = process.pid
    assert cli.ended(process).code == -signal.SIGKILL
    proxy.settle()
    before = [one for one in proxy.exchanges if one.arrived]
    proxy.begin(faults.nothing)
    if seed % 5:
        job.run(resume=True).exits(0)
    else:
        cli("run", "flow.json", "--resume", cwd=job.folder).succeeded()
    assert job.state() == whole.state
    again = proxy.arrived()
    assert set(again.values()) <= {1}
    assert sum(any(row in again for row in one.rows) for one in before) <= WORKERS
