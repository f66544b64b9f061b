"""A server of MySQL or MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from metadata.ingestion.source.database.sql_databases.mysql import queries
from metadata.ingestion.source.database.sql_databases.mysql.connection import (
    Connector,
    version_of,
)
from metadata.ingestion.source.database.sql_databases.mysql.session import MysqlSession
from metadata.ingestion.source.database.sql_databases.mysql.statements import Dialect, quoted
from metadata.ingestion.source.database.sql_databases.reader.queries import QueryRow, WantedQueries
from metadata.ingestion.source.database.sql_databases.reader.rows import DatabaseRow
from metadata.ingestion.source.database.sql_databases.reader.session import Server
from om_ingest import SourceError


class MysqlServer(Server):
    """A server; what it calls databases are the schemas of one database in OpenMetadata."""

    def __init__(self, connector: Connector, database: str) -> None:
        """`database` is the name of that one."""
        self._connector = connector
        self._database = database
        self._connection = connector.open()
        self._lists_schemas = True

    def schema(self, name: str) -> str:
        """The one schema that is read, as the server spells it.

        Raises `SourceError` if the user does not see it.
        """
        self._lists_schemas = False
        text = Dialect.of(version_of(self._connection)).schemas()
        found = [row[0] for row in self._connector.query(self._connection, text)]
        spelled = [one for one in found if one.lower() == name.lower()]
        if name in spelled or len(spelled) == 1:
            return name if name in spelled else str(spelled[0])
        target = self._connector.target
        raise SourceError(
            f"There is no schema {name!r} on {target.product} at {target.place}, or user"
            f" {target.user!r} may see nothing of it",
            "Correct databaseSchema, or let an administrator run: GRANT SELECT, SHOW VIEW ON"
            f" {quoted(name)}.* TO the user;",
        )

    def databases(self) -> Iterator[DatabaseRow]:
        """The one."""
        yield DatabaseRow(self._database)

    def queries(self, wanted: WantedQueries) -> Iterator[QueryRow]:
        """The queries of all schemas."""
        with closing(self._connector.open()) as connection:
            query = partial(self._connector.query, connection)
            yield from queries.read(query, self._database, wanted)

    def open(self, database: str) -> MysqlSession:
        """A session with all of the server."""
        return MysqlSession(self._connector, self._connection, lists_schemas=self._lists_schemas)

    def close(self) -> None:
        """Close every connection."""
        self._connection.close()
        self._connector.close()
