"""Ingest metadata every night, in a virtual environment that Airflow does not share."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.exceptions import AirflowFailException
from airflow.sdk import dag, get_current_context, task

COMMAND = "/opt/om-ingest/bin/om-ingest"  # python -m venv /opt/om-ingest; pip install there
WORKFLOW = "/opt/om-ingest/workflow.yaml"
NO_USE_RETRYING = {2: "the workflow file is wrong", 3: "a plugin is missing or broken"}


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["metadata"],
)
def ingest_metadata() -> None:
    """One task: `om-ingest run`."""

    @task(retries=3, retry_delay=timedelta(minutes=10), execution_timeout=timedelta(hours=2))
    def run() -> None:
        import subprocess

        report = f"/var/log/om-ingest/{get_current_context()['run_id']}.json"
        code = subprocess.run([COMMAND, "run", WORKFLOW, "--report", report]).returncode
        if code in NO_USE_RETRYING:
            raise AirflowFailException(f"om-ingest ended with {code}: {NO_USE_RETRYING[code]}")
        if code:
            raise RuntimeError(f"om-ingest ended with {code}, see {report}")

    run()


ingest_metadata()
