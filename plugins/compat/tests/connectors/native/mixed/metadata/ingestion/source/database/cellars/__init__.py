"""A source of om-ingest that keeps what its author had from the other framework."""

from om_ingest import ConfiguredSource, ConnectorConfig

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.services.createDatabaseService import (
    CreateDatabaseServiceRequest,
)
from metadata.generated.schema.entity.data.table import Column, DataType, TableType
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class Config(ConnectorConfig):
    bottles: int
    """Number of bottles."""


class CellarsSource(ConfiguredSource[Config]):
    def next_record(self):
        from metadata.utils.helpers import clean_uri

        service = self.ctx.service_name
        yield CreateDatabaseServiceRequest(name=service, serviceType="CustomDatabase")
        yield CreateDatabaseRequest(name="cellar", service=service)
        yield CreateDatabaseSchemaRequest(name="racks", database=f"{service}.cellar")
        for number in range(self.config.bottles):
            request = CreateTableRequest(
                name=f"rack{number}",
                tableType=TableType.Local,
                databaseSchema=f"{service}.cellar.racks",
                sourceUrl=clean_uri("https://cellar.example/"),
                columns=[Column(name="vintage", dataType=DataType("YEAR"))],
            )
            logger.debug("rack %s", request.name.root)
            yield request
