"""What the config of every source that talks to a server has: OpenMetadata's keys, and own ones.

The keys, with their spelling, are those of OpenMetadata's connections (JSON Schema
`entity/services/connections/database/*Connection.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from metadata.ingestion.source.database.sql_databases.connecting.address import (
    Address,
    addresses,
    parts,
)
from metadata.ingestion.source.database.sql_databases.connecting.errors import Target
from metadata.ingestion.source.database.sql_databases.connecting.login import (
    TOKEN_COMMANDS,
    AuthType,
    SslConfig,
    SslMode,
)
from metadata.ingestion.source.database.sql_databases.connecting.passwords import (
    of_command,
    of_file,
)
from metadata.ingestion.source.database.sql_databases.reader.queries import QueryLog
from om_ingest import ConnectorConfig
from om_ingest.model import DatabaseServiceType
from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema
from typing_extensions import Self

KEPT: dict[str, Any] = {"deprecated": True}
"""For keys that existing files have, and that have no effect: no example has them."""

_OWN_PASSWORDS = ("password", "passwordFile", "passwordCommand")
_PASSWORDS = {"authType", *_OWN_PASSWORDS}


class ServerConfig(ConnectorConfig):
    """The keys that all servers share."""

    protocol: ClassVar[str]
    """What a URL of the server begins with: `postgres` or `mysql`."""

    product: ClassVar[str]
    """What people call the server."""

    default_port: ClassVar[int]

    database_key: ClassVar[str]
    """The key that the database of a URL belongs to."""

    stored_keys: ClassVar[tuple[str, ...]]
    """The keys that OpenMetadata's connection has, too, besides those of `stored`."""

    hostPort: str
    """Address of the server: `host:port`, `host`, `[::1]:5432`, the path of a socket; several,
    to be tried in turn, are separated by commas. Or give `url`."""

    username: str
    """Who logs in. It needs no right to write anything. Or give `url`."""

    authType: AuthType | None = None
    """How to log in, as OpenMetadata has it: `authType: {password: …}`."""

    password: SecretStr | None = None
    """The password, if it does not stand in `authType`: `${VARIABLE}` and
    `${file:/run/secrets/password}` keep it out of the file."""

    passwordFile: Path | None = None
    """File that holds the password, read anew for each connection. One line break at its end
    is no part of it."""

    passwordCommand: list[str] | None = Field(default=None, min_length=1)
    """Program and arguments that print the password, or a token of a cloud; run without a shell
    for each connection, because tokens expire. Example:
    `[aws, rds, generate-db-auth-token, --hostname, HOST, --port, "5432", --username, USER]`."""

    passwordCommandTimeout: float = Field(default=30, gt=0, le=3600, allow_inf_nan=False)
    """Seconds that the command may take."""

    url: str | None = None
    """All of that in one text: `postgresql://user:password@host:port/database?sslmode=require`,
    `mysql://…`, or for PostgreSQL `host=… dbname=…`. A key beside it comes before what it says;
    its parameters are `connectionOptions`."""

    sslMode: SslMode | None = None
    """Whether the connection is encrypted, and what is checked. `verify-full` checks the
    certificate and its name. Default: encrypted if the server can, unchecked; with a
    `caCertificate` it is checked."""

    sslConfig: SslConfig | None = None
    """Certificates, each as PEM text or as the path of a file."""

    connectionOptions: dict[str, Any] = {}
    """Parameters of the driver, as OpenMetadata puts them behind the URL."""

    connectionArguments: dict[str, Any] = {}
    """Parameters of the driver; they come before `connectionOptions`."""

    connectTimeout: int = Field(default=10, ge=1, le=3600)
    """Seconds to wait for the server at each address."""

    statementTimeout: float = Field(default=300, ge=0, le=86_400, allow_inf_nan=False)
    """Seconds after which the server ends a statement that reads metadata; 0 is no limit."""

    applicationName: str = Field(default="om-ingest", min_length=1, max_length=63)
    """Name under which the server lists the connection."""

    sampleCount: int = Field(default=0, ge=0, le=10_000)
    """Rows of sample data to read of each table; 0 reads none. Values leave the database."""

    rowCounts: bool = False
    """Say how many rows each table has, as the database estimates it."""

    queryLog: QueryLog | None = None
    """Read the queries that the server has counted, with how often each ran: `{}`, or
    `{limit: 500, minCalls: 10}`. Default: none are read."""

    scheme: str | None = Field(default=None, json_schema_extra=KEPT)
    """Driver of SQLAlchemy, as OpenMetadata has it. Not used."""

    sampleDataStorageConfig: dict[str, Any] | None = Field(default=None, json_schema_extra=KEPT)
    """Where OpenMetadata keeps sample data outside of its server. Not used."""

    @property
    def addresses(self) -> list[Address]:
        """The places where the server may listen, in their order; all but sockets have a port."""
        return [
            one if one.port or one.is_socket else one._replace(port=self.default_port)
            for one in addresses(self.hostPort)
        ]

    def target(self, database: str = "") -> Target:
        """The server in words, for messages; `database` is the one that is opened."""
        place = " or ".join(map(str, self.addresses))
        return Target(self.product, place, database, self.username)

    def secret(self) -> str | None:
        """The password for the next connection; None if the config has none.

        Reads the file, or runs the command. Raises `SourceError` if that fails.
        """
        if self.passwordCommand is not None:
            return of_command(self.passwordCommand, self.passwordCommandTimeout)
        if self.passwordFile is not None:
            return of_file(self.passwordFile)
        given = self.password or (self.authType.password if self.authType else None)
        return None if given is None else given.get_secret_value()

    @property
    def driver_options(self) -> dict[str, Any]:
        """Parameters of the driver that the file gives, without empty ones."""
        given = {**self.connectionOptions, **self.connectionArguments}
        return {key: value for key, value in given.items() if value not in (None, "", {})}

    def stored(self, service: DatabaseServiceType) -> dict[str, Any]:
        """The connection as OpenMetadata keeps it, with its secrets: the host masks those."""
        kept: dict[str, Any] = {
            "type": service.value,
            "hostPort": ",".join(map(str, self.addresses)),
            "username": self.username,
        }
        if self.password is not None:
            kept["authType"] = {"password": self.password.get_secret_value()}
        for key in ("authType", "connectionArguments", *self.stored_keys):
            if value := _plain(getattr(self, key)):
                kept[key] = value
        if self.connectionOptions:
            kept["connectionOptions"] = {
                key: str(value) for key, value in self.connectionOptions.items()
            }
        if service is DatabaseServiceType.MariaDB:  # its connection is that of older releases
            kept.pop("sslConfig", None)
            password = kept.pop("authType", {}).get("password")
            kept |= {} if password is None else {"password": password}
        return kept

    def limits(self) -> Iterator[str]:
        """The keys that are given and not used, a line each, with what to do."""
        auth, place = self.authType or AuthType(), self.addresses[0]
        region = (auth.awsConfig or {}).get("awsRegion", "REGION")
        for key, command in TOKEN_COMMANDS.items():
            if getattr(auth, key) and self.passwordCommand is None:
                known = {"host": place.host, "port": place.port, "user": self.username}
                yield (
                    f"authType.{key} is not used: set passwordCommand to a program that prints a"
                    f" token, such as {command.format(**known, region=region)}"
                )
        if (self.sampleDataStorageConfig or {}).get("config"):
            yield "sampleDataStorageConfig is not used: samples (sampleCount) go to the sink"

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Let editors take a file whose `url` says what the required keys do not."""
        made = handler(core_schema)
        handler.resolve_ref_schema(made).pop("required", None)
        return made

    @field_validator("hostPort")
    @classmethod
    def _check_addresses(cls, text: str) -> str:
        addresses(text)
        return text

    @field_validator("url")
    @classmethod
    def _check_url(cls, text: str | None) -> str | None:
        if text is not None:
            parts(text, cls.protocol)
        return text

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, values: Any) -> Any:
        """Put what a URL says under its keys, and keep the URL without its password.

        A key with nothing behind it counts as left out, or with an empty text, as forms leave it.
        """
        if not isinstance(values, dict):
            return values
        given = {key: value for key, value in values.items() if value not in (None, "")}
        if not isinstance(given.get("url"), str):
            return given
        try:
            found = parts(given["url"], cls.protocol)
        except ValueError:  # told by `_check_url`, and not again as keys that are missing
            return {"hostPort": "localhost", "username": "", **given}
        said: dict[str, Any] = {
            "hostPort": found.host_port,
            "username": found.username,
            cls.database_key: found.database,
        }
        if found.password is not None and not _PASSWORDS & given.keys():
            said["password"] = found.password
        options = given.get("connectionOptions", {})
        if isinstance(options, Mapping):
            said["connectionOptions"] = {**found.options, **options}
            given.pop("connectionOptions", None)
        return {**said, **given, "url": found.bare}

    @model_validator(mode="after")
    def _check_one_password(self) -> Self:
        given = [key for key in _OWN_PASSWORDS if getattr(self, key) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} both say the password: keep one of them")
        return self


def _plain(value: Any) -> Any:
    """A value as JSON has it, without keys that are not given."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, ConnectorConfig):
        plain = {key: _plain(getattr(value, key)) for key in value.model_fields_set}
        return {key: one for key, one in plain.items() if one is not None}
    return value
