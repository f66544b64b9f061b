"""The files in examples/ are accepted by the programs that they are for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from croniter import croniter

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

PARSE = """
import runpy, sys
module = runpy.run_path(sys.argv[1])
dag = module["ingest_metadata"]()
(task,) = dag.tasks
print(dag.dag_id, task.task_id, task.retries)
"""


def run(*command: str | Path, env: dict[str, str] | None = None) -> str:
    """What a command says that ends well."""
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(name: str) -> Path:
    """A command of this environment."""
    return Path(sys.executable).with_name(name)


def test_github_actions() -> None:
    """GitHub's schema accepts the workflows."""
    schema = ["--builtin-schema", "vendor.github-workflows"]
    workflows = sorted(EXAMPLES.glob("github-actions/*.yml"))
    assert [path.stem for path in workflows] == ["ingest", "publish"]
    run(tool("check-jsonschema"), *schema, *workflows)


def test_kubernetes() -> None:
    """Kubernetes knows every field of the manifests."""
    manifests = EXAMPLES / "kubernetes/cronjob.yaml"
    said = run(tool("kubernetes-validate"), "--strict", manifests)
    assert said.count("passed") == 3, said


def test_cron() -> None:
    """The times in the crontab are times, and the script is one for sh."""
    lines = (EXAMPLES / "cron/crontab").read_text("utf-8").splitlines()
    (line,) = [line for line in lines if line[0].isdigit() or line[0] == "*"]
    assert croniter.is_valid(" ".join(line.split()[:5]))
    run("/bin/sh", "-n", EXAMPLES / "cron/nightly.sh")


@pytest.mark.parametrize("code", [0, 1])
def test_nightly_script(tmp_path: Path, code: int) -> None:
    """The script is quiet after a good run, tells what a bad one said, and keeps its code."""
    command = tmp_path / "venv/bin/om-ingest"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho said: $* >&2\nexit {code}\n")
    command.chmod(0o755)
    script = ["/bin/sh", EXAMPLES / "cron/nightly.sh"]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code
    assert ("said: run workflow.yaml --report report-" in done.stdout) == bool(code)
    assert bool(done.stdout) == bool(code)


@pytest.mark.full
def test_airflow(tmp_path: Path) -> None:
    """Airflow 3 reads the file as a DAG of one task."""
    uv = tool("uv")
    python = tmp_path / "venv/bin/python"
    run(uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    airflow = ["apache-airflow==3.1.*", "apache-airflow-providers-standard"]
    run(uv, "pip", "install", "--quiet", "--python", python, *airflow)
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path / "home")}
    said = run(python, "-c", PARSE, EXAMPLES / "airflow/om_ingest_dag.py", env=env)
    assert said.splitlines()[-1] == "ingest_metadata run 3"
