"""SIGTERM to process 1 of a namespace, at any moment from its start on, and while Python ends."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import COMMAND, Cli
from tests.functional.test_runs import APART, MAPPED
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Connect

BLOCKED = ("env", "--block-signal=TERM,INT")
"""How a container starts the command: see `om_ingest.program`."""

GRACE_S, SLACK_S = 2.0, 2.0
COUNT = 30
_MOMENTS = random.Random(18)
MOMENTS = [round(1.6 * (number + _MOMENTS.random()) / COUNT, 3) for number in range(COUNT)]
"""Seconds after the start of the process; a run without a signal takes 1.5 to 2."""

SOURCE = """
def next_record(self):
    yield from stock.parents()
    for number in range(40):
        yield stock.table(f"t{number:02}")
        time.sleep(0.025)
"""


class Apart(Cli):
    """The command as process 1 of a namespace."""

    program = (*APART, *MAPPED, *BLOCKED, COMMAND)


def first_process(unshare: int) -> int:
    """The process that is number 1 in the namespace, once it is there."""
    children = Path(f"/proc/{unshare}/task/{unshare}/children")
    while not (found := children.read_text().split()):
        time.sleep(0.001)
    return int(found[0])


@pytest.mark.parametrize("at_s", few(sorted(MOMENTS, key=lambda at: abs(at - 0.9)), 1))
def test_a_signal_at_any_moment(cli: Cli, connector: Connect, at_s: float) -> None:
    """Exit code and report agree, the run ends within its grace, and `--resume` completes it."""
    connector("slow", SOURCE)
    words = ("slow", "--report", "report.json", "--resume")
    apart = Apart(cli.cwd, cli.site)
    process = apart.start("run", *words, "--grace", str(GRACE_S))
    first = first_process(process.pid)
    time.sleep(at_s)
    began = time.monotonic()
    with suppress(ProcessLookupError):  # on a fast machine it has ended
        os.kill(first, signal.SIGTERM)
    run = apart.ended(process)
    assert time.monotonic() - began < GRACE_S + SLACK_S
    report = json.loads((cli.cwd / "report.json").read_text("utf-8"))
    assert (run.code, report["state"]) in [(143, "interrupted"), (0, "success")], run.err
    assert report["exitCode"] == run.code
    cli("run", *words).succeeded()
    assert cli.tables() == [f"t{number:02}" for number in range(40)]
    again = cli.report()["records"]
    assert report["records"]["created"] + again["created"] == 43
    assert again["failed"] == again["updated"] == 0


@pytest.mark.parametrize("after_s", few([0.0, 0.02, 0.04, 0.06, 0.08], 1))
def test_a_signal_while_python_ends(cli: Cli, after_s: float) -> None:
    """Once the report says how the run ended, a signal changes neither that nor the exit code."""
    report = cli.cwd / "report.json"
    process = cli.start("run", "sample-tables", "--sink", "console", "--report", report.name)
    while process.poll() is None and not (report.exists() and "success" in report.read_text()):
        time.sleep(0.001)
    time.sleep(after_s)
    process.send_signal(signal.SIGTERM)
    assert cli.ended(process).code == cli.report()["exitCode"] == 0
