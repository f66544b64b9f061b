"""The application on an empty catalog, in process and as a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import Settings
from om_ingest_catalog_server.stores import Stores
from starlette.testclient import TestClient

API = "/api/v1/"


class Client(TestClient):
    """Requests to an application, with paths below `/api/v1/`."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        application = Application(settings, stores)
        super().__init__(application, f"http://testserver{API}", raise_server_exceptions=False)
        self.stores = stores


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a server that nobody configured."""
    return Settings(tmp_path / "catalog.db")


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    """An empty catalog over REST."""
    with Stores(settings.catalog) as stores:
        yield Client(settings, stores)


@pytest.fixture
def schema(client: Client) -> str:
    """The FQN of a schema in the catalog."""
    service = {"name": "svc", "serviceType": "CustomDatabase"}
    assert client.put("services/databaseServices", json=service).status_code == 201
    assert client.put("databases", json={"name": "db", "service": "svc"}).status_code == 201
    body = {"name": "s", "database": "svc.db"}
    assert client.put("databaseSchemas", json=body).status_code == 201
    return "svc.db.s"
