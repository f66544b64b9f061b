"""The fixture `catalog_server`, which pytest loads wherever om-ingest-catalog-server is installed.

It imports nothing else until the fixture is used: it runs in test sessions that have nothing
to do with servers, and before coverage begins to measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from om_ingest_catalog_server.testing import CatalogServer


@pytest.fixture
def catalog_server(tmp_path: Path) -> Iterator[CatalogServer]:
    """A catalog that speaks OpenMetadata's REST, on a free port of this machine.

    def test_server(catalog_server):
        response = httpx.get(f"{catalog_server.url}/v1/system/version")
        assert response.status_code == 200
    """
    from om_ingest_catalog_server.testing import CatalogServer

    with CatalogServer(tmp_path / "catalog-server.db") as server:
        yield server
