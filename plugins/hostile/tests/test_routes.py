"""Routes for `om-ingest serve` that break its rules."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from om_ingest_catalog_server.testing import CatalogServer

OWNER = "The plugin om-ingest-hostile 0.1.0"


def test_routes_that_break_the_rules(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server names each plugin, keeps its own routes, and outlives a handler that exits."""
    monkeypatch.setenv("PYTHONPATH", str(site))
    with CatalogServer(tmp_path / "catalog.db") as server:
        root = server.url.removesuffix("/api")
        assert httpx.get(f"{root}/hostile/exit").status_code == 500
        assert httpx.get(f"{root}/hostile-dies").status_code == 404
        assert "version" in httpx.get(f"{server.url}/v1/system/version").json()
    log = (tmp_path / "catalog.log").read_text("utf-8")
    for said in (
        "hostile-exits-in-handler failed in GET /hostile/exit",
        "hostile-replaces-a-route adds no routes: ValueError: /api/v1/system/version is the",
        "hostile-dies-yielding-routes adds no routes: RuntimeError: no more routes",
    ):
        assert f"{OWNER}: {said}" in log, log
