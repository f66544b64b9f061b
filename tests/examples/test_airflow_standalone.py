"""The DAG of examples/airflow in a whole Airflow: scheduler, executor, supervisor, API server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples.conftest import Job, environment_of


class Standalone:
    """The API of a running `airflow standalone`."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._headers = {"Content-Type": "application/json"}

    def authorize(self) -> None:
        """Get a token; raises `OSError` as long as there is no server."""
        token = self.call("GET", "/auth/token")["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer to a request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            said: dict[str, Any] = json.loads(answer.read() or b"{}")
        return said


@pytest.fixture
def standalone(job: Job, tmp_path: Path) -> Iterator[Standalone]:
    """An Airflow that has the DAG, and starts it: a run that pauses for ten minutes."""
    job.write(pause_s=600)
    programs = environment_of("airflow") / "bin"
    home = tmp_path / "airflow"
    job.adapted("airflow/om_ingest_dag.py", home / "dags", {"retries=3": "retries=0"})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
    command = [shutil.which("airflow", path=str(programs)) or "airflow", "standalone"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    api = Standalone(port)
    try:
        until = time.monotonic() + 300
        while True:
            try:
                api.authorize()
                api.call("PATCH", "/api/v2/dags/ingest_metadata", {"is_paused": False})
                break
            except OSError:
                assert time.monotonic() < until, (home / "log").read_text("utf-8")[-3000:]
                time.sleep(1)
        yield api
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)


def test_a_task_that_is_marked(standalone: Standalone, job: Job) -> None:
    """A task that somebody marks as failed while it runs ends the run of om-ingest in order."""
    dag = "/api/v2/dags/ingest_metadata/dagRuns"
    job.wait()
    (dag_run,) = standalone.call("GET", dag)["dag_runs"]

    task = f"{dag}/{dag_run['dag_run_id']}/taskInstances/run"
    standalone.call("PATCH", task, {"new_state": "failed"})

    until = time.monotonic() + 60
    while any(run["state"] == "running" for run in job.runs()):
        assert time.monotonic() < until
        time.sleep(1)
    (run,) = job.runs()
    assert (run["state"], run["exitCode"]) == ("interrupted", 143)
    assert (job.report["state"], job.report["records"]["created"]) == ("interrupted", 5)
