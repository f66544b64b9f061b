"""The official `metadata ingest -c`, with a connector of the new style, from end to end."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest_catalog_server.testing import CatalogServer

if TYPE_CHECKING:
    from official_client.processes import Run

MAIN = "ledgers.books.main"


@pytest.fixture
def get(server: CatalogServer) -> Get:
    """Answers of the server, below `/api/v1/`."""
    return Get(server.url)


class Get:
    """`get(path)`: the JSON that a server answers."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self._url}/v1/{path}") as answer:
            return json.load(answer)


def test_it_ends_well(ledgers: list[Run]) -> None:
    """Both runs end with exit code 0, and find that everything was written."""
    for run in ledgers:
        assert run.code == 0, run.errors
        assert "Workflow Success %" in run.errors + run.output


def test_the_service(ledgers: list[Run], get: Get) -> None:
    """The service is there, with the connection that the workflow file names."""
    service = get("services/databaseServices/name/ledgers")
    config = service["connection"]["config"]
    assert service["serviceType"] == config["type"] == "CustomDatabase"
    assert config["sourcePythonClass"] == "ledgers.source.LedgerSource"


def test_the_tables(ledgers: list[Run], get: Get) -> None:
    """The tables are there with columns and tags; what the second run sent again is unchanged."""
    table = get(f"tables/name/{MAIN}.balances?fields=columns,tags")
    assert (table["description"], table["version"]) == ("All balances", 0.1)
    assert [tag["tagFQN"] for tag in table["tags"]] == ["Ledger.Money"]
    number, amount = table["columns"]
    assert (number["name"], number["constraint"]) == ("id", "PRIMARY_KEY")
    assert (amount["dataType"], amount["precision"], amount["scale"]) == ("DECIMAL", 12, 2)
    assert [tag["tagFQN"] for tag in amount["tags"]] == ["Ledger.Money"]


def test_the_tree(ledgers: list[Run], get: Get) -> None:
    """Every level between service and table is there."""
    assert get("databases/name/ledgers.books")["service"]["name"] == "ledgers"
    assert get(f"databaseSchemas/name/{MAIN}")["database"]["name"] == "books"
    page = get(f"tables?databaseSchema={MAIN}")
    assert [table["name"] for table in page["data"]] == ["accounts", "balances", "bookings"]


def test_the_tag(ledgers: list[Run], get: Get) -> None:
    """A classification and its tag were made on the way."""
    assert get("tags/name/Ledger.Money")["classification"]["name"] == "Ledger"


def test_lineage(ledgers: list[Run], get: Get) -> None:
    """An edge by ids and an edge by FQNs are there."""
    graph = get(f"lineage/table/name/{MAIN}.bookings")
    nodes = {node["id"]: node["name"] for node in graph["nodes"]}
    (up,), (down,) = graph["upstreamEdges"], graph["downstreamEdges"]
    assert nodes[up["fromEntity"]] == "accounts"
    assert nodes[down["toEntity"]] == "balances"
    assert down["lineageDetails"]["sqlQuery"] == "insert"


def test_life_cycle(ledgers: list[Run], get: Get) -> None:
    """What the sink patches at its end is there."""
    table = get(f"tables/name/{MAIN}.accounts?fields=lifeCycle")
    assert table["lifeCycle"]["created"]["accessedByAProcess"] == "ledgers"


def test_what_is_gone(ledgers: list[Run], get: Get) -> None:
    """A table that the second run did not find is marked as deleted."""
    table = get(f"tables/name/{MAIN}.old?include=deleted")
    assert table["deleted"] is True


def test_reported_runs(ledgers: list[Run], get: Get) -> None:
    """Both runs are on record with their steps."""
    pipeline = get("services/ingestionPipelines/name/ledgers.nightly")
    assert (pipeline["pipelineType"], pipeline["service"]["name"]) == ("metadata", "ledgers")
    runs = get("services/ingestionPipelines/ledgers.nightly/pipelineStatus")["data"]
    assert [run["pipelineState"] for run in runs] == ["success", "success"]
    for run in runs:
        source, sink = run["status"]
        assert (source["name"], source["errors"]) == ("Source", 0)
        assert sink["records"] >= 3


def test_a_run_that_fails(torn: Run, get: Get) -> None:
    """A run with too many failures ends with 1; they are on record, what it could read is there."""
    assert torn.code == 1, torn.errors
    (run,) = get("services/ingestionPipelines/torn.nightly/pipelineStatus")["data"]
    assert run["pipelineState"] == "failed"
    failures = run["status"][0]["failures"]
    assert [failure["name"] for failure in failures] == ["may", "june", "july"]
    assert {failure["error"] for failure in failures} == {"The page is torn"}
    assert get("tables/name/torn.books.main.accounts")["name"] == "accounts"
