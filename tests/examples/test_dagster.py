"""The asset of examples/dagster, materialized by a real Dagster: `dagster job execute`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.examples.conftest import NOBODY, Job, environment_of


class Dagster:
    """An installed Dagster with a home of its own, and what it said last."""

    def __init__(self, home: Path) -> None:
        self.command = environment_of("dagster") / "bin/dagster"
        self.home = home
        home.mkdir()
        self.log = ""

    def start(self, job: Job, changes: Mapping[str, str]) -> subprocess.Popen[str]:
        """A process that materializes the asset: `dagster job execute`."""
        quick = {"delay=600": "delay=1", "max_retries=3": "max_retries=1"}
        copy = job.adapted("dagster/om_ingest_assets.py", self.home, {**quick, **changes})
        execute = [self.command, "job", "execute", "-f", copy, "-j", "ingest_metadata"]
        return subprocess.Popen(
            execute,
            env={**os.environ, "DAGSTER_HOME": str(self.home), "DAGSTER_DISABLE_TELEMETRY": "1"},
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def execute(self, job: Job, changes: Mapping[str, str] = {}) -> int:
        """The exit code, once it is done."""
        with self.start(job, changes) as process:
            self.log, _ = process.communicate(timeout=240)
        return process.returncode

    def levels(self, message: str) -> set[str]:
        """The levels of the lines that say this."""
        found = re.findall(rf" - ([A-Z]+) - .* - {re.escape(message)}$", self.log, re.MULTILINE)
        return set(found)


@pytest.fixture
def dagster(tmp_path: Path) -> Dagster:
    """A Dagster that has run nothing yet."""
    return Dagster(tmp_path / "dagster")


def test_a_retry_resumes(dagster: Dagster, job: Job, server: str) -> None:
    """A source that dies is tried again, which goes on; lines keep their level."""
    broken = job.folder / "broken"
    broken.touch()
    job.write(server, broken_while=broken)

    code = dagster.execute(job)

    second, first = job.runs()
    assert code == 0, dagster.log
    assert "STEP_UP_FOR_RETRY" in dagster.log
    assert "RUN_SUCCESS" in dagster.log
    assert (first["state"], first["exitCode"]) == ("failed", 1)
    assert second["resumedFrom"] == first["runId"]
    assert second["records"] | {"unchanged": 5, "created": 0} == second["records"]
    assert dagster.levels("printed by the connector") == {"INFO"}
    assert dagster.levels("a warning, 100%") == {"WARNING"}


def test_no_server(dagster: Dagster, job: Job) -> None:
    """A server that is not there is tried again, and fails the run in the end."""
    job.write(NOBODY)

    code = dagster.execute(job)

    assert code == 1
    assert "om-ingest ended with 4" in dagster.log
    assert "STEP_UP_FOR_RETRY" in dagster.log
    assert "STEP_RESTARTED" in dagster.log
    assert "RUN_FAILURE" in dagster.log


def test_a_wrong_workflow(dagster: Dagster, job: Job) -> None:
    """What no retry can mend is not tried again."""
    job.write(nothing_known=1)

    code = dagster.execute(job)

    assert code == 1
    assert "om-ingest ended with 2: the workflow file or command is wrong" in dagster.log
    assert "STEP_FAILURE" in dagster.log
    assert "STEP_UP_FOR_RETRY" not in dagster.log


def test_termination(dagster: Dagster, job: Job) -> None:
    """A run of Dagster that is terminated ends the run of om-ingest in order."""
    job.write(pause_s=600)
    with dagster.start(job, {}) as process:
        job.wait()
        process.send_signal(signal.SIGTERM)
        dagster.log, _ = process.communicate(timeout=120)

    (run,) = job.runs()
    assert (run["state"], run["exitCode"]) == ("interrupted", 143), dagster.log
    assert job.report["records"]["created"] == 5
