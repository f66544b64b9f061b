"""Connections with a server of MySQL or MariaDB; what PyMySQL raises stays in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.connecting.address import Address
from metadata.ingestion.source.database.sql_databases.connecting.errors import (
    Target,
    driver,
    source_error,
)
from metadata.ingestion.source.database.sql_databases.connecting.tls import (
    Certificates,
    context,
    mode,
)
from metadata.ingestion.source.database.sql_databases.mysql.config import MysqlConfig
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect
from om_ingest import SourceError
from om_ingest.store import Closeable

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import SSCursor

_DAY_S = 86_400
_PATIENT = ", ".join(
    f"{name} = {_DAY_S}" for name in ("net_write_timeout", "net_read_timeout", "wait_timeout")
)
"""A slow sink keeps a stream waiting. So the server is patient, its clock of statements, which runs
meanwhile, is off, and `statementTimeout` is how long the server may keep its client waiting."""

_WHOLE = "sql_select_limit = 18446744073709551615, sql_big_selects = 1, max_sort_length = 1024"
"""What an administrator may have set so that statements end early, or sort names by their heads."""

_WHILE_CONNECTING = (OSError, RuntimeError, TypeError, ValueError)
"""What PyMySQL raises besides its own: for TLS, without `cryptography`, for wrong parameters."""

_FETCHED_ROWS = 500
_OWN = frozenset({"charset", "cursorclass", "autocommit", "use_unicode", "conv", "scheme"})
"""Parameters of the driver that reading depends on."""


class Stream(Closeable):
    """The rows of one statement, read as they are asked for, on a connection of its own."""

    def __init__(self, connector: Connector, connection: Connection[Any], text: str) -> None:
        self.connection = connection
        self._connector = connector
        self._cursor: SSCursor | None = None
        with connector.translating("read"):
            cursor = connection.cursor(connector.streaming)
            self._cursor = cursor
            try:
                with connector.working(connection):
                    cursor.execute(text)
            except BaseException:
                self.close()
                raise

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row; raises `SourceError` if the connection is lost."""
        cursor = self._cursor
        assert cursor is not None, "closed"
        while True:
            with self._connector.translating("read"):
                try:
                    rows = cursor.fetchmany(_FETCHED_ROWS)
                except BaseException:
                    self.close()
                    raise
            if not rows:
                return
            yield from rows

    def close(self) -> None:
        """Close the connection, whatever it has not sent yet."""
        if self._cursor is not None:
            result = self._cursor._result  # noqa: SLF001  # or PyMySQL reads the rest first
            if result is not None:
                result.unbuffered_active = False
                result.connection = None
            self._cursor = None
        with suppress(Exception):  # it may be closed already
            self.connection.close()


class Connector(Closeable):
    """Opens connections, as the config says."""

    def __init__(self, config: MysqlConfig, product: str) -> None:
        """`product` is what messages call the server. Raises `PluginImportError` without PyMySQL,
        and `SourceError` if certificates cannot be read.
        """
        self._config = config
        self._product = product
        self._pymysql = driver("pymysql", "mysql")
        self.streaming = driver("pymysql.cursors", "mysql").SSCursor
        self._files = Certificates(config)
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="om-ingest-mysql")
        self._busy: set[int] = set()
        self.target = self._target(config.addresses[0])

    def _target(self, address: Address) -> Target:
        config = self._config
        return Target(self._product, str(address), config.databaseSchema or "", config.username)

    @contextmanager
    def translating(self, task: str) -> Iterator[None]:
        """Raise what the driver raises as `SourceError`; `task` is what is done with the server."""
        try:
            yield
        except (self._pymysql.MySQLError, OSError) as error:
            if "timed out" in str(error):
                raise SourceError(
                    f"Cannot {task} {self.target}: it sent nothing for"
                    f" {self._config.statementTimeout:g} s",
                    "Raise statementTimeout, or read less: a pattern in sourceConfig.",
                ) from None
            raise source_error(error, self.target, task) from None

    def open(self) -> Connection[Any]:
        """A connection that only reads, with the first address that answers."""
        failed: SourceError | None = None
        for address in self._config.addresses:
            target = self._target(address)
            try:
                connection = self._connected(address)
            except (self._pymysql.MySQLError, *_WHILE_CONNECTING) as error:
                failed = failed or source_error(error, target)
                continue
            self.target = target
            try:
                self.query(connection, _settings(version_of(connection)))
            except BaseException:
                connection.close()
                raise
            return connection
        assert failed is not None
        raise failed

    def _connected(self, address: Address) -> Connection[Any]:
        config = self._config
        options = {
            key: _typed(value) for key, value in config.driver_options.items() if key not in _OWN
        }
        tls = context(config, self._files)
        if tls is not None:
            options["ssl"] = tls
        elif address.is_socket or mode(config) in ("disable", "allow"):
            options["ssl_disabled"] = True  # nobody listens at a socket
        patience = options.pop("read_timeout", config.statementTimeout or None)
        if address.is_socket:
            with suppress(PermissionError):
                Path(address.host).stat()  # PyMySQL leaves its own socket open if there is none
            options["unix_socket"] = address.host
        else:
            options.update(host=address.host, port=address.port)
        settings = {
            "user": config.username,
            "password": (config.secret() or "").encode(),  # as a text, it had to be Latin-1
            "charset": "utf8mb4",
            "autocommit": True,  # so that no statement keeps a transaction open
            "connect_timeout": config.connectTimeout,
            "read_timeout": config.connectTimeout,  # for the greeting, too
            "program_name": config.applicationName,
            "client_flag": self._pymysql.constants.CLIENT.MULTI_STATEMENTS,
        }
        connection: Connection[Any] = self._pymysql.connect(**{**settings, **options})
        connection._read_timeout = patience  # noqa: SLF001  # there is no other way to change it
        return connection

    def begin(self, text: str) -> Future[Stream]:
        """Start a statement on a connection of its own, while others start too."""
        return self._threads.submit(lambda: Stream(self, self.open(), text))

    @contextmanager
    def working(self, connection: Connection[Any]) -> Iterator[None]:
        """End on the server what takes too long here; let `end_statements` end it, too."""
        number = connection.thread_id()
        self._busy.add(number)
        try:
            yield
        except (self._pymysql.MySQLError, OSError) as error:
            if "timed out" in str(error):  # the server does not know that nobody waits any more
                with suppress(SourceError, self._pymysql.MySQLError), closing(self.open()) as other:
                    self.query(other, f"KILL {number}")
            raise
        finally:
            self._busy.discard(number)

    def end_statements(self, connection: Connection[Any]) -> None:
        """End statements that have not begun to answer, by another connection."""
        for number in tuple(self._busy):
            with suppress(SourceError):  # it may have ended
                self.query(connection, f"KILL {number}")

    def query(self, connection: Connection[Any], text: str) -> Sequence[tuple[Any, ...]]:
        """All rows of a statement with few of them."""
        with self.translating("read"), connection.cursor() as cursor:
            cursor.execute(text)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def each(
        self, connection: Connection[Any], texts: Sequence[str]
    ) -> Sequence[tuple[Any, ...] | None]:
        """The first row of each of some statements, sent together; None for one that fails."""
        answers: list[tuple[Any, ...] | None] = []
        with self.translating("read"), connection.cursor() as cursor:
            while len(answers) < len(texts):
                try:
                    cursor.execute("; ".join(texts[len(answers) :]))
                    answers.append(cursor.fetchone())
                    while cursor.nextset():
                        answers.append(cursor.fetchone())
                except self._pymysql.MySQLError:
                    if not connection.open:
                        raise
                    answers.append(None)  # the server leaves out those behind it
        return answers

    def close(self) -> None:
        """Remove the files of certificates."""
        self._threads.shutdown(cancel_futures=True)
        self._files.close()


def version_of(connection: Connection[Any]) -> str:
    """What the server says about its version, such as `10.11.6-MariaDB`."""
    return str(connection.get_server_info()).removeprefix("5.5.5-")  # put there for old replicas


def _settings(version: str) -> str:
    """The statement that makes a session read only, patient, and of a known dialect of SQL."""
    dialect = Dialect.of(version)
    new = dialect.version >= ((11, 1, 1) if dialect.is_mariadb else (8, 0, 3))
    read_only = "transaction_read_only" if new else "tx_read_only"
    limit, fresh = "max_statement_time", ""
    # MariaDB tells by it which type GROUP_CONCAT has in a view: it stays as it is, if it can.
    longest = "GREATEST(@@group_concat_max_len, 1048576)"
    if not dialect.is_mariadb:
        longest = str(2**32 - 1)
        limit = "max_execution_time"
        fresh = ", information_schema_stats_expiry = 0" if new else ""  # counts of rows, uncached
    return (
        f"SET SESSION sql_mode = '', sql_quote_show_create = 1, group_concat_max_len = {longest},"
        f" {_PATIENT}, {_WHOLE}, {read_only} = 1, {limit} = 0{fresh}"
    )


def _typed(value: Any) -> Any:
    """A parameter of the driver, which a URL gives as a text."""
    if not isinstance(value, str):
        return value
    if value.isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value.lower(), value)
