"""docs/how-to/catalog-server.md: what it asks a server is answered."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from om_ingest.kinds import KINDS
from om_ingest_catalog import Actor, Catalog, Collection
from om_ingest_catalog_server.testing import CatalogServer

PAGE = Path(__file__).parents[3] / "docs/how-to/catalog-server.md"
TREE = (
    ("databaseService", {"name": "shop", "serviceType": "CustomDatabase"}),
    ("database", {"name": "main", "service": "shop"}),
    ("databaseSchema", {"name": "public", "database": "shop.main"}),
    ("table", {"name": "orders", "databaseSchema": "shop.main.public", "columns": []}),
)


def test_requests_of_the_page(tmp_path: Path) -> None:
    """Each curl of the page lists what a catalog file holds, with the fields that it names."""
    path = tmp_path / "shop.db"
    with Catalog(path) as catalog:
        for entity_type, body in TREE:
            Collection(catalog, KINDS[entity_type]).put(body, Actor())
    requests = re.findall(r"^curl .*$", PAGE.read_text("utf-8"), re.MULTILINE)
    pages = []
    with CatalogServer(path) as server:
        for request in requests:
            command = request.replace("http://127.0.0.1:8585/api", server.url)
            run = subprocess.run(
                ["sh", "-ec", command], capture_output=True, text=True, check=True, timeout=60
            )
            pages.append(json.loads(run.stdout)["data"])
    (tables, schemas) = pages
    assert [table["name"] for table in tables] == ["orders"]
    assert [table["id"] for table in schemas[0]["tables"]] == [tables[0]["id"]]
