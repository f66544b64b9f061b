"""The `postgres` source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.postgres.config import PostgresConfig
from metadata.ingestion.source.database.sql_databases.postgres.session import PostgresServer
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from om_ingest.model import DatabaseServiceType

if TYPE_CHECKING:
    import psycopg


class PostgresSource(SqlSource[PostgresConfig]):
    """Reads databases of a PostgreSQL server."""

    service_type = DatabaseServiceType.Postgres

    def limits(self) -> Iterable[str]:
        """Keys of OpenMetadata that have no effect here."""
        return self.config.limits()

    def connect(self) -> PostgresServer:
        """Log in."""
        self.sample_count = self.config.sampleCount
        self.row_counts = self.config.rowCounts
        return PostgresServer(
            self._connection,
            self.config.database,
            all_databases=self.config.ingestAllDatabases,
        )

    def _connection(self, database: str) -> psycopg.Connection[Any]:
        import psycopg  # the driver is an extra

        config = self.config
        connection = psycopg.connect(
            host=",".join(one.host for one in config.addresses),
            port=",".join(str(one.port or config.default_port) for one in config.addresses),
            user=config.username,
            password=config.secret(),
            dbname=database,
            sslmode=config.sslMode or "prefer",
            connect_timeout=config.connectTimeout,
            application_name=config.applicationName,
            **config.driver_options,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ,"
                " READ ONLY; SET cursor_tuple_fraction = 1; SET search_path = '';"
                f" SET statement_timeout = {round(config.statementTimeout * 1000)}"
            )
        connection.commit()
        return connection
