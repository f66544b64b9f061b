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


class InvalidBranchException(Exception):
    """The options of the workflow file name no branch."""


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

        self.source_directory = self._option("source_directory")
        self.business_unit = self._option("business_unit")
        self.rows: List[Row] = []

    def _option(self, name: str) -> str:
        value = self.service_connection.connectionOptions.root.get(name)
        if not value:
            raise InvalidBranchException(f"connectionOptions need {name}")
        return value

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
        with Path(self.source_directory, "columns.csv").open(newline="") as file:
            self.rows = [Row.model_validate(line) for line in csv.DictReader(file)]
        logger.info("%s rows", len(self.rows))

    def yield_service(self):
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )

    def yield_database(self):
        service_entity: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield Either(
            right=CreateDatabaseRequest(
                name=self.business_unit,
                description=f"Files of {self.business_unit}",
                service=service_entity.fullyQualifiedName,
            )
        )

    def yield_schema(self):
        database_entity: Database = self.metadata.get_by_name(
            entity=Database, fqn=f"{self.config.serviceName}.{self.business_unit}"
        )
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name="files", database=database_entity.fullyQualifiedName
            )
        )

    def yield_tables(self):
        schema_entity: DatabaseSchema = self.metadata.get_by_name(
            entity=DatabaseSchema, fqn=f"{self.config.serviceName}.{self.business_unit}.files"
        )
        for name, rows in itertools.groupby(self.rows, key=lambda row: row.table):
            try:
                yield Either(
                    right=CreateTableRequest(
                        name=name,
                        databaseSchema=schema_entity.fullyQualifiedName.root,
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

    def _iter(self) -> Iterable[Either[Entity]]:
        yield from self.yield_service()
        yield from self.yield_database()
        yield from self.yield_schema()
        yield from self.yield_tables()

    def test_connection(self) -> None:
        pass

    def close(self):
        pass
