"""The sink `openmetadata` keeps the contract of sinks, against a server of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from om_ingest_catalog_server.testing import CatalogServer
from om_ingest_testing import SinkSuite


@pytest.fixture(autouse=True, scope="class")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A server for all checks, named by the config of the suite."""
    with CatalogServer(tmp_path_factory.mktemp("server") / "catalog.db") as server:
        request.cls.config = {"hostPort": server.url}
        yield


class TestOpenMetadata(SinkSuite):
    """`OpenMetadataSink`, by its name."""

    sink = "openmetadata"
    config = {"hostPort": "http://localhost:1/api"}
