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
        lacking = {"folder", "branch"} - options.keys()
        if lacking:
            raise InvalidSourceException(f"connectionOptions lack {', '.join(sorted(lacking))}")
        self.folder, self.branch = options["folder"], options["branch"]
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
        path = os.path.join(self.folder, "columns.csv")
        with open(path, newline="") as file:
            for line in csv.DictReader(file):
                row = Row.parse_obj(line)
                self.rows[row.table].append(row)
        logger.info("%s: %s tables", path, len(self.rows))

    def test_connection(self) -> None:
        if not os.path.isdir(self.folder):
            raise InvalidSourceException(f"{self.folder} is no directory")

    def close(self):
        pass

    def _iter(self, *_, **__) -> Iterable[Either[Entity]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )
        yield from self.branch_itself()
        yield from self.its_schema()
        yield from self.its_tables()

    def branch_itself(self):
        above = self.metadata.get_by_name(entity=DatabaseService, fqn=self.config.serviceName)
        yield Either(
            right=CreateDatabaseRequest(
                name=self.branch,
                description=f"Files of {self.branch}",
                service=above.fullyQualifiedName,
            )
        )

    def its_schema(self):
        above = self.metadata.get_by_name(
            entity=Database, fqn=f"{self.config.serviceName}.{self.branch}"
        )
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name="files", database=above.fullyQualifiedName.__root__
            )
        )

    def its_tables(self):
        above = self.metadata.get_by_name(
            entity=DatabaseSchema, fqn=f"{self.config.serviceName}.{self.branch}.files"
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
                    name=name, databaseSchema=above.fullyQualifiedName, columns=columns
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
