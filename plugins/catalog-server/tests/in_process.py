"""The server's application, asked in the process of the test."""

from __future__ import annotations

import asyncio
import json

import httpx
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores

API = "/api/v1/"


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
