"""The application on an empty catalog, in process and as a server of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

API = "/api/v1/"


class Serve(Protocol):
    """Serves the catalog of a test."""

    def __call__(self, **changes: Any) -> Client:
        """A client of a server with these settings."""


class InProcess(httpx.BaseTransport):
    """Hands requests to an application as a server would, without a network."""

    def __init__(self, application: Application) -> None:
        self._transport = httpx.ASGITransport(application)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            response = await self._transport.handle_async_request(request)
            content = await response.aread()
            return httpx.Response(response.status_code, headers=response.headers, content=content)

        return asyncio.run(answer())


class Client(httpx.Client):
    """Requests to an application, with paths below `/api/v1/`."""

    def __init__(self, settings: ServerSettings, stores: Stores) -> None:
        super().__init__(
            transport=InProcess(Application(settings, stores)), base_url=f"http://server{API}"
        )

    def json_patch(self, path: str, *operations: object, **headers: str) -> httpx.Response:
        """PATCH with the media type that it needs."""
        kind = {"Content-Type": "application/json-patch+json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.patch(path, content=json.dumps(operations), headers={**kind, **named})


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    """Those of a server that nobody configured."""
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
