"""A throw-away MariaDB server for tests and benchmarks.

The program is the one that is installed, or else that of Debian's packages, which
`python -m tests.databases.mariadb` unpacks into `.nox/mariadb`, installing nothing. A server
starts in half a second, so each process of tests has its own.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pymysql.connections import Connection

UNPACKED = Path(__file__).parents[2] / ".nox/mariadb"
VARIABLE = "OM_INGEST_TEST_MARIADB"
"""Names another folder in which Debian's packages are unpacked."""

PACKAGES = ["mariadb-server-core", "libaio1", "libaio1t64", "liburing2", "libpcre2-8-0", "libnuma1"]
"""The server, and libraries that a small machine may lack; a name that Debian lacks is left out."""

OWNER = "owner"
"""The user that may do everything, over the socket and over TCP."""

PASSWORD = "of the tests"

SYSTEM_TABLES = (
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
)
SYS_SCHEMA = "mysql_sys_schema.sql"
SMALL = (
    "--no-defaults",
    "--innodb-buffer-pool-size=24M",
    "--innodb-log-file-size=4M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
    "--innodb-autoextend-increment=1",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-use-native-aio=0",
    "--aria-log-file-size=8M",
    "--skip-log-bin",
    "--sync-frm=OFF",
    "--character-set-server=utf8mb4",
    "--log-warnings=1",
)


WATCHED = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
{ cat <&3 >/dev/null; kill -9 $server 2>/dev/null; } &
wait $server
"""
"""Ends the server when standard input ends: with the process of the tests, however that ends."""


class NoMariaDbError(Exception):
    """There is no MariaDB on this machine; `str(error)` says what to do."""


@dataclass(frozen=True)
class Programs:
    """Where the server and its files are."""

    server: Path
    share: Path
    libraries: Path | None = None
    """Folder of libraries that are not installed."""

    @classmethod
    def find(cls) -> Programs:
        """The installed ones, or the unpacked ones; raises `NoMariaDbError`."""
        found = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        roots = [Path(found).resolve().parents[2]] if found else []
        roots += [Path(os.environ.get(VARIABLE) or UNPACKED)]
        for root in roots:
            for share in (root / "usr/share/mysql", root / "usr/share/mariadb"):
                if (share / SYSTEM_TABLES[0]).is_file():
                    libraries = next(iter(root.glob("usr/lib/*/libaio.so.1*")), None)
                    unpacked = libraries.parent if libraries and root != Path("/") else None
                    return cls(root / "usr/sbin/mariadbd", share, unpacked)
        raise NoMariaDbError(
            f"no mariadbd in PATH, and none in {UNPACKED}: run `python -m tests.databases.mariadb`,"
            " which unpacks Debian's packages there, or install a MariaDB server"
        )

    def run(
        self, *arguments: str, before: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start the server program, as an argument of the program `before` if there is one."""
        folders = [str(self.libraries)] if self.libraries else []
        folders += filter(None, [os.environ.get("LD_LIBRARY_PATH")])
        return subprocess.Popen(
            [
                *before,
                str(self.server),
                *SMALL,
                f"--lc-messages-dir={self.share}",
                f"--character-sets-dir={self.share / 'charsets'}",
                *(["--user=nobody"] if os.geteuid() == 0 else []),
                *arguments,
            ],
            env={**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(folders)},
            **options,
        )


@dataclass
class MariaDb:
    """A server in a temporary folder; as a context manager it starts, and is gone at the end."""

    options: tuple[str, ...] = ()
    """Further options of mariadbd: `--performance-schema=ON`, `--ssl-cert=…`."""

    sys_schema: bool = False
    """Whether it gets the schema `sys`, about 100 views (0.3 s)."""

    user: str = OWNER
    password: str = PASSWORD
    folder: Path = field(init=False)
    port: int = field(init=False, default=0)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def socket(self) -> str:
        """Path of the Unix socket."""
        return str(self.folder / "socket")

    @property
    def host_port(self) -> str:
        """Host and TCP port, as OpenMetadata's `hostPort` has them."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> MariaDb:
        programs = Programs.find()
        self.folder = Path(tempfile.mkdtemp(prefix="mariadb"))
        try:
            self._make_system_tables(programs)
            self._start(programs)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._kill()  # nothing of it is kept
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kill(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def connect(self, database: str | None = None, **options: Any) -> Connection[Any]:
        """A connection of PyMySQL, by default of the owner, which commits by itself."""
        import pymysql  # not every test process has a database

        given = {"user": self.user, "password": self.password, "autocommit": True, **options}
        return pymysql.connect(unix_socket=self.socket, database=database, **given)

    def execute(self, *statements: str, database: str | None = None) -> None:
        """Execute some statements in one session of the owner, and forget what they answer."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def log(self) -> str:
        """What the server has logged."""
        return (self.folder / "log").read_text(errors="replace")

    def _make_system_tables(self, programs: Programs) -> None:
        """Execute the statements of MariaDB's own installation, as mariadb-install-db does."""
        data = self.folder / "data"
        for folder in (data / "mysql", data / "sys", self.folder / "tmp"):
            folder.mkdir(parents=True)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for folder in (self.folder, *self.folder.iterdir(), *data.iterdir()):
                os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        files = [*SYSTEM_TABLES, *([SYS_SCHEMA] if self.sys_schema else [])]
        script = "use mysql;\n" + "".join((programs.share / name).read_text() for name in files)
        owner = f"'{self.user}'@'%'"
        script += f"FLUSH PRIVILEGES;\nCREATE USER {owner} IDENTIFIED BY '{self.password}';\n"
        script += f"GRANT ALL ON *.* TO {owner} WITH GRANT OPTION;\n"
        with (self.folder / "log").open("wb") as log:
            # A server that starts removes the temporary tables of others in the same folder.
            arguments = ("--bootstrap", f"--datadir={data}", f"--tmpdir={self.folder / 'tmp'}")
            process = programs.run(*arguments, stdin=subprocess.PIPE, stdout=log, stderr=log)
            process.communicate(script.encode())
        if process.returncode:
            raise RuntimeError(f"MariaDB made no system tables:\n{self.log()[-3000:]}")

    def _start(self, programs: Programs) -> None:
        """Start the server, and wait until it answers."""
        for _ in range(3):  # another process may take the port first
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            with (self.folder / "log").open("wb") as log:
                self.process = programs.run(
                    f"--datadir={self.folder / 'data'}",
                    f"--tmpdir={self.folder / 'tmp'}",
                    f"--socket={self.socket}",
                    f"--pid-file={self.folder / 'pid'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    *self.options,
                    before=("/bin/sh", "-c", WATCHED, "watched"),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                )
            end = time.monotonic() + 30
            while self.process.poll() is None and time.monotonic() < end:
                try:
                    with socket.socket(socket.AF_UNIX) as ready:
                        ready.connect(self.socket)
                    return
                except OSError:
                    time.sleep(0.02)
            self._kill()
        raise RuntimeError(f"MariaDB did not start:\n{self.log()[-3000:]}")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A server that the tests of this process share: each makes databases of its own."""
    with MariaDb() as server:
        yield server


def unpack(folder: Path) -> None:
    """Unpack Debian's packages into `folder`; raises `NoMariaDbError`."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise NoMariaDbError(
            "no apt-get here, which fetches Debian's packages: install a MariaDB server, so that"
            " `mariadbd` is in PATH"
        )
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)  # apt-get drops its rights  # noqa: PTH101
        for package in PACKAGES:
            command = ["apt-get", "download", "-q", package]
            fetched = subprocess.run(command, cwd=place, capture_output=True, text=True)
            if fetched.returncode and package == PACKAGES[0]:
                raise NoMariaDbError(f"apt-get cannot download {package}: {fetched.stderr.strip()}")
        folder.mkdir(parents=True, exist_ok=True)
        for archive in sorted(Path(place).glob("*.deb")):
            subprocess.run(["dpkg", "-x", archive, folder], check=True)


def main() -> int:
    """Find a MariaDB, fetch it if there is none, and start it once; say what was found."""
    try:
        try:
            programs = Programs.find()
        except NoMariaDbError:
            unpack(UNPACKED)
            programs = Programs.find()
        with MariaDb():
            print(f"MariaDB: {programs.server}")
    except (NoMariaDbError, RuntimeError) as error:
        print(f"no MariaDB: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
