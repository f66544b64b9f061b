"""The connector as its users run it: the real command, by name, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from om_ingest.testing.subject import Subject


@dataclass(frozen=True)
class RunByName:
    """What the command left behind."""

    code: int
    """Its exit code."""

    complaint: str
    """What it said was wrong, on one line."""

    delivered: int
    """Records that are in the catalog now."""


def run_by_name(subject: Subject, name: str, patience_s: float) -> RunByName:
    """Run a source into a temporary catalog; in the working directory, where paths start."""
    source = {
        "type": name,
        "serviceName": subject.service_name,
        "config": subject.config,
        "sourceConfig": {"config": subject.source_config},
    }
    with tempfile.TemporaryDirectory() as folder:
        flow, report = Path(folder, "flow.json"), Path(folder, "report.json")
        flow.touch(mode=0o600)  # it may hold a secret
        flow.write_text(json.dumps({"source": source}), encoding="utf-8")
        sink = f"catalog:{Path(folder, 'catalog.db')}"
        command = [sys.executable, "-m", "om_ingest", "run", str(flow), "--sink", sink]
        command += ["--report", str(report)]
        try:
            run = subprocess.run(command, capture_output=True, timeout=patience_s)
        except subprocess.TimeoutExpired:
            return RunByName(-1, f"it was still busy after {patience_s:g} s", 0)
        said = run.stderr.decode(errors="replace").strip().splitlines() or [""]
        complaint = next((line for line in said if line.startswith("error: ")), said[-1])
        if not report.exists():
            return RunByName(run.returncode, complaint, 0)
        told = json.loads(report.read_text(encoding="utf-8"))
        if told["deadLetters"]:  # it lies in the working directory
            Path(os.fspath(told["deadLetters"])).unlink(missing_ok=True)
        counts = told["records"]
        delivered = counts["created"] + counts["updated"] + counts["unchanged"]
        return RunByName(run.returncode, complaint, delivered)
