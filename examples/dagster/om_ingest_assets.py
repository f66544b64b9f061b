"""Ingest metadata every night; om-ingest has a virtual environment that Dagster does not share."""

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg

COMMAND = "/opt/om-ingest/bin/om-ingest"  # python -m venv /opt/om-ingest; pip install there
WORKFLOW = "/opt/om-ingest/workflow.yaml"
STATE = Path("/var/lib/om-ingest/nightly")  # journal, report, metrics, dead letters
GRACE_S = 25
NO_USE_RETRYING = {2: "the workflow file or command is wrong", 3: "a plugin is missing or broken"}


@dg.asset(retry_policy=dg.RetryPolicy(max_retries=3, delay=600))
def ingested_metadata(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """What `om-ingest run` delivers; a retry goes on where the try before was stopped."""
    report = STATE / "report.json"
    STATE.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [COMMAND, "run", WORKFLOW, "--resume", "--state", STATE, "--log-format", "json"]
    command += ["--grace", str(GRACE_S), "--report", report, "--metrics", STATE / "nightly.prom"]
    code = run(command, context.log)
    summary = summary_of(report)
    if code:
        raise dg.Failure(
            f"om-ingest ended with {code}: {NO_USE_RETRYING.get(code, f'see {report}')}",
            metadata=summary,
            allow_retries=code not in NO_USE_RETRYING,
        )
    return dg.MaterializeResult(metadata=summary)


def run(command: list[Any], log: logging.Logger) -> int:
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
        except BaseException:  # the run is terminated
            process.terminate()
            last = threading.Timer(GRACE_S + 5, kill, [process])
            last.daemon = True
            last.start()
            tell(process.stdout, log)
            raise


def tell(lines: Iterable[str], log: logging.Logger) -> None:
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
    """The part of a report that is worth a look in Dagster; empty if there is none."""
    try:
        whole = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    keys = ("runId", "resumedFrom", "state", "exitCode", "records", "errors", "deadLetters")
    return {key: whole[key] for key in keys if whole.get(key) is not None}


nightly = dg.ScheduleDefinition(
    job=dg.define_asset_job(
        "ingest_metadata",
        selection=[ingested_metadata],
        tags={"dagster/max_runtime": "7200"},  # seconds; needs run monitoring
    ),
    cron_schedule="0 3 * * *",
)
defs = dg.Definitions(assets=[ingested_metadata], schedules=[nightly])
