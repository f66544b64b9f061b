"""What a person is told when a server of PostgreSQL cannot be used, and how passwords are got."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from metadata.ingestion.source.database.sql_databases.postgres.source import PostgresSource
from om_ingest import SourceError, WorkflowContext
from om_ingest_catalog import Catalog

if TYPE_CHECKING:
    from tests.databases.postgres import Cluster

SECRET = "tunafish"

Connect = Callable[..., None]


@pytest.fixture(scope="module")
def connect(postgres: Cluster) -> Iterator[Connect]:
    """Logs in to the server of the tests, with these changes of the config, and out again."""

    def act(**changes: Any) -> None:
        config = {
            "hostPort": f"{postgres.host}:{postgres.port}",
            "username": role,
            "password": SECRET,
            "database": "postgres",
            "connectTimeout": 2,
            **changes,
        }
        with PostgresSource.create(config, {}, WorkflowContext(catalog, "svc")) as source:
            source.prepare()

    role = postgres.role("CONNECTION LIMIT 5")
    postgres.run(f"ALTER ROLE {role} PASSWORD '{SECRET}'")
    with Catalog.temporary() as catalog:
        yield act


def refused(connect: Connect, **changes: Any) -> str:
    """The message of the error, which never has the password."""
    with pytest.raises(SourceError) as raised:
        connect(**changes)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "\n  Traceback" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "the password is wrong, or the user does not exist\n  Correct"),
        ({"username": "nobody_of_this_name"}, "as user 'nobody_of_this_name': the password is"),
        ({"password": None}, "the server wants a password, and none is given\n  Set authType.pass"),
        ({"database": "nowhere"}, "database 'nowhere', as user"),
        ({"database": "nowhere"}, "there is no such database\n  Correct database"),
        ({"hostPort": "no-such-host.invalid"}, "at no-such-host.invalid:5432"),
        ({"hostPort": "no-such-host.invalid"}, "there is no host of this name\n  Correct the host"),
        ({"hostPort": "127.0.0.1:1"}, "nothing listens at this port\n  Correct hostPort, start"),
        ({"hostPort": "127.0.0.1:1,[::1]:2"}, "at 127.0.0.1:1 or [::1]:2, database 'postgres'"),
        ({"hostPort": "/no/folder"}, "there is no socket at this path"),
        ({"sslMode": "require"}, "the server does not do TLS, and sslMode asks for it"),
        ({"connectionOptions": {"chrset": "x"}}, "the driver knows no parameter chrset\n  Remove"),
        ({"connectionArguments": {"autocommit": True}}, "the driver knows no parameter autocommit"),
        ({"connectionOptions": {"sslmode": "on"}}, 'invalid sslmode value: "on"\n  Correct conn'),
        ({"connectionArguments": {"options": "-c no_such=1"}}, "unrecognized configuration param"),
        ({"connectionArguments": {"connect_timeout": "soon"}}, "Correct connectionOptions or"),
        ({"sslConfig": {"caCertificate": "/no/ca.pem"}}, "The file /no/ca.pem of sslConfig.caCer"),
        ({"sslConfig": {"sslKey": "/no/key"}}, "The file of sslConfig.sslKey cannot be read: No"),
    ],
    ids=str,
)
def test_wrong_settings(connect: Connect, changes: dict[str, Any], said: str) -> None:
    """One message says what is wrong, where, and what to do."""
    assert said in refused(connect, **changes)


def test_rights(connect: Connect, postgres: Cluster) -> None:
    """A role that may not connect or log in, or that has no session left, is told which grant or
    limit it lacks.
    """
    database = postgres.database()
    database.run(f'REVOKE CONNECT ON DATABASE "{database.name}" FROM PUBLIC')
    role = postgres.role()
    login = {"username": role, "password": "of the tests"}
    said = refused(connect, **login, database=database.name)
    assert "the user may not connect to this database" in said
    assert f'GRANT CONNECT ON DATABASE "{database.name}" TO "{role}";' in said
    postgres.run(f"ALTER ROLE {role} CONNECTION LIMIT 0")
    assert "the server takes no more connections\n  Run again later" in refused(connect, **login)
    postgres.run(f"ALTER ROLE {role} NOLOGIN")
    assert "the user may not log in\n  Let an administrator" in refused(connect, **login)
    database.drop()


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """The address of a server that answers a client with these bytes, one after each question."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                for answer in answers:
                    client.recv(4096)
                    client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def fatal(code: str, text: str) -> bytes:
    """An error of PostgreSQL as it goes over the network (section "Message Formats")."""
    fields = b"".join(
        key + value.encode() + b"\0"
        for key, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", code), (b"M", text))
    )
    return b"E" + struct.pack("!I", 4 + len(fields) + 1) + fields + b"\0"


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("57P03", "the database system is shutting down", "the server is shutting down, or an"),
        ("57P03", "the database system is starting up", "the server is starting, and takes no"),
        ("53300", "sorry, too many clients already", "the server takes no more connections"),
        (
            "28000",
            'no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption',
            "does not let this user in from here without TLS (pg_hba.conf)\n  Set sslMode: require",
        ),
        (
            "28000",
            'no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL encryption',
            'no pg_hba.conf entry for host "1.2.3.4"',
        ),
        ("28000", 'Peer authentication failed for user "u"', "(Peer authentication)"),
        ("08P01", "unsupported startup parameter: application_name", "parameter application_name"),
        ("XX000", "etwas Unerwartetes", "etwas Unerwartetes\n  Correct the connection, or ask"),
    ],
)
def test_what_servers_say(connect: Connect, code: str, text: str, said: str) -> None:
    """What a server says as it refuses a session is told in plain words, or as it is."""
    with answering(fatal(code, text)) as place:
        assert said in refused(connect, hostPort=place, sslMode="disable")


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"J\0\0\0\n8.0.36\0"])
def test_another_server(connect: Connect, greeting: bytes) -> None:
    """What answers at the port may be no PostgreSQL."""
    with answering(greeting) as place:
        said = refused(connect, hostPort=place, sslMode="disable")
    assert "what answers there is no PostgreSQL\n  Correct hostPort" in said


def test_no_answer(connect: Connect) -> None:
    """A server that never answers costs `connectTimeout`, not more."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        said = refused(connect, hostPort=place, connectTimeout=1)
    assert "the server does not answer in time\n  Correct hostPort" in said


def test_first_address_that_answers(connect: Connect, postgres: Cluster) -> None:
    """Of several addresses the first that answers is taken; over a socket no password counts."""
    connect(hostPort=f"127.0.0.1:1,{postgres.host}:{postgres.port}")
    connect(hostPort=f"{postgres.socket}:{postgres.port}", password=None)
    connect(hostPort=postgres.host, connectionOptions={"port": str(postgres.port)})
    place = f"{postgres.host}:{postgres.port}/postgres?connect_timeout=2"
    url = f"postgresql+psycopg2://postgres:of%20the%20tests@{place}"
    connect(url=url, hostPort=None, username=None, password=None, database=None)


def test_password_file(connect: Connect, tmp_path: Path) -> None:
    """A file holds the password, with or without a line break, and is read for each connection."""
    path = tmp_path / "password"
    for text in (f"{SECRET}\n", SECRET, f"{SECRET}\r\n"):
        path.write_bytes(text.encode())
        connect(password=None, passwordFile=str(path))
    for content, said in (
        (b"a\nb\n", "has more than one line\n  Write the password alone into it"),
        (b"", "is empty\n  Write the password into it"),
        (b"\xff\xfe", "cannot be read: it is not UTF-8\n  Correct passwordFile"),
    ):
        path.write_bytes(content)
        assert f"The password file {path} {said}" in refused(
            connect, password=None, passwordFile=str(path)
        )
    path.unlink()
    said = refused(connect, password=None, passwordFile=str(path))
    assert f"The password file {path} cannot be read: No such file or directory" in said


def program(code: str) -> list[str]:
    return [sys.executable, "-S", "-c", code]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('{0}'); sys.exit('no session')", "ended with exit code 1: no session"),
        ("import os; print('{0}', flush=True); os.kill(os.getpid(), 9)", "was ended by signal 9"),
        ("pass", "printed nothing\n  Run it in a shell"),
        ("print('Signed in.'); print('{0}')", "printed more than one line\n  Run it in a shell"),
        ("import time; time.sleep(60)", "did not end within 0.2 s\n  Raise passwordCommandTimeout"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "printed what is not UTF-8"),
    ],
    ids=["fails", "dies", "silent", "talks", "slow", "binary"],
)
def test_password_command_that_fails(connect: Connect, code: str, said: str) -> None:
    """A program that gives no password is told with what it says, but not what it printed."""
    command = program(code.replace("{0}", SECRET))
    timeout = 0.2 if "sleep" in code else 30
    told = refused(connect, password=None, passwordCommand=command, passwordCommandTimeout=timeout)
    assert f"{sys.executable!r} of passwordCommand" in told
    assert said in told


def test_password_command(connect: Connect) -> None:
    """A program prints the password; one that is not there is told."""
    connect(password=None, passwordCommand=program(f"print('{SECRET}')"))
    said = refused(connect, password=None, passwordCommand=["/no/program"])
    assert "cannot be run: No such file or directory" in said
