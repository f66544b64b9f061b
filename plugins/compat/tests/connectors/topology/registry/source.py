"""A connector for release 1.1: the tables of a registry, as one database."""

import json
from pathlib import Path
from typing import Iterable, Optional, Tuple

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.table import Column, Table, TableType
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    OpenMetadataConnection,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.source import InvalidSourceException
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.database.database_service import DatabaseServiceSource
from metadata.utils import fqn
from metadata.utils.filters import filter_by_table


class RegistrySource(DatabaseServiceSource):
    def __init__(self, config, metadata_config: OpenMetadataConnection):
        super().__init__()
        self.config = config
        self.source_config = self.config.sourceConfig.config
        self.metadata_config = metadata_config
        self.metadata = OpenMetadata(metadata_config)
        self.service_connection = self.config.serviceConnection.__root__.config
        self.tables = {}

    @classmethod
    def create(cls, config_dict, metadata_config: OpenMetadataConnection):
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        connection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, got {connection}")
        return cls(config, metadata_config)

    def prepare(self):
        path = self.service_connection.connectionOptions.__root__["registry"]
        self.tables = json.loads(Path(path).read_text())

    def get_database_names(self) -> Iterable[str]:
        yield self.config.serviceConnection.__root__.config.connectionOptions.__root__["database"]

    def yield_database(self, database_name: str) -> Iterable[CreateDatabaseRequest]:
        yield CreateDatabaseRequest(
            name=database_name,
            service=self.context.database_service.fullyQualifiedName,
        )

    def get_database_schema_names(self) -> Iterable[str]:
        yield "default"

    def yield_database_schema(self, schema_name: str) -> Iterable[CreateDatabaseSchemaRequest]:
        yield CreateDatabaseSchemaRequest(
            name=schema_name,
            database=self.context.database.fullyQualifiedName,
        )

    def yield_tag(self, schema_name: str) -> Iterable[OMetaTagAndClassification]:
        pass

    def yield_view_lineage(self):
        yield from []

    def get_tables_name_and_type(self) -> Optional[Iterable[Tuple[str, str]]]:
        for name in self.tables:
            if filter_by_table(self.source_config.tableFilterPattern, name):
                self.status.filter(name, "Table pattern not allowed")
                continue
            yield name, TableType.External

    def yield_table(self, table_name_and_type: Tuple[str, str]) -> Iterable[CreateTableRequest]:
        table_name, table_type = table_name_and_type
        request = CreateTableRequest(
            name=table_name,
            tableType=table_type,
            description=f"Known to {self.context.database_schema.name.__root__}",
            columns=[Column(**column) for column in self.tables[table_name]],
            databaseSchema=self.context.database_schema.fullyQualifiedName.__root__,
        )
        yield request
        self.register_record(table_request=request)
        table_fqn = fqn.build(
            self.metadata,
            entity_type=Table,
            service_name=self.context.database_service.name.__root__,
            database_name=self.context.database.name.__root__,
            schema_name=self.context.database_schema.name.__root__,
            table_name=table_name,
        )
        assert self.metadata.get_by_name(entity=Table, fqn=table_fqn).id == self.context.table.id

    def close(self):
        self.metadata.close()
