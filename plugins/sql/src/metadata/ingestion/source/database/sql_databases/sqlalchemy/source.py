"""The `sqlalchemy` source: any database that has a dialect of SQLAlchemy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

from metadata.ingestion.source.database.sql_databases.connecting.errors import driver
from metadata.ingestion.source.database.sql_databases.reader.selection import Chosen
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from metadata.ingestion.source.database.sql_databases.sqlalchemy.dialects import FASTER, PRODUCTS
from metadata.ingestion.source.database.sql_databases.sqlalchemy.server import SqlalchemyServer
from om_ingest import ConnectorConfig, Record, WorkflowContext, WorkflowError
from om_ingest.model import CreateTableRequest, DatabaseServiceType, EntityName, StoredProcedure
from pydantic import Field, SecretStr, field_validator, model_validator

_SPELLINGS = {
    "connect_args": "connectArgs",
    "connectionArguments": "connectArgs",
    "connectionUrl": "url",
    "connection_string": "url",
    "connectionString": "url",
    "databaseSchema": "schemas",
    "database_schema": "schemas",
    "database": "databaseName",
}
"""Keys of custom connectors, and of OpenMetadata."""

_SCHEME = re.compile(r"([A-Za-z][\w.]*)(?:\+[\w.]+)?://")
_SECRET = re.compile(r"pass|pwd|secret|token|credential|(^|_)(key|sig|auth|pin)$", re.IGNORECASE)
_CANNOT = "SQLAlchemy does not list procedures"


class SqlalchemyConfig(ConnectorConfig):
    """Config of the `sqlalchemy` source; only `url` is required."""

    url: str
    """URL of SQLAlchemy, `dialect+driver://user:password@host:port/database?option=value`. The
    password, and options that sound like secrets, are taken out of it and are masked."""

    password: SecretStr | None = None
    """The password, if it does not stand in the URL."""

    secretOptions: dict[str, SecretStr] = {}
    """Options of the URL that are secrets, such as `{token: …}`."""

    connectArgs: dict[str, Any] = {}
    """Parameters of the driver. `connect_args` and `connectionArguments` mean the same."""

    databaseName: EntityName | None = None
    """Name of the database entity. Default: the database of the URL; of a file, its name without
    suffix; `default` for products such as MySQL, whose databases are schemas in SQLAlchemy."""

    schemas: list[str] = []
    """Schemas to read, as a list or with commas between them. Default: all but those of the
    system. `databaseSchema` means the same."""

    sampleCount: int = Field(default=0, ge=0, le=10_000)
    """Rows of sample data to read of each table; 0 reads none. Values leave the database."""

    @property
    def dialect(self) -> str:
        """The first word of the URL: `mssql`, `oracle`, `snowflake` …"""
        found = _SCHEME.match(self.url)
        return found[1].lower() if found else ""

    @model_validator(mode="before")
    @classmethod
    def _take_other_spellings(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        found = {_SPELLINGS.get(key, key): value for key, value in values.items()}
        if isinstance(found.get("schemas"), str):
            names = (name.strip() for name in found["schemas"].split(","))
            found["schemas"] = [name for name in names if name]
        if isinstance(url := found.get("url"), str):
            found["url"], password, options = _without_secrets(url)
            if found.get("password") is None and password is not None:
                found["password"] = password
            if options:
                found["secretOptions"] = {**options, **(found.get("secretOptions") or {})}
        return found

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if not _SCHEME.match(url):
            raise ValueError("is no URL of SQLAlchemy: write dialect://user:password@host/database")
        return url


def _without_secrets(url: str) -> tuple[str, str | None, dict[str, str]]:
    """A URL without its secrets, its password, and its secret options."""
    place, mark, query = url.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")] if mark else []
    secret = {key: unquote_plus(value) for key, _, value in pairs if _SECRET.search(key)}
    kept = "&".join("".join(pair) for pair in pairs if pair[0] not in secret)
    scheme, slashes, rest = place.partition("://")
    login, at, behind = rest.rpartition("@")  # a password may hold an @ that is not quoted
    user, colon, password = login.partition(":")
    if not colon or "/" in user:  # the path of a file may hold both
        return place + (f"?{kept}" if kept else ""), None, secret
    return (
        f"{scheme}{slashes}{user}{at}{behind}" + (f"?{kept}" if kept else ""),
        unquote(password),
        secret,
    )


class SqlalchemySource(SqlSource[SqlalchemyConfig]):
    """Reads what SQLAlchemy reflects: slowly, but any database that has a dialect."""

    config: SqlalchemyConfig
    library = ("sqlalchemy", "sqlalchemy")

    def __init__(self, config: SqlalchemyConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self.sample_count = config.sampleCount
        self.choice: Chosen = Chosen(ctx, self.status, config.schemas)
        self.service_type = PRODUCTS.get(config.dialect, DatabaseServiceType.CustomDatabase)

    def limits(self) -> Iterable[str]:
        """That this is the slow path, and what SQLAlchemy does not reflect."""
        faster = FASTER.get(self.config.dialect)
        way = "it is for databases that have no source of their own"
        if faster is not None:
            way = f"the source {faster} reads the same database in a handful of statements"
        yield f"SQLAlchemy reflects with many statements, which is slow: {way}"
        settings = self.choice.settings
        unread = [
            what
            for what, is_wanted in (
                ("procedures (includeStoredProcedures)", settings.includeStoredProcedures),
                ("owners (includeOwners)", settings.includeOwners),
                ("statements of tables (includeDDL)", settings.includeDDL),
            )
            if is_wanted
        ]
        if unread:
            yield f"SQLAlchemy does not reflect {', '.join(unread)}"

    def connect(self) -> SqlalchemyServer:
        """Connect; raises `PluginError`, `WorkflowError` or `SourceError`."""
        sqlalchemy = driver("sqlalchemy", "sqlalchemy")
        try:
            url = sqlalchemy.make_url(self.config.url)
        except (sqlalchemy.exc.ArgumentError, ValueError):
            raise WorkflowError(
                "SQLAlchemy cannot take the url apart",
                "Correct url; the port is a number, and %40 stands for an @ in a name.",
            ) from None
        if self.config.password is not None:
            url = url.set(password=self.config.password.get_secret_value())
        for key, value in self.config.secretOptions.items():
            url = url.update_query_dict({key: value.get_secret_value()})
        self.status.unlisted(StoredProcedure.entity_type, self.choice.service, _CANNOT)
        return SqlalchemyServer(
            url,
            self.config.connectArgs,
            self.config.databaseName,
            tuple(self.config.schemas),
            self.status,
            self.choice.service,
        )

    def next_record(self) -> Iterator[Record]:
        """As all sources of databases; the number of statements comes as a warning at the end."""
        count = 0
        for record in super().next_record():
            count += isinstance(record, CreateTableRequest)
            yield record
        self.choice.tell_missing()
        self.status.warning(
            self.choice.service,
            f"SQLAlchemy took {self.statement_count} statements for {count} tables and views",
        )
