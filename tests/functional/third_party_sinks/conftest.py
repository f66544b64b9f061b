"""acme-sinks, installed by pip into a folder that only these tests see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import installed_into

if TYPE_CHECKING:
    from tests.command import Cli

PROJECT = Path(__file__).parent


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds acme-sinks."""
    return installed_into(tmp_path_factory.mktemp("acme-site"), PROJECT)


@pytest.fixture
def cli(cli: Cli, site: Path) -> Cli:
    """The command, with the sinks of acme-sinks installed."""
    cli.env["PYTHONPATH"] += os.pathsep + str(site)
    return cli
