"""Ingest metadata every night; om-ingest has a virtual environment that Airflow does not share."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from airflow.sdk import BaseOperator, Context, dag

try:
    from airflow.sdk.exceptions import AirflowFailException
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowFailException

COMMAND = "/opt/om-ingest/bin/om-ingest"  # python -m venv /opt/om-ingest; pip install there
WORKFLOW = "/opt/om-ingest/workflow.yaml"
STATE = Path("/var/lib/om-ingest/nightly")  # on a volume of all workers: journal, report, metrics
GRACE_S = 25
NO_USE_RETRYING = {2: "the workflow file or command is wrong", 3: "a plugin is missing or broken"}


class OmIngest(BaseOperator):
    """Run a workflow of om-ingest; a retry goes on where the try before was stopped."""

    process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> None:
        """Run it to its end; the XCom `report` is the summary of its report, however it ended."""
        report = STATE / "report.json"
        STATE.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        command = [COMMAND, "run", WORKFLOW, "--resume", "--state", STATE, "--log-format", "json"]
        command += ["--report", report, "--metrics", STATE / "nightly.prom"]
        command += ["--grace", str(GRACE_S)]
        try:
            code = self.run(command)
        finally:
            context["ti"].xcom_push("report", summary_of(report))
        if code in NO_USE_RETRYING:
            raise AirflowFailException(f"om-ingest ended with {code}: {NO_USE_RETRYING[code]}")
        if code:
            raise RuntimeError(f"om-ingest ended with {code}, see {report}")

    def run(self, command: list[Any]) -> int:
        """The exit code. A session of its own: what ends this task leaves om-ingest its grace."""
        with subprocess.Popen(
            command,
            cwd=STATE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as self.process:
            assert self.process.stdout is not None
            try:
                tell(self.process.stdout)
                return self.process.wait()
            except BaseException:  # execution_timeout
                self.on_kill()
                tell(self.process.stdout)
                raise

    def on_kill(self) -> None:
        """Ask om-ingest to end; after its grace it is killed with everything that it started."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        last = threading.Timer(GRACE_S + 5, kill, [process])
        last.daemon = True
        last.start()


def tell(lines: Iterable[str]) -> None:
    """Log each line at its own level, with its fields; what is not JSON stays as it is."""
    log = structlog.get_logger(logger_name="om-ingest")
    for line in lines:
        try:
            said = dict(json.loads(line))
        except (TypeError, ValueError):
            said = {"message": line.rstrip("\n")}
        level = logging.getLevelName(str(said.pop("level", "info")).upper())
        message = str(said.pop("message", ""))
        log.log(level if isinstance(level, int) else logging.INFO, message, om_ingest=said)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that still runs, and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def summary_of(report: Path) -> dict[str, Any]:
    """The part of a report that is worth a look in Airflow; empty if there is none."""
    try:
        whole = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    keys = ("runId", "resumedFrom", "state", "exitCode", "records", "errors", "deadLetters")
    return {key: whole[key] for key in keys if key in whole}


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["metadata"],
)
def ingest_metadata() -> None:
    """One task: `om-ingest run`."""
    OmIngest(
        task_id="run",
        retries=3,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=2),
    )


ingest_metadata()
