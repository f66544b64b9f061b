"""A connector author's project: a connector that is installed, and tests that pytest runs."""

from __future__ import annotations

import os
import subprocess
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import PYTEST

if TYPE_CHECKING:
    from tests.command import Connect

STOCK = Path(__file__).parents[2] / "stock"

ACME = """\
from om_ingest import (
    ConfiguredSource, ConnectorConfig, CreateDatabaseRequest, CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest, CreateTableRequest, ScopeComplete, SourceError,
)
from om_ingest.model import Column, Database, DatabaseServiceType, DataType, Table

class AcmeConfig(ConnectorConfig):
    url: str = "http://localhost"
    \"\"\"Where it is.\"\"\"

class AcmeSource(ConfiguredSource[AcmeConfig]):
    def next_record(self):
        name = self.ctx.service_name
        yield CreateDatabaseServiceRequest(
            name=name, serviceType=DatabaseServiceType.CustomDatabase
        )
        yield CreateDatabaseRequest(name="db", service=name)
        if self.ctx.metadata.get_by_name(Database, f"{name}.db") is None:
            raise SourceError("The database is not there", "Look at the first failure.")
        yield CreateDatabaseSchemaRequest(name="public", database=f"{name}.db")
        columns = [Column(name="id", dataType=DataType.INT)]
        yield CreateTableRequest(
            name="orders", databaseSchema=f"{name}.db.public", columns=columns
        )
        yield ScopeComplete(f"{name}.db.public", Table)
"""
"""A connector that keeps the contract."""


class Project:
    """An author's folder; `site` holds what is installed."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.folder = folder
        self.site = site

    def write(self, text: str, name: str = "test_acme.py") -> None:
        """Write a file of the project."""
        (self.folder / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def pytest(self, *arguments: str) -> str:
        """Run pytest; what it prints, every outcome in a line of its own."""
        command = [*PYTEST, "-rA", "--rootdir", str(self.folder)]
        command += ["-o", "console_output_style=classic"]
        path = os.pathsep.join([str(self.site), str(STOCK)])
        env = {**os.environ, "PYTHONPATH": path, "COLUMNS": "400"}
        run = subprocess.run(
            [*command, *arguments], cwd=self.folder, env=env, capture_output=True, text=True
        )
        return run.stdout + run.stderr


@pytest.fixture
def project(connector: Connect, tmp_path: Path) -> Project:
    """A folder for tests, and the connector `acme` installed."""
    (tmp_path / "project").mkdir()
    connector("acme", module=ACME)
    return Project(tmp_path / "project", tmp_path / "site")
