"""The pytest fixture `catalog`, available wherever om-ingest-catalog is installed.

The catalog is imported when the fixture is used: pytest loads this module in every session, and
before coverage starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from om_ingest_catalog import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog in a temporary file, `catalog.path`.

    def test_tables(om_ingest, catalog):
        om_ingest("run", "acme", "--sink", f"catalog:{catalog.path}").succeeded()
        assert [table.name for table in catalog.list_entities(Table)] == ["orders"]
    """
    from om_ingest_catalog import Catalog

    with Catalog(tmp_path / "catalog.db") as opened:
        yield opened
