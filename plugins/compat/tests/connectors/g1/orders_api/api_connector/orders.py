"""Tables behind a REST API, with samples. The API is asked by a fake session. OpenMetadata 1.3."""

import logging
from typing import Any, Dict, Iterable, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import (
    Column,
    ColumnName,
    Constraint,
    DataType,
    Table,
    TableData,
    TableType,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import EntityName, Markdown, SourceUrl
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.status import Status
from metadata.ingestion.api.steps import Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn
from metadata.utils.helpers import clean_uri, snake_to_camel

from .session import Session

logger = logging.getLogger("orders_api")


def om_type(kind: str) -> DataType:
    try:
        return DataType(kind.upper())
    except ValueError:
        return DataType.UNKNOWN if hasattr(DataType, "UNKNOWN") else DataType.STRING


class OrdersApiSource(Source):
    # No call of super().__init__()
    def __init__(self, config, metadata_config):
        self.status = Status()
        self.config = config
        self.metadata: OpenMetadata = metadata_config
        options: Dict[str, Any] = (
            config.serviceConnection.__root__.config.connectionOptions.__root__
        )
        self.base = clean_uri(options["url"])
        self.session = Session(options["tables"])
        self.service: Optional[DatabaseService] = None

    @classmethod
    def create(cls, config_dict, metadata_config):
        return cls(WorkflowSource.parse_obj(config_dict), metadata_config)

    def prepare(self):
        assert self.metadata.health_check()
        request = self.metadata.get_create_service_from_source(DatabaseService, self.config)
        self.service = self.metadata.create_or_update(request)

    def _iter(self) -> Iterable[Either]:
        for record in self.next_record():
            yield Either(right=record)

    def next_record(self) -> Iterable[Any]:
        database = self.metadata.create_or_update(
            data=CreateDatabaseRequest(
                name=EntityName(__root__="shop"), service=self.service.fullyQualifiedName
            )
        )
        logger.debug("database %s", database.id.__root__)
        database_fqn = fqn.build(
            self.metadata,
            entity_type=Database,
            service_name=self.service.name.__root__,
            database_name=database.name.__root__,
        )
        yield CreateDatabaseSchemaRequest(
            name="v1", database=database_fqn, sourceUrl=SourceUrl(__root__=f"{self.base}/v1")
        )
        schema_fqn = fqn.build(
            self.metadata,
            entity_type=DatabaseSchema,
            service_name=self.config.serviceName,
            database_name="shop",
            schema_name="v1",
        )
        assert fqn.split(schema_fqn) == [self.config.serviceName, "shop", "v1"]
        for described in self.session.get(f"{self.base}/tables"):
            yield self.table(described, schema_fqn)
            self.status.scanned(described["name"])
            yield from self.samples(described)

    def table(self, described, schema_fqn) -> CreateTableRequest:
        columns = []
        for name, kind in described["fields"].items():
            column = Column(
                name=ColumnName(__root__=name),
                displayName=snake_to_camel(name),
                dataType=om_type(kind),
                dataLength=40 if kind == "varchar" else None,
            )
            if name == "id":
                column.constraint = Constraint.PRIMARY_KEY
            # A copy of the name as JSON lies in the description
            column.description = Markdown(__root__=f"field {column.name.json()}")
            columns.append(column)
        return CreateTableRequest(
            name=described["name"],
            tableType=TableType.External.value,
            databaseSchema=schema_fqn,
            columns=columns,
            owner=None,
        )

    def samples(self, described):
        """The table is there by now"""
        table: Table = self.metadata.get_by_name(
            entity=Table,
            fqn=f"{self.config.serviceName}.shop.v1.{described['name']}",
        )
        data = TableData()
        data.columns = [ColumnName(__root__=column.name.__root__) for column in table.columns]
        data.rows = described["rows"]
        self.metadata.ingest_table_sample_data(table=table, sample_data=data)
        return []

    def test_connection(self) -> bool:
        return True

    def close(self):
        pass
