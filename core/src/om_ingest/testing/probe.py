"""Import and create a source in a process of its own, where everything can be watched."""

from __future__ import annotations

import inspect
import json
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
    """What was seen."""

    problem: str = ""
    """Why there is nothing to see; empty if the source was imported."""

    import_s: float = 0.0
    """Seconds that the import took, without om-ingest itself, and without waiting for a
    processor where that is known."""

    printed: str = ""
    """What was printed meanwhile."""

    logging: str = ""
    """What became of the root logger; empty if nothing did."""

    folder: list[str] = field(default_factory=list)
    """What was done to the working directory."""

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
