"""What a request is refused for before it is read: size, host, origin; and that work is bounded."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from om_ingest.model import fqn
from om_ingest_catalog_server import jsontext
from om_ingest_catalog_server.admission import hosts_of
from om_ingest_catalog_server.query import QueryParameters
from om_ingest_catalog_server.search_query import parse_query_filter, parse_query_string
from om_ingest_catalog_server.settings import ServerSettings
from om_ingest_catalog_server.stores import Stores
from om_ingest_catalog_server.testing import CatalogServer
from starlette.exceptions import HTTPException

from in_process import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVICE = "services/databaseServices"
_FAR_MORE = 30  # ten times the input takes ten times as long, a hundred times if it is quadratic


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server without tokens that listens on loopback."""
    path = tmp_path_factory.mktemp("admission") / "x.db"
    with Stores(path) as stores:
        settings = ServerSettings(path, allowed_hosts=hosts_of("127.0.0.1", ["Catalog.test"]))
        with Client(settings, stores) as made:
            yield made


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:8585", "localhost.", "127.0.0.1", "127.0.0.1:1", "127.0.0.2"),
        *("[::1]", "[::1]:8585", "catalog.test", "catalog.test:80"),
    ],
)
def test_a_name_of_the_server(client: Client, host: str) -> None:
    """Loopback addresses, localhost, `--host` and `--allowed-host` are served, with any port."""
    assert client.get("system/version", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8585", "localhost.evil.example", "127.0.0.1.evil.example"),
        *("", "10.0.0.1", "[fe80::1]", "notlocalhost", "catalog.test.evil.example"),
    ],
)
def test_another_name(client: Client, host: str) -> None:
    """A name that is not the server's is 421, reading and writing: a page may have been given it
    together with this address (DNS rebinding).
    """
    for answer in (
        client.get(_SERVICE, headers={"Host": host}),
        client.put(_SERVICE, json={"name": "s", "serviceType": "Mysql"}, headers={"Host": host}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (421, 421)
        assert "--allowed-host" in answer.json()["message"]
    assert client.get(f"{_SERVICE}/name/s", headers={"Host": "localhost"}).status_code == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", ""])
@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_a_page_of_another_origin(client: Client, method: str, kind: str, origin: str) -> None:
    """A browser's write from another origin is 403 where no token is needed."""
    body = json.dumps({"name": "s", "serviceType": "Mysql"})
    headers = {"Host": "localhost", "Origin": origin, "Content-Type": kind}
    answer = client.request(method, _SERVICE, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, 403)
    assert client.get(f"{_SERVICE}/name/s", headers={"Host": "localhost"}).status_code == 404


def test_a_page_of_the_same_origin(client: Client) -> None:
    """A page that the server itself has sent may write, and any page may be shown what it reads."""
    headers = {"Host": "localhost:8585", "Origin": "http://localhost:8585"}
    mine = client.put(_SERVICE, json={"name": "own", "serviceType": "Mysql"}, headers=headers)
    assert mine.status_code == 201
    far = {"Host": "localhost:8585", "Origin": "http://evil.example"}
    assert client.get("system/version", headers=far).status_code == 200


def test_the_command_checks_hosts(tmp_path: Path) -> None:
    """`om-ingest serve` knows its address and the names given; endless heads are cut off."""
    with CatalogServer(tmp_path / "x.db", "--allowed-host", "catalog.test") as server:

        def status(*lines: str, then: bytes = b"") -> bytes:
            head = "\r\n".join(["GET /api/v1/system/version HTTP/1.1", *lines])
            with socket.create_connection(("127.0.0.1", server.port), 20) as connection:
                connection.sendall(head.encode() + (then or b"\r\nConnection: close\r\n\r\n"))
                return connection.makefile("rb").read(12)[9:]

        assert status("Host: catalog.test") == b"200"
        assert status("Host: 127.0.0.1") == b"200"
        assert status("Host: evil.example") == b"421"
        assert status("Host: localhost", "Host: evil.example") == b"421"
        assert status("Host: localhost", "X: " + "x" * 70_000) == b"431"
        assert status("Host: localhost", "X: ", then=b"x" * 400_000) == b"431"


def test_sizes(client: Client) -> None:
    """A URL over 32 KiB is 414, headers over 64 KiB are 431; the next request is answered."""
    local = {"Host": "localhost"}
    assert client.get(f"search/query?q={'a' * 33_000}", headers=local).status_code == 414
    assert client.get("tables", headers={**local, "X-Long": "x" * 66_000}).status_code == 431
    assert client.get(f"search/query?q={'a' * 32_000}", headers=local).status_code == 200
    many = "+".join(f"w{number}" for number in range(500))
    assert client.get(f"search/query?q={many}", headers=local).status_code == 400


def _swallowed(parse: Callable[[Any], object]) -> Callable[[Any], object]:
    """The function, for whose result and refusals nobody cares."""

    def call(text: Any) -> object:
        try:
            return parse(text)
        except (HTTPException, ValueError):
            return None

    return call


_PARSERS: list[tuple[Callable[[Any], object], Callable[[str], Any]]] = [
    (parse_query_string, lambda text: text),
    (lambda text: parse_query_string(f"x{text}x"), lambda text: text),
    (lambda text: parse_query_filter(text), lambda text: text),
    (
        lambda text: parse_query_filter(text),
        lambda text: json.dumps({"query": {"query_string": {"query": text}}}),
    ),
    (jsontext.parse, lambda text: text.encode()),
    (lambda text: QueryParameters(text).fields, lambda text: f"fields={text}".encode()),
    (fqn.split, lambda text: text),
    (fqn.normalised, lambda text: f'"{text}'),
]
_PIECES = [
    *("a", " ", '"', 'a:"', "a:", "a:b ", "a AND ", " AND", "\\", 'a:"\\', "*", "a.", '""', "["),
    *('{"a":', '[1,{"b":2},', "%41", "&", "a,", "\\u00"),
]


@pytest.mark.parametrize("piece", _PIECES)
def test_work_grows_with_the_input_only(piece: str) -> None:
    """Ten times the text takes about ten times as long, in every parser that requests reach."""

    def spent_s(parse: Callable[[Any], object], given: Any) -> float:
        began = time.process_time()
        parse(given)
        return time.process_time() - began

    for parse, make in _PARSERS:
        few, many = (make(piece * (size // len(piece))) for size in (10_000, 100_000))
        quiet = _swallowed(parse)
        assert spent_s(quiet, many) < _FAR_MORE * max(spent_s(quiet, few), 0.02), (piece, parse)


def test_a_key_that_occurs_twice() -> None:
    """An object with many keys, the last of which occurs twice, is refused in linear time."""
    keys = ",".join(f'"{number}":1' for number in (*range(100_000), 99_999))
    began = time.process_time()
    with pytest.raises(jsontext.JsonTextError, match="'99999' occurs twice"):
        jsontext.parse(f"{{{keys}}}".encode())
    assert time.process_time() - began < 10
