"""The flow of examples/prefect, run by a real Prefect with a server of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.examples.conftest import NOBODY, Job, environment_of

RUN = "import om_ingest_flow; om_ingest_flow.ingest_metadata()"


class Prefect:
    """An installed Prefect with a home of its own, and what it said last."""

    def __init__(self, home: Path) -> None:
        self.python = environment_of("prefect") / "bin/python"
        self.home = home
        home.mkdir()
        self.log = ""

    def start(self, job: Job, changes: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """A process that runs the flow."""
        quick = {"retry_delay_seconds=600": "retry_delay_seconds=1", "retries=3": "retries=1"}
        job.adapted("prefect/om_ingest_flow.py", self.home, {**quick, **changes})
        env = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PREFECT_HOME": str(self.home / "home"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "PREFECT_LOGGING_COLORS": "false",
        }
        with (self.home / "log").open("w") as log:
            return subprocess.Popen(
                [self.python, "-c", RUN],
                env=env,
                cwd=self.home,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code, once it is done; the server that it has started is killed."""
        try:
            return process.wait(timeout=240)
        finally:
            self.log = (self.home / "log").read_text("utf-8")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def run(self, job: Job, changes: Mapping[str, str] = {}) -> int:
        """The exit code of a whole run."""
        return self.end(self.start(job, changes))

    def levels(self, message: str) -> set[str]:
        """The levels of the lines that say this."""
        return set(re.findall(rf"\| (\w+) +\| .* - {re.escape(message)}", self.log))


@pytest.fixture
def prefect(tmp_path: Path) -> Prefect:
    """A Prefect that has run nothing yet."""
    return Prefect(tmp_path / "prefect")


def test_a_retry_resumes(prefect: Prefect, job: Job, server: str) -> None:
    """A source that dies is tried again, which goes on; lines keep their level."""
    broken = job.folder / "broken"
    broken.touch()
    job.write(server, broken_while=broken)

    code = prefect.run(job)

    second, first = job.runs()
    assert code == 0, prefect.log
    assert (first["state"], first["exitCode"]) == ("failed", 1)
    assert second["resumedFrom"] == first["runId"]
    assert second["records"] | {"unchanged": 5, "created": 0} == second["records"]
    assert prefect.levels("printed by the connector") == {"INFO"}
    assert prefect.levels("a warning, 100%") == {"WARNING"}


def test_no_server(prefect: Prefect, job: Job) -> None:
    """A server that is not there is tried again, and fails the flow in the end."""
    job.write(NOBODY)

    code = prefect.run(job)

    assert code == 1
    assert "om-ingest ended with 4" in prefect.log
    assert "Retry 1/1" in prefect.log


def test_a_wrong_workflow(prefect: Prefect, job: Job) -> None:
    """What no retry can mend is not tried again."""
    job.write(nothing_known=1)

    code = prefect.run(job)

    assert code == 1
    assert "om-ingest ended with 2: the workflow file or command is wrong" in prefect.log
    assert "Retry 1/1" not in prefect.log


def test_a_timeout(prefect: Prefect, job: Job) -> None:
    """A task that takes too long is ended, and so is the run: what it read is delivered."""
    job.write(pause_s=600)

    code = prefect.run(job, {"timeout_seconds=7200": "timeout_seconds=8", "retries=1": "retries=0"})

    (run,) = job.runs()
    assert code == 1
    assert "TimedOut" in prefect.log, prefect.log
    assert (run["state"], run["exitCode"]) == ("interrupted", 143)


def test_cancellation(prefect: Prefect, job: Job) -> None:
    """SIGTERM, with which Prefect cancels a flow run, ends the run of om-ingest in order."""
    job.write(pause_s=600)
    process = prefect.start(job, {})
    job.wait()
    process.send_signal(signal.SIGTERM)
    code = prefect.end(process)

    (run,) = job.runs()
    assert code == -signal.SIGTERM
    assert (run["state"], run["exitCode"]) == ("interrupted", 143), prefect.log
    assert job.report["records"]["created"] == 5
