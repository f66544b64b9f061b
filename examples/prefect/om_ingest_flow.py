"""Ingest metadata every night; om-ingest has a virtual environment that Prefect does not share."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prefect import State, Task, flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import TaskRun

COMMAND = "/opt/om-ingest/bin/om-ingest"  # python -m venv /opt/om-ingest; pip install there
WORKFLOW = "/opt/om-ingest/workflow.yaml"
STATE = Path("/var/lib/om-ingest/nightly")  # journal, report, metrics, dead letters
GRACE_S = 25
NO_USE_RETRYING = {2: "the workflow file or command is wrong", 3: "a plugin is missing or broken"}


class RunError(Exception):
    """A run of om-ingest that ended with another code than 0."""

    def __init__(self, code: int, report: Path) -> None:
        self.code = code
        super().__init__(
            f"om-ingest ended with {code}: {NO_USE_RETRYING.get(code, f'see {report}')}"
        )


async def may_help(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether another try has a chance."""
    error = await state.aresult(raise_on_failure=False)
    return getattr(error, "code", None) not in NO_USE_RETRYING


@task(retries=3, retry_delay_seconds=600, retry_condition_fn=may_help, timeout_seconds=7200)
def run_om_ingest() -> dict[str, Any]:
    """Run a workflow; a retry goes on where the try before was stopped."""
    report = STATE / "report.json"
    STATE.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [COMMAND, "run", WORKFLOW, "--resume", "--state", STATE, "--log-format", "json"]
    command += ["--grace", str(GRACE_S), "--report", report, "--metrics", STATE / "nightly.prom"]
    try:
        code = run(command, get_run_logger())
    finally:
        summary = summary_of(report)
        create_table_artifact([summary], key="om-ingest", description="The last run of om-ingest")
    if code:
        raise RunError(code, report)
    return summary


def run(command: list[Any], log: logging.Logger | logging.LoggerAdapter[Any]) -> int:
    """The exit code. What ends this function early ends om-ingest, too, after its grace."""
    with subprocess.Popen(
        command,
        cwd=STATE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            tell(process.stdout, log)
            return process.wait()
        except BaseException:  # the timeout, or the run is cancelled
            process.terminate()
            last = threading.Timer(GRACE_S + 5, kill, [process])
            last.daemon = True
            last.start()
            tell(process.stdout, log)
            raise


def tell(lines: Iterable[str], log: logging.Logger | logging.LoggerAdapter[Any]) -> None:
    """Log each line at its own level; what is not JSON stays as it is."""
    for line in lines:
        try:
            said = dict(json.loads(line))
        except (TypeError, ValueError):
            said = {"message": line.rstrip("\n")}
        level = logging.getLevelName(str(said.pop("level", "info")).upper())
        message = str(said.pop("message", ""))
        log.log(level if isinstance(level, int) else logging.INFO, "%s", message)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that still runs, and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def summary_of(report: Path) -> dict[str, Any]:
    """The part of a report that is worth a look in Prefect; empty if there is none."""
    try:
        whole = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    keys = ("runId", "resumedFrom", "state", "exitCode", "records", "errors", "deadLetters")
    return {key: whole[key] for key in keys if key in whole}


@flow
def ingest_metadata() -> dict[str, Any]:
    """One task: `om-ingest run`."""
    return run_om_ingest()


if __name__ == "__main__":
    ingest_metadata.serve(name="nightly", cron="0 3 * * *")
