"""The REST client with which connectors read other systems."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from om_ingest_compat.client.rest import (
    REST,
    ClientConfig,
    generate_http_basic_token,
    get_verify_ssl_fn,
)
from om_ingest_compat.client.rest_errors import APIError, LimitsException

ANSWERS: dict[str, list[tuple[int, str]]] = {
    "/api/jobs": [(200, '[{"id": 1}]')],
    "/api/late": [(504, ""), (504, ""), (200, '"done"')],
    "/api/never": [(504, "")],
    "/api/empty": [(204, "")],
    "/api/page": [(200, "<html>")],
    "/api/refused": [(409, '{"code": 409, "message": "It is there"}')],
    "/api/named": [(404, '{"code": "NO_JOB", "message": "No such job"}')],
    "/api/limited": [(429, "")],
    "/api/moved": [(302, "")],
}


class Api(BaseHTTPRequestHandler):
    """Answers what the path stands for, and keeps what was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """One answer; the last one of a path again and again."""
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        server: Any = self.server
        server.asked.append((self.command, self.path, body, dict(self.headers)))
        answers = server.answers[self.path.partition("?")[0]]
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Location", "/api/jobs")
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # its names

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A REST API; `asked` are the requests."""
    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        state: Any = server
        state.asked, state.answers = [], {path: list(given) for path, given in ANSWERS.items()}
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def client(api: Any, **options: Any) -> REST:
    """A client of the API, as connectors build it."""
    given = {"auth_header": "Authorization", "auth_token": lambda: ("no_token", 0), "retry_wait": 0}
    return REST(ClientConfig(base_url=api.url, api_version="api", **{**given, **options}))


def test_what_is_sent(api: Any) -> None:
    """Each method sends its data as the framework does, and returns the JSON of the answer."""
    rest = client(api, extra_headers={"X-Copy": "%(Authorization)s"})
    assert rest.get("/jobs", {"limit": 2, "state": ["a", "b"]}) == [{"id": 1}]
    rest.get("/jobs?limit=1", "page=2")
    rest.post("/jobs", data=json.dumps({"id": 1}))
    rest.post("/jobs", data={"id": 1})
    rest.post("/jobs", json={"id": 1})
    rest.put("/jobs", "text")
    rest.patch("/jobs", data="[]")
    assert rest.delete("/empty") is None
    page = rest.get("/page", headers={"Accept": "text/html"})
    assert (page.text, page.content, page.status_code) == ("<html>", b"<html>", 200)
    rest.close()
    assert [(method, path, body) for method, path, body, _ in api.asked] == [
        ("GET", "/api/jobs?limit=2&state=a&state=b", ""),
        ("GET", "/api/jobs?limit=1&page=2", ""),
        ("POST", "/api/jobs", '{"id": 1}'),
        ("POST", "/api/jobs", "id=1"),
        ("POST", "/api/jobs", '{"id": 1}'),
        ("PUT", "/api/jobs", "text"),
        ("PATCH", "/api/jobs", "[]"),
        ("DELETE", "/api/empty", ""),
        ("GET", "/api/page", ""),
    ]
    headers = api.asked[0][3]
    assert headers["Authorization"] == headers["X-Copy"] == "Bearer no_token"
    assert api.asked[8][3]["Accept"] == "text/html"
    assert api.asked[6][3]["Content-Type"] == "application/json-patch+json"


def test_errors(api: Any) -> None:
    """Errors are repeated, or raised with the code and the words of the answer."""
    assert client(api).get("/late") == "done"
    for path, code, said in (
        ("/never", 504, "504"),
        ("/refused", 409, "It is there"),
        ("/named", 404, "No such job"),
        ("/moved", 302, "302"),
    ):
        with pytest.raises(APIError, match=said) as raised:
            client(api).get(path)
        assert raised.value.code == raised.value.status_code == code
    assert client(api, allow_redirects=True).get("/moved") == [{"id": 1}]
    with pytest.raises(LimitsException):
        client(api).get("/limited")
    with pytest.raises(ConnectionError, match=r"No answer to GET http://127\.0\.0\.1:1/api/jobs"):
        client(SimpleNamespace(url="http://127.0.0.1:1")).get("/jobs")
    with pytest.raises(ValueError, match="no URL of a REST API"):
        client(SimpleNamespace(url="file:///etc")).get("/passwd")


def test_tokens(api: Any) -> None:
    """A token is asked for once, and again when it has expired."""
    tokens = iter(["first", "second", "third"])
    rest = client(api, auth_token=lambda: (next(tokens), 3600), auth_token_mode="Basic")
    rest.get("/jobs")
    rest.get("/jobs")
    rest.config.expires_in = 1
    rest.get("/jobs")
    sent = [headers["Authorization"] for *_, headers in api.asked]
    assert sent == ["Basic first", "Basic first", "Basic second"]
    assert generate_http_basic_token("ada", "secret") == "YWRhOnNlY3JldA=="
    certificate = SimpleNamespace(root=SimpleNamespace(caCertificate="ca.pem"))
    assert get_verify_ssl_fn("validate")(certificate) == "ca.pem"
    assert get_verify_ssl_fn(SimpleNamespace(value="ignore"))(None) is False
    assert get_verify_ssl_fn("no-ssl")(None) is None
