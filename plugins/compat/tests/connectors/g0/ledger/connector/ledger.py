"""
A folder of ledgers: one CSV file with "column;type;comment" lines per table.
Written for OpenMetadata 1.0.
"""

import csv
import logging
import os
import traceback
from typing import Dict, Iterable, List, Optional

from pydantic import BaseModel, validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import (
    CreateDatabaseSchemaRequest,
)
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, TableType
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.source import InvalidSourceException, Source, SourceStatus
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
print("ledger connector loaded")

logger = ingestion_logger()

TYPES = {"amount": "DECIMAL", "count": "INT", "text": "STRING", "day": "DATE"}


class InvalidLedgerException(Exception):
    """A ledger that cannot be read"""


class LedgerColumn(BaseModel):
    name: str
    type: str
    comment: Optional[str]

    @validator("type")
    def known(cls, value):
        if value not in TYPES:
            raise ValueError(f"unknown ledger type {value}")
        return TYPES[value]

    @validator("comment", pre=True)
    def empty(cls, value):
        return value or None


class LedgerSource(Source):
    config: WorkflowSource
    status: SourceStatus
    metadata_config: OpenMetadataConnection

    def __init__(self, config: WorkflowSource, metadata_config: OpenMetadataConnection):
        super().__init__()
        self.config = config
        self.metadata_config = metadata_config
        self.metadata = OpenMetadata(metadata_config)
        self.service_connection = config.serviceConnection.__root__.config
        options = self.service_connection.connectionOptions.__root__
        self.folder: str = options.get("folder")
        if not self.folder:
            raise InvalidLedgerException("Missing folder connection option")
        self.year: str = options.get("year", "2022")
        self.ledgers: Dict[str, List[LedgerColumn]] = {}

    @classmethod
    def create(cls, config_dict: dict, metadata_config: OpenMetadataConnection) -> "LedgerSource":
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        connection: CustomDatabaseConnection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata_config)

    def prepare(self):
        for name in sorted(os.listdir(self.folder)):
            with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                rows = list(csv.DictReader(file, delimiter=";"))
            try:
                self.ledgers[name[: -len(".csv")]] = [LedgerColumn(**row) for row in rows]
            except ValueError as exc:
                logger.debug(traceback.format_exc())
                self.status.failed(
                    name=name, error=f"Bad ledger: {exc}", stack_trace=traceback.format_exc()
                )

    def yield_service(self) -> Iterable[Entity]:
        yield self.metadata.get_create_service_from_source(
            entity=DatabaseService, config=self.config
        )

    def yield_database(self) -> Iterable[CreateDatabaseRequest]:
        service: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield CreateDatabaseRequest(name=self.year, service=service.fullyQualifiedName)

    def yield_schema(self) -> Iterable[CreateDatabaseSchemaRequest]:
        database: Database = self.metadata.get_by_name(
            entity=Database, fqn=f"{self.config.serviceName}.{self.year}"
        )
        yield CreateDatabaseSchemaRequest(
            name="books", displayName="Books", database=database.fullyQualifiedName
        )

    def yield_tables(self) -> Iterable[CreateTableRequest]:
        schema: DatabaseSchema = self.metadata.get_by_name(
            entity=DatabaseSchema, fqn=f"{self.config.serviceName}.{self.year}.books"
        )
        for name, columns in self.ledgers.items():
            if name.startswith("draft"):
                self.status.filter(name, "Drafts are left out")
                continue
            if not columns:
                self.status.warning(name, "An empty ledger")
            table = CreateTableRequest(
                name=name,
                tableType=TableType.Regular,
                description=f"Ledger {name} of {self.year}",
                databaseSchema=schema.fullyQualifiedName.__root__,
                columns=[
                    Column(
                        name=column.name,
                        dataType=column.type,
                        dataTypeDisplay=column.type.lower(),
                        description=column.comment,
                    )
                    for column in columns
                ],
            )
            yield table
            self.status.scanned(table.name.__root__)

    def next_record(self) -> Iterable[Entity]:
        yield from self.yield_service()
        yield from self.yield_database()
        yield from self.yield_schema()
        yield from self.yield_tables()

    def get_status(self) -> SourceStatus:
        return self.status

    def test_connection(self) -> None:
        pass

    def close(self):
        self.metadata.close()
