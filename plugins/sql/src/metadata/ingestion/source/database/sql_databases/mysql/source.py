"""The sources `mysql` and `mariadb`: one reader, two names that OpenMetadata has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.ingestion.source.database.sql_databases.mysql.config import MysqlConfig
from metadata.ingestion.source.database.sql_databases.mysql.connection import Connector
from metadata.ingestion.source.database.sql_databases.mysql.server import MysqlServer
from metadata.ingestion.source.database.sql_databases.reader.source import SqlSource
from om_ingest.model import DatabaseServiceType


class MysqlSource(SqlSource[MysqlConfig]):
    """Reads a server of MySQL, or of MariaDB."""

    library = ("pymysql", "mysql")
    service_type = DatabaseServiceType.Mysql
    product = "MySQL"
    connector: Connector | None = None

    def limits(self) -> Iterable[str]:
        """Keys of OpenMetadata that have no effect here."""
        return self.config.limits()

    def connect(self) -> MysqlServer:
        """Log in."""
        config = self.config
        self.sample_count = config.sampleCount
        self.row_counts = config.rowCounts
        self.query_log = config.queryLog
        self.only_database = config.databaseName or "default"
        self.connector = Connector(config, self.product)
        server = MysqlServer(self.connector, self.only_database)
        if config.databaseSchema:
            try:
                self.only_schema = server.schema(config.databaseSchema)
            except BaseException:
                server.close()
                raise
        return server

    def close(self) -> None:
        """Log out."""
        super().close()
        if self.connector is not None:
            self.connector.close()

    def connection(self) -> dict[str, Any]:
        """The connection as OpenMetadata keeps it."""
        return self.config.stored(self.service_type)


class MariadbSource(MysqlSource):
    """Reads a server of MariaDB, or of MySQL."""

    service_type = DatabaseServiceType.MariaDB
    product = "MariaDB"
