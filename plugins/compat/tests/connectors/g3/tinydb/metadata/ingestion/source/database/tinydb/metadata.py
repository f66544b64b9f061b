"""OpenMetadata 1.6: a package of the framework's namespace, found by its type."""

import traceback
from typing import Any, Iterable, List, Optional

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableType
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import Source
from metadata.ingestion.models.tiny_types import KINDS
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.connections import get_connection
from metadata.utils import fqn
from metadata.utils.constants import TINY_DATABASE
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class TinydbSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config
        self.connection_obj = get_connection(self.service_connection)

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        return cls(WorkflowSource.model_validate(config_dict), metadata)

    def prepare(self):
        """Nothing to prepare"""

    def test_connection(self) -> None:
        self.connection_obj.collections()

    def _iter(self) -> Iterable[Either]:
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        names = {"service_name": self.config.serviceName, "database_name": TINY_DATABASE}
        yield Either(right=CreateDatabaseRequest(name="tiny", service=self.config.serviceName))
        database_fqn = fqn.build(self.metadata, Database, **names)
        yield Either(right=CreateDatabaseSchemaRequest(name="default", database=database_fqn))
        schema_fqn = fqn.build(self.metadata, DatabaseSchema, schema_name="default", **names)
        for name, document in self.connection_obj.collections().items():
            if not isinstance(document, dict):
                yield Either(
                    left=StackTraceError(
                        name=name, error="Not a document", stackTrace=traceback.format_exc()
                    )
                )
                continue
            yield Either(
                right=CreateTableRequest(
                    name=fqn.split(f"{schema_fqn}.{name}")[-1],
                    tableType=TableType.Regular,
                    databaseSchema=schema_fqn,
                    columns=self.columns(document),
                )
            )
            assert self.metadata.get_by_name(Table, f"{schema_fqn}.{name}") is not None

    def columns(self, document: dict) -> List[Column]:
        return [self.column(name, value) for name, value in document.items()]

    def column(self, name: str, value: Any) -> Column:
        column = Column(name=name, dataType=KINDS[type(value)])
        if isinstance(value, dict):
            column.children = self.columns(value)
        if isinstance(value, list):
            column.arrayDataType = KINDS[type(value[0])] if value else DataType.UNKNOWN
        return column

    def close(self):
        pass
