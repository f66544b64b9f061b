"""Requests before they reach an entity: bodies, sizes, paths, tokens, releases."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest import WorkflowError
from om_ingest_catalog_server.application import Application
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores
from om_ingest_catalog_server.tokens import TokenFile

if TYPE_CHECKING:
    from conftest import Serve
    from in_process import Client

JSON = {"Content-Type": "application/json"}
SERVICES = "services/databaseServices"
SERVICE = {"name": "svc", "serviceType": "CustomDatabase"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nonsense",
        b"[]",
        b"null",
        b'"x"',
        b'{"name": "a", "name": "b", "serviceType": "CustomDatabase"}',
        b'{"name": "a", "serviceType": "CustomDatabase", "extension": {"x": NaN}}',
        b'{"name": "\\ud800", "serviceType": "CustomDatabase"}',
        b'{"name": "\xff", "serviceType": "CustomDatabase"}',
        b'{"name": "a", "serviceType": "CustomDatabase", "x": ' + b"9" * 5000 + b"}",
        b'{"name": ' + b"[" * 100_000,
    ],
)
def test_no_json(client: Client, text: bytes) -> None:
    """A body that is not a JSON object is 400 with a reason; nothing is written."""
    for method, path in (("PUT", SERVICES), ("POST", SERVICES), ("PUT", "tables/bulk")):
        if (path, text) == ("tables/bulk", b"[]"):
            continue
        answer = client.request(method, path, content=text, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Invalid request format")
    assert client.get(SERVICES).json()["paging"]["total"] == 0


def test_too_large(serve: Serve) -> None:
    """A body over the limit is 413 and writes nothing; one at the limit is taken."""
    text = json.dumps(SERVICE).encode()
    client = serve(max_body_bytes=len(text))
    answer = client.put(SERVICES, content=text + b" ", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, 413)
    assert client.get(SERVICES).json()["paging"]["total"] == 0
    assert client.put(SERVICES, content=text, headers=JSON).status_code == 201


def test_encoded_body(client: Client) -> None:
    """A compressed body is 415, because its size would not limit its content."""
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert client.put(SERVICES, content=b"{}", headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/api/v1/system/version", 200),
        ("GET", "/api//v1/system/version", 200),
        ("HEAD", "/api/v1/system/version", 200),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/tables", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/api/v1/users/bulk", 405),
        ("PUT", "/api/v1/services/databaseServices/bulk", 405),
        ("GET", "/api/v1/tables/no-id", 404),
        ("GET", "/api/v1/roles", 501),
    ],
)
def test_paths(client: Client, method: str, url: str, status: int) -> None:
    """An unknown path is 404, a wrong method 405, and both in JSON."""
    answer = client.request(method, f"http://server{url}")
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["code"] == status


def test_system(client: Client) -> None:
    """The server reports its version, its health, and that no login is required."""
    assert client.get("system/version").json()["version"] == "2.0.7"
    assert client.get("system/health").text == "OK"
    assert client.get("system/status").json()["database"]["passed"] is True
    assert client.get("system/config/auth").json()["provider"] == "no-auth"
    client.put(SERVICES, json=SERVICE)
    assert client.get("system/services/count").json() == {"databaseServiceCount": 1}
    counts = client.get("system/entities/count").json()
    assert counts == {"classificationCount": 4, "tagCount": 13, "teamCount": 1, "userCount": 10}
    assert client.get("limits").json() == {"enable": False}


def test_tokens(serve: Serve, tmp_path: Path) -> None:
    """With a token file, reading needs no token, and writing one of the file."""
    path = tmp_path / "tokens"
    path.write_text("secret\n", "utf-8")
    client = serve(tokens=TokenFile(path))
    assert client.get("tables").status_code == 200
    for headers, message in (
        ({}, "Not Authorized! Token not present"),
        ({"Authorization": "secret"}, "Not Authorized! Token not present"),
        ({"Authorization": "Bearer other"}, "Not Authorized! Invalid token."),
    ):
        answer = client.put(SERVICES, json=SERVICE, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"code": 401, "message": message})
        assert answer.headers["www-authenticate"] == "om-auth"
    assert client.get(SERVICES).json()["paging"]["total"] == 0
    known = {"Authorization": "Bearer secret"}
    assert client.put(SERVICES, json=SERVICE, headers=known).status_code == 201


def test_who_writes(client: Client) -> None:
    """The author comes from the token's claims; a person's PUT overwrites what a bot's keeps."""

    def bearer(claims: dict[str, object]) -> dict[str, str]:
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
        return {"Authorization": f"Bearer e30.{body}.x"}

    person = bearer({"email": "ann@example.com"})
    bot = bearer({"sub": "my-bot", "isBot": True})
    written = []
    for text, headers in (("of a bot", bot), ("of ann", person), ("of a bot", bot)):
        answer = client.put(SERVICES, json={**SERVICE, "description": text}, headers=headers)
        written.append((answer.json()["updatedBy"], answer.json()["description"]))
    assert written == [("my-bot", "of a bot"), ("ann", "of ann"), ("ann", "of ann")]
    assert client.get("users/loggedInUser", headers=bot).json()["name"] == "my-bot"
    assert client.get("users/loggedInUser").json()["isBot"] is True
    client.put("users", json={"name": "ann", "email": "ann@example.com", "isBot": False})
    assert client.get("users/loggedInUser", headers=person).json()["email"] == "ann@example.com"


@pytest.mark.parametrize("version", ["", "2", "two", "1.2.3.4", "1.4.8", "2.0.8", "2.1"])
def test_wrong_version(tmp_path: Path, version: str) -> None:
    """A version that is none, or none of those that are emulated, is refused with their range."""
    with pytest.raises(WorkflowError, match=r"om-version: .* from 1\.5 to 2\.0\.7"):
        ServerSettings(tmp_path / "x.db", version)


@pytest.mark.parametrize(
    ("version", "number", "told"),
    [
        ("1.5", (1, 5, 0), "1.5.0"),
        ("1.6.5", (1, 6, 5), "1.6.5"),
        ("2.0.7-SNAPSHOT", (2, 0, 6), "2.0.7-SNAPSHOT"),
    ],
)
def test_versions(serve: Serve, version: str, number: tuple[int, ...], told: str) -> None:
    """A version may lack its patch; a snapshot counts as the version before."""
    assert serve(version=version).get("system/version").json()["version"] == told
    assert ServerSettings(Path("x.db"), version).number == number


def test_snapshot_of_a_release(serve: Serve, schema: str) -> None:
    """The snapshot of a first version answers as the release before."""
    tables = [{"name": "t", "databaseSchema": schema, "columns": []}]
    assert serve(version="1.11.0-SNAPSHOT").put("tables/bulk", json=tables).status_code == 500
    assert serve(version="1.11.0").put("tables/bulk", json=tables).status_code == 200


def test_unusable_catalog(tmp_path: Path) -> None:
    """A file that is not a catalog is refused and not changed."""
    path = tmp_path / "notes.txt"
    path.write_text("no catalog", "utf-8")
    with pytest.raises(WorkflowError, match=r"notes\.txt"):
        Stores(path)
    assert path.read_text("utf-8") == "no catalog"


def test_other_servers(settings: ServerSettings, stores: Stores) -> None:
    """ASGI lifespan events are acknowledged."""
    announced = iter(["lifespan.startup", "lifespan.shutdown"])
    answered: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": next(announced)}

    async def send(message: MutableMapping[str, Any]) -> None:
        answered.append(message["type"])

    asyncio.run(Application(settings, stores)({"type": "lifespan"}, receive, send))
    assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
