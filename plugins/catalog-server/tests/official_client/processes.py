"""The official client's environment, and what its processes leave: notes, exit codes, outputs."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PATIENCE_S = 600
"""After this many seconds a process counts as hanging."""
WORKFLOW = """\
source:
  type: customDatabase
  serviceName: {service}
  serviceConnection:
    config:
      type: CustomDatabase
      sourcePythonClass: ledgers.source.LedgerSource
      connectionOptions:
        tables: {tables}
        broken: {broken}
  sourceConfig:
    config:
      type: DatabaseMetadata
sink:
  type: metadata-rest
  config: {{}}
workflowConfig:
  loggerLevel: INFO
  openMetadataServerConfig:
    hostPort: {url}
    authProvider: openmetadata
    securityConfig:
      jwtToken: ""
ingestionPipelineFQN: {service}.nightly
"""


@dataclass(frozen=True)
class Run:
    """How a process of the official client ended."""

    code: int
    """Its exit code."""
    output: str
    """Standard output."""
    errors: str
    """Standard error."""


class OfficialClient:
    """The environment that the official client is installed in."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self._env = {**clean, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "ignore"}

    def run(self, *command: str | Path, folder: Path, **env: str) -> Run:
        """Run a command of that environment to its end."""
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=folder,
            env={**self._env, **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def play(self, url: str, older_url: str, scenarios: list[str], folder: Path) -> Seen:
        """What the scenarios of `driver` saw, with what `OpenMetadata.from_env` needs set."""
        variables = {
            "OPENMETADATA__connection__hostPort": url,
            "OPENMETADATA__connection__authProvider": "openmetadata",
            "OPENMETADATA__connection__securityConfig__jwtToken": "anything",
        }
        command = ["python", "-m", "driver", url, older_url, *scenarios]
        run = self.run(*command, folder=folder, **variables)
        return Seen(json.loads(run.output) if run.code == 0 else {}, run)

    def ingest(self, url: str, service: str, tables: str, folder: Path, *, broken: str = "") -> Run:
        """Run `metadata ingest -c` with the connector `ledgers`, and report it to a pipeline."""
        file = folder / f"{service}.yaml"
        text = WORKFLOW.format(url=url, service=service, tables=tables, broken=broken or '""')
        file.write_text(text, encoding="utf-8")
        return self.run("metadata", "ingest", "-c", file, folder=folder)


class Seen:
    """What the steps of scenarios gave; one that failed fails the test that asks for it."""

    def __init__(self, notes: dict[str, dict[str, dict[str, Any]]], run: Run) -> None:
        self.notes = notes
        """Scenario -> step -> `{"value": ...}` or `{"error": traceback}`."""
        self.run = run
        """The process that took the notes."""

    def __call__(self, scenario: str, step: str) -> Any:
        """What a step gave."""
        if self.run.code:
            pytest.fail(f"The driver ended with {self.run.code}:\n{self.run.errors}", pytrace=False)
        notes = self.notes[scenario]
        note = notes.get("begin") or notes[step]
        if "error" in note:
            pytest.fail(f"{scenario}, {step}:\n{note['error']}", pytrace=False)
        return note["value"]
