"""The same with the real command in a process of its own: exit codes, reports, signals."""

from __future__ import annotations

import json
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from tests.functional.delivery import faults
from tests.functional.delivery.faults import Fault
from tests.functional.delivery.http11 import Message
from tests.functional.delivery.trial import Ended, Trial
from tests.selection import few

if TYPE_CHECKING:
    from tests.command import Cli
    from tests.functional.delivery.conftest import FindOut, NewTrial

WAREHOUSE = {"schemas": 4, "tables": 60, "reads": 15}


def run(cli: Cli, job: Trial, *options: str) -> Ended:
    """`om-ingest run flow.json` in a process of its own; nobody is shown a traceback."""
    path = job.folder / "report.json"
    path.unlink(missing_ok=True)
    done = cli("run", "flow.json", "--report", "report.json", *options, cwd=job.folder)
    assert "Traceback" not in done.out + done.err
    report = json.loads(path.read_text("utf-8")) if path.exists() else None
    return Ended(done.code, report, done.err)


@pytest.mark.parametrize(
    ("fault", "rate"),
    few(
        [
            (faults.RESET_AFTER, 3),
            (faults.TOO_MANY_AT_ONCE, 2),
            (faults.REFUSED, 10),
            (faults.RESET_IN_BODY, 2),
            (faults.UNAVAILABLE, 4),
            (faults.PAGE, 5),
            (faults.CUT_JSON, 3),
        ],
        2,
        ids=lambda case: f"{case[0]}-{case[1]}",
    ),
)
def test_passes(fault: Fault, rate: int, trial: NewTrial, complete: FindOut, cli: Cli) -> None:
    """What passes is healed, and the command ends with 0."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.every(rate, fault))
    job.check(run(cli, job).exits(0), whole.identities)
    assert job.state() == whole.state


def test_restart(trial: NewTrial, complete: FindOut, cli: Cli) -> None:
    """A server that is killed and started again gets everything from one run."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.at({12}, faults.RESTART))
    job.check(run(cli, job).exits(0), whole.identities)
    assert job.state() == whole.state


def test_expired_then_resumed(trial: NewTrial, complete: FindOut, cli: Cli) -> None:
    """A token that expires in mid-run: exit 4, then `--resume` delivers the rest."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    job.proxy.begin(faults.since(15, faults.EXPIRED))
    ended = run(cli, job).exits(4)
    assert "error: The server refuses the token (401)" in ended.said
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    ended = run(cli, job, "--resume").exits(0)
    assert ended.report is not None
    assert ended.report["skipped"] > 0
    assert job.state() == whole.state


def test_refused_then_replayed(trial: NewTrial, complete: FindOut, cli: Cli) -> None:
    """Rows that the server refuses: exit 1, then `replay` delivers them to the same server."""
    whole = complete(WAREHOUSE)
    job = trial(WAREHOUSE)
    fault = faults.status(400)
    job.proxy.begin(faults.whenever(fault, faults.holding('"name":"t7"')))
    ended = run(cli, job).exits(1)
    job.check(ended, whole.identities)
    job.proxy.begin(faults.nothing)
    (path,) = job.dead_letters()
    cli("replay", path, cwd=job.folder).succeeded()
    assert job.state() == whole.state


def test_unreachable(trial: NewTrial, cli: Cli) -> None:
    """A server that is not there at all: exit 4 in a moment, with what to do about it."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # and does not listen: nobody can connect
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        job = trial(WAREHOUSE, server={"hostPort": url})
        cli("run", "flow.json", cwd=job.folder).refused(4, "cannot be reached", url)
    assert not job.dead_letters()


class Signaller:
    """Sends a signal to a process at one of its requests."""

    def __init__(self, number: int, signal_number: signal.Signals) -> None:
        self.number = number
        self.signal_number = signal_number
        self.send = lambda signal_number: None

    def __call__(self, number: int, request: Message) -> Fault | None:
        if number == self.number:
            self.send(self.signal_number)
        return None


@pytest.mark.parametrize("number", few([14, 6, 30], 1))
@pytest.mark.parametrize("signal_number", few([signal.SIGTERM, signal.SIGINT], 1, ids=str))
def test_interrupted(
    number: int,
    signal_number: signal.Signals,
    trial: NewTrial,
    complete: FindOut,
    cli: Cli,
) -> None:
    """An interrupted run finishes what is on its way, and is resumed from there."""
    whole = complete(WAREHOUSE)
    job = trial({**WAREHOUSE, "pause_s": 0.002})
    signaller = Signaller(number, signal_number)
    job.proxy.begin(signaller)
    process = cli.start("run", "flow.json", "--report", "report.json", cwd=job.folder)
    signaller.send = process.send_signal
    assert cli.ended(process).code == 128 + signal_number
    assert not job.dead_letters()
    before = job.proxy.arrived()
    job.proxy.begin(faults.nothing)
    run(cli, job, "--resume").exits(0)
    assert not before.keys() & job.proxy.arrived().keys()
    assert job.state() == whole.state
