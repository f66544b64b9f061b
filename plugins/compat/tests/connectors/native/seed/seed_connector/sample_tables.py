"""The shape of the first releases: create with three arguments, prepare, next_record, get_status, close."""

import json
import logging
import os
from dataclasses import dataclass, field
from typing import Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.source import Source, SourceStatus

logger = logging.getLogger(__name__)


@dataclass
class SampleStatus(SourceStatus):
    tables: List[str] = field(default_factory=list)

    def table_scanned(self, name: str) -> None:
        self.tables.append(name)
        self.scanned(name)


class SampleTables(Source[Entity]):
    def __init__(self, config: dict, metadata_config: dict, ctx):
        super().__init__(ctx)
        self.ctx = ctx
        self.config = config
        self.metadata_config = metadata_config
        self.status = SampleStatus()
        self.folder = config["sample_schema_folder"]
        self.service = None

    @classmethod
    def create(cls, config_dict, metadata_config_dict, ctx):
        return cls(config_dict, metadata_config_dict, ctx)

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return json.load(file)

    def prepare(self):
        from metadata.generated.schema.api.services.createDatabaseService import (
            CreateDatabaseServiceRequest,
        )

        self.service = self.ctx.metadata.get_service_or_create(
            CreateDatabaseServiceRequest(**self.read("service.json"))
        )

    def next_record(self) -> Iterable[Entity]:
        database = self.read("database.json")
        yield CreateDatabaseRequest(
            name=database["name"],
            service=EntityReference(id=self.service.id, type="databaseService"),
        )
        parent = self.ctx.metadata.get_by_name(
            entity=Database, fqn=f"{self.service.name}.{database['name']}"
        )
        for schema in database["schemas"]:
            yield CreateDatabaseSchemaRequest(
                name=schema, database=EntityReference(id=parent.id, type="database")
            )
        for table in self.read("tables.json"):
            if not table["columns"]:
                self.status.warning(table["name"], "No columns")
                continue
            schema = self.ctx.metadata.get_by_name(
                entity=DatabaseSchema,
                fqn=f"{self.service.name}.{database['name']}.{table['schema']}",
            )
            yield CreateTableRequest(
                name=table["name"],
                columns=table["columns"],
                databaseSchema=EntityReference(id=schema.id, type="databaseSchema"),
            )
            self.status.table_scanned(table["name"])

    def get_status(self) -> SourceStatus:
        return self.status

    def close(self):
        pass
