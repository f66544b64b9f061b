"""The `sqlite` source: service, database, schema, tables, views, and lineage of views."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from metadata.ingestion.source.database.sqlite_file import schema
from metadata.ingestion.source.database.sqlite_file.config import SqliteConfig
from metadata.ingestion.source.database.sqlite_file.file import (
    DamagedError,
    SqliteFile,
    UnresolvedError,
)
from metadata.ingestion.source.database.sqlite_file.origins import Origins, ViewReader
from metadata.ingestion.source.database.sqlite_file.place import FileSelection, Place
from metadata.ingestion.source.database.sqlite_file.schema import Relation, Shape, folded
from metadata.ingestion.source.database.sqlite_file.tables import TableReader, unambiguous
from om_ingest import (
    ConfiguredSource,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    ScopeComplete,
    WorkflowContext,
)
from om_ingest.config import summary
from om_ingest.model import (
    AddLineageRequest,
    ColumnLineage,
    Database,
    DatabaseConnection,
    DatabaseSchema,
    DatabaseServiceType,
    EntitiesEdge,
    LineageDetails,
    LineageSource,
    Table,
    encode_reserved,
)
from pydantic import ValidationError


class SqliteSource(ConfiguredSource[SqliteConfig]):
    """Reads the schema of one SQLite file; `prepare` opens it, read-only."""

    config: SqliteConfig

    def __init__(self, config: SqliteConfig, ctx: WorkflowContext) -> None:
        super().__init__(config, ctx)
        self.file = SqliteFile(config.database_path, config.timeout_s)
        self.place = Place(ctx.service_name, config.database, config.schema_name)
        self.selection = FileSelection(config, ctx, self.status, self.place)

    def prepare(self) -> None:
        """Open the file; raises `WorkflowError` or `SourceError` (`SqliteFile.open`)."""
        self.file.open()
        if self.file.remark is not None:
            self.status.warning(str(self.config.database_path), self.file.remark)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def next_record(self) -> Iterator[Record]:
        """Service, database, schema, then table after table, lineage last."""
        yield CreateDatabaseServiceRequest(
            name=self.ctx.service_name,
            serviceType=DatabaseServiceType.SQLite,
            connection=DatabaseConnection(config={"type": DatabaseServiceType.SQLite.value}),
        )
        if not self.selection.keeps(Database, self.place.database_name, self.place.database):
            return
        yield CreateDatabaseRequest(name=self.place.database_name, service=self.place.service)
        if not self.selection.keeps(DatabaseSchema, self.place.schema_name, self.place.schema):
            return
        yield CreateDatabaseSchemaRequest(name=self.place.schema_name, database=self.place.database)
        relations = schema.relations(self.file)
        delivered: set[str] = set()
        for relation, request in self._tables(relations):
            yield request
            delivered.add(relation.name)
        if self.config.include_view_lineage:
            yield from self._lineage(relations, delivered)
        if self.file.malformed is not None:
            self.status.warning(
                str(self.config.database_path),
                f"SQLite {sqlite3.sqlite_version} leaves out a part of it: {self.file.malformed}",
            )
        if self._complete():
            yield ScopeComplete(self.place.schema, Table)

    def _tables(
        self, relations: Sequence[Relation]
    ) -> Iterator[tuple[Relation, CreateTableRequest]]:
        reader = TableReader(
            self.file, relations, self.place, self.selection, self.status, self.ctx.metadata
        )
        taken: set[str] = set()
        for relation in relations:
            if self.ctx.cancelled.is_set():
                return
            key = self.place.key(relation.name)
            reason = self.selection.why_not_relation(relation)
            if not self.selection.decide(key, reason):
                continue
            fault = self.selection.why_not_stored(relation.name)
            if encode_reserved(relation.name) in taken:
                fault = "another table or view of the file is stored under this name"
            if fault is not None:
                self.status.failure(key, fault)
                continue
            try:
                request = reader.read(relation)
            except ValidationError as error:
                self.status.failure(key, f"OpenMetadata does not allow it: {summary(error)}")
                continue
            if request is not None:
                taken.add(encode_reserved(relation.name))
                self.status.scanned(request)
                yield relation, request

    def _lineage(
        self, relations: Sequence[Relation], delivered: set[str]
    ) -> Iterator[AddLineageRequest]:
        views = [r for r in relations if r.is_view and r.name in delivered]
        if not views or self.ctx.cancelled.is_set():
            return
        known = unambiguous(relations)
        shapes: dict[str, Shape | None] = {}

        def shape_of(name: str) -> Shape | None:
            if name not in shapes:
                try:
                    shapes[name] = schema.shape(self.file, known[name]) if name in known else None
                except (UnresolvedError, DamagedError):
                    shapes[name] = None
            return shapes[name]

        with closing(ViewReader(shape_of)) as reader:
            for view in views:
                if self.ctx.cancelled.is_set():
                    return
                shape = shape_of(folded(view.name))
                if shape is not None:  # else there is a warning or failure already
                    yield from self._edges(reader, view, shape.columns, delivered)

    def _edges(
        self, reader: ViewReader, view: Relation, columns: Sequence[str], delivered: set[str]
    ) -> Iterator[AddLineageRequest]:
        sql = schema.definition(self.file, view)
        if sql is None:
            return
        key = self.place.table(view.name)
        try:
            origins = reader.origins(
                view.name,
                columns,
                sql,
                lambda: {(folded(t), folded(c)) for t, c in self.file.reads_of(view.name)},
            )
        except UnresolvedError as error:
            self.status.warning(key, f"lineage is not known: {error.what}")
            return
        if origins.gap:
            self.status.warning(key, f"lineage may be incomplete: {origins.gap}")
        for table in origins.tables:
            if table in delivered:
                yield self._edge(table, view.name, sql, origins)

    def _edge(self, table: str, view: str, sql: str, origins: Origins) -> AddLineageRequest:
        copied: dict[str, list[str]] = {}
        for column, origin, original in origins.copies:
            if origin == table and self.selection.has_column(table, original):
                copied.setdefault(column, []).append(self.place.column(table, original))
        copies = [
            ColumnLineage(fromColumns=originals, toColumn=self.place.column(view, column))
            for column, originals in copied.items()
            if self.selection.has_column(view, column)
        ]
        return AddLineageRequest(
            edge=EntitiesEdge(
                fromEntity=EntityReference(
                    type=Table.entity_type, fullyQualifiedName=self.place.table(table)
                ),
                toEntity=EntityReference(
                    type=Table.entity_type, fullyQualifiedName=self.place.table(view)
                ),
                lineageDetails=LineageDetails(
                    sqlQuery=sql, source=LineageSource.ViewLineage, columnsLineage=copies or None
                ),
            )
        )

    def _complete(self) -> bool:
        if self.file.changed():
            self.status.warning(
                str(self.config.database_path), "it was written to while it was read: run again"
            )
            return False
        return not self.status.failure_count and not self.ctx.cancelled.is_set()
