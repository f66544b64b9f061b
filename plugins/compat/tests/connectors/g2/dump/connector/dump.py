"""Tables from a dump of JSON documents, handled as pydantic 1 lets one. OpenMetadata 1.4."""

import json
from typing import Any, Dict, Iterable, List, Optional

from pydantic import BaseModel, Extra, Field, root_validator

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either, StackTraceError
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()

ALIASES = {member.value.lower(): member for member in DataType}


class Document(BaseModel):
    class Config:
        extra = Extra.allow

    name: str
    columns_: List[Dict[str, Any]] = Field(default_factory=list, alias="columns")

    @root_validator(pre=True)
    def no_name(cls, values):
        if not values.get("name"):
            raise ValueError("a document without a name")
        return values


class DumpSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata, **kwargs):
        super().__init__()
        self.config = config
        self.metadata = metadata
        raw = json.loads(config.json())
        assert raw["serviceName"] == config.dict()["serviceName"]
        self.service_connection = self.config.serviceConnection.__root__.config
        options = self.service_connection.connectionOptions.__root__
        with open(options["dump"]) as file:
            self.documents = json.loads(file.read())

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        config = WorkflowSource(**config_dict)
        return cls(config, metadata, pipeline_name=pipeline_name)

    def prepare(self):
        pass

    def test_connection(self):
        pass

    def _iter(self) -> Iterable[Either]:
        service_request = self.metadata.get_create_service_from_source(DatabaseService, self.config)
        yield Either(right=service_request)
        service = self.metadata.get_by_name(DatabaseService, service_request.name.__root__)
        database = CreateDatabaseRequest.parse_obj(
            {"name": "dump", "service": service.fullyQualifiedName.__root__}
        )
        yield Either(right=database)
        found: Database = self.metadata.get_by_name(Database, "dump_service.dump")
        schema = CreateDatabaseSchemaRequest(
            **{"name": "docs", "database": found.fullyQualifiedName}
        )
        yield Either(right=schema)
        template = CreateTableRequest.construct(
            name="template", columns=[], databaseSchema="dump_service.dump.docs"
        )
        for number, raw in enumerate(self.documents):
            try:
                document = Document.parse_obj(raw)
            except ValueError as exc:
                yield Either(left=StackTraceError(name=f"document {number}", error=str(exc)))
                continue
            yield Either(right=self.table(template, document))
            self.check(document)

    def table(self, template: CreateTableRequest, document: Document) -> CreateTableRequest:
        columns = [Column.parse_obj(self.column(column)) for column in document.columns_]
        wanted = template.copy(update={"name": document.name}, deep=True)
        values = wanted.dict(exclude_none=True)
        values["columns"] = [json.loads(column.json(exclude_none=True)) for column in columns]
        values["tableType"] = TableType["Regular"].value
        assert "columns" in CreateTableRequest.__fields__
        return CreateTableRequest.parse_raw(json.dumps(values, default=str))

    def column(self, raw: Dict[str, Any]) -> Dict[str, Any]:
        kind = ALIASES.get(raw["type"], DataType.UNKNOWN)
        return {"name": raw["name"], "dataType": kind.name, "dataLength": raw.get("length")}

    def check(self, document: Document):
        table: Table = self.metadata.get_by_name(
            Table, f"dump_service.dump.docs.{document.name}", fields=["*"]
        )
        reference = EntityReference(**{"id": table.id.__root__, "type": "table"})
        logger.info(f"{table.name.__root__} has {reference.id.__root__} {table.json()[:20]}")
        if document.dict(by_alias=True)["columns"] and not table.columns[0].name.__root__:
            raise ValueError("no name")

    def close(self):
        pass
