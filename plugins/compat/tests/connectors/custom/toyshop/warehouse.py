"""The warehouse, a database: tags, tables, a view, a stored procedure, lineage, sample data."""

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
from metadata.generated.schema.entity.data.storedProcedure import (
    Language,
    StoredProcedureCode,
    StoredProcedureType,
)
from metadata.generated.schema.entity.data.table import (
    Column,
    Constraint,
    ConstraintType,
    DataType,
    Table,
    TableConstraint,
    TableData,
    TableType,
)
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.type.entityLineage import ColumnLineage, LineageDetails
from metadata.generated.schema.type.entityLineage import Source as LineageSource
from metadata.ingestion.models.barrier import Barrier
from metadata.ingestion.models.ometa_classification import OMetaTagAndClassification
from metadata.ingestion.models.ometa_lineage import OMetaFQNLineageRequest

from .steps import ToyshopSource, label


class WarehouseSource(ToyshopSource):
    service_type = DatabaseService
    connection_type = CustomDatabaseConnection

    def records(self) -> Iterable[Any]:
        yield OMetaTagAndClassification(
            classification_request=CreateClassificationRequest(
                name="Toyshop", description="Words of the toyshop"
            ),
            tag_request=CreateTagRequest(
                classification="Toyshop", name="Fragile", description="Breaks when it falls"
            ),
        )
        yield CreateDatabaseRequest(
            name="stock", displayName="The stock", service=self.service, default=True
        )
        yield CreateDatabaseSchemaRequest(
            name="main.hall", description="Ground floor", database=f"{self.service}.stock"
        )
        schema = f'{self.service}.stock."main.hall"'
        yield self.toys(schema)
        yield CreateTableRequest(
            name="fragile_toys",
            tableType=TableType.View,
            databaseSchema=schema,
            schemaDefinition="SELECT id FROM toys WHERE fragile",
            columns=[Column(name="id", dataType=DataType.BIGINT)],
        )
        yield CreateStoredProcedureRequest(
            name="count_toys",
            description="Counts what is there",
            storedProcedureType=StoredProcedureType.Function,
            storedProcedureCode=StoredProcedureCode(
                language=Language.SQL, code="SELECT count(*) FROM toys"
            ),
            databaseSchema=schema,
        )
        yield Barrier(reason="lineage and samples need the tables")
        yield OMetaFQNLineageRequest(
            from_entity_fqn=f"{schema}.toys",
            from_entity_type="table",
            to_entity_fqn=f"{schema}.fragile_toys",
            to_entity_type="table",
            lineage_details=LineageDetails(
                source=LineageSource.ViewLineage,
                sqlQuery="SELECT id FROM toys WHERE fragile",
                columnsLineage=[
                    ColumnLineage(
                        fromColumns=[f"{schema}.toys.id"], toColumn=f"{schema}.fragile_toys.id"
                    )
                ],
            ),
        )
        toys = self.metadata.get_by_name(entity=Table, fqn=f"{schema}.toys")
        sample = TableData()
        sample.columns = ["id", "maker"]
        sample.rows = [[1, "Anna"], [2, None]]
        self.metadata.ingest_table_sample_data(table=toys, sample_data=sample)

    @staticmethod
    def toys(schema: str) -> CreateTableRequest:
        return CreateTableRequest(
            name="toys",
            tableType=TableType.Regular,
            description="All toys",
            databaseSchema=schema,
            tags=[label("Toyshop.Fragile")],
            columns=[
                Column(name="id", dataType=DataType.BIGINT, constraint=Constraint.PRIMARY_KEY),
                Column(name="maker", dataType=DataType.VARCHAR, dataLength=40),
                Column(
                    name="box",
                    dataType=DataType.STRUCT,
                    dataTypeDisplay="struct<height:decimal(5,2)>",
                    children=[
                        Column(
                            name="height",
                            dataType=DataType.DECIMAL,
                            precision=5,
                            scale=2,
                            tags=[label("Toyshop.Fragile")],
                        )
                    ],
                ),
                Column(name="colours", dataType=DataType.ARRAY, arrayDataType=DataType.STRING),
            ],
            tableConstraints=[
                TableConstraint(constraintType=ConstraintType.UNIQUE, columns=["maker", "id"])
            ],
        )
