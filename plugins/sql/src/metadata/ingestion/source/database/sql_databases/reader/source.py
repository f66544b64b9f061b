"""What the sources of all dialects share: service, databases, and what becomes of each."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import closing
from typing import Any, ClassVar, TypeVar

from metadata.ingestion.source.database.sql_databases.connecting.errors import require
from metadata.ingestion.source.database.sql_databases.reader.database import DatabaseReader
from metadata.ingestion.source.database.sql_databases.reader.owners import Owners
from metadata.ingestion.source.database.sql_databases.reader.queries import (
    QueryLog,
    WantedQueries,
    requests,
)
from metadata.ingestion.source.database.sql_databases.reader.samples import Extras
from metadata.ingestion.source.database.sql_databases.reader.selection import (
    Choice,
    why_not_stored,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Server
from om_ingest import (
    ConfiguredSource,
    CreateDatabaseServiceRequest,
    Record,
    ScopeComplete,
    SourceError,
    WorkflowContext,
    fqn,
)
from om_ingest.model import Database, DatabaseConnection, DatabaseServiceType
from pydantic import BaseModel

ConfigT = TypeVar("ConfigT", bound=BaseModel)


_MYSQL = (DatabaseServiceType.Mysql, DatabaseServiceType.MariaDB)


class SqlSource(ConfiguredSource[ConfigT]):
    """A source that reads the databases of a server; a dialect says how to log in."""

    service_type: DatabaseServiceType
    """What OpenMetadata calls the product."""

    sample_count: int = 0
    """Rows of sample data per table."""

    row_counts: bool = False
    """Whether the numbers of rows are reported, as the database estimates them."""

    only_database: str | None = None
    """The one database that the connection names: it is read, whatever the filter pattern."""

    only_schema: str | None = None
    """The one schema to read; None for all that the filter patterns keep."""

    query_log: QueryLog | None = None
    """Which queries are read; None for none."""

    library: ClassVar[tuple[str, str]]
    """The module of the driver, and the extra that installs it."""

    lists_databases: ClassVar[bool] = False
    """Whether `Server.databases` lists all that there are, unless only one is read."""

    def __init__(self, config: ConfigT, ctx: WorkflowContext) -> None:
        """Raises `PluginImportError` without the driver, which is imported by `connect` only."""
        super().__init__(config, ctx)
        require(*self.library)
        self.choice = Choice(ctx, self.status)
        self.server: Server | None = None
        self.statement_count = 0

    @abstractmethod
    def connect(self) -> Server:
        """Log in; raises `SourceError` in plain words."""

    def connection(self) -> dict[str, Any]:
        """The connection as OpenMetadata keeps it with the service."""
        return {"type": self.service_type.value}

    def prepare(self) -> None:
        """Log in."""
        self.server = self.connect()

    def close(self) -> None:
        """Log out."""
        if self.server is not None:
            self.server.close()

    def next_record(self) -> Iterator[Record]:
        """Service, then database after database."""
        assert self.server is not None, "prepare comes first"
        yield CreateDatabaseServiceRequest(
            name=self.ctx.service_name,
            serviceType=self.service_type,
            connection=DatabaseConnection(config=self.connection()),
        )
        self.choice.only_database = self.only_database
        self.choice.only_schema = self.only_schema
        owners = Owners(self.ctx.metadata, self.status)
        extras = Extras(self.sample_count, self.row_counts)
        several = self.lists_databases and self.only_database is None
        names: list[str] = []
        schemas: set[str] = set()
        for row in self.server.databases():
            if self.ctx.cancelled.is_set():
                return
            key = fqn.child(self.choice.service, row.name)
            if not self.choice.keeps_database(row.name):
                continue
            if not self.choice.decide(key, row.skipped or None):
                continue
            if row.refusal:
                self.status.warning(key, f"it is not read: {row.refusal}")
                self.status.unlisted("", key, "the user may not read it")
                continue
            if fault := why_not_stored(row.name, self.choice.service):
                self.status.warning(key, fault)
                continue
            try:
                with closing(self.server.open(row.name)) as session:
                    reader = DatabaseReader(
                        session, row, self.choice, self.ctx, self.status, owners, extras
                    )
                    yield from reader.records()
                    self.statement_count += session.statement_count
            except SourceError as error:
                if not several:
                    raise
                self.status.failure(key, error.sentences)  # it costs itself, not the others
                continue
            names.append(row.name)
            schemas.update(reader.schemas)
        if self.query_log is not None:
            yield from self._queries(WantedQueries(self.query_log, names, frozenset(schemas)))
        if several:
            yield ScopeComplete(self.choice.service, Database)

    def _queries(self, wanted: WantedQueries) -> Iterator[Record]:
        """Queries that ran in the databases; where they cannot be read, that is a warning."""
        assert self.server is not None
        key = f"{self.choice.service}: queryLog"
        dialect = "mysql" if self.service_type in _MYSQL else "postgres"
        try:
            rows = self.server.queries(wanted)
            service, state = self.choice.service, self.ctx.state
            yield from requests(rows, service, dialect, wanted.log, state)
        except SourceError as error:
            self.status.warning(key, error.sentences)
        for remark in wanted.remarks:
            self.status.warning(key, remark)
