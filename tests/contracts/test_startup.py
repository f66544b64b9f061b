"""Commands that look around start fast: what they import is counted, not how long they take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("om-ingest")
HEAVY = {
    "httpx": "the HTTP client",
    "metadata": "a connector",
    "pydantic": "the models",
    "rich": "the painter of terminals",
    "sqlite3": "the catalog",
    "yaml": "the reader of workflow files",
}


def imported(*arguments: str) -> set[str]:
    """The modules that one run of the installed command imports; its output is no terminal."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", str(COMMAND), *arguments],
        capture_output=True,
        text=True,
    )
    trace, said = [], [run.stdout]
    for line in run.stderr.splitlines():
        (trace if line.startswith("import time:") else said).append(line)
    if run.returncode != 0:
        pytest.fail("\n".join(said))
    return {line.rpartition("|")[2].strip() for line in trace}


@pytest.mark.parametrize("arguments", [("list-sources",), ("--help",), ("--version",)])
def test_looking_around_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Listing, help and version import no HTTP client, no models and no connector."""
    modules = imported(*arguments)
    assert "om_ingest.cli" in modules, "the run was not observed"
    found = {name: why for name, why in HEAVY.items() if name in modules}
    assert not found, f"om-ingest {' '.join(arguments)} needs none of these: {found}"
