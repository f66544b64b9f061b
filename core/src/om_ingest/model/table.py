"""Tables: columns, constraints, partitions, and the request that creates one (§3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from om_ingest.model.datatype import DataType
from om_ingest.model.entity import (
    AssetEntity,
    AssetRequest,
    EntityReference,
    Model,
    Parent,
    RewrittenName,
    TagLabel,
)
from om_ingest.model.naming import AssetName, ColumnName, DateTime, Fqn, FullyQualifiedName


class Constraint(str, Enum):
    """Constraint on a single column."""

    NULL = "NULL"
    NOT_NULL = "NOT_NULL"
    UNIQUE = "UNIQUE"
    PRIMARY_KEY = "PRIMARY_KEY"


class ConstraintType(str, Enum):
    """Constraint over a table's columns."""

    UNIQUE = "UNIQUE"
    PRIMARY_KEY = "PRIMARY_KEY"
    FOREIGN_KEY = "FOREIGN_KEY"
    SORT_KEY = "SORT_KEY"
    DIST_KEY = "DIST_KEY"
    CLUSTER_KEY = "CLUSTER_KEY"


class RelationshipType(str, Enum):
    """Cardinality of a foreign key."""

    ONE_TO_ONE = "ONE_TO_ONE"
    ONE_TO_MANY = "ONE_TO_MANY"
    MANY_TO_ONE = "MANY_TO_ONE"
    MANY_TO_MANY = "MANY_TO_MANY"


class TableType(str, Enum):
    """Kind of a table."""

    Regular = "Regular"
    External = "External"
    Dynamic = "Dynamic"
    View = "View"
    SecureView = "SecureView"
    MaterializedView = "MaterializedView"
    Iceberg = "Iceberg"
    Local = "Local"
    Partitioned = "Partitioned"
    Foreign = "Foreign"
    Transient = "Transient"
    Stream = "Stream"
    Stage = "Stage"
    SemanticView = "SemanticView"


class PartitionIntervalTypes(str, Enum):
    """How rows are assigned to partitions."""

    TIME_UNIT = "TIME-UNIT"
    INTEGER_RANGE = "INTEGER-RANGE"
    INGESTION_TIME = "INGESTION-TIME"
    COLUMN_VALUE = "COLUMN-VALUE"
    INJECTED = "INJECTED"
    ENUM = "ENUM"
    OTHER = "OTHER"


class FileFormat(str, Enum):
    """Format of the file behind an external table."""

    csv = "csv"
    csv_gz = "csv.gz"
    tsv = "tsv"
    avro = "avro"
    parquet = "parquet"
    pq = "pq"
    pqt = "pqt"
    parq = "parq"
    parquet_snappy = "parquet.snappy"
    json = "json"
    json_gz = "json.gz"
    json_zip = "json.zip"
    jsonl = "jsonl"
    jsonl_gz = "jsonl.gz"
    jsonl_zip = "jsonl.zip"
    MF4 = "MF4"


class ModelType(str, Enum):
    """Origin of a data model."""

    DBT = "DBT"
    DDL = "DDL"


class Column(RewrittenName, entity_type="column"):
    """One column; `children` are the members of a struct, map or union, at any depth."""

    name: ColumnName
    dataType: DataType
    arrayDataType: DataType | None = None
    dataLength: int | None = None
    precision: int | None = None
    scale: int | None = None
    dataTypeDisplay: str | None = None
    description: str | None = None
    fullyQualifiedName: FullyQualifiedName | None = None
    tags: list[TagLabel] | None = None
    constraint: Constraint | None = None
    ordinalPosition: int | None = None
    jsonSchema: str | None = None
    children: list[Column] | None = None
    profile: dict[str, Any] | None = None
    customMetrics: list[dict[str, Any]] | None = None
    extension: Any = None


class TableConstraint(Model):
    """A constraint over one or more columns; `referredColumns` are full column FQNs."""

    constraintType: ConstraintType | None = None
    columns: list[str] | None = None
    referredColumns: list[FullyQualifiedName] | None = None
    relationshipType: RelationshipType | None = None


class PartitionColumnDetails(Model):
    """One column that a table is partitioned by."""

    columnName: str | None = None
    intervalType: PartitionIntervalTypes | None = None
    interval: str | None = None


class TablePartition(Model):
    """How a table is partitioned."""

    columns: list[PartitionColumnDetails] | None = None


class DataModel(Model):
    """The dbt or DDL model behind a table."""

    modelType: ModelType
    resourceType: str | None = None
    dbtSourceProject: str | None = None
    description: str | None = None
    path: str | None = None
    rawSql: str | None = None
    sql: str | None = None
    upstream: list[Fqn] | None = None
    owners: list[EntityReference] | None = None
    tags: list[TagLabel] | None = None
    columns: list[Column] | None = None
    generatedAt: DateTime | None = None


class TableData(Model):
    """Sample rows: `columns` are column names, each of `rows` one value per column."""

    columns: list[str] | None = None
    rows: list[list[Any]] | None = None


class _TableFields(Model, entity_type="table"):
    columns: list[Column]
    tableType: TableType | None = None
    dataModel: DataModel | None = None
    locationPath: str | None = None
    tableConstraints: list[TableConstraint] | None = None
    aliases: list[FullyQualifiedName] | None = None
    tablePartition: TablePartition | None = None
    tableProfilerConfig: dict[str, Any] | None = None
    schemaDefinition: str | None = None
    retentionPeriod: str | None = None
    fileFormat: FileFormat | None = None


class CreateTableRequest(_TableFields, AssetRequest, RewrittenName, parent_field="databaseSchema"):
    """Create or update a table below a schema."""

    name: AssetName
    databaseSchema: Parent


class Table(_TableFields, AssetEntity):
    """A stored table."""

    databaseSchema: EntityReference | None = None
    database: EntityReference | None = None
    service: EntityReference | None = None
    serviceType: str | None = None
    location: EntityReference | None = None
    joins: dict[str, Any] | None = None
    sampleData: TableData | None = None
    customMetrics: list[dict[str, Any]] | None = None
    profile: dict[str, Any] | None = None
    testSuite: EntityReference | None = None
    compressionEnabled: bool | None = None
    compressionCodec: str | None = None
    compressionStrategy: dict[str, Any] | None = None
    processedLineage: bool | None = None
    queries: list[str] | None = None
    pipelineObservability: list[dict[str, Any]] | None = None
