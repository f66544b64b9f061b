"""How a client gets to a server: certificates, proxies and headers on a real network."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from om_ingest import REST, ServerError

HOST = "127.0.0.1"
ANSWERS: dict[str, Any] = {
    "/api/v1/system/version": {"version": "2.0.7"},
    "/api/v1/users/loggedInUser": {"name": "ingestion-bot", "isBot": True},
}
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Server(ThreadingHTTPServer):
    """Says who it is, on a port of its own; a proxy too, if it is asked as one."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        """The target of each request, and its headers by their names in lower case."""
        super().__init__((HOST, 0), Handler)
        self.scheme = "http" if context is None else "https"
        if context is not None:
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that a client breaks off is what some tests are about."""

    @property
    def root(self) -> str:
        return f"{self.scheme}://{HOST}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._note()
        body = json.dumps(ANSWERS[urlsplit(self.path).path]).encode()  # of a proxy, a whole URL
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Pass on what goes to and fro, unread."""
        self._note()
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: there, there: self.connection}
            while ready := select.select(list(ends), [], [], 60)[0]:
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[end].sendall(data)

    def _note(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    with Server(context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Authority:
    """An authority of the test's own, and the files that it makes."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.file = str(folder / "authority.pem")
        self._authority.cert_pem.write_to_path(self.file)

    def context(self, *names: str, asks_clients: bool = False) -> ssl.SSLContext:
        """What a server with these names shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        if asks_clients:
            context.verify_mode = ssl.CERT_REQUIRED
            self._authority.configure_trust(context)
        return context

    def client(self) -> dict[str, str]:
        """`sslConfig` with a certificate for a client."""
        issued = self._authority.issue_cert("client@om.test")
        certificate, key = self._folder / "client.pem", self._folder / "client.key"
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        return {"sslCertificate": str(certificate), "sslKey": str(key)}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Nobody's system knows it."""
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def _no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests names no proxy, and no token."""
    for name in (*PROXIES, "OM_INGEST_TOKEN", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def version(root: str, **config: Any) -> str:
    """What the server says that it is."""
    with REST({"hostPort": f"{root}/api", "readTimeout_s": 30, **config}) as store:
        return str(store.features.version)


def validating(authority: Authority, **more: str) -> dict[str, Any]:
    """A config that trusts this authority."""
    return {"verifySSL": "validate", "sslConfig": {"caCertificate": authority.file, **more}}


def test_an_authority_of_ones_own(authority: Authority) -> None:
    """`validate` with `caCertificate` trusts what that authority has signed."""
    with serving(authority.context(HOST)) as server:
        assert version(server.root, **validating(authority)) == "2.0.7"


def test_certificates_are_checked_unless_told_otherwise(authority: Authority) -> None:
    """An unknown authority is refused, exit code 4, and nothing is sent; `ignore` accepts it."""
    with serving(authority.context(HOST)) as server:
        for config in ({}, {"verifySSL": "no-ssl"}):
            with pytest.raises(ServerError, match="cannot be verified") as raised:
                version(server.root, **config)
            assert raised.value.exit_code == 4
            assert "caCertificate" in raised.value.remedy
        assert server.asked == []
        assert version(server.root, verifySSL="ignore") == "2.0.7"


def test_a_server_without_tls() -> None:
    """Who writes https:// for a server that speaks http is told so, at once."""
    with serving(None) as server:
        with pytest.raises(ServerError, match="does not speak TLS") as raised:
            version(server.root.replace("http://", "https://"))
        assert raised.value.remedy == "Write hostPort with http://."


def test_authorities_of_the_environment(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SSL_CERT_FILE names is trusted, as by every other program."""
    monkeypatch.setenv("SSL_CERT_FILE", authority.file)
    with serving(authority.context(HOST)) as server:
        assert version(server.root) == "2.0.7"


def test_a_certificate_for_another_host(authority: Authority) -> None:
    """A certificate that is good for somebody else is refused."""
    with serving(authority.context("elsewhere.test")) as server:
        with pytest.raises(ServerError, match="cannot be verified"):
            version(server.root, **validating(authority))
        assert server.asked == []


def test_a_server_that_wants_to_know_the_client(authority: Authority) -> None:
    """`sslCertificate` and `sslKey` are shown to a server that asks for them."""
    with serving(authority.context(HOST, asks_clients=True)) as server:
        with pytest.raises(ServerError):
            version(server.root, **validating(authority))
        assert server.asked == []
        assert version(server.root, **validating(authority, **authority.client())) == "2.0.7"


def test_a_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that only the proxy knows is reached through it, with our headers."""
    with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://ann:secret@{HOST}:{proxy.server_port}")
        headers = {"X-Gate": "open"}
        assert version("http://om.invalid", extraHeaders=headers) == "2.0.7"
    targets = [target for target, _ in proxy.asked]
    assert targets == [f"http://om.invalid{path}" for path in ANSWERS]
    for _, sent in proxy.asked:
        assert sent["x-gate"] == "open"
        assert sent["proxy-authorization"].startswith("Basic ")


def test_hosts_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What NO_PROXY names is reached directly."""
    with ExitStack() as running:
        server, proxy = running.enter_context(serving()), running.enter_context(serving())
        monkeypatch.setenv("HTTP_PROXY", proxy.root)
        monkeypatch.setenv("NO_PROXY", HOST)
        assert version(server.root) == "2.0.7"
    assert proxy.asked == []
    assert len(server.asked) == 2


def test_encrypted_through_a_proxy(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of an https server sees where we go, and none of our headers."""
    with ExitStack() as running:
        server = running.enter_context(serving(authority.context(HOST)))
        proxy = running.enter_context(serving())
        monkeypatch.setenv("HTTPS_PROXY", proxy.root)
        config = {"securityConfig": {"jwtToken": "canary-token"}, **validating(authority)}
        assert version(server.root, **config) == "2.0.7"
    assert [target for target, _ in proxy.asked] == [f"{HOST}:{server.server_port}"]
    assert "canary-token" not in str(proxy.asked)
    assert server.asked[0][1]["authorization"] == "Bearer canary-token"
