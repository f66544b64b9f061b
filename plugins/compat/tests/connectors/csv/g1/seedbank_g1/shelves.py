"""The drawers of a seed bank as tables, for OpenMetadata 1.2 and 1.3."""

import csv
from itertools import groupby
from traceback import format_exc
from typing import Any, Iterator, Optional, Type

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, Constraint, DataType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import Source
from metadata.utils.logger import ingestion_logger
from pydantic import BaseModel, validator

log = ingestion_logger()


class Slot(BaseModel):
    drawer: str
    slot: str
    holds: str
    width: Optional[int]
    rule: Optional[str]
    meaning: Optional[str]

    @validator("width", "rule", "meaning", pre=True)
    def blank(cls, cell):
        return cell if cell else None


class SeedBank(Source):
    def __init__(self, workflow, ometa):
        super().__init__()
        self.ometa = ometa
        self.workflow = workflow
        given = workflow.serviceConnection.__root__.config.connectionOptions.__root__
        self.file, self.climate = given["inventory"], given["climate"]
        self.slots = []

    @classmethod
    def create(cls, config_dict, metadata):
        return cls(WorkflowSource.parse_obj(config_dict), metadata)

    def test_connection(self):
        open(self.file).close()

    def prepare(self):
        with open(self.file, newline="") as lines:
            self.slots = [Slot.parse_obj(line) for line in csv.DictReader(lines, delimiter=";")]
        log.info("%s slots", len(self.slots))

    def above(self, kind: Type[Any], *path: str) -> str:
        """The FQN of what was written one level up"""
        written = self.ometa.get_by_name(entity=kind, fqn=".".join(path))
        return written.fullyQualifiedName.__root__

    def requests(self) -> Iterator[Any]:
        bank = self.workflow.serviceName
        yield self.ometa.get_create_service_from_source(
            entity=DatabaseService, config=self.workflow
        )
        service = self.ometa.get_by_name(entity=DatabaseService, fqn=bank)
        yield CreateDatabaseRequest(
            name=self.climate,
            displayName=f"{self.climate} room",
            service=service.fullyQualifiedName,
        )
        yield CreateDatabaseSchemaRequest(
            name="drawers",
            description="One table for each drawer",
            database=self.above(Database, bank, self.climate),
        )

    def _iter(self, *_, **__):
        for request in self.requests():
            yield Either(right=request)
        room = self.above(DatabaseSchema, self.workflow.serviceName, self.climate, "drawers")
        for drawer, slots in groupby(self.slots, lambda slot: slot.drawer):
            columns, odd = [], None
            for slot in slots:
                try:
                    columns.append(as_column(slot))
                except ValueError as why:
                    text = f"{slot.holds} is no type of a column: {why}"
                    odd = StackTraceError(name=drawer, error=text, stackTrace=format_exc())
            if odd:
                yield Either(left=odd)
            else:
                table = CreateTableRequest(name=drawer, databaseSchema=room, columns=columns)
                yield Either(right=table)

    def close(self):
        self.slots.clear()


def as_column(slot: Slot) -> Column:
    return Column(
        name=slot.slot,
        dataType=DataType(slot.holds),
        dataLength=slot.width,
        description=slot.meaning,
        constraint=Constraint[slot.rule] if slot.rule else None,
    )
