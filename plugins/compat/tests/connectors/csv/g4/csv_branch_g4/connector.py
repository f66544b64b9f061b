"""Tables of a branch, described by a CSV file, for OpenMetadata 1.12 and 2.0."""

from __future__ import annotations

import csv
import traceback
from collections.abc import Iterable
from pathlib import Path

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, Constraint, DataType
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName, Markdown
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class CsvSource(Source):
    """Waits with a Barrier until what it reads back has been written."""

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata) -> None:
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection: CustomDatabaseConnection = config.serviceConnection.root.config
        options = self.service_connection.connectionOptions.root
        try:
            self.folder, self.branch = Path(options["folder"]), options["branch"]
        except KeyError as exc:
            raise InvalidSourceException(f"connectionOptions need {exc}") from exc
        self.tables: dict[str, list[dict[str, str]]] = {}

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> CsvSource:
        config = WorkflowSource.model_validate(config_dict)
        if not isinstance(config.serviceConnection.root.config, CustomDatabaseConnection):
            raise InvalidSourceException("Expected CustomDatabaseConnection")
        return cls(config, metadata)

    def prepare(self) -> None:
        with (self.folder / "columns.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.tables.setdefault(row["table"], []).append(row)
        logger.info("%d tables", len(self.tables))

    def test_connection(self) -> None:
        if not self.folder.is_dir():
            raise InvalidSourceException(f"{self.folder} is no directory")

    def close(self) -> None:
        self.tables.clear()

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )
        yield Either(right=Barrier(reason="the database needs its service"))
        service = self.metadata.get_by_name(entity=DatabaseService, fqn=self.config.serviceName)
        yield Either(
            right=CreateDatabaseRequest(
                name=EntityName(self.branch),
                description=Markdown(f"Files of {self.branch}"),
                service=service.fullyQualifiedName,
            )
        )
        yield Either(right=Barrier(reason="the schema needs its database"))
        database = self.metadata.get_by_name(
            entity=Database,
            fqn=fqn.build(
                self.metadata,
                entity_type=Database,
                service_name=service.name.root,
                database_name=self.branch,
            ),
        )
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name=EntityName("files"), database=database.fullyQualifiedName
            )
        )
        yield Either(right=Barrier(reason="the tables need their schema"))
        schema = self.metadata.get_by_name(
            entity=DatabaseSchema, fqn=f"{database.fullyQualifiedName.root}.files"
        )
        for name, rows in self.tables.items():
            yield self.table(schema.fullyQualifiedName, name, rows)

    def table(
        self, schema: FullyQualifiedEntityName, name: str, rows: list[dict[str, str]]
    ) -> Either:
        try:
            columns = [
                Column(
                    name=row["column"],
                    dataType=DataType(row["type"]),
                    dataLength=int(row["length"]) if row["length"] else None,
                    constraint=Constraint(row["key"]) if row["key"] else None,
                    description=Markdown(row["description"]) if row["description"] else None,
                )
                for row in rows
            ]
        except ValueError as exc:
            return Either(
                left=StackTraceError(
                    name=name,
                    error=f"{name} has a column of an unknown type: {exc}",
                    stackTrace=traceback.format_exc(),
                )
            )
        return Either(
            right=CreateTableRequest(name=EntityName(name), databaseSchema=schema, columns=columns)
        )
