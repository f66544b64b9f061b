"""TLS between a source and a server: what `sslMode` checks, and what is told if it fails."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from om_ingest import SourceError, WorkflowContext
from om_ingest_catalog import Catalog

from tests.databases.latency import Proxy

if TYPE_CHECKING:
    from tests.databases.postgres import Cluster

HOST = "127.0.0.1"
Connect = Callable[..., None]


class Places:
    """Servers with TLS before PostgreSQL, by what is odd about their certificate."""

    def __init__(self, postgres: Cluster, kept: ExitStack) -> None:
        self.authority = trustme.CA()
        self.text = self.authority.cert_pem.bytes().decode()
        self.client = self.authority.issue_cert("reader@example.org")
        self._server = (postgres.host, postgres.port)
        self._kept = kept
        known = self.authority.issue_cert
        self.right = self._place(known(HOST))
        self.other_name = self._place(known("db.example.org"))
        self.expired = self._place(known(HOST, not_after=datetime(2020, 1, 1, tzinfo=timezone.utc)))
        self.stranger = self._place(trustme.CA().issue_cert(HOST))
        self.asking = self._place(known(HOST), asks=True)

    def _place(self, certificate: trustme.LeafCert, *, asks: bool = False) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # else a refusal comes after the login
        certificate.configure_cert(context)
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(context)
        return f"{HOST}:{self._kept.enter_context(Proxy(self._server, tls=context)).port}"


@pytest.fixture(scope="module")
def places(postgres: Cluster) -> Iterator[Places]:
    """The servers; they end with the tests of this file."""
    with ExitStack() as kept:
        yield Places(postgres, kept)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Logs in over TLS, and out again."""

    def act(place: str, mode: str | None, **ssl_config: str) -> None:
        config: dict[str, Any] = {"hostPort": place, "username": "postgres", "database": "postgres"}
        config |= {"password": "of the tests", "sslMode": mode, "sslConfig": ssl_config}
        with PostgresSource.create(config, {}, WorkflowContext(catalog, "svc")) as source:
            source.prepare()

    with Catalog.temporary() as catalog:
        yield act


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full", None])
def test_right_certificate(connect: Connect, places: Places, tmp_path: Path, mode: str) -> None:
    """A certificate that an authority of the config signed passes, as PEM text or as a file."""
    path = tmp_path / "ca.pem"
    path.write_text(places.text)
    connect(places.right, mode, caCertificate=str(path))
    connect(places.right, mode, caCertificate=places.text.replace("\n", "\\n"))


def test_unchecked(connect: Connect, places: Places) -> None:
    """Without an authority nothing is checked, unless `sslMode` asks for it."""
    for mode in ("require", "prefer", None):
        connect(places.stranger, mode)
    with pytest.raises(SourceError, match="no authority is given") as raised:
        connect(places.stranger, "verify-full")
    assert "Set sslConfig.caCertificate, or sslMode: require" in str(raised.value)


@pytest.mark.parametrize(
    ("place", "mode", "said"),
    [
        ("other_name", "verify-full", "the certificate of the server is for another name\n  Corr"),
        ("other_name", None, "set sslMode: verify-ca, which does not look at names"),
        ("expired", "verify-ca", "it has expired, or is signed by nobody in sslConfig.caCert"),
        ("stranger", "verify-ca", "Correct sslConfig.caCertificate to the authority that signed"),
        ("stranger", "require", "cannot be trusted"),
        ("asking", "require", "the server wants another certificate of the client"),
    ],
)
def test_wrong_certificate(
    connect: Connect, places: Places, place: str, mode: str, said: str
) -> None:
    """What is wrong with a certificate is told with what to do."""
    with pytest.raises(SourceError) as raised:
        connect(getattr(places, place), mode, caCertificate=places.text)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"Cannot connect to PostgreSQL at {HOST}:")


def test_name_that_is_not_looked_at(connect: Connect, places: Places) -> None:
    """`verify-ca` takes a certificate for another name."""
    connect(places.other_name, "verify-ca", caCertificate=places.text)


def test_certificate_of_the_client(connect: Connect, places: Places, tmp_path: Path) -> None:
    """A server that asks for a certificate gets it, with a key that nobody else can read."""
    own = places.client.cert_chain_pems[0].bytes().decode()
    key = places.client.private_key_pem.bytes().decode()
    given = {"caCertificate": places.text, "sslCertificate": own, "sslKey": key}
    connect(places.asking, "verify-full", **given)
    path = tmp_path / "key.pem"
    path.write_text(key)
    path.chmod(0o644)
    with pytest.raises(SourceError, match="group or world access") as raised:
        connect(places.asking, "verify-full", **{**given, "sslKey": str(path)})
    assert "files that this user alone may read" in str(raised.value)
    with pytest.raises(SourceError, match=r"of sslConfig\.sslCertificate cannot be read"):
        connect(places.asking, "verify-full", **{**given, "sslCertificate": "/no/file"})
    other = places.authority.issue_cert("other@example.org").private_key_pem.bytes().decode()
    with pytest.raises(SourceError, match="Correct sslConfig: PEM text, or files"):
        connect(places.asking, "verify-full", **{**given, "sslKey": other})
