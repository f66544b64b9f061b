"""Where in the catalog a file's entities lie, and which of them its owner wants there."""

from __future__ import annotations

from dataclasses import dataclass

from metadata.ingestion.source.database.sqlite_file.config import SqliteConfig
from metadata.ingestion.source.database.sqlite_file.schema import Relation
from om_ingest import WorkflowContext, fqn
from om_ingest.config import DatabaseSourceConfig, FilterPattern
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


class Selection:
    """The filters and include flags of a run.

    Each method answers why something is left out, or None if it is kept. Patterns of
    `sourceConfig` come before the connector's own (OpenMetadata REST contract §11.4).
    """

    def __init__(self, config: SqliteConfig, ctx: WorkflowContext, place: Place) -> None:
        settings = ctx.source_config
        self.settings = (
            settings if isinstance(settings, DatabaseSourceConfig) else DatabaseSourceConfig()
        )
        self.config = config
        self.place = place

    def why_not_database(self) -> str | None:
        """Why nothing of the file is wanted."""
        return self._why_not(
            self.settings.databaseFilterPattern,
            "databaseFilterPattern",
            self.place.database_name,
            self.place.database,
        )

    def why_not_schema(self) -> str | None:
        """Why nothing of the schema is wanted."""
        return self._why_not(
            self.settings.schemaFilterPattern,
            "schemaFilterPattern",
            self.place.schema_name,
            self.place.schema,
        )

    def why_not_relation(self, relation: Relation) -> str | None:
        """Why a table or view is not wanted."""
        if relation.internal:
            return relation.internal
        if not relation.name:
            return "it has no name"
        if relation.is_view and not (self.config.include_views and self.settings.includeViews):
            return "views are not included"
        if not relation.is_view and not (
            self.config.include_tables and self.settings.includeTables
        ):
            return "tables are not included"
        if self.settings.tableFilterPattern is None:
            kept = self.config.table_filter.keeps(relation.name)
            return None if kept else "left out by table_filter"
        return self._why_not(
            self.settings.tableFilterPattern,
            "tableFilterPattern",
            relation.name,
            self.place.table(relation.name),
        )

    def why_not_column(self, name: str) -> str | None:
        """Why a column is not wanted, in whichever table it stands."""
        try:
            _COLUMN_NAME.validate_python(name)
        except ValidationError:
            return "OpenMetadata allows no such column name"
        return None if self.config.column_filter.keeps(name) else "left out by column_filter"

    def _why_not(
        self, pattern: FilterPattern | None, key: str, name: str, full_name: str
    ) -> str | None:
        text = full_name if self.settings.useFqnForFiltering else name
        return None if pattern is None or pattern.keeps(text) else f"left out by {key}"
