"""A plan of warehouses in the connector's own models, built on those of the framework. 1.5 – 2.0."""

import asyncio
import json
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Dict, Iterable, List, Optional, Union

from pydantic import BaseModel, ConfigDict, Field

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, Markdown, SourceUrl, Timestamp
from metadata.generated.schema.type.tagLabel import TagLabel
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.status import Status
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class Hall(BaseModel):
    name: EntityName
    kind: TableType = TableType.Regular
    columns: List[Column] = []
    note: Optional[Markdown] = None
    url: Optional[SourceUrl] = None
    built: Optional[Timestamp] = None
    before: Optional[Table] = None


class Tools(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    metadata: OpenMetadata
    halls: Dict[str, Hall] = {}


class HallStatus(Status):
    halls: List[str] = Field(default_factory=list)


@dataclass
class Bundle:
    request: CreateTableRequest
    tags: List[TagLabel] = field(default_factory=list)


class OwnSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.status = HallStatus()
        self.config = config
        self.metadata = metadata
        self.tools = Tools(metadata=metadata)

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        options = self.config.serviceConnection.root.config.connectionOptions.root
        with open(options["plan"]) as file:
            for raw in json.load(file):
                hall = Hall.model_validate(raw)
                self.tools.halls[hall.name.root] = hall

    def test_connection(self):
        pass

    async def schema(self) -> str:
        await asyncio.sleep(0)
        service = self.metadata.get_by_name(entity=DatabaseService, fqn=self.config.serviceName)
        return f"{service.name.root}.plan.halls"

    def _iter(self, *_, **__) -> Iterable[Either[Union[CreateTableRequest, CreateDatabaseRequest]]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        yield Either(right=CreateDatabaseRequest(name="plan", service=self.config.serviceName))
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name="halls", database=f"{self.config.serviceName}.plan"
            )
        )
        schema = asyncio.run(self.schema())
        for hall in self.tools.halls.values():
            bundle = Bundle(self.request(hall, schema))
            yield Either(right=bundle.request)
            self.count(bundle.request)
            again = hall.model_copy(
                update={"before": self.metadata.get_by_name(Table, f"{schema}.{hall.name.root}")}
            )
            json.loads(again.model_dump_json(exclude_none=True))
        self.count(42)

    def request(self, hall: Hall, schema: str) -> CreateTableRequest:
        request = CreateTableRequest(
            name=hall.name,
            tableType=hall.kind,
            description=hall.note,
            sourceUrl=hall.url,
            databaseSchema=schema,
            columns=hall.columns,
        )
        request.columns.append(Column(name="built", dataType=DataType("TIMESTAMP")))
        request.displayName = f"{hall.name.root} of {hall.built.root}"
        return request

    @singledispatchmethod
    def count(self, thing) -> None:
        self.status.warning(str(thing), "is nothing to count")

    @count.register
    def _(self, request: CreateTableRequest) -> None:
        self.status.halls.append(request.name.root)
        self.status.scanned(request)

    def close(self):
        logger.info("%s halls", len(self.status.halls))
