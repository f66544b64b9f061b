"""Workflow files of both forms into a server in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import Table
from om_ingest_catalog import Catalog
from om_ingest_catalog_server.testing import CatalogServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Cli, Connect

BODY = """
def next_record(self):
    yield from stock.parents()
    for number in range(3):
        yield stock.table(f"t{number}", description=self.config.said)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CatalogServer]:
    """A server that holds nothing yet."""
    with CatalogServer(tmp_path / "server.db") as started:
        yield started


@pytest.fixture(autouse=True)
def _talker(connector: Connect) -> None:
    connector("talker", BODY, config='said: str = ""')


def said(server: CatalogServer) -> dict[str, str | None]:
    """The descriptions that the server has, by table."""
    with Catalog(server.path, read_only=True) as catalog:
        return {table.name: table.description for table in catalog.list_entities(Table)}


def short(server: CatalogServer, text: str) -> dict[str, Any]:
    """A file in the short form."""
    return {
        "source": {"type": "talker", "serviceName": "shop", "config": {"said": text}},
        "sink": {"type": "openmetadata", "config": {"hostPort": server.url}},
    }


def long(server: CatalogServer, text: str, **sink: Any) -> dict[str, Any]:
    """A file as `metadata ingest -c` takes it."""
    connection = {
        "type": "CustomDatabase",
        "sourcePythonClass": "metadata.ingestion.source.database.talker.TalkerSource",
        "connectionOptions": {"said": text},
    }
    return {
        "source": {
            "type": "customDatabase",
            "serviceName": "shop",
            "serviceConnection": {"config": connection},
            "sourceConfig": {"config": {"type": "DatabaseMetadata"}},
        },
        "sink": {"type": "metadata-rest", "config": sink},
        "workflowConfig": {
            "loggerLevel": "INFO",
            "openMetadataServerConfig": {
                "hostPort": server.url,
                "authProvider": "openmetadata",
                "securityConfig": {"jwtToken": ""},
                "verifySSL": "no-ssl",
                "storeServiceConnection": True,
            },
        },
    }


def run(cli: Cli, flow: dict[str, Any]) -> None:
    """Run a file; it succeeds."""
    cli("run", cli.write("flow.json", json.dumps(flow))).succeeded()


@pytest.mark.parametrize("form", [short, long])
def test_both_forms(cli: Cli, server: CatalogServer, form: Any) -> None:
    """Either form brings the same tables to the server."""
    run(cli, form(server, "first"))
    assert said(server) == dict.fromkeys(("t0", "t1", "t2"), "first")


@pytest.mark.full
def test_overriding(cli: Cli, server: CatalogServer) -> None:
    """`overrideMetadata` replaces descriptions; without it, or switched off in the sink, not."""
    run(cli, long(server, "first"))
    run(cli, long(server, "second"))
    assert set(said(server).values()) == {"first"}
    flow = long(server, "third", override_metadata=False)
    flow["source"]["sourceConfig"]["config"]["overrideMetadata"] = True
    run(cli, flow)
    assert set(said(server).values()) == {"first"}
    flow["sink"]["config"] = {}
    run(cli, flow)
    assert set(said(server).values()) == {"third"}
