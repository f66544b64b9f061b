"""A connector for release 1.3: a warehouse that knows the tags of its columns."""

import json
from pathlib import Path
from typing import Any, Iterable, Optional, Tuple

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableType
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.database.database_service import DatabaseServiceSource
from metadata.utils import fqn


class WarehouseSource(DatabaseServiceSource):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.source_config = self.config.sourceConfig.config
        self.service_connection = self.config.serviceConnection.__root__.config
        path = self.service_connection.connectionOptions.__root__.get("warehouse")
        self.warehouse = json.loads(Path(path).read_text())

    @classmethod
    def create(cls, config_dict, metadata: OpenMetadata):
        return cls(WorkflowSource.parse_obj(config_dict), metadata)

    def _columns(self, schema: str, table: str) -> dict:
        return self.warehouse[self.context.database][schema][table]

    def get_database_names(self) -> Iterable[str]:
        return list(self.warehouse)

    def yield_database(self, database_name: str) -> Iterable[Either[CreateDatabaseRequest]]:
        yield Either(
            right=CreateDatabaseRequest(
                name=database_name,
                service=self.context.database_service,
                tags=self.get_database_tag_labels(database_name),
            )
        )

    def get_database_schema_names(self) -> Iterable[str]:
        return self.warehouse[self.context.database].keys()

    def yield_database_schema(self, schema_name: str):
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name=schema_name,
                database=fqn.build(
                    metadata=self.metadata,
                    entity_type=Database,
                    service_name=self.context.database_service,
                    database_name=self.context.database,
                ),
            )
        )

    def _tag(self, entity_fqn: str, name: str) -> Either[OMetaTagAndClassification]:
        return Either(
            right=OMetaTagAndClassification(
                fqn=entity_fqn,
                classification_request=CreateClassificationRequest(
                    name="Warehouse", description="Tags of the warehouse"
                ),
                tag_request=CreateTagRequest(
                    classification="Warehouse", name=name, description=f"It is {name}"
                ),
            )
        )

    def yield_database_tag(self, database_name: str):
        service = self.context.database_service
        yield self._tag(fqn._build(service, database_name), "hot")

    def yield_tag(self, schema_name: str) -> Iterable[Either[OMetaTagAndClassification]]:
        for table, columns in self.warehouse[self.context.database][schema_name].items():
            for column in columns:
                if column.endswith("_key"):
                    column_fqn = fqn.build(
                        self.metadata,
                        entity_type=Column,
                        service_name=self.context.database_service,
                        database_name=self.context.database,
                        schema_name=schema_name,
                        table_name=table,
                        column_name=column,
                    )
                    yield self._tag(column_fqn, "key")

    def get_tables_name_and_type(self) -> Optional[Iterable[Tuple[str, str]]]:
        schema = self.context.database_schema
        for table in self.warehouse[self.context.database][schema]:
            yield table, TableType.View if table.startswith("v_") else TableType.Regular

    def yield_table(self, table_name_and_type: Tuple[str, str]):
        name, kind = table_name_and_type
        try:
            schema_fqn = fqn.build(
                metadata=self.metadata,
                entity_type=DatabaseSchema,
                service_name=self.context.database_service,
                database_name=self.context.database,
                schema_name=self.context.database_schema,
            )
            columns = [
                Column(
                    name=column,
                    dataType=DataType[kind_of_column],
                    tags=self.get_column_tag_labels(table_name=name, column={"name": column}),
                )
                for column, kind_of_column in self._columns(
                    self.context.database_schema, name
                ).items()
            ]
            request = CreateTableRequest(
                name=name,
                tableType=kind.value,
                columns=columns,
                databaseSchema=schema_fqn,
                tags=self.get_tag_labels(table_name=name),
            )
            yield Either(right=request)
            self.register_record(table_request=request)
        except KeyError as exc:
            yield Either(
                left=StackTraceError(name=name, error=f"Unknown type {exc}", stackTrace="")
            )

    def yield_view_lineage(self):
        view = self.metadata.get_by_name(
            entity=Table, fqn=fqn._build(self.context.database_service, "core", "main", "v_orders")
        )
        assert view.tableType == TableType.View
        yield from []

    def get_stored_procedures(self) -> Iterable[Any]:
        return []

    def yield_stored_procedure(self, stored_procedure: Any):
        """Not supported"""

    def yield_procedure_lineage_and_queries(self):
        yield from []

    def close(self):
        pass
