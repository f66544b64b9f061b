"""What is refused before anything is written: bodies that are too large, and who may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from rest.live import TOKEN, LiveServer

if TYPE_CHECKING:
    from rest.conftest import Clients
    from tests.command import Cli

_SERVICES = "/api/v1/services/databaseServices"
_JSON = {"Content-Type": "application/json"}
MIB = 1024 * 1024


def _service(name: str, **more: str) -> bytes:
    return json.dumps({"name": name, "serviceType": "Mysql", **more}).encode()


def _in_chunks(body: bytes) -> Iterator[bytes]:
    """The body without a Content-Length: httpx sends an iterator chunked."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


def _refused_as_too_large(client: httpx.Client, path: str, body: bytes) -> None:
    for content in (body, _in_chunks(body)):
        answer = client.put(path, content=content, headers=_JSON)
        assert answer.status_code == 413
        assert answer.json()["code"] == 413


def test_a_body_over_the_limit(clients: Clients) -> None:
    """A body over `--max-body` is 413, with a Content-Length and chunked, on every kind of
    write; nothing of it is written, and the next request is answered.
    """
    client = clients("small")
    large = _service("large", description="x" * 20_000)
    for path in (_SERVICES, "/api/v1/tables/bulk", "/api/v1/lineage"):
        _refused_as_too_large(client, path, large)
    assert client.get(f"{_SERVICES}/name/large").status_code == 404
    small = client.put(_SERVICES, content=_in_chunks(_service("small")), headers=_JSON)
    assert small.status_code == 201


def test_the_default_limit_is_32_mib(clients: Clients) -> None:
    """33 MiB are refused, 31 MiB are not."""
    client = clients("open")
    _refused_as_too_large(client, _SERVICES, _service("huge", description="x" * 33 * MIB))
    assert client.get(f"{_SERVICES}/name/huge").status_code == 404
    blank = client.put("/api/v1/tables/bulk", content=b"[" + b" " * 31 * MIB + b"]", headers=_JSON)
    assert blank.status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # it must not be bound
def test_a_public_address_needs_tokens(cli: Cli, host: str) -> None:
    """Without a token file, the server does not listen where others could reach it."""
    cli("serve", "--catalog", "x.db", "--host", host, "--port", "0").refused(2, "--token-file")
    assert not (cli.cwd / "x.db").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no token"), ("# only a remark\n\n   \n", "no token"), (None, "token file")],
)
def test_a_token_file_without_tokens(cli: Cli, text: str | None, said: str) -> None:
    """A token file that is empty, has only remarks, or is not there ends the command."""
    if text is not None:
        cli.write("tokens", text)
    cli("serve", "--catalog", "x.db", "--port", "0", "--token-file", "tokens").refused(2, said)


def test_tokens_are_read_again(tmp_path: Path) -> None:
    """A token that is taken out of the file no longer writes; one that is put in does."""
    tokens = tmp_path / "tokens"
    tokens.write_text(f"{TOKEN}\nsecond\n", "utf-8")
    guarded = LiveServer(tmp_path / "x.db", "--token-file", "tokens")
    with guarded as server, server.client() as client:

        def status(token: str) -> int:
            headers = {**_JSON, "Authorization": f"Bearer {token}"}
            body = _service("s", description=token)
            return client.put(_SERVICES, content=body, headers=headers).status_code

        assert [status(TOKEN), status("second"), status("third")] == [201, 200, 401]
        tokens.write_text("third token is this\nthird\n", "utf-8")
        assert [status(TOKEN), status("second"), status("third")] == [401, 401, 200]
        tokens.unlink()
        assert status("third") == 401
        assert client.get(f"{_SERVICES}/name/s").status_code == 200


def test_a_token_lets_a_server_be_public(tmp_path: Path) -> None:
    """With a token file the server listens on every address, and still wants the token."""
    (tmp_path / "tokens").write_text(TOKEN, "utf-8")
    every = "0.0.0.0"  # which is what this is about
    options = ("--host", every, "--token-file", "tokens")
    with LiveServer(tmp_path / "x.db", *options) as server:
        root = server.root.replace(every, "127.0.0.1")
        with httpx.Client(base_url=root, timeout=60, trust_env=False) as client:
            put = client.put(_SERVICES, content=_service("s"), headers=_JSON)
            assert put.status_code == 401
            assert client.get("/api/v1/system/version").status_code == 200


def test_one_server_per_port(cli: Cli, clients: Clients) -> None:
    """A port that is in use ends the command with exit code 2 and says what to do."""
    port = clients("open").base_url.port
    cli("serve", "--catalog", "x.db", "--port", str(port)).refused(2, "in use")


def test_a_wrong_version_of_openmetadata(cli: Cli) -> None:
    """A version that is no version ends the command with exit code 2."""
    cli("serve", "--catalog", "x.db", "--port", "0", "--om-version", "two").refused(
        2, "--om-version"
    )
