"""The two names by which connectors know the client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from om_ingest import (
    REST,
    MetadataServerConfig,
    RecordError,
    ServerError,
    WorkflowError,
    get_service_or_create,
)
from om_ingest.model import DatabaseService, MessagingService

ID = "3f2b0f5e-1111-4222-8333-444455556666"


class Handler(BaseHTTPRequestHandler):
    """A server that keeps services in a dict."""

    protocol_version = "HTTP/1.1"
    version: str
    services: dict[str, Any]

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/api/v1/")
        if path == "system/version":
            self._answer(200, {"version": self.version})
        elif path in self.services:
            self._answer(200, self.services[path])
        else:
            self._answer(404, {"code": 404, "message": f"{path} not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        entity = {"id": ID, "fullyQualifiedName": body["name"], **body}
        path = self.path.removeprefix("/api/v1/")
        self.services[f"{path}/name/{body['name']}"] = entity
        self._answer(201, entity)

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def served(told: str) -> Iterator[dict[str, Any]]:
    """The config of a server with nothing in it, which tells this version."""

    class Fresh(Handler):
        services: dict[str, Any] = {}
        version = told

    with ThreadingHTTPServer(("127.0.0.1", 0), Fresh) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield {"hostPort": f"http://127.0.0.1:{http.server_port}/api"}
        http.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """The config of a server with nothing in it."""
    with served("2.0.7") as config:
        yield config


def test_created_then_found(server: dict[str, Any]) -> None:
    """The service is created first, and found from then on; its type says the family."""
    created = get_service_or_create({"name": "shop", "serviceType": "Postgres"}, server)
    assert isinstance(created, DatabaseService)
    again = get_service_or_create({"name": "shop", "serviceType": "Mysql"}, server)
    assert again == created
    broker = get_service_or_create({"name": "events", "serviceType": "Kafka"}, server)
    assert isinstance(broker, MessagingService)


def test_a_service_that_the_server_has_no_kind_for() -> None:
    """Whoever wants the service itself is told why there is none; nothing is sent."""
    wanted = {"name": "files", "serviceType": "GoogleDrive"}
    lacks = r"1\.6\.0 has no driveServices \(new in 1\.9\.0\)"
    with served("1.6.0") as server, pytest.raises(RecordError, match=lacks):
        get_service_or_create(wanted, server)


def test_rest_takes_a_config_or_a_dict(server: dict[str, Any]) -> None:
    """`REST` builds a client from what a source gets as its metadata config, or from the model."""
    for config in (server, MetadataServerConfig.model_validate(server)):
        with REST(config) as store:
            assert store.get_by_name(DatabaseService, "nope") is None
            assert store.url == server["hostPort"] + "/v1"


@pytest.mark.parametrize(
    ("service", "what"),
    [
        ({"name": "x", "serviceType": "Abacus"}, "Abacus"),
        ({"name": "x"}, "serviceType"),
        ({"name": "x", "serviceType": "Postgres", "colour": "red"}, "colour"),
        ({"name": "x", "type": "databaseService", "serviceType": "Kafka"}, "serviceType"),
    ],
)
def test_a_service_that_cannot_be(
    server: dict[str, Any], service: dict[str, Any], what: str
) -> None:
    """What is wrong with a service is told as a wrong config is."""
    with pytest.raises(WorkflowError, match=what):
        get_service_or_create(service, server)


def test_without_a_server() -> None:
    """A run without a server has no config for one: the missing key is named."""
    with pytest.raises(WorkflowError, match="hostPort"):
        get_service_or_create({"name": "x", "serviceType": "Postgres"}, {})
    nowhere = {"hostPort": "http://127.0.0.1:9/api", "retryPause_s": 0.0}
    with pytest.raises(ServerError, match="cannot be reached"):
        get_service_or_create({"name": "x", "serviceType": "Postgres"}, nowhere)
