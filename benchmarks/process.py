"""Runs a command as users do, in a process of its own, and says what it took."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

OM_INGEST = str(Path(sys.executable).with_name("om-ingest"))
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024  # getrusage(2): KiB on Linux


class MeasurementError(Exception):
    """A command failed, or did not do what was to be measured."""


@dataclass(frozen=True)
class Usage:
    """What one process took."""

    wall_s: float
    """Seconds from start to end, the start of the interpreter included."""

    peak_bytes: int
    """Largest resident set size."""

    output: str
    """What it printed."""


def run(*command: str, path: Path | None = None) -> Usage:
    """Run a command to its end, with the connectors in `path`.

    Raises `RuntimeError` with its error output if it fails: such a figure means nothing.
    """
    environment = {key: value for key, value in os.environ.items() if key[:6] != "PYTHON"}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        # Not `process.wait`: only wait4 gives the figures of this one child.
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            said = (output.read() + errors.read()).decode(errors="replace")
            line = " ".join(command)
            raise MeasurementError(f"{line} ended with {process.returncode}:\n{said}")
        return Usage(wall_s, usage.ru_maxrss * MAXRSS_BYTES, output.read().decode())


def in_turns(
    commands: dict[str, list[str]], repeats: int, path: Path | None = None
) -> dict[str, Usage]:
    """The median run of each command; they take turns, so that a busy moment hits all alike."""
    runs: dict[str, list[Usage]] = {name: [] for name in commands}
    for command in commands.values():  # fills the caches of files and bytecode
        run(*command, path=path)
    for _ in range(repeats):
        for name, command in commands.items():
            runs[name].append(run(*command, path=path))
    return {name: median(usages) for name, usages in runs.items()}


def median(usages: list[Usage]) -> Usage:
    """Median time and median memory; the output of the last run."""
    return Usage(
        statistics.median(usage.wall_s for usage in usages),
        int(statistics.median(usage.peak_bytes for usage in usages)),
        usages[-1].output,
    )
