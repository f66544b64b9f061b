"""The `postgres` source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.postgres.session import PostgresServer
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from om_ingest import ConnectorConfig
from om_ingest.model import DatabaseServiceType
from pydantic import SecretStr

if TYPE_CHECKING:
    import psycopg


class PostgresConfig(ConnectorConfig):
    """Config of the `postgres` source."""

    hostPort: str = "localhost:5432"
    """Host and port; a folder is that of a Unix socket."""

    username: str | None = None
    """User to log in as."""

    password: SecretStr | None = None
    """Password."""

    database: str = "postgres"
    """Database to read."""

    ingestAllDatabases: bool = False
    """Read all databases of the server."""


class PostgresSource(SqlSource[PostgresConfig]):
    """Reads databases of a PostgreSQL server."""

    service_type = DatabaseServiceType.Postgres

    def connect(self) -> PostgresServer:
        """Log in."""
        return PostgresServer(
            self._connection,
            self.config.database,
            all_databases=self.config.ingestAllDatabases,
        )

    def _connection(self, database: str) -> psycopg.Connection[Any]:
        import psycopg  # the driver is an extra

        host, _, port = self.config.hostPort.rpartition(":")
        password = self.config.password
        connection = psycopg.connect(
            host=host,
            port=port,
            user=self.config.username,
            password=None if password is None else password.get_secret_value(),
            dbname=database,
            application_name="om-ingest",
            options="-c default_transaction_isolation=repeatable\\ read"
            " -c default_transaction_read_only=on -c cursor_tuple_fraction=1 -c search_path=",
        )
        connection.read_only = True
        return connection
