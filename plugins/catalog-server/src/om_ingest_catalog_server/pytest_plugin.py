"""The pytest fixture `catalog_server`, available wherever om-ingest-catalog-server is installed.

The server is imported when the fixture is used: pytest loads this module in every session, and
before coverage starts.
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
    """A server on an empty catalog, in its own process, on a free port of the loopback address.

    def test_server(catalog_server):
        response = httpx.get(f"{catalog_server.url}/v1/system/version")
        assert response.status_code == 200
    """
    from om_ingest_catalog_server.testing import CatalogServer

    with CatalogServer(tmp_path / "catalog-server.db") as server:
        yield server
