"""The files in examples/ are accepted by the programs that they are for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from croniter import croniter

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


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
    """Kubernetes knows every field of the manifests, and waits longer than the run's grace."""
    manifests = EXAMPLES / "kubernetes/cronjob.yaml"
    said = run(tool("kubernetes-validate"), "--strict", manifests)
    assert said.count("passed") == 3, said
    _, job, _ = yaml.safe_load_all(manifests.read_text("utf-8"))
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    env = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
    assert int(env["OM_INGEST_GRACE"]) + 10 <= pod["terminationGracePeriodSeconds"]


def test_cron() -> None:
    """The times in the crontab are times."""
    lines = (EXAMPLES / "cron/crontab").read_text("utf-8").splitlines()
    (line,) = [line for line in lines if line[0].isdigit() or line[0] == "*"]
    assert croniter.is_valid(" ".join(line.split()[:5]))


def test_nightly_script(tmp_path: Path) -> None:
    """The script is quiet after a good run, and resumes; it shows what a bad one said.

    Each run has a log of its own; old ones go.
    """
    nightly = shutil.copy(EXAMPLES / "cron/nightly.sh", tmp_path)
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/om-ingest").symlink_to(tool("om-ingest"))
    workflow, state = tmp_path / "workflow.yaml", tmp_path / "state"

    def night(source: str) -> subprocess.CompletedProcess[str]:
        sink = f"{{type: catalog, config: {{path: {tmp_path}/a.db}}}}"
        workflow.write_text(f"source: {source}\nsink: {sink}\n", "utf-8")
        return subprocess.run(["/bin/sh", nightly], cwd="/", capture_output=True, text=True)

    good = night("{type: sample-tables, serviceName: demo}")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    (log,) = state.glob("logs/*.log")
    assert "There is nothing to resume" in log.read_text("utf-8")
    assert json.loads((state / "report.json").read_text("utf-8"))["state"] == "success"

    os.utime(log, (0, 0))
    bad = night("{type: sample-tables, serviceName: demo, config: {sample_schema_folder: /none}}")
    assert bad.returncode == 2
    assert "om-ingest ended with 2; all of it: " in bad.stdout
    assert "/none" in bad.stdout
    (said,) = state.glob("logs/*.log")
    assert said != log
    assert "Runs removed: 0" in said.read_text("utf-8")
