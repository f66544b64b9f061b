"""A connector as its author writes it: a config, a class, a generator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from om_ingest import (
    ConfiguredSource,
    ConnectorConfig,
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    Record,
    ScopeComplete,
    Selection,
    SourceError,
    fqn,
)
from om_ingest.config import DatabaseSourceConfig
from om_ingest.model import Column, Database, DatabaseServiceType, DataType, Table, TableType
from pydantic import SecretStr


class InventoryConfig(ConnectorConfig):
    """Config of the inventory connector."""

    folder: Path
    """Where the files are."""

    password: SecretStr | None = None
    """Opens them."""


class InventorySource(ConfiguredSource[InventoryConfig]):
    """Reads one table per file of a folder."""

    def prepare(self) -> None:
        if not self.config.folder.is_dir():
            raise SourceError(f"There is no folder {self.config.folder}", "Correct `folder`.")
        self.selection = Selection(DatabaseSourceConfig, self.ctx.source_config, self.status)

    def next_record(self) -> Iterator[Record]:
        service = self.ctx.service_name
        yield CreateDatabaseServiceRequest(
            name=service, serviceType=DatabaseServiceType.CustomDatabase
        )
        yield CreateDatabaseRequest(name="files", service=fqn.join(service))
        database_fqn = fqn.build(
            self.ctx.metadata, entity_type=Database, service_name=service, database_name="files"
        )
        database = self.ctx.metadata.get_by_name(Database, database_fqn)
        if database is None:
            raise SourceError(f"{database_fqn} is gone", "Look at the first failure.")
        yield CreateDatabaseSchemaRequest(name="all", database=database.reference())
        schema = fqn.child(database.fullyQualifiedName, "all")
        for path in self.config.folder.iterdir():
            if self.ctx.cancelled.is_set():
                return
            if path.suffix != ".csv":
                self.status.filter(path.name, "not a CSV file")
                continue
            if not self.selection.keeps(Table, path.stem, fqn.child(schema, path.stem)):
                continue
            if self.selection.settings.includeTags:
                self.ctx.logger.info("There are no tags in files")
            self.status.scanned(path.name)
            yield CreateTableRequest(
                name=path.stem,
                databaseSchema=schema,
                tableType=TableType.External,
                columns=[Column(name="line", dataType=DataType.STRING)],
            )
        yield ScopeComplete(schema, Table)
