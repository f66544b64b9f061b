"""Child processes for checks: one imports and creates the source, one runs it by name."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from om_ingest.testing.subject import Subject

# Python puts the working directory first for -c: what lies there must not be imported.
_CHILD = """
import sys
if sys.path[:1] == [""]: del sys.path[0]
from om_ingest.testing import watched
watched.main()
"""

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


@dataclass(frozen=True)
class Probe:
    """What was observed while the source was imported and created."""

    problem: str = ""
    """Why the source was not imported; empty if it was."""

    import_s: float = 0.0
    """Seconds that the import took, without om-ingest itself and, on Linux, without waiting
    for a processor."""

    printed: str = ""
    """What was printed."""

    logging: str = ""
    """What changed at the root logger; empty if nothing did."""

    folder: list[str] = field(default_factory=list)
    """Accesses to the working directory."""

    events: list[tuple[str, str, str]] = field(default_factory=list)
    """Step (`import` or `create`), name of the audit event, and its arguments as text."""

    def connections(self, step: str) -> list[str]:
        """Each attempt to connect, or to look up an address."""
        return [f"{name} {text}" for when, name, text in self.events if when == step]


def probe(subject: Subject, patience_s: float) -> Probe:
    """Import the class and create it in an empty working directory, without a network."""
    cls = subject.source_class
    if "<locals>" in cls.__qualname__:
        return Probe("it is defined inside a function: define it at the top of a module")
    with tempfile.TemporaryDirectory() as folder:
        result, printed = Path(folder, "result.json"), Path(folder, "printed.txt")
        empty = Path(folder, "empty")
        empty.mkdir()
        order = {
            "module": cls.__module__,
            "file": inspect.getfile(cls),
            "class": cls.__qualname__,
            "path": [entry for entry in sys.path if entry not in ("", ".")],
            "config": subject.config,
            "service_name": subject.service_name,
            "source_config": subject.source_config,
            "result": str(result),
            "printed": str(printed),
            "empty": str(empty),
            "network": _NETWORK,
        }
        command = [sys.executable, "-c", _CHILD]
        try:
            subprocess.run(
                command,
                input=json.dumps(order).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=patience_s,
            )
        except subprocess.TimeoutExpired:
            return Probe(f"it was still busy after {patience_s:g} s")
        try:
            seen = json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Probe("it ended the process")
        seen["events"] = [tuple(event) for event in seen["events"]]
        return Probe(**seen)


@dataclass(frozen=True)
class RunByName:
    """Result of the command."""

    code: int
    """Its exit code."""

    complaint: str
    """Its error message, on one line."""

    delivered: int
    """Records that are in the catalog now."""


def run_by_name(subject: Subject, name: str, patience_s: float) -> RunByName:
    """Run a source into a temporary catalog; paths are relative to this working directory."""
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
