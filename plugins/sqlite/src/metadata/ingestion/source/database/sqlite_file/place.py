"""The FQNs of a file's entities, and which of them a run reads."""

from __future__ import annotations

from dataclasses import dataclass

from metadata.ingestion.source.database.sqlite_file.config import SqliteConfig
from metadata.ingestion.source.database.sqlite_file.schema import Relation
from om_ingest import RecordError, Selection, SourceStatus, WorkflowContext, fqn
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import (
    AssetName,
    Column,
    ColumnName,
    Database,
    DatabaseSchema,
    DatabaseService,
    Table,
)
from pydantic import TypeAdapter, ValidationError

_TABLE_NAME: TypeAdapter[str] = TypeAdapter(AssetName)
_COLUMN_NAME: TypeAdapter[str] = TypeAdapter(ColumnName)
_FQN_MAX_CHARS = 3072  # OpenMetadata REST contract §3.0


@dataclass(frozen=True)
class Place:
    """The FQNs of everything in a file."""

    service_name: str
    database_name: str
    schema_name: str

    @property
    def service(self) -> str:
        """FQN of the service."""
        return fqn.build(None, DatabaseService, service_name=self.service_name)

    @property
    def database(self) -> str:
        """FQN of the database."""
        return fqn.build(
            None, Database, service_name=self.service_name, database_name=self.database_name
        )

    @property
    def schema(self) -> str:
        """FQN of the schema."""
        return fqn.build(
            None,
            DatabaseSchema,
            service_name=self.service_name,
            database_name=self.database_name,
            schema_name=self.schema_name,
        )

    def table(self, name: str) -> str:
        """FQN of a table or view."""
        return fqn.build(
            None,
            Table,
            service_name=self.service_name,
            database_name=self.database_name,
            schema_name=self.schema_name,
            table_name=name,
        )

    def key(self, table: str, column: str | None = None) -> str:
        """What the status calls a table or column: its FQN, if there is one."""
        try:
            return self.table(table) if column is None else self.column(table, column)
        except RecordError:  # an empty name
            return ".".join([self.schema, *(repr(n) for n in (table, column) if n is not None)])

    def column(self, table: str, name: str) -> str:
        """FQN of a column."""
        return fqn.build(
            None,
            Column,
            service_name=self.service_name,
            database_name=self.database_name,
            schema_name=self.schema_name,
            table_name=table,
            column_name=name,
        )


class FileSelection(Selection[DatabaseSourceConfig]):
    """The filters and include flags of a run, those of the connector's own config among them.

    Patterns of `sourceConfig` come before the connector's own (OpenMetadata REST contract §11.4).
    """

    def __init__(
        self, config: SqliteConfig, ctx: WorkflowContext, status: SourceStatus, place: Place
    ) -> None:
        super().__init__(DatabaseSourceConfig, ctx.source_config, status)
        self.config = config
        self.place = place

    def why_not_relation(self, relation: Relation) -> str | None:
        """Why a table or view is left out; None if it is kept."""
        if relation.internal:
            return relation.internal
        wanted = self.config.include_views if relation.is_view else self.config.include_tables
        if not wanted:
            return "views are not included" if relation.is_view else "tables are not included"
        if reason := self.why_not_type(relation.table_type):
            return reason
        if not relation.name:  # no pattern is meant for it, and no catalog stores it
            return None
        if self.settings.tableFilterPattern is None:
            kept = self.config.table_filter.keeps(relation.name)
            return None if kept else "left out by table_filter"
        return self.why_not(Table, relation.name, self.place.key(relation.name))

    def why_not_column(self, name: str) -> str | None:
        """Why a column is left out of every table; None if it is kept."""
        kept = not name or self.config.column_filter.keeps(name)
        return None if kept else "left out by column_filter"

    def why_not_stored(self, table: str, column: str | None = None) -> str | None:
        """Why OpenMetadata cannot store a table or column of this name; None if it can."""
        try:
            if column is None:
                _TABLE_NAME.validate_python(table)
                return None
            _COLUMN_NAME.validate_python(column)
        except ValidationError as error:
            return f"OpenMetadata does not store it: {error.errors()[0]['msg']}"
        # Looked at first: an FQN is made for few columns.
        if len(column) > 256 and len(self.place.column(table, column)) > _FQN_MAX_CHARS:
            return f"OpenMetadata does not store it: its FQN is longer than {_FQN_MAX_CHARS}"
        return None

    def has_relation(self, relation: Relation) -> bool:
        """Whether a table or view is delivered, if SQLite can read it."""
        reason = self.why_not_relation(relation) or self.why_not_stored(relation.name)
        return reason is None

    def has_column(self, table: str, column: str) -> bool:
        """Whether a column of a table is delivered."""
        reason = self.why_not_column(column) or self.why_not_stored(table, column)
        return reason is None
