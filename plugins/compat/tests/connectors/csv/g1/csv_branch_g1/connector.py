"""Tables of a branch, described by a CSV file, for OpenMetadata 1.2 and 1.3."""

import csv
import os
import traceback
from collections import defaultdict
from typing import Dict, Iterable, List, Optional

from pydantic import BaseModel, ValidationError, validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, ColumnName, Constraint, DataType
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class Row(BaseModel):
    table: str
    column: str
    type: str
    length: Optional[int]
    key: Optional[str]
    description: Optional[str]

    @validator("length", "key", "description", pre=True)
    def empty_is_none(cls, value):
        return value or None


class CsvSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        self.config = config
        self.metadata = metadata
        self.service_connection: CustomDatabaseConnection = config.serviceConnection.__root__.config

        options = self.service_connection.connectionOptions.__root__
        self.source_directory: str = options.get("source_directory")
        if not self.source_directory:
            raise InvalidSourceException("Missing source_directory in connectionOptions")
        self.business_unit: str = options.get("business_unit")
        if not self.business_unit:
            raise InvalidSourceException("Missing business_unit in connectionOptions")
        self.rows: Dict[str, List[Row]] = defaultdict(list)
        super().__init__()

    @classmethod
    def create(cls, config_dict: dict, metadata_config: OpenMetadataConnection) -> "CsvSource":
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        connection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata_config)

    def prepare(self):
        path = os.path.join(self.source_directory, "columns.csv")
        with open(path, newline="") as file:
            for line in csv.DictReader(file):
                row = Row.parse_obj(line)
                self.rows[row.table].append(row)
        logger.info("%s: %s tables", path, len(self.rows))

    def test_connection(self) -> None:
        if not os.path.isdir(self.source_directory):
            raise InvalidSourceException(f"{self.source_directory} is no directory")

    def close(self):
        pass

    def _iter(self, *_, **__) -> Iterable[Either[Entity]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )
        yield from self.yield_database()
        yield from self.yield_schema()
        yield from self.yield_tables()

    def yield_database(self):
        service: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield Either(
            right=CreateDatabaseRequest(
                name=self.business_unit,
                description=f"Files of {self.business_unit}",
                service=service.fullyQualifiedName,
            )
        )

    def yield_schema(self):
        database: Database = self.metadata.get_by_name(
            entity=Database, fqn=f"{self.config.serviceName}.{self.business_unit}"
        )
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name="files", database=database.fullyQualifiedName.__root__
            )
        )

    def yield_tables(self):
        schema: DatabaseSchema = self.metadata.get_by_name(
            entity=DatabaseSchema, fqn=f"{self.config.serviceName}.{self.business_unit}.files"
        )
        for name, rows in self.rows.items():
            try:
                columns = [self.column(row) for row in rows]
            except (ValueError, ValidationError) as exc:
                yield Either(
                    left=StackTraceError(
                        name=name,
                        error=f"{name} has a column of an unknown type: {exc}",
                        stackTrace=traceback.format_exc(),
                    )
                )
                continue
            yield Either(
                right=CreateTableRequest(
                    name=name, databaseSchema=schema.fullyQualifiedName, columns=columns
                )
            )

    @staticmethod
    def column(row: Row) -> Column:
        return Column(
            name=ColumnName(__root__=row.column),
            dataType=DataType(row.type),
            dataLength=row.length,
            constraint=Constraint[row.key] if row.key else None,
            description=row.description,
        )
