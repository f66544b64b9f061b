"""The parameters of a connection of libpq, which psycopg hands on."""

from __future__ import annotations

from typing import Any

from metadata.ingestion.source.database.sql_databases.connecting import tls
from metadata.ingestion.source.database.sql_databases.connecting.config import ServerConfig

_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A server that vanished is noticed after a minute; by default, it takes two hours."""


def parameters(config: ServerConfig, database: str, files: tls.Certificates) -> dict[str, Any]:
    """Keyword arguments for `psycopg.connect`, the password among them.

    PostgreSQL's documentation, section 32.1.2 "Parameter Key Words". What the file says in
    `connectionOptions` and `connectionArguments` comes before what is made here. Nothing is put
    into `options`: connection pools refuse it. Raises `SourceError` if there is no password to be
    got (`ServerConfig.secret`).
    """
    places = config.addresses
    made = {
        "host": ",".join(one.host for one in places),
        "port": ",".join(str(one.port or config.default_port) for one in places),
        "user": config.username,
        "password": config.secret(),
        "dbname": database,
        "connect_timeout": config.connectTimeout,
        "application_name": config.applicationName,
        "sslmode": tls.mode(config),
        "sslrootcert": files.authority,
        "sslcert": files.certificate,
        "sslkey": files.key,
        **_KEEPALIVES,
        **config.driver_options,
    }
    return {key: value for key, value in made.items() if value not in (None, "")}
