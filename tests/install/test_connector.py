"""A connector from another repository: pip installs it, it is there; pip removes it, it is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Venv

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "weather-connector"
version = "1.2"
dependencies = ["om-ingest{specifier}"]

[project.entry-points."metadata.ingestion.source"]
weather = "metadata.ingestion.source.database.weather:WeatherSource"

[tool.hatch.build.targets.wheel]
packages = ["src/metadata"]
"""
MODULE = '''\
"""Reads the weather."""

from collections.abc import Iterable

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
)
from om_ingest.model import Column, DatabaseServiceType, DataType


class WeatherConfig(ConnectorConfig):
    station: str
    """Name of the station."""


class WeatherSource(ConfiguredSource[WeatherConfig]):
    """One table per station."""

    def next_record(self) -> Iterable[Record]:
        service = self.ctx.service_name
        yield CreateDatabaseServiceRequest(
            name=service, serviceType=DatabaseServiceType.CustomDatabase
        )
        yield CreateDatabaseRequest(name="db", service=service)
        yield CreateDatabaseSchemaRequest(name="public", database=f"{service}.db")
        yield CreateTableRequest(
            name=self.config.station,
            databaseSchema=f"{service}.db.public",
            columns=[Column(name="temperature", dataType=DataType.FLOAT)],
        )
'''


def write_project(folder: Path, specifier: str = "") -> Path:
    """A connector as its author keeps it: pyproject.toml and src."""
    source = folder / "src/metadata/ingestion/source/database"
    source.mkdir(parents=True)
    (source / "weather.py").write_text(MODULE, "utf-8")
    (folder / "pyproject.toml").write_text(PROJECT.format(specifier=specifier), "utf-8")
    return folder


@pytest.fixture
def uninstalled(environment: Venv) -> Iterator[Venv]:
    """The environment without the connector, before and after the test."""
    assert "weather" not in environment.sources()
    yield environment
    environment.pip("uninstall", "--quiet", "--yes", "weather-connector")
    assert "weather" not in environment.sources()
    environment("om-ingest", "run", "weather", code=2)


@pytest.mark.parametrize("editable", [(), ("--editable",)], ids=["wheel", "editable"])
def test_connector_comes_and_goes(
    uninstalled: Venv, tmp_path: Path, editable: tuple[str, ...]
) -> None:
    """An installed connector is listed, runs by name and leaves core as it was."""
    core = uninstalled.files_of("om-ingest")
    uninstalled.install(*editable, write_project(tmp_path))
    weather = uninstalled.sources()["weather"]
    assert (weather["distribution"], weather["version"]) == ("weather-connector", "1.2")
    assert (weather["serviceType"], weather["origin"]) == ("database", "entry point")
    assert weather["status"] == "ok"
    catalog = f"catalog:{tmp_path / 'weather.db'}"
    uninstalled("om-ingest", "run", "weather", "--set", "station=Oslo", "--sink", catalog)
    tables = uninstalled("om-ingest", "catalog", "tables", "--json", "--catalog", catalog[8:])
    names = [table["fullyQualifiedName"] for table in json.loads(tables)]
    assert names == ["weather.db.public.Oslo"]
    assert uninstalled.files_of("om-ingest") == core


def test_connector_for_another_core(uninstalled: Venv, tmp_path: Path) -> None:
    """A connector whose requirement this core does not meet is listed, and refused with 3."""
    uninstalled.install(write_project(tmp_path, specifier=">=99"))
    assert uninstalled.sources()["weather"]["status"] == "incompatible"
    uninstalled("om-ingest", "run", "weather", "--set", "station=Oslo", code=3)


def test_broken_connector_breaks_nothing(uninstalled: Venv, tmp_path: Path) -> None:
    """A connector that cannot be imported is listed, and only running it fails."""
    project = write_project(tmp_path)
    module = project / "src/metadata/ingestion/source/database/weather.py"
    module.write_text("import no_such_library\n", "utf-8")
    uninstalled.install(project)
    assert uninstalled.sources()["weather"]["status"] == "ok"
    uninstalled("om-ingest", "--version")
    uninstalled("om-ingest", "run", "weather", code=3)


def test_core_is_complete(environment: Venv) -> None:
    """Core's wheel brings all that its commands need, and says which version it is."""
    environment.pip("check")
    assert environment("om-ingest", "--version").startswith("om-ingest ")
    assert environment("python", "-m", "om_ingest", "--version").startswith("om-ingest ")
    assert "list-sources" in environment("om-ingest", "--help")
    assert environment.sources() == {}
    environment("om-ingest", "catalog", "tables", code=2)
