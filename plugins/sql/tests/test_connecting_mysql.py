"""What a person is told when a server of MariaDB or MySQL cannot be used, and TLS with it."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from metadata.ingestion.source.database.sql_databases.mysql.source import MysqlSource
from om_ingest import SourceError, WorkflowContext
from om_ingest_catalog import Catalog

from tests.databases.mariadb import MariaDb

if TYPE_CHECKING:
    from _typeshed import StrPath

Connect = Callable[..., None]
SECRET = "tunafish"


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Logs in to a server with these keys, and out again."""

    def act(**config: Any) -> None:
        values = {"username": "reader", "password": SECRET, "connectTimeout": 1, **config}
        with MysqlSource.create(values, {}, WorkflowContext(catalog, "svc")) as source:
            source.prepare()

    with Catalog.temporary() as catalog:
        yield act


def refused(connect: Connect, **config: Any) -> str:
    """The message of the error, which never has the password."""
    with pytest.raises(SourceError) as raised:
        connect(**config)
    assert SECRET not in str(raised.value)
    return str(raised.value)


@pytest.fixture(scope="module")
def reader(mariadb: MariaDb) -> MariaDb:
    """A server with a user that may read one schema, and with users that cannot log in."""
    mariadb.execute(
        "CREATE DATABASE seen",
        "CREATE DATABASE hidden",
        f"CREATE USER reader IDENTIFIED BY '{SECRET}'",
        "GRANT SELECT ON seen.* TO reader",
        f"CREATE USER locked IDENTIFIED BY '{SECRET}' ACCOUNT LOCK",
        f"CREATE USER safe IDENTIFIED BY '{SECRET}' REQUIRE SSL",
        f"CREATE USER elsewhere@'10.9.9.9' IDENTIFIED BY '{SECRET}'",
        f"CREATE USER busy IDENTIFIED BY '{SECRET}' WITH MAX_USER_CONNECTIONS 1",
    )
    return mariadb


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "as user 'reader': the password is wrong, or the user does not"),
        ({"password": None}, "the server wants a password, and none is given\n  Set authType"),
        ({"databaseSchema": "nowhere"}, "databaseSchema"),
        ({"sslMode": "require"}, "the server does not do TLS, and sslMode asks for it\n  Set ssl"),
        ({"connectionOptions": {"chrset": "x"}}, "the driver knows no parameter chrset\n  Remove"),
        ({"username": "locked"}, "the user may not log in\n  Let an administrator allow it"),
        ({"username": "elsewhere"}, "the password is wrong, or the user does not exist"),
        ({"username": "safe"}, "the password is wrong, or the user does not exist"),
    ],
    ids=str,
)
def test_wrong_settings(
    connect: Connect, reader: MariaDb, changes: dict[str, Any], said: str
) -> None:
    """One message says what is wrong, where, and what to do."""
    assert said in refused(connect, hostPort=reader.host_port, **changes)


@pytest.mark.mariadb
def test_right_settings(connect: Connect, reader: MariaDb) -> None:
    """A password, a socket, a second address, a URL."""
    connect(hostPort=reader.host_port, databaseSchema="seen")
    connect(hostPort=reader.socket)
    connect(hostPort=f"127.0.0.1:1,{reader.host_port}", connectionOptions={"charset": "latin1"})
    url = f"mysql+pymysql://reader:{SECRET}@{reader.host_port}/seen"
    connect(hostPort=None, username=None, password=None, url=url)


@pytest.mark.mariadb
def test_too_many_connections(connect: Connect, reader: MariaDb) -> None:
    """A limit of the user or of the server is told."""
    with reader.connect(user="busy", password=SECRET):
        said = refused(connect, hostPort=reader.host_port, username="busy")
    assert "the server takes no more connections\n  Run again later" in said


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("127.0.0.1:1", "Cannot connect to MySQL at 127.0.0.1:1, as user 'reader': nothing lis"),
        ("no-such-host.invalid", "MySQL at no-such-host.invalid:3306, as user 'reader': there is"),
        ("/no/socket", "there is no socket at this path\n  Correct hostPort"),
    ],
)
def test_no_server(connect: Connect, place: str, said: str) -> None:
    """Where no server listens is told."""
    assert said in refused(connect, hostPort=place)


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there is no MySQL\n  Correct hostPort"),
        (b"", "the connection was lost"),
        (b"\x17\0\0\0\xff\x10\x04Too many connections", "the server takes no more connections"),
        (b"\x2e\0\0\0\xff\x6a\x04Host '1.2.3.4' is not allowed to connect to", "is not allowed to"),
    ],
    ids=["http", "closed", "full", "forbidden"],
)
def test_what_servers_say(connect: Connect, greeting: bytes, said: str) -> None:
    """What answers at the port may be no MySQL, or one that refuses everybody."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.sendall(greeting)
                client.shutdown(socket.SHUT_WR)
                client.recv(100)

        threading.Thread(target=serve, daemon=True).start()
        assert said in refused(connect, hostPort=f"127.0.0.1:{listener.getsockname()[1]}")


def test_no_answer(connect: Connect) -> None:
    """A server that accepts and never answers costs `connectTimeout`, not more."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        said = refused(connect, hostPort=place, connectTimeout=1)
    assert "the server does not answer in time\n  Correct hostPort" in said


def _written(folder: Path, name: str, *pems: trustme.Blob) -> str:
    path = folder / name
    path.write_bytes(b"".join(pem.bytes() for pem in pems))
    path.chmod(0o644)
    return str(path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the user of the server may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.full
@pytest.mark.mariadb
def test_tls(connect: Connect, open_folder: Path) -> None:
    """What each `sslMode` checks, and what is told if a certificate does not pass."""
    authority, stranger = trustme.CA(), trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    files: dict[str, StrPath] = {
        "ssl-ca": _written(open_folder, "ca.pem", authority.cert_pem),
        "ssl-cert": _written(open_folder, "cert.pem", *certificate.cert_chain_pems),
        "ssl-key": _written(open_folder, "key.pem", certificate.private_key_pem),
    }
    text, other = (one.cert_pem.bytes().decode() for one in (authority, stranger))
    options = tuple(f"--{key}={path}" for key, path in files.items())
    with MariaDb(options=options) as server:
        server.execute(
            f"CREATE USER reader IDENTIFIED BY '{SECRET}' REQUIRE SSL",
            f"CREATE USER known IDENTIFIED BY '{SECRET}' REQUIRE X509",
        )
        for mode in ("require", "verify-ca", "verify-full", None):
            connect(hostPort=server.host_port, sslMode=mode, sslConfig={"caCertificate": text})
        connect(hostPort=server.host_port, sslMode="require")
        said = refused(connect, hostPort=server.host_port, sslConfig={"caCertificate": other})
        assert "the certificate of the server cannot be trusted" in said
        own = authority.issue_cert("known@example.org")
        client = {
            "caCertificate": text,
            "sslCertificate": own.cert_chain_pems[0].bytes().decode(),
            "sslKey": own.private_key_pem.bytes().decode(),
        }
        connect(hostPort=server.host_port, username="known", sslConfig=client)
        wrong = {**client, "sslKey": certificate.private_key_pem.bytes().decode()}
        said = refused(connect, hostPort=server.host_port, username="known", sslConfig=wrong)
        assert "The certificates of sslConfig cannot be used" in said
        by_name = f"localhost:{server.port}"
        said = refused(connect, hostPort=by_name, sslConfig={"caCertificate": text})
        assert "the certificate of the server is for another name" in said
