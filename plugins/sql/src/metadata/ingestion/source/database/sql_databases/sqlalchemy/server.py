"""An engine of SQLAlchemy, and the one database of its URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.connecting.cases import PASSWORD_KEYS
from metadata.ingestion.source.database.sql_databases.connecting.errors import (
    Target,
    driver,
    source_error,
)
from metadata.ingestion.source.database.sql_databases.reader.rows import DatabaseRow
from metadata.ingestion.source.database.sql_databases.reader.session import Server
from metadata.ingestion.source.database.sql_databases.sqlalchemy.dialects import PACKAGES
from metadata.ingestion.source.database.sql_databases.sqlalchemy.session import SqlalchemySession
from metadata.ingestion.source.database.sql_databases.sqlalchemy.shape import Reports, first_line
from om_ingest import SourceError, SourceStatus, WorkflowError, fqn
from om_ingest.errors import PluginImportError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine

_UNNAMED = "default"
"""What OpenMetadata calls the database of a product that has none above its schemas."""

_WITHOUT_DATABASES = {"mysql", "mariadb", "clickhouse", "clickhousedb", "hive", "impala"}
"""Dialects whose databases are schemas for SQLAlchemy."""

_OF_FILES = {"sqlite", "duckdb"}


class SqlalchemyServer(Server):
    """An engine; it counts the statements that it runs."""

    def __init__(
        self,
        url: URL,
        arguments: dict[str, Any],
        database: str | None,
        schemas: tuple[str, ...],
        status: SourceStatus,
        service: str,
    ) -> None:
        """Connect once; `database` is the name of the entity, if not that of the URL.

        Raises `PluginImportError` if a dialect or driver is not installed, `WorkflowError` if the
        URL or arguments are wrong, and `SourceError` if the database refuses.
        """
        self.statement_count = 0
        self._url = url
        self._schemas = schemas
        self._status = status
        self.database = database or _name_of(url)
        self._fqn = fqn.child(service, self.database)
        place = f"{url.host}:{url.port}" if url.host and url.port else url.host
        self._target = Target(
            url.get_backend_name(),
            place or url.database or "memory",
            (url.database or "") if place else "",
            url.username or "",
        )
        self._engine = self._created(arguments)
        self._first: Connection | None = self._connected()

    def databases(self) -> Iterator[DatabaseRow]:
        """The one database that a URL names."""
        yield DatabaseRow(self.database)

    def open(self, database: str) -> SqlalchemySession:
        """A session with it."""
        connection, self._first = self._first or self._connected(), None
        reports = Reports(self._status, self._fqn, self._engine.dialect.name, self._lost)
        return SqlalchemySession(connection, reports, self._schemas, lambda: self.statement_count)

    def close(self) -> None:
        """Close every connection."""
        if self._first is not None:
            self._first.close()
        self._engine.dispose()

    def _created(self, arguments: dict[str, Any]) -> Engine:
        sqlalchemy = driver("sqlalchemy", "sqlalchemy")
        try:
            engine: Engine = sqlalchemy.create_engine(
                _read_only(self._url), connect_args=arguments, poolclass=sqlalchemy.pool.NullPool
            )
        except sqlalchemy.exc.NoSuchModuleError:
            raise _no_dialect(self._url) from None
        except ImportError as error:
            raise PluginImportError(
                f"The driver of {self._url.drivername}:// is not installed: {first_line(error)}",
                "Install the package of that module, or name another driver in the URL, such as"
                " postgresql+psycopg:// or mysql+pymysql://.",
            ) from None
        except Exception as error:  # noqa: BLE001  # dialects of others raise anything
            raise WorkflowError(
                f"SQLAlchemy does not take the URL: {first_line(error)}", "Correct url."
            ) from None
        sqlalchemy.event.listen(engine, "before_cursor_execute", self._count)
        return engine

    def _count(self, *_: object) -> None:
        self.statement_count += 1

    def _connected(self) -> Connection:
        try:
            return self._engine.connect()
        except Exception as error:  # noqa: BLE001  # drivers raise anything
            self._engine.dispose()
            if isinstance(error, TypeError) and "argument" in str(error):
                raise WorkflowError(
                    f"The driver does not take connectArgs: {first_line(error)}",
                    "Correct connectArgs; they are parameters of the driver.",
                ) from None
            raise self._told(error, "connect to") from None

    def _lost(self, error: BaseException) -> SourceError | None:
        if getattr(error, "connection_invalidated", False):
            return self._told(error, "read")
        return None

    def _told(self, error: BaseException, task: str) -> SourceError:
        told = source_error(error, self._target, task)
        remedy = told.remedy.replace("hostPort", "url").replace(PASSWORD_KEYS, "password")
        return SourceError(told.what, remedy)


def _read_only(url: URL) -> URL:
    """A file of SQLite is opened for reading: else SQLite makes the file that is not there."""
    path = url.database or ""
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or path in ("", ":memory:"):
        return url
    if not path.startswith("file:"):
        path = Path(path).absolute().as_uri()
    options = {"mode": "ro", **url.query, "uri": "true"}
    return url.set(database=path, query=options)


def _no_dialect(url: URL) -> PluginImportError:
    name = url.get_backend_name()
    package = PACKAGES.get(name)
    remedy = "Correct the beginning of url, or install the package that brings the dialect."
    if package is not None:
        remedy = f"Install it: pip install '{package}'."
    return PluginImportError(
        f"SQLAlchemy has no dialect {url.drivername}, and no package brings it", remedy
    )


def _name_of(url: URL) -> str:
    """Name of the database entity: that of the URL, of a file without its suffix."""
    dialect = url.get_backend_name()
    if dialect in _WITHOUT_DATABASES or not url.database or url.database == ":memory:":
        return _UNNAMED
    if dialect in _OF_FILES or (not url.host and "/" in url.database):
        return PurePath(url.database.removeprefix("file:").partition("?")[0]).stem or _UNNAMED
    # Snowflake and Trino have the schema behind a slash.
    return url.database.partition("/")[0] if dialect in ("snowflake", "trino") else url.database
