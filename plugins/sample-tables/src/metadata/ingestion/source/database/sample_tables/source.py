"""The source: service, database, schemas, tables; each parent is read back by FQN."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from metadata.ingestion.source.database.sample_tables.document import (
    Entry,
    Folder,
    RequestT,
    without_tags,
)
from metadata.ingestion.source.database.sample_tables.folder import SampleFolder
from metadata.ingestion.source.database.sample_tables.lineage import lineage_request
from metadata.ingestion.source.database.sample_tables.location import Location
from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Entity,
    EntityReference,
    Record,
    ScopeComplete,
    Selection,
    SourceError,
    fqn,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import (
    CreateClassificationRequest,
    CreateTagRequest,
    Database,
    DatabaseSchema,
    DatabaseService,
    Table,
)
from pydantic import field_validator
from pydantic_core import PydanticCustomError

EntityT = TypeVar("EntityT", bound=Entity)


class SampleTablesConfig(ConnectorConfig):
    """Where the files are."""

    sample_schema_folder: Path | None = None
    """Folder that holds service.json, database.json and tables.json. A relative path
    starts at the working directory of the run. Without it, the sample data that comes
    with the connector is read: a web shop and its warehouse."""

    @field_validator("sample_schema_folder")
    @classmethod
    def _is_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.is_dir():
            raise PydanticCustomError(
                "folder",
                "there is no folder {folder}; a relative path starts at the working directory",
                {"folder": str(folder)},
            )
        return folder


class SampleTablesSource(ConfiguredSource[SampleTablesConfig]):
    """Reads one database from JSON files."""

    def prepare(self) -> None:
        """Read the files; raises `SourceError` for one that is missing or wrong."""
        self._selection = Selection(DatabaseSourceConfig, self.ctx.source_config, self.status)
        self._folder = SampleFolder.read(
            self.config.sample_schema_folder or packaged_folder(), self.ctx.service_name
        )
        self._yielded: set[str] = set()
        self._left_out: set[str] = set()

    def next_record(self) -> Iterator[Record]:
        """Yield tags, service, database, each schema with its tables, then lineage.

        Raises `SourceError` when a parent that was yielded cannot be read back. A bad
        table or edge is a failure in the status, and the next one follows.
        """
        if self._selection.settings.includeTags:
            yield from self._tags()
        service = yield from self._service()
        here = Location(
            service.name,
            self._folder.database_name,
            self._folder.schemas.keys(),
            self._folder.file_service,
        )
        if not self._selection.keeps(Database, here.database, here.database_fqn):
            return
        database = yield from self._database(service)
        for where, reason in self._folder.rejected:
            self.status.failure(where, reason)
        for name in self._folder.schemas:
            schema_fqn = fqn.child(here.database_fqn, name)
            if self._selection.keeps(DatabaseSchema, name, schema_fqn):
                schema = yield from self._schema(name, database, here)
                yield from self._tables(name, schema, here)
            else:
                self._left_out.add(schema_fqn)
        if not self.status.failure_count:  # a schema that is gone was not among those above
            yield ScopeComplete(here.database_fqn, DatabaseSchema)
            yield ScopeComplete(here.database_fqn, Table)
        yield from self._lineage(here)

    def _tags(self) -> Iterator[Record]:
        for classification, tags in self._folder.tags:
            request = self._request(classification, CreateClassificationRequest)
            yield request
            for tag in tags:
                yield self._request(tag, CreateTagRequest, classification=fqn.quote(request.name))

    def _service(self) -> Generator[Record, None, DatabaseService]:
        request = self._request(self._folder.service, CreateDatabaseServiceRequest)
        yield request
        return self._read_back(DatabaseService, service_name=request.name)

    def _database(self, service: DatabaseService) -> Generator[Record, None, Database]:
        request = self._request(
            self._folder.database,
            CreateDatabaseRequest,
            service=EntityReference(id=service.id, type="databaseService"),
        )
        yield request
        return self._read_back(Database, service_name=service.name, database_name=request.name)

    def _schema(
        self, name: str, database: Database, here: Location
    ) -> Generator[Record, None, DatabaseSchema]:
        yield self._request(
            self._folder.schemas[name],
            CreateDatabaseSchemaRequest,
            database=EntityReference(id=database.id, type="database"),
        )
        return self._read_back(
            DatabaseSchema,
            service_name=here.service,
            database_name=here.database,
            schema_name=name,
        )

    def _tables(self, schema_name: str, schema: DatabaseSchema, here: Location) -> Iterator[Record]:
        complete = not self._folder.rejected  # any of those may belong to this schema
        parent = EntityReference(id=schema.id, type="databaseSchema")
        for name, entry in self._folder.tables[schema_name].items():
            table_fqn = here.table_fqn(schema_name, name)
            self.status.scanned(table_fqn)
            if not self._selection.keeps(Table, name, table_fqn):
                self._left_out.add(table_fqn)
                continue
            try:
                request = self._table(entry, parent, here)
            except SourceError as error:
                self.status.failure(table_fqn, error.what)
                complete = False
                continue
            if self._selection.keeps_type(request.tableType, table_fqn):
                self._yielded.add(table_fqn)
                yield request
            else:
                self._left_out.add(table_fqn)
        if complete:  # else a sink might delete a table that merely could not be read
            yield ScopeComplete(schema.fullyQualifiedName, Table)

    def _table(self, entry: Entry, parent: EntityReference, here: Location) -> CreateTableRequest:
        request = self._request(entry, CreateTableRequest, databaseSchema=parent)
        for constraint in request.tableConstraints or ():
            if constraint.referredColumns:
                constraint.referredColumns = [
                    here.column(path, entry.where) for path in constraint.referredColumns
                ]
        return request

    def _lineage(self, here: Location) -> Iterator[Record]:
        for position, values in enumerate(self._folder.lineage):
            where = f"lineage.json, lineage[{position}]"
            try:
                request = lineage_request(values, where, here)
            except SourceError as error:
                self.status.failure(where, error.what)
                continue
            edge = request.edge
            absent = [
                end
                for end in (edge.fromEntity.fullyQualifiedName, edge.toEntity.fullyQualifiedName)
                if end and here.holds(end) and end not in self._yielded
            ]
            if not absent:
                yield request
            elif all(map(self._is_left_out, absent)):
                self.status.filter(where, "an end of it is filtered out")
            else:
                self.status.failure(where, f"no table was read for {', '.join(absent)}")

    def _is_left_out(self, table_fqn: str) -> bool:
        return not self._left_out.isdisjoint((table_fqn, fqn.parent(table_fqn)))

    def _request(self, entry: Entry, kind: type[RequestT], **parent: Any) -> RequestT:
        """The request behind an entry; raises `SourceError` with every wrong key."""
        if entry.ignored:
            self.status.warning(entry.where, f"keys not delivered: {', '.join(entry.ignored)}")
        request = entry.request(kind, **parent)
        return request if self._selection.settings.includeTags else without_tags(request)

    def _read_back(self, entity: type[EntityT], **names: str) -> EntityT:
        """The entity that was just yielded; raises `SourceError` if the sink has none."""
        entity_fqn = fqn.build(self.ctx.metadata, entity_type=entity, **names)
        found = self.ctx.metadata.get_by_name(entity=entity, fqn=entity_fqn)
        if found is None:
            raise SourceError(
                f"The sink refused the {entity.entity_type} {entity_fqn}",
                "The report says why, among the failed records.",
            )
        return found


def packaged_folder() -> Folder:
    """The sample data that comes with the connector."""
    return resources.files("metadata.ingestion.source.database.sample_tables").joinpath("data")
