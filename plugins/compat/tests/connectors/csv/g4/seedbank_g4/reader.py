"""The drawers of a seed bank as tables, for OpenMetadata 1.12 and 2.0."""

from __future__ import annotations

import csv
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, ColumnName, Constraint, DataType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, FullyQualifiedEntityName, Markdown
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn


@dataclass
class Drawer:
    label: str
    columns: list[Column] = field(default_factory=list)
    faults: list[StackTraceError] = field(default_factory=list)

    def add(self, holds: str, slot: str, width: str, rule: str, meaning: str) -> None:
        try:
            kind = DataType(holds)
        except ValueError as error:
            text = f"{holds} is no type of a column: {error}"
            trace = traceback.format_exc()
            self.faults.append(StackTraceError(name=self.label, error=text, stackTrace=trace))
            return
        column = Column(name=ColumnName(slot), dataType=kind)
        if width:
            column.dataLength = int(width)
        if rule:
            column.constraint = Constraint(rule)
        if meaning:
            column.description = Markdown(meaning)
        self.columns.append(column)


class SeedBankReader(Source):
    """Has each level written before the next one is made: a Barrier says when."""

    def __init__(self, block: WorkflowSource, metadata: OpenMetadata) -> None:
        super().__init__()
        self.block, self.metadata = block, metadata
        self.options: dict[str, str] = block.serviceConnection.root.config.connectionOptions.root
        self.drawers: dict[str, Drawer] = {}

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> SeedBankReader:
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self) -> None:
        for line in csv.DictReader(self.path.read_text().splitlines(), delimiter=";"):
            label = line.pop("drawer")
            self.drawers.setdefault(label, Drawer(label)).add(**line)

    @property
    def path(self) -> Path:
        return Path(self.options["inventory"])

    def test_connection(self) -> None:
        self.path.stat()

    def close(self) -> None:
        """Nothing is open."""

    def _iter(self) -> Iterator[Either]:
        service = self.metadata.get_create_service_from_source(
            entity=DatabaseService, config=self.block
        )
        above = yield from self.write(DatabaseService, service, service.name.root)
        climate = self.options["climate"]
        room = CreateDatabaseRequest(
            name=EntityName(climate), displayName=f"{climate} room", service=above
        )
        where = fqn.build(
            self.metadata,
            entity_type=Database,
            service_name=service.name.root,
            database_name=climate,
        )
        above = yield from self.write(Database, room, where)
        schema = CreateDatabaseSchemaRequest(
            name=EntityName("drawers"),
            description=Markdown("One table for each drawer"),
            database=above,
        )
        above = yield from self.write(DatabaseSchema, schema, f"{above.root}.drawers")
        for label, drawer in self.drawers.items():
            for fault in drawer.faults:
                yield Either(left=fault)
            if not drawer.faults:
                yield Either(
                    right=CreateTableRequest(
                        name=EntityName(label), databaseSchema=above, columns=drawer.columns
                    )
                )

    def write(
        self, entity: type, request: Any, where: str
    ) -> Iterator[Either] | FullyQualifiedEntityName:
        yield Either(right=request)
        yield Either(right=Barrier(reason=f"{where} is read back"))
        return self.metadata.get_by_name(entity=entity, fqn=where).fullyQualifiedName
