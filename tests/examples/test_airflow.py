"""The DAG of examples/airflow, run by a real Airflow: `airflow dags test` on an SQLite file."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.examples.conftest import NOBODY, Job, environment_of


@dataclass
class Airflow:
    """An installed Airflow, and an empty AIRFLOW_HOME to run in."""

    command: Path
    home: Path
    log: str = ""
    """What the last run logged."""

    @property
    def env(self) -> dict[str, str]:
        """The variables of its commands."""
        return {
            **os.environ,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PYTHONWARNINGS": "default",
        }

    def test(self, job: Job, changes: Mapping[str, str]) -> tuple[str, int, dict[str, Any]]:
        """State and number of tries of the task, and its XCom, once `airflow dags test` is done."""
        quick = {"timedelta(minutes=10)": "timedelta(seconds=1)", "retries=3": "retries=1"}
        job.adapted("airflow/om_ingest_dag.py", self.home / "dags", {**quick, **changes})
        test = [self.command, "dags", "test", "ingest_metadata"]
        done = subprocess.run(test, env=self.env, capture_output=True, text=True, timeout=240)
        self.log = done.stdout + done.stderr
        with closing(sqlite3.connect(self.home / "airflow.db")) as database:
            query = "SELECT state, try_number FROM task_instance"
            ((state, tries),) = database.execute(query).fetchall()
            query = "SELECT value FROM xcom WHERE key = 'report'"
            values = [json.loads(value) for (value,) in database.execute(query)]
        assert (done.returncode == 0) == (state == "success"), self.log
        report = values[-1] if values else {}
        return state, tries, json.loads(report) if isinstance(report, str) else report

    def levels(self, message: str) -> set[str]:
        """The levels of the lines that say this."""
        return set(re.findall(rf"\[(\w+) *\] {re.escape(message)}", self.log))


@pytest.fixture(scope="session")
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """An Airflow whose database has its tables."""
    command = environment_of(request.param) / "bin/airflow"
    airflow = Airflow(command, tmp_path_factory.mktemp("airflow"))
    migrate = [command, "db", "migrate"]
    subprocess.run(migrate, env=airflow.env, check=True, capture_output=True, timeout=240)
    return airflow


@pytest.fixture
def airflow(migrated: Airflow, tmp_path: Path) -> Airflow:
    """An Airflow that has run nothing yet."""
    home = tmp_path / "airflow"
    home.mkdir()
    shutil.copy(migrated.home / "airflow.db", home)
    return Airflow(migrated.command, home)


NEWEST = pytest.mark.parametrize("migrated", ["airflow"], indirect=True)
EACH = pytest.mark.parametrize("migrated", ["airflow", "airflow_3_1"], indirect=True)


@EACH
def test_success(airflow: Airflow, job: Job) -> None:
    """A run that ends well is one try; its lines have their levels, and the XCom its counts."""
    state, tries, said = airflow.test(job, {})

    assert (state, tries) == ("success", 1), airflow.log
    assert (said["state"], said["exitCode"], said["records"]["created"]) == ("success", 0, 5)
    assert said["runId"] == job.report["runId"] == job.runs()[0]["runId"]
    assert airflow.levels("printed by the connector") == {"info"}
    assert airflow.levels("a warning, 100%") == {"warning"}
    assert f"'runId': '{said['runId']}'" in airflow.log
    assert (job.state / "nightly.prom").exists()


@NEWEST
def test_a_retry_resumes(airflow: Airflow, job: Job, server: str) -> None:
    """A source that dies fails the try; the next one leaves out what the server has."""
    broken = job.folder / "broken"
    broken.touch()
    job.write(server, broken_while=broken)

    state, tries, said = airflow.test(job, {})

    second, first = job.runs()
    assert (state, tries) == ("success", 2), airflow.log
    assert "om-ingest ended with 1" in airflow.log
    assert (first["state"], first["exitCode"]) == ("failed", 1)
    assert said["resumedFrom"] == first["runId"] != said["runId"] == second["runId"]
    assert second["records"] | {"unchanged": 5, "created": 0} == second["records"]


@NEWEST
def test_no_server(airflow: Airflow, job: Job) -> None:
    """A server that is not there is tried again, and fails the task in the end."""
    job.write(NOBODY)

    state, tries, said = airflow.test(job, {})

    assert (state, tries) == ("failed", 2), airflow.log
    assert (said["state"], said["exitCode"]) == ("failed", 4)
    assert "om-ingest ended with 4" in airflow.log


@NEWEST
def test_a_wrong_workflow(airflow: Airflow, job: Job) -> None:
    """What no retry can mend is not tried again, and says what it is."""
    job.write(nothing_known=1)

    state, tries, said = airflow.test(job, {})

    assert (state, tries, said["exitCode"]) == ("failed", 1, 2), airflow.log
    assert "om-ingest ended with 2: the workflow file or command is wrong" in airflow.log
    assert "nothing_known" in airflow.log


@EACH
def test_a_timeout(airflow: Airflow, job: Job) -> None:
    """A task that takes too long is ended, and so is the run: what it read is delivered."""
    job.write(pause_s=600)
    limits = {"timedelta(hours=2)": "timedelta(seconds=8)", "retries=1": "retries=0"}

    state, _, said = airflow.test(job, limits)

    (run,) = job.runs()
    assert state == "failed", airflow.log
    assert "AirflowTaskTimeout" in airflow.log
    assert (run["state"], run["exitCode"]) == ("interrupted", 143)
    assert (said["state"], said["records"]["created"]) == ("interrupted", 5)
