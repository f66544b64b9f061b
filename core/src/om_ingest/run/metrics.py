"""The file that `--metrics` names: the last run of a job, for Prometheus.

The format is that of the textfile collector of node_exporter: text (Prometheus, "Exposition
formats"), no timestamps, replaced in one step, read by a process of another user. Several files
lie in one folder, where no two may have the same series: each has its own name as a label.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from om_ingest import private_file
from om_ingest.run import report_file
from om_ingest.store import Outcome

_INFO = "om_ingest_run_info"
_LAST_SUCCESS = "om_ingest_run_last_success_timestamp_seconds"

HELP = {
    _INFO: "What ran last; always 1.",
    "om_ingest_run_start_timestamp_seconds": "When the last run began, in seconds since 1970.",
    "om_ingest_run_end_timestamp_seconds": "When the last run ended, in seconds since 1970.",
    _LAST_SUCCESS: "When a run last ended in success, in seconds since 1970; 0 if none has.",
    "om_ingest_run_duration_seconds": "Duration of the last run.",
    "om_ingest_run_phase_duration_seconds": "Duration of each phase that the last run has reached.",
    "om_ingest_run_exit_code": "Exit code of the last run.",
    "om_ingest_run_state": "How the last run ended: 1 for its state, 0 for the others.",
    "om_ingest_run_records": "Records of the last run, by what became of them.",
    "om_ingest_run_entities": "Records of the last run, by entity type and what became of them.",
    "om_ingest_run_source_failures": "What the source could not read in the last run.",
    "om_ingest_run_warnings": "Warnings of the last run, by who gave them.",
    "om_ingest_run_errors": "Errors of the last run that concern no single record.",
    "om_ingest_run_retries": "Requests that the last run repeated.",
    "om_ingest_run_retry_duration_seconds": "What the repeated requests cost, added up.",
    "om_ingest_run_peak_memory_bytes": "Peak of the last run: its process, its largest child.",
}
"""Every metric with its help, in the order of the file. All are gauges: of one run."""

_BEGINNING = f"# HELP {_INFO} ".encode()
"""First bytes of every such file: one that begins differently is not replaced."""

_STATES = ("success", "failed", "interrupted")

_Sample = tuple[str, Mapping[str, str], float]


def check(path: Path) -> None:
    """Raise `WorkflowError` for a path that no metrics will be written to."""
    report_file.check(path, "metrics", _BEGINNING)


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Replace the metrics by those of a run that has ended; `report` is its report.

    Raises `WorkflowError` for a file that holds something else, and `DeliveryError` if it cannot
    be written.
    """
    check(path)
    if private_file.is_stream(path):
        report_file.send(path, text(report, path.name))
        return
    private_file.write_whole(path, text(report, path.name, _last_success(path)), for_others=True)


def text(report: Mapping[str, Any], name: str, last_success_s: float = 0.0) -> str:
    """The metrics of a run; `name` is that of the file, and `last_success_s` from before it."""
    ingestion = name.removesuffix(".prom")
    lines: list[str] = []
    found: dict[str, list[_Sample]] = {}
    for sample in _samples(report, last_success_s):
        found.setdefault(sample[0], []).append(sample)
    for metric, said in HELP.items():
        lines += [f"# HELP {metric} {said}", f"# TYPE {metric} gauge"]
        for _, labels, value in found.get(metric, ()):
            pairs = {"ingestion": ingestion, **labels}.items()
            inner = ",".join(f'{label}="{_escaped(value)}"' for label, value in pairs)
            lines.append(f"{metric}{{{inner}}} {value!r}")
    return "\n".join(lines) + "\n"


def _samples(report: Mapping[str, Any], last_success_s: float) -> Iterator[_Sample]:
    start_s, end_s = _seconds(report["startedAt"]), _seconds(report["endedAt"])
    is_success = report["state"] == "success" and not report["dryRun"]
    journal, status = report["journal"] or {}, report["sourceStatus"]
    last_success_s = max(last_success_s, _seconds(journal.get("lastSuccess")))
    if is_success:
        last_success_s = end_s
    yield (
        _INFO,
        {
            "workflow": report["workflow"]["file"] or "",
            "source": report["source"],
            "distribution": report["distribution"],
            "service": report["serviceName"],
            "sink": report["sink"],
            "version": report["host"]["version"],
        },
        1,
    )
    for metric, value in (
        ("start_timestamp_seconds", start_s),
        ("end_timestamp_seconds", end_s),
        ("last_success_timestamp_seconds", last_success_s),
        ("duration_seconds", round(end_s - start_s, 3)),
        ("exit_code", report["exitCode"]),
        ("source_failures", status["failures"]["total"]),
        ("errors", len(report["errors"])),
        ("retries", report["retries"]["count"]),
        ("retry_duration_seconds", report["retries"]["lost_s"]),
    ):
        yield f"om_ingest_run_{metric}", {}, value
    for phase in report["phases"]:
        labels = {"phase": phase["name"]}
        yield "om_ingest_run_phase_duration_seconds", labels, phase["duration_s"]
    for state in _STATES:
        yield "om_ingest_run_state", {"state": state}, int(report["state"] == state)
    for outcome in (*(outcome.value for outcome in Outcome), "filtered"):
        yield "om_ingest_run_records", {"outcome": outcome}, report["records"][outcome]
    for entity_type, counts in report["byEntityType"].items():
        for outcome, count in counts.items():
            labels = {"entity_type": entity_type, "outcome": outcome}
            yield "om_ingest_run_entities", labels, count
    for who, count in (
        ("source", status["warnings"]["total"]),
        ("delivery", report["deliveryWarnings"]["total"]),
        ("processors", sum(said["warnings"]["total"] for said in report["processors"])),
    ):
        yield "om_ingest_run_warnings", {"origin": who}, count
    for process, size in report["peakMemoryBytes"].items():
        if size is not None:
            yield "om_ingest_run_peak_memory_bytes", {"of": process}, size


def _last_success(path: Path) -> float:
    """When the last success was, by the metrics that are there; 0 without one."""
    try:
        found = re.search(rf"(?m)^{_LAST_SUCCESS}{{.*}} (\S+)$", path.read_text("utf-8", "replace"))
        value = float(found[1]) if found else 0.0
    except (OSError, ValueError):
        return 0.0
    return value if math.isfinite(value) else 0.0


def _seconds(moment: str | None) -> float:
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _escaped(text: str) -> str:
    """The value of a label: no quote, backslash or end of a line stands for itself.

    What is no UTF-8 is replaced: one odd name must not cost the file.
    """
    text = text.encode("utf-8", "replace").decode()
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return text
