"""A connector for release 1.5: databases that a folder of JSON files describes."""

import json
import traceback
from pathlib import Path
from typing import Any, Iterable, Optional, Tuple

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createStoredProcedure import CreateStoredProcedureRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.storedProcedure import Language, StoredProcedureCode
from metadata.generated.schema.entity.data.table import Column, DataType, Table, TableType
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import (
    EntityName,
    FullyQualifiedEntityName,
    Markdown,
    SourceUrl,
)
from metadata.generated.schema.type.entityLineage import EntitiesEdge
from metadata.generated.schema.type.entityReference import EntityReference
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.ingestion.source.database.database_service import DatabaseServiceSource
from metadata.utils import fqn
from metadata.utils.filters import filter_by_table
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class LakehouseSource(DatabaseServiceSource):
    """Reads catalog.json: {database: {schema: {table: columns}}}."""

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.source_config = self.config.sourceConfig.config
        self.service_connection = self.config.serviceConnection.root.config
        options = self.service_connection.connectionOptions.root
        self.catalog = json.loads(Path(options["catalog"]).read_text())
        self.failing = options.get("failing")
        self.database_source_state = set()

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: Optional[str] = None):
        config: WorkflowSource = WorkflowSource.model_validate(config_dict)
        connection = config.serviceConnection.root.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected a custom connection, but got {connection}")
        return cls(config, metadata)

    def get_database_names(self) -> Iterable[str]:
        yield from self.catalog

    def yield_database(self, database_name: str) -> Iterable[Either[CreateDatabaseRequest]]:
        yield Either(
            right=CreateDatabaseRequest(
                name=EntityName(database_name),
                service=FullyQualifiedEntityName(self.context.get().database_service),
                description=Markdown(f"The database {database_name}"),
            )
        )

    def get_raw_database_schema_names(self) -> Iterable[str]:
        yield from self.catalog[self.context.get().database]

    def get_database_schema_names(self) -> Iterable[str]:
        yield from self._get_filtered_schema_names()

    def yield_tag(self, schema_name: str) -> Iterable[Either[OMetaTagAndClassification]]:
        for table, columns in self.catalog[self.context.get().database][schema_name].items():
            if "email" in columns:
                yield Either(
                    right=OMetaTagAndClassification(
                        fqn=FullyQualifiedEntityName(
                            fqn.build(
                                self.metadata,
                                entity_type=Table,
                                service_name=self.context.get().database_service,
                                database_name=self.context.get().database,
                                schema_name=schema_name,
                                table_name=table,
                            )
                        ),
                        classification_request=CreateClassificationRequest(
                            name=EntityName("Care"), description=Markdown("What to take care of")
                        ),
                        tag_request=CreateTagRequest(
                            classification=FullyQualifiedEntityName("Care"),
                            name=EntityName("Personal"),
                            description=Markdown("About people"),
                        ),
                    )
                )

    def yield_database_schema(
        self, schema_name: str
    ) -> Iterable[Either[CreateDatabaseSchemaRequest]]:
        yield Either(
            right=CreateDatabaseSchemaRequest(
                name=EntityName(schema_name),
                database=FullyQualifiedEntityName(
                    fqn.build(
                        metadata=self.metadata,
                        entity_type=Database,
                        service_name=self.context.get().database_service,
                        database_name=self.context.get().database,
                    )
                ),
                sourceUrl=SourceUrl(f"https://lake.example/{schema_name}"),
            )
        )

    def get_tables_name_and_type(self) -> Optional[Iterable[Tuple[str, TableType]]]:
        schema_name = self.context.get().database_schema
        for table_name in self.catalog[self.context.get().database][schema_name]:
            table_fqn = fqn.build(
                self.metadata,
                entity_type=Table,
                service_name=self.context.get().database_service,
                database_name=self.context.get().database,
                schema_name=schema_name,
                table_name=table_name,
                skip_es_search=True,
            )
            if filter_by_table(
                self.source_config.tableFilterPattern,
                table_fqn if self.source_config.useFqnForFiltering else table_name,
            ):
                self.status.filter(table_fqn, "Table Filtered Out")
                continue
            yield table_name, TableType.Regular

    def yield_table(
        self, table_name_and_type: Tuple[str, TableType]
    ) -> Iterable[Either[CreateTableRequest]]:
        table_name, table_type = table_name_and_type
        if table_name == self.failing:
            raise RuntimeError("no statistics")
        schema_name = self.context.get().database_schema
        try:
            columns = self.catalog[self.context.get().database][schema_name][table_name]
            table_request = CreateTableRequest(
                name=EntityName(table_name),
                tableType=table_type,
                columns=[
                    Column(name=name, dataType=DataType(kind.upper()), dataTypeDisplay=kind)
                    for name, kind in columns.items()
                ],
                databaseSchema=FullyQualifiedEntityName(
                    fqn.build(
                        metadata=self.metadata,
                        entity_type=DatabaseSchema,
                        service_name=self.context.get().database_service,
                        database_name=self.context.get().database,
                        schema_name=schema_name,
                    )
                ),
                tags=self.get_tag_labels(table_name=table_name),
            )
            yield Either(right=table_request)
            self.register_record(table_request=table_request)
        except Exception as exc:
            yield Either(
                left=StackTraceError(
                    name=table_name,
                    error=f"Unexpected exception to yield table [{table_name}]: {exc}",
                    stackTrace=traceback.format_exc(),
                )
            )

    def get_stored_procedures(self) -> Iterable[Any]:
        if self.context.get().database_schema == "sales":
            yield "refresh"

    def yield_stored_procedure(
        self, stored_procedure: Any
    ) -> Iterable[Either[CreateStoredProcedureRequest]]:
        request = CreateStoredProcedureRequest(
            name=EntityName(stored_procedure),
            storedProcedureCode=StoredProcedureCode(language=Language.SQL, code="select 1"),
            databaseSchema=fqn.build(
                metadata=self.metadata,
                entity_type=DatabaseSchema,
                service_name=self.context.get().database_service,
                database_name=self.context.get().database,
                schema_name=self.context.get().database_schema,
            ),
        )
        yield Either(right=request)
        self.register_record_stored_proc_request(request)

    def yield_procedure_lineage_and_queries(self) -> Iterable[Either[AddLineageRequest]]:
        for procedure in self.context.get_global().stored_procedures:
            logger.info("Seen %s", procedure)
        yield from []

    def yield_view_lineage(self) -> Iterable[Either[AddLineageRequest]]:
        ends = [
            self.metadata.get_by_name(
                entity=Table,
                fqn=f"{self.context.get().database_service}.lake.sales.{table}",
            )
            for table in ("orders", "customers")
        ]
        if all(ends):
            orders, customers = ends
            yield Either(
                right=AddLineageRequest(
                    edge=EntitiesEdge(
                        fromEntity=EntityReference(id=customers.id.root, type="table"),
                        toEntity=EntityReference(id=orders.id.root, type="table"),
                    )
                )
            )

    def close(self):
        pass

    def test_connection(self) -> None:
        pass
