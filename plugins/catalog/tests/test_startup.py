"""The command starts fast: what it imports is counted, not how long it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

SAY_MODULES = "import sys, {module}; print(*sys.modules)"
HEAVY = {"httpx", "pydantic", "sqlite3", "yaml"}


@pytest.mark.parametrize(
    "module", ["om_ingest_catalog", "om_ingest_catalog.command", "om_ingest_catalog.pytest_plugin"]
)
def test_the_command_imports_nothing_heavy(module: str) -> None:
    """The package, its command and its pytest plugin import neither models nor the store."""
    run = subprocess.run(
        [sys.executable, "-c", SAY_MODULES.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(run.stdout.split())
    assert module in modules, "the import was not observed"
    found = HEAVY & modules
    assert not found, f"{module} needs none of these: {found}"


def test_help_opens_no_store() -> None:
    """`om-ingest catalog --help` lists the commands, and imports neither models nor the store."""
    program = (
        "import sys, atexit\n"
        "from om_ingest.cli import main\n"
        "atexit.register(lambda: print('modules:', *sys.modules))\n"
        "sys.argv = ['om-ingest', 'catalog', '--help']\n"
        "main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "search" in run.stdout
    _, _, modules = run.stdout.partition("modules:")
    found = HEAVY & set(modules.split())
    assert not found, f"om-ingest catalog --help needs none of these: {found}"
