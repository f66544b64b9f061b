"""The application on an empty catalog, in process and as a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

from in_process import Client


class Serve(Protocol):
    """The type of the fixture that serves a catalog."""

    def __call__(self, **changes: Any) -> Client:
        """A client of a server with these settings."""


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    """The default settings."""
    return ServerSettings(tmp_path / "catalog.db")


@pytest.fixture
def stores(settings: ServerSettings) -> Iterator[Stores]:
    """An empty catalog."""
    with Stores(settings.catalog) as stores:
        yield stores


@pytest.fixture
def serve(settings: ServerSettings, stores: Stores) -> Serve:
    """Serves the catalog with other settings."""

    def serve(**changes: Any) -> Client:
        return Client(replace(settings, **changes), stores)

    return serve


@pytest.fixture
def client(serve: Serve) -> Client:
    """The catalog over REST."""
    return serve()


@pytest.fixture
def schema(client: Client) -> str:
    """The FQN of a schema in the catalog."""
    service = {"name": "svc", "serviceType": "CustomDatabase"}
    assert client.put("services/databaseServices", json=service).status_code == 201
    assert client.put("databases", json={"name": "db", "service": "svc"}).status_code == 201
    body = {"name": "s", "database": "svc.db"}
    assert client.put("databaseSchemas", json=body).status_code == 201
    return "svc.db.s"
