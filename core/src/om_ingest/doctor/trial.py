"""Import one source in a child process: time, failure and output."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from om_ingest.registry import InstalledSource

TIMEOUT_S = 60.0
"""Seconds after which an import counts as hanging."""

PRINTED_CHARS = 10_000
"""Maximum of kept output; the rest is cut off."""

# Python puts the working directory first for -c: a connector lying there would be imported.
_CHILD = """
import sys
if sys.path[:1] == [""]: del sys.path[0]
import json, time
from om_ingest.errors import OmIngestError
from om_ingest.host import loading
from om_ingest.host.hooks import Hooks
from om_ingest.registry import InstalledSource
source, result = InstalledSource(**json.loads(sys.argv[1])), sys.argv[2]
hooks = Hooks()
began, failure = time.monotonic(), ""
try:
    loading.source_class(source, hooks)
except OmIngestError as error:
    failure = error.what
with open(result, "w", encoding="utf-8") as file:
    json.dump({"import_s": round(time.monotonic() - began, 3), "failure": failure}, file)
"""


@dataclass(frozen=True)
class Trial:
    """Result of importing one source."""

    source: str
    distribution: str
    version: str
    module: str
    import_s: float
    """Seconds that the import took, without the start of Python; 0 if it did not end."""

    failure: str
    """What went wrong; empty if nothing did."""

    printed: str
    """What the connector wrote to standard output and standard error."""


def try_import(source: InstalledSource, timeout_s: float = TIMEOUT_S) -> Trial:
    """Import a source in a child process, so that it cannot affect this one."""
    with tempfile.TemporaryDirectory() as folder:
        result, output = Path(folder) / "result.json", Path(folder) / "output.txt"
        command = [sys.executable, "-c", _CHILD, json.dumps(asdict(source)), str(result)]
        ending = _run(command, output, timeout_s)
        told: dict[str, Any] = {"import_s": 0.0, "failure": ending or "the process ended at once"}
        with contextlib.suppress(FileNotFoundError, ValueError):  # it ended before it could tell
            told = json.loads(result.read_text(encoding="utf-8"))
            if ending and not told["failure"]:
                told["failure"] = f"imported, and then: {ending}"
        with output.open(encoding="utf-8", errors="replace") as file:
            printed = file.read(PRINTED_CHARS)
    return Trial(
        source=source.name,
        distribution=source.distribution,
        version=source.version,
        module=source.module,
        printed=printed.strip(),
        **told,
    )


def _run(command: list[str], output: Path, timeout_s: float) -> str:
    """Run a command until it ends or the timeout; why it failed, empty for exit code 0.

    Its output goes to a file: a pipe would stay open as long as a grandchild lives.
    """
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return f"still running after {timeout_s:g} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with its children
        process.wait()
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}" if code else ""
