"""Connectors of every generation of the API, as authors of those releases wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest_catalog import Attachments, Catalog
from om_ingest_catalog_server.testing import CatalogServer

from catalog_content import content
from connector_runs import CONNECTORS, Expected
from tests.selection import few

if TYPE_CHECKING:
    from connector_runs import RunConnector
    from tests.command import Cli

GENERATIONS = ("g0", "g1", "g2", "g3", "g4", "native")
FOLDERS = [
    path.parent for name in GENERATIONS for path in sorted((CONNECTORS / name).glob("*/flow.yaml"))
]


def displayed(value: Any) -> Any:
    """The expected content, columns shown by their type where the author says nothing else.

    A rule of OpenMetadata (REST contract §3.0): `dataTypeDisplay` is the type in lower case.
    """
    if isinstance(value, list):
        return [displayed(part) for part in value]
    if not isinstance(value, dict):
        return value
    found = {name: displayed(part) for name, part in value.items()}
    if "columns" in found and isinstance(found["columns"], list):
        found["columns"] = [_column(column) for column in found["columns"]]
    return found


def _column(column: Any) -> Any:
    if not isinstance(column, dict):
        return column
    found = {"dataTypeDisplay": column["dataType"].lower(), **column}
    if "children" in found:
        found["children"] = [_column(child) for child in found["children"]]
    return found


def differences(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Each place where a value is not what it should be."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted(found.keys() | wanted.keys()):
            where = f"{place} / {name}" if place else name
            yield from differences(found.get(name), wanted.get(name), where)
    elif found != wanted:
        yield f"{place}: {found!r}, not {wanted!r}"


def name_of(folder: Path) -> str:
    """Generation and name of a connector."""
    return f"{folder.parent.name}-{folder.name}"


# What pydantic 2 says of models that connectors have written for pydantic 1.
@pytest.mark.filterwarnings("ignore::DeprecationWarning:connector.dump")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:connector.ledger")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:connector.recipes")
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_what_the_author_means(run_connector: RunConnector, folder: Path) -> None:
    """Each connector leaves what its author means, field by field, and the report counts what
    it could not read, what it warned of, and what it filtered.
    """
    expected = Expected.read(folder / "expected.yaml")

    done = run_connector(folder)

    wrong = list(differences(done.content, displayed(expected.content)))
    assert not wrong, "\n".join([*wrong, done.output])
    assert done.code == expected.code, done.output
    for sort in ("failures", "warnings"):
        told, beginnings = done.notes(sort), getattr(expected, sort)
        assert len(told) == len(beginnings), told
        for reason, beginning in zip(told, beginnings, strict=True):
            assert reason.startswith(beginning)
    assert done.notes("filtered") == expected.filtered
    if expected.yielded is not None:
        assert done.report["records"]["yielded"] == expected.yielded


@pytest.mark.full
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_into_a_server(run_connector: RunConnector, folder: Path, tmp_path: Path) -> None:
    """A server gets the same from each connector as the embedded catalog."""
    expected = displayed(Expected.read(folder / "expected.yaml").content)
    with CatalogServer(tmp_path / "server.db") as server:
        done = run_connector(folder, None, "--sink", f"openmetadata:{server.url}")
    found = content(tmp_path / "server.db")
    for fields in found["entities"].values():
        fields.pop("sourceHash", None)
    # Which run there was, the server is told as well.
    reported = {name for name in found["entities"] if name.startswith("ingestionPipeline ")}
    found["entities"] = {k: v for k, v in found["entities"].items() if k not in reported}
    wrong = list(differences(found, expected))
    assert not wrong, "\n".join([*wrong, done.output])


@pytest.mark.full
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_recorded_and_repeated(run_connector: RunConnector, folder: Path, tmp_path: Path) -> None:
    """A second run of each connector finds everything unchanged, and a recording of a run brings
    the same into a catalog.
    """
    expected = displayed(Expected.read(folder / "expected.yaml").content)
    run_connector(folder)
    done = run_connector(folder)
    assert not list(differences(done.content, expected))
    assert [done.report["records"][what] for what in ("created", "updated")] == [0, 0]
    run_connector(folder, None, "--sink", f"jsonl:{tmp_path / 'run.jsonl'}")
    other = tmp_path / "other.db"
    run_connector(tmp_path, None, "--sink", f"catalog:{other}", file="run.jsonl")
    assert not list(differences(content(other), expected))


def test_runs_and_profiles(run_connector: RunConnector, tmp_path: Path) -> None:
    """Every run of a pipeline is kept, and the profile of each column, beside the latest."""
    run_connector(CONNECTORS / "g0/status_board")
    run_connector(CONNECTORS / "g4/warehouse")
    with Catalog(tmp_path / "catalog.db", read_only=True) as catalog:
        beside = Attachments(catalog)
        runs = beside.pipeline_statuses("board.load_orders")
        weights = beside.profiles("lake.lake.silver.fish.weight", "column")
    assert [run["executionStatus"] for run in runs] == ["Successful", "Failed"]
    (weight,) = weights
    assert (weight["nullCount"], weight["valuesCount"]) == (0, 12)


@pytest.mark.full
def test_by_its_entry_point(cli: Cli) -> None:
    """A connector with metadata of a distribution beside it is listed, and runs by its name."""
    path = str(CONNECTORS / "g4/warehouse")
    listed = cli("list-sources", "--json", "--path", path).succeeded().json
    lake = next(source for source in listed if source["name"] == "lake")
    assert (lake["distribution"], lake["version"]) == ("lake-connector", "2.1")
    cli("run", "lake", "--path", path, "--service-name", "lake").succeeded()
    assert cli.tables() == ["catch", "fish"]


@pytest.mark.parametrize(
    "folder", few([CONNECTORS / "g4/careless", CONNECTORS / "g0/ledger"], 1), ids=name_of
)
def test_in_a_process(cli: Cli, folder: Path) -> None:
    """Two connectors whose package is called `connector` run in two processes; what they print
    and log at their import, even onto standard output, is not among the records there.
    """
    options = ("--path", ".", "--sink", "console", "--state", str(cli.cwd))
    run = cli("run", "flow.yaml", *options, cwd=folder)
    assert run.code == 1
    expected = Expected.read(folder / "expected.yaml")
    types = [json.loads(line)["type"] for line in run.out.splitlines()]
    assert types == [name.partition(" ")[0] for name in expected.content["entities"]]
    assert "load" in run.err
