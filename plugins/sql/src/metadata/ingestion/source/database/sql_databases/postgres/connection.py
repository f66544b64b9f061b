"""Connections with a server of PostgreSQL; what psycopg raises while they open stays in here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.connecting.errors import (
    driver,
    source_error,
)
from metadata.ingestion.source.database.sql_databases.connecting.tls import Certificates, mode
from metadata.ingestion.source.database.sql_databases.postgres.config import PostgresConfig
from om_ingest.store import Closeable

if TYPE_CHECKING:
    import psycopg

_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A server that vanished is noticed after a minute; by default, it takes two hours."""

_SETTINGS = (
    "SELECT pg_catalog.set_config('search_path', '', true),"
    " pg_catalog.set_config('statement_timeout', '{}', true),"
    " pg_catalog.set_config('client_encoding', CASE pg_catalog.current_setting('server_encoding')"
    " WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, true)"
)
"""Local to the transaction: connection pools refuse settings among the parameters of a
connection, and give one that was set up to whoever comes next. Text of an unknown encoding is
bytes from then on."""


class Connector(Closeable):
    """Opens connections, as the config says."""

    def __init__(self, config: PostgresConfig) -> None:
        """Raises `PluginImportError` without psycopg, `SourceError` if a certificate is missing."""
        self._config = config
        self._psycopg = driver("psycopg", "postgres")
        self._files = Certificates(config)

    @contextmanager
    def translating(self, database: str, task: str = "connect to") -> Iterator[None]:
        """Raise what the driver raises as `SourceError`; `task` is what is done with the server."""
        try:
            yield
        except self._psycopg.Error as error:
            raise source_error(error, self._config.target(database), task) from None

    def open(self, database: str) -> psycopg.Connection[Any]:
        """A transaction that only reads, with the first address that answers.

        It sees the data as they are now. Its settings are gone when it ends.

        Raises `SourceError`.
        """
        parameters = self._parameters(database)
        with self.translating(database):
            conninfo = self._psycopg.conninfo.make_conninfo(**parameters)  # refuses all else
            connection: psycopg.Connection[Any] = self._psycopg.connect(conninfo)
        try:
            with self.translating(database, "set up a session with"):
                connection.isolation_level = self._psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                connection.prepare_threshold = None  # connection pools may not know them
                timeout_ms = round(self._config.statementTimeout * 1000)
                connection.execute(_SETTINGS.format(timeout_ms).encode())
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def statement_source(self) -> str:
        """Name of the view with the statistics of statements."""
        return self._config.queryStatementSource

    def close(self) -> None:
        """Remove the files of certificates."""
        self._files.close()

    def _parameters(self, database: str) -> dict[str, Any]:
        """Parameters of libpq: PostgreSQL's documentation, 32.1.2 "Parameter Key Words".

        Those of the file come before those that are made here.
        """
        config, files = self._config, self._files
        places = config.addresses
        made = {
            "host": ",".join(one.host for one in places),
            "port": ",".join(str(one.port or config.default_port) for one in places),
            "user": config.username,
            "password": config.secret(),
            "dbname": database,
            "connect_timeout": config.connectTimeout,
            "application_name": config.applicationName,
            "sslmode": mode(config),
            "sslrootcert": files.authority,
            "sslcert": files.certificate,
            "sslkey": files.key,
            **_KEEPALIVES,
            **config.driver_options,
        }
        return {key: value for key, value in made.items() if value not in (None, "")}
