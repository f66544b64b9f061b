"""Files of examples/ with the tools of the machine that they are for: sh, jq, systemd."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import yaml

from tests.examples.conftest import COMMAND, EXAMPLES, Job


def test_a_summary_of_the_report(job: Job, tmp_path: Path) -> None:
    """The step that makes a summary for GitHub turns a real report into tables and errors."""
    broken = tmp_path / "broken"
    broken.touch()
    job.write(broken_while=broken)
    command = [COMMAND, "run", job.workflow, "--report", tmp_path / "report.json"]
    subprocess.run(command, cwd=tmp_path, capture_output=True)
    workflow = yaml.safe_load((EXAMPLES / "github-actions/ingest.yml").read_text("utf-8"))
    steps = workflow["jobs"]["ingest"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("name") == "Summary")
    summary = tmp_path / "summary.md"

    done = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, env={**os.environ, "GITHUB_STEP_SUMMARY": summary}
    )

    assert done.returncode == 0
    said = summary.read_text("utf-8")
    assert said.startswith("**failed**, exit code 1, run `")
    assert "| records | |\n|---|---|\n| yielded | 5 |\n| created | 5 |" in said
    assert "```text\nThe source night" in said


def test_systemd(tmp_path: Path) -> None:
    """The manager of services takes the units, and waits longer than the run's grace."""
    for unit in EXAMPLES.glob("systemd/om-ingest.*"):
        text = unit.read_text("utf-8")
        text = text.replace("/opt/om-ingest/bin/om-ingest", str(COMMAND))
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    service = (EXAMPLES / "systemd/om-ingest.service").read_text("utf-8")
    grace, stop = re.search(r"GRACE=(\d+)", service), re.search(r"StopSec=(\d+)", service)
    assert grace is not None
    assert stop is not None
    assert int(grace[1]) + 10 <= int(stop[1])


def test_two_nights(job: Job) -> None:
    """The script that runs while the run of the night before goes on says so, and ends with 1."""
    nightly = shutil.copy(EXAMPLES / "cron/nightly.sh", job.folder)
    (job.folder / "venv/bin").mkdir(parents=True)
    (job.folder / "venv/bin/om-ingest").symlink_to(COMMAND)
    job.write(pause_s=600)
    job.workflow.rename(job.folder / "workflow.yaml")
    command = ["/bin/sh", nightly]

    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as first:
        job.wait()
        second = subprocess.run(command, capture_output=True, text=True)
        os.killpg(first.pid, signal.SIGTERM)

    assert second.returncode == 1
    assert "om-ingest ended with 1; all of it: " in second.stdout
    assert job.state.stat().st_mode & 0o077 == 0
    # Of the second run, which has ended: its metrics are for a process of another user.
    assert (job.folder / "metrics/nightly.prom").stat().st_mode & 0o044 == 0o044
    (run,) = job.runs()
    assert f"The run {run['runId']} of this job is still running" in second.stdout
