"""The rules of examples/prometheus, evaluated by Prometheus on what real runs have written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.examples import promtool
from tests.examples.conftest import COMMAND, EXAMPLES, Job

RULES = EXAMPLES / "prometheus/alerts.yml"
SAMPLE = re.compile(r"^(\w+\{.*\}) (\S+)$", re.MULTILINE)
DAY = 24
"""Hours: the times of these tests are hours since 1970."""


@pytest.fixture(scope="module", name="promtool")
def program() -> str:
    """The program that tests rules."""
    return promtool.find()


def metrics_of(job: Job) -> dict[str, str]:
    """The series of a run's metrics, each with its values of ten days: the same each hour."""
    job.state.mkdir()
    path = job.state / "nightly.prom"
    command = [COMMAND, "run", job.workflow, "--metrics", path, "--state", job.state]
    subprocess.run(command, cwd=job.state, capture_output=True)
    series = SAMPLE.findall(path.read_text("utf-8"))
    return {name: f"{value}+0x{10 * DAY}" for name, value in series}


def alerts(promtool: str, folder: Path, series: dict[str, str], at_hour: int) -> set[str]:
    """The alerts that fire at a time: promtool names those that it was told to expect none of."""
    rules = yaml.safe_load(RULES.read_text("utf-8"))
    names = [rule["alert"] for group in rules["groups"] for rule in group["rules"]]
    none = [{"eval_time": f"{at_hour}h", "alertname": name, "exp_alerts": []} for name in names]
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1h", "input_series": inputs, "alert_rule_test": none}
    file = folder / "test.yml"
    every = {"rule_files": [str(RULES)], "evaluation_interval": "1h", "tests": [test]}
    file.write_text(yaml.safe_dump(every), "utf-8")
    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True)
    said = done.stdout + done.stderr
    found = set(re.findall(r"alertname: ?(\w+), time", said))
    assert bool(found) == bool(done.returncode), said
    assert "err:" not in said, said
    return found


def set_to(series: dict[str, str], metric: str, values: str) -> dict[str, str]:
    """The series with other values for one that is there."""
    (name,) = [name for name in series if name.startswith(metric)]
    return {**series, name: values}


LAST_SUCCESS = "om_ingest_run_last_success_timestamp_seconds"


def test_rules_name_metrics_that_runs_write(promtool: str, job: Job) -> None:
    """Prometheus takes the rules, and each metric in them is one that a run writes."""
    subprocess.run([promtool, "check", "rules", RULES], check=True, capture_output=True)
    named = set(re.findall(r"om_ingest_\w+", RULES.read_text("utf-8")))
    written = {name.partition("{")[0] for name in metrics_of(job)}
    assert named <= written
    page = (EXAMPLES.parent / "docs/how-to/what-to-alert-on.md").read_text("utf-8")
    assert set(re.findall(r"om_ingest_run_\w+", page)) <= written


def test_a_good_run_is_no_alert(promtool: str, job: Job, tmp_path: Path) -> None:
    """After a run that succeeded nothing fires, until it is 26 hours ago."""
    series = set_to(metrics_of(job), LAST_SUCCESS, f"{7 * DAY * 3600}+0x{10 * DAY}")

    assert alerts(promtool, tmp_path, series, 7 * DAY + 25) == set()
    assert alerts(promtool, tmp_path, series, 7 * DAY + 27) == {"OmIngestNoSuccess"}


def test_no_metrics_at_all(promtool: str, tmp_path: Path) -> None:
    """That nothing has written metrics for a day is an alert."""
    assert alerts(promtool, tmp_path, {}, 27) == {"OmIngestNeverRan"}


def test_a_failed_run_is_an_alert(promtool: str, job: Job, tmp_path: Path) -> None:
    """A source that died fires, and so do refused records and lost ones, each by itself."""
    broken = job.folder / "broken"
    broken.touch()
    job.write(broken_while=broken)
    failed = set_to(metrics_of(job), LAST_SUCCESS, f"{DAY * 3600}+0x{10 * DAY}")
    at = DAY + 1

    assert alerts(promtool, tmp_path, failed, at) == {"OmIngestFailed"}
    refused = set_to(failed, 'om_ingest_run_records{ingestion="nightly",outcome="failed"', "1x99")
    assert alerts(promtool, tmp_path, refused, at) == {"OmIngestFailed", "OmIngestRecordsFailed"}
    unread = set_to(failed, "om_ingest_run_source_failures", "1x99")
    assert alerts(promtool, tmp_path, unread, at) == {"OmIngestFailed", "OmIngestSourceFailures"}
    slow = set_to(failed, "om_ingest_run_retry_duration_seconds", "601x99")
    assert alerts(promtool, tmp_path, slow, at) == {"OmIngestFailed", "OmIngestServerTroubled"}


def test_fewer_records(promtool: str, job: Job, tmp_path: Path) -> None:
    """A run that reads less than half of what the runs of the week before read is an alert."""
    metric = 'om_ingest_run_records{ingestion="nightly",outcome="created"'
    series = set_to(metrics_of(job), LAST_SUCCESS, f"{7 * DAY * 3600}+0x{10 * DAY}")
    lost = set_to(series, metric, f"1000x{7 * DAY - 1} 400x{DAY}")
    less = set_to(series, metric, f"1000x{7 * DAY - 1} 600x{DAY}")

    assert alerts(promtool, tmp_path, lost, 7 * DAY + 1) == {"OmIngestFewerRecords"}
    assert alerts(promtool, tmp_path, less, 7 * DAY + 1) == set()
