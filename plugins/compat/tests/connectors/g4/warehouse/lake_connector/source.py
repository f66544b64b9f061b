"""A lakehouse: procedures, profiles, lineage by names after a Barrier. OpenMetadata 1.12 – 2.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from metadata.generated.schema.api.classification.createClassification import (
    CreateClassificationRequest,
)
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createStoredProcedure import CreateStoredProcedureRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.data.createTableProfile import CreateTableProfileRequest
from metadata.generated.schema.entity.data.storedProcedure import (
    Language,
    StoredProcedureCode,
    StoredProcedureType,
)
from metadata.generated.schema.entity.data.table import (
    Column,
    ColumnProfile,
    Constraint,
    ConstraintType,
    DataType,
    Table,
    TableConstraint,
    TableProfile,
    TableType,
)
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.type.basic import SqlQuery, Timestamp
from metadata.generated.schema.type.entityLineage import ColumnLineage, LineageDetails
from metadata.generated.schema.type.entityLineage import Source as LineageSource
from metadata.generated.schema.type.tagLabel import LabelType, State, TagLabel, TagSource
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class LakeSource(Source):
    def __init__(self, config: WorkflowSource, metadata: OpenMetadata):
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.service_connection = config.serviceConnection.root.config
        options = self.service_connection.connectionOptions
        self.zone = (options.root if options else {}).get("zone", "silver")

    @classmethod
    def create(
        cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str | None = None
    ) -> LakeSource:
        config = WorkflowSource.model_validate(config_dict)
        connection = config.serviceConnection.root.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, got {connection}")
        return cls(config, metadata)

    def prepare(self) -> None: ...

    def test_connection(self) -> None: ...

    def close(self) -> None: ...

    def _iter(self) -> Iterable[Either[Any]]:
        for record in self.records():
            yield Either(right=record)

    def records(self) -> Iterable[Any]:
        service = self.config.serviceName
        yield self.metadata.get_create_service_from_source(
            entity=DatabaseService, config=self.config
        )
        yield OMetaTagAndClassification(
            classification_request=CreateClassificationRequest(
                name="Lake", description="Zones of the lake"
            ),
            tag_request=CreateTagRequest(
                classification="Lake", name="Silver", description="Cleaned"
            ),
        )
        yield CreateDatabaseRequest(name="lake", service=service)
        yield CreateDatabaseSchemaRequest(name=self.zone, database=f"{service}.lake")
        schema = f"{service}.lake.{self.zone}"
        tag = TagLabel(
            tagFQN="Lake.Silver",
            source=TagSource.Classification,
            labelType=LabelType.Manual,
            state=State.Confirmed,
        )
        for name, columns in (("fish", ("id", "weight")), ("catch", ("fish_id", "day"))):
            yield CreateTableRequest(
                name=name,
                tableType=TableType.Iceberg,
                databaseSchema=schema,
                tags=[tag],
                columns=[
                    Column(
                        name=columns[0], dataType=DataType.BIGINT, constraint=Constraint.NOT_NULL
                    ),
                    Column(name=columns[1], dataType=DataType.DECIMAL, precision=9, scale=2),
                ],
                tableConstraints=[
                    TableConstraint(constraintType=ConstraintType.UNIQUE, columns=[columns[0]])
                ],
            )
        yield CreateStoredProcedureRequest(
            name="refill",
            storedProcedureType=StoredProcedureType.StoredProcedure,
            storedProcedureCode=StoredProcedureCode(
                language=Language.SQL, code="insert into catch select id, now() from fish"
            ),
            databaseSchema=schema,
        )
        yield Barrier(reason="lineage and profiles need the tables")
        yield OMetaFQNLineageRequest(
            from_entity_fqn=f"{schema}.fish",
            from_entity_type="table",
            to_entity_fqn=f"{schema}.catch",
            to_entity_type="table",
            lineage_details=LineageDetails(
                source=LineageSource.QueryLineage,
                sqlQuery=SqlQuery("insert into catch select id, now() from fish"),
                columnsLineage=[
                    ColumnLineage(
                        fromColumns=[f"{schema}.fish.id"], toColumn=f"{schema}.catch.fish_id"
                    )
                ],
            ),
        )
        table = self.metadata.get_by_name(entity=Table, fqn=f"{schema}.fish")
        at = Timestamp(1735689600000)
        self.metadata.ingest_profile_data(
            table,
            CreateTableProfileRequest(
                tableProfile=TableProfile(timestamp=at, rowCount=12.0, columnCount=2.0),
                columnProfile=[
                    ColumnProfile(
                        name=column.name.root, timestamp=at, nullCount=0.0, valuesCount=12.0
                    )
                    for column in table.columns
                ],
            ),
        )
