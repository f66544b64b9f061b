"""
An inventory in CSV. Follows the demo of a custom connector: yields the database, then reads it
back, as every release up to 1.10 let a connector do. Written for OpenMetadata 1.11.
"""

import csv
import traceback
from pathlib import Path
from typing import Dict, Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableData
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn
from metadata.utils.helpers import replace_special_with, snake_to_camel
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()
print("inventory", flush=True)


class InventorySource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        self.shelves: Dict[str, List[dict]] = {}
        self.config = config
        self.metadata = metadata
        super().__init__()
        options = config.serviceConnection.root.config.connectionOptions.root
        self.path = Path(options["source"])

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.parse_obj(config_dict), metadata)

    def prepare(self):
        with self.path.open() as file:
            for row in csv.DictReader(file):
                self.shelves.setdefault(row["shelf"], []).append(row)

    def test_connection(self):
        return False if not self.path.exists() else None

    def _iter(self) -> Iterable[Either]:
        yield from self.yield_service()
        yield from self.yield_database()
        yield from self.yield_schemas()
        yield from self.yield_tables() or []

    def yield_service(self):
        yield Either(
            right=self.metadata.get_create_service_from_source(
                entity=DatabaseService, config=self.config
            )
        )

    def yield_database(self):
        service: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield Either(
            right=CreateDatabaseRequest(name="main.hall", service=service.fullyQualifiedName)
        )

    def yield_schemas(self):
        database: Database = self.metadata.get_by_name(
            entity=Database,
            # unquoted, as most connectors build it
            fqn=f"{self.config.serviceName}.main.hall",
        )
        for shelf in self.shelves:
            yield Either(
                right=CreateDatabaseSchemaRequest(
                    name=replace_special_with(shelf, "_"),
                    displayName=snake_to_camel(shelf),
                    database=database.fullyQualifiedName,
                )
            )

    def yield_tables(self):
        if not self.shelves:
            return None
        return self.tables()

    def tables(self):
        for shelf, rows in self.shelves.items():
            schema: DatabaseSchema = self.metadata.get_by_name(
                entity=DatabaseSchema,
                fqn=f"{self.config.serviceName}.main.hall.{replace_special_with(shelf, '_')}",
            )
            for row in rows:
                try:
                    table = CreateTableRequest(
                        name=row["box"],
                        databaseSchema=schema.fullyQualifiedName,
                        columns=[
                            Column(name="sku", dataType=DataType.STRING),
                            Column(name="count", dataType=row["type"]),
                        ],
                    )
                except Exception as exc:
                    yield Either(
                        left=StackTraceError(
                            name=row["box"],
                            error=f"Bad box {row['box']}",
                            stackTrace=traceback.format_exc(),
                        )
                    )
                    continue
                yield Either(right=table)
                yield from self.samples(schema, row)

    def samples(self, schema, row):
        table: Table = self.metadata.get_by_name(
            entity=Table, fqn=fqn._build(*fqn.split(schema.fullyQualifiedName.root), row["box"])
        )
        sample = TableData()
        sample.columns = ["sku", "count"]
        sample.rows = [[f"{row['box']}-1", int(row["count"])]]
        self.metadata.ingest_table_sample_data(table, sample)
        return []

    def close(self):
        self.shelves.clear()
