"""Tables of an SQLite file: keys, views, filters. Written for OpenMetadata 1.4."""

import sqlite3
import traceback
from typing import Dict, Iterable, List, Optional, Tuple

from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import (
    Column,
    Constraint,
    ConstraintType,
    DataType,
    Table,
    TableConstraint,
    TableType,
)
from metadata.generated.schema.entity.services.connections.database.customDatabaseConnection import (
    CustomDatabaseConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService
from metadata.generated.schema.metadataIngestion.databaseServiceMetadataPipeline import (
    DatabaseServiceMetadataPipeline,
)
from metadata.generated.schema.metadataIngestion.workflow import Source as WorkflowSource
from metadata.generated.schema.entity.services.ingestionPipelines.status import StackTraceError
from metadata.ingestion.api.common import Entity
from metadata.ingestion.api.models import Either
from metadata.ingestion.api.steps import InvalidSourceException, Source
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from metadata.utils import fqn
from metadata.utils.filters import filter_by_database, filter_by_schema, filter_by_table
from metadata.utils.logger import ingestion_logger

logger = ingestion_logger()


class TourSource(Source):
    config: WorkflowSource
    source_config: DatabaseServiceMetadataPipeline

    def __init__(self, config: WorkflowSource, metadata: OpenMetadata, pipeline_name: str):
        self.pipeline = pipeline_name
        super().__init__()
        self.config = config
        self.metadata = metadata
        self.source_config = self.config.sourceConfig.config
        self.connection_obj = sqlite3.connect(":memory:")

    @classmethod
    def create(cls, config_dict: dict, metadata: OpenMetadata, pipeline_name: str) -> "TourSource":
        config: WorkflowSource = WorkflowSource.parse_obj(config_dict)
        connection: CustomDatabaseConnection = config.serviceConnection.__root__.config
        if not isinstance(connection, CustomDatabaseConnection):
            raise InvalidSourceException(f"Expected CustomDatabaseConnection, but got {connection}")
        return cls(config, metadata, pipeline_name)

    def prepare(self):
        options = self.config.serviceConnection.__root__.config.connectionOptions.__root__
        with open(options["script"]) as script:
            self.connection_obj.executescript(script.read())

    def test_connection(self):
        self.connection_obj.execute("select 1")

    def _iter(self) -> Iterable[Either[Entity]]:
        yield Either(
            right=self.metadata.get_create_service_from_source(DatabaseService, self.config)
        )
        for database in ("tour", "backup"):
            if filter_by_database(self.source_config.databaseFilterPattern, database):
                self.status.filter(database, "Database Filtered Out")
                continue
            yield from self.database(database)

    def database(self, name: str) -> Iterable[Either]:
        service: DatabaseService = self.metadata.get_by_name(
            entity=DatabaseService, fqn=self.config.serviceName
        )
        yield Either(right=CreateDatabaseRequest(name=name, service=service.fullyQualifiedName))
        database: Database = self.metadata.get_by_name(
            entity=Database,
            fqn=fqn.build(
                self.metadata,
                entity_type=Database,
                service_name=self.config.serviceName,
                database_name=name,
            ),
        )
        for schema in ("main", "temp"):
            schema_fqn = fqn.build(
                self.metadata,
                entity_type=DatabaseSchema,
                service_name=self.config.serviceName,
                database_name=name,
                schema_name=schema,
            )
            if filter_by_schema(
                self.source_config.schemaFilterPattern,
                schema_fqn if self.source_config.useFqnForFiltering else schema,
            ):
                self.status.filter(schema_fqn, "Schema Filtered Out")
                continue
            yield Either(
                right=CreateDatabaseSchemaRequest(
                    name=schema, database=database.fullyQualifiedName.__root__
                )
            )
            yield from self.tables(name, schema, schema_fqn)

    def tables(self, database: str, schema: str, schema_fqn: str) -> Iterable[Either]:
        rows = self.connection_obj.execute(
            f"select name, type, sql from {schema}.sqlite_master where type in ('table', 'view')"
            " order by rowid"
        ).fetchall()
        for name, kind, sql in rows:
            table_fqn = fqn.build(
                self.metadata,
                entity_type=Table,
                service_name=self.config.serviceName,
                database_name=database,
                schema_name=schema,
                table_name=name,
                skip_es_search=True,
            )
            if filter_by_table(self.source_config.tableFilterPattern, name):
                self.status.filter(table_fqn, "Table Filtered Out")
                continue
            try:
                columns, constraints = self.columns(name)
                yield Either(
                    right=CreateTableRequest(
                        name=name,
                        tableType=TableType.View if kind == "view" else TableType.Regular,
                        columns=columns,
                        tableConstraints=constraints or None,
                        schemaDefinition=sql if kind == "view" else None,
                        databaseSchema=schema_fqn,
                    )
                )
            except sqlite3.DatabaseError as exc:
                yield Either(
                    left=StackTraceError(
                        name=name,
                        error=f"Unexpected exception to yield table [{name}]: {exc}",
                        stackTrace=traceback.format_exc(),
                    )
                )

    def columns(self, table: str) -> Tuple[List[Column], List[TableConstraint]]:
        rows = self.connection_obj.execute(f"pragma table_info({table})").fetchall()
        keys = [row[1] for row in rows if row[5]]
        columns = []
        for _, name, declared, not_null, _, key in rows:
            kind, _, length = declared.partition("(")
            try:
                data_type = DataType(kind.strip().upper())
            except ValueError:
                data_type = DataType.UNKNOWN
            constraint: Optional[Constraint] = Constraint.NULL
            if key and len(keys) == 1:
                constraint = Constraint.PRIMARY_KEY
            elif not_null or key:
                constraint = Constraint.NOT_NULL
            columns.append(
                Column(
                    name=name,
                    dataType=data_type,
                    dataTypeDisplay=declared or None,
                    dataLength=int(length.rstrip(")")) if length else None,
                    constraint=constraint,
                )
            )
        constraints = []
        if len(keys) > 1:
            constraints.append(
                TableConstraint(constraintType=ConstraintType.PRIMARY_KEY, columns=keys)
            )
        return columns, constraints

    def close(self):
        self.connection_obj.close()
