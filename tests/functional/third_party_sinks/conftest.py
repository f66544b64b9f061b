"""acme-sinks, installed by pip into a folder that only these tests see."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli

PROJECT = Path(__file__).parent


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds acme-sinks."""
    folder = tmp_path_factory.mktemp("acme-site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--disable-pip-version-check", "--no-build-isolation", "--target", str(folder)]
    run = subprocess.run([*install, str(PROJECT)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def cli(cli: Cli, site: Path) -> Cli:
    """The command, with the sinks of acme-sinks installed."""
    cli.env["PYTHONPATH"] += os.pathsep + str(site)
    return cli
