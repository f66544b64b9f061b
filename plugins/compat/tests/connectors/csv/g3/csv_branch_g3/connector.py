"""Tables of a branch, described by a CSV file, for OpenMetadata 1.5 to 1.10."""

import csv
import itertools
import traceback
from pathlib import Path
from typing import Iterable, List, Optional

from pydantic import BaseModel, field_validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class Row(BaseModel):
    table: str
    column: str
    type: str
    length: Optional[int] = None
    key: Optional[str] = None
    description: Optional[str] = None

    @field_validator("length", "key", "description", mode="before")
    @classmethod
    def empty_is_none(cls, value):
        return value or None

    def to_column(self) -> Column:
        return Column(
            name=self.column,
            dataType=self.type,
            dataLength=self.length,
            constraint=self.key,
            description=self.description,
        )


class CsvSource(Source):
    """Yields one table for all rows of the file that have its name."""

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config

        options = self.service_connection.connectionOptions.root
        self.folder, self.branch = options.get("folder"), options.get("branch")
        if not (self.folder and self.branch):
            raise InvalidSourceException("Tell the folder and the branch in connectionOptions")
        self.rows: List[Row] = []

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None
    ) -> "CsvSource":
        config: WorkflowSource = WorkflowSource.model_validate(config_dict)
        connection: CustomDatabaseConnection = config.serviceConnection.root.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata)

    def prepare(self):
        with Path(self.folder, "columns.csv").open(newline="") as file:
            self.rows = [Row.model_validate(line) for line in csv.DictReader(file)]
        logger.info("%s rows", len(self.rows))

    def _iter(self) -> Iterable[Either[Entity]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )
        name = self.config.serviceName
        for entity, request in (
            (DatabaseService, self.branch_in),
            (Database, self.schema_in),
            (DatabaseSchema, None),
        ):
            above = self.metadata.get_by_name(entity=entity, fqn=name)
            if request is None:
                yield from self.tables_in(above)
            else:
                made = request(above)
                name = f"{name}.{made.name.root}"
                yield Either(right=made)

    def branch_in(self, service: DatabaseService) -> CreateDatabaseRequest:
        return CreateDatabaseRequest(
            name=self.branch,
            description=f"Files of {self.branch}",
            service=service.fullyQualifiedName,
        )

    def schema_in(self, database: Database) -> CreateDatabaseSchemaRequest:
        return CreateDatabaseSchemaRequest(name="files", database=database.fullyQualifiedName)

    def tables_in(self, schema: DatabaseSchema):
        for name, rows in itertools.groupby(self.rows, key=lambda row: row.table):
            try:
                yield Either(
                    right=CreateTableRequest(
                        name=name,
                        databaseSchema=schema.fullyQualifiedName.root,
                        columns=[row.to_column() for row in rows],
                    )
                )
            except Exception as exc:
                yield Either(
                    left=StackTraceError(
                        name=name,
                        error=f"{name} has a column of an unknown type: {exc}",
                        stackTrace=traceback.format_exc(),
                    )
                )

    def test_connection(self) -> None:
        pass

    def close(self):
        pass
