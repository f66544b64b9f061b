"""The FQNs of a file's entities, and which of them a run reads."""

from __future__ import annotations

from dataclasses import dataclass

from metadata.ingestion.source.database.sqlite_file.config import SqliteConfig
from metadata.ingestion.source.database.sqlite_file.schema import Relation
from om_ingest import Selection, SourceStatus, WorkflowContext, fqn
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import Column, ColumnName, Database, DatabaseSchema, DatabaseService, Table
from pydantic import TypeAdapter, ValidationError

_COLUMN_NAME: TypeAdapter[str] = TypeAdapter(ColumnName)


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
        if not relation.name:
            return "it has no name"
        wanted = self.config.include_views if relation.is_view else self.config.include_tables
        if not wanted:
            return "views are not included" if relation.is_view else "tables are not included"
        if reason := self.why_not_type(relation.table_type):
            return reason
        if self.settings.tableFilterPattern is None:
            kept = self.config.table_filter.keeps(relation.name)
            return None if kept else "left out by table_filter"
        return self.why_not(Table, relation.name, self.place.table(relation.name))

    def why_not_column(self, name: str) -> str | None:
        """Why a column is left out of every table; None if it is kept."""
        try:
            _COLUMN_NAME.validate_python(name)
        except ValidationError:
            return "OpenMetadata allows no such column name"
        return None if self.config.column_filter.keeps(name) else "left out by column_filter"
