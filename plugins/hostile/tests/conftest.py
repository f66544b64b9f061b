"""plugins/hostile, installed by pip into a folder that only these tests see."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.command import Cli

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds om-ingest-hostile."""
    folder = tmp_path_factory.mktemp("hostile-site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--disable-pip-version-check", "--no-build-isolation", "--target", str(folder)]
    run = subprocess.run([*install, str(PROJECT)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def cli(cli: Cli, site: Path) -> Cli:
    """The command, with the hostile plugins on its path: its hooks take part in everything."""
    cli.env["PYTHONPATH"] += os.pathsep + str(site)
    return cli
