"""The `postgres` source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.ingestion.source.database.sql_databases.postgres.config import PostgresConfig
from metadata.ingestion.source.database.sql_databases.postgres.connection import Connector
from metadata.ingestion.source.database.sql_databases.postgres.session import PostgresServer
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from om_ingest.model import DatabaseServiceType


class PostgresSource(SqlSource[PostgresConfig]):
    """Reads databases of a PostgreSQL server."""

    library = ("psycopg", "postgres")
    service_type = DatabaseServiceType.Postgres
    lists_databases = True
    connector: Connector | None = None

    def limits(self) -> Iterable[str]:
        """Keys of OpenMetadata that have no effect here."""
        return self.config.limits()

    def connect(self) -> PostgresServer:
        """Log in."""
        self.sample_count = self.config.sampleCount
        self.row_counts = self.config.rowCounts
        self.only_database = self.config.only_database
        self.only_schema = self.config.databaseSchema or None
        self.query_log = self.config.queryLog
        self.connector = Connector(self.config)
        return PostgresServer(
            self.connector,
            self.config.database or "postgres",
            all_databases=self.only_database is None,
        )

    def connection(self) -> dict[str, Any]:
        """The connection as OpenMetadata keeps it."""
        return self.config.stored(self.service_type)

    def close(self) -> None:
        """Log out."""
        super().close()
        if self.connector is not None:
            self.connector.close()
