"""Database services, databases, schemas, stored procedures and queries (REST contract §2, §3)."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Any

from pydantic import Field

from om_ingest.model.entity import (
    AssetEntity,
    AssetRequest,
    EntityReference,
    Model,
    OwnedEntity,
    OwnedRequest,
    Parent,
    ServiceAssetEntity,
    ServiceAssetRequest,
    TagLabel,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName, Number, Timestamp
from om_ingest.model.service import ServiceEntity, ServiceRequest


class DatabaseServiceType(str, Enum):
    """Database products that OpenMetadata knows; `CustomDatabase` for all others."""

    BigQuery = "BigQuery"
    BigTable = "BigTable"
    Mysql = "Mysql"
    Redshift = "Redshift"
    Snowflake = "Snowflake"
    Postgres = "Postgres"
    Timescale = "Timescale"
    Mssql = "Mssql"
    MicrosoftAccess = "MicrosoftAccess"
    Oracle = "Oracle"
    Athena = "Athena"
    Hive = "Hive"
    Impala = "Impala"
    Presto = "Presto"
    Trino = "Trino"
    Vertica = "Vertica"
    Glue = "Glue"
    MariaDB = "MariaDB"
    Druid = "Druid"
    Db2 = "Db2"
    Clickhouse = "Clickhouse"
    Databricks = "Databricks"
    AzureSQL = "AzureSQL"
    DynamoDB = "DynamoDB"
    SingleStore = "SingleStore"
    SQLite = "SQLite"
    DeltaLake = "DeltaLake"
    Salesforce = "Salesforce"
    PinotDB = "PinotDB"
    Datalake = "Datalake"
    DomoDatabase = "DomoDatabase"
    QueryLog = "QueryLog"
    CustomDatabase = "CustomDatabase"
    Dbt = "Dbt"
    SapHana = "SapHana"
    SapSuccessFactors = "SapSuccessFactors"
    MongoDB = "MongoDB"
    Cassandra = "Cassandra"
    Couchbase = "Couchbase"
    Greenplum = "Greenplum"
    Doris = "Doris"
    StarRocks = "StarRocks"
    UnityCatalog = "UnityCatalog"
    SAS = "SAS"
    Teradata = "Teradata"
    SapErp = "SapErp"
    Synapse = "Synapse"
    Exasol = "Exasol"
    Cockroach = "Cockroach"
    SSAS = "SSAS"
    Epic = "Epic"
    ServiceNow = "ServiceNow"
    Dremio = "Dremio"
    MicrosoftFabric = "MicrosoftFabric"
    BurstIQ = "BurstIQ"
    Informix = "Informix"
    Iomete = "Iomete"
    QuestDB = "QuestDB"
    SapBw4Hana = "SapBw4Hana"


class _DatabaseService(Model, entity_type="databaseService"):
    serviceType: DatabaseServiceType


class CreateDatabaseServiceRequest(_DatabaseService, ServiceRequest):
    """Create or update a database service, the root of its databases."""


class DatabaseService(_DatabaseService, ServiceEntity):
    """A stored database service."""


class CreateDatabaseRequest(ServiceAssetRequest, entity_type="database"):
    """Create or update a database below a service."""

    default: bool | None = None
    retentionPeriod: str | None = None


class Database(ServiceAssetEntity, entity_type="database"):
    """A stored database."""

    serviceType: DatabaseServiceType | None = None
    default: bool | None = None
    retentionPeriod: str | None = None
    location: EntityReference | None = None
    databaseSchemas: list[EntityReference] | None = None
    databaseProfilerConfig: dict[str, Any] | None = None


class CreateDatabaseSchemaRequest(
    AssetRequest, entity_type="databaseSchema", parent_field="database"
):
    """Create or update a schema below a database."""

    database: Parent
    retentionPeriod: str | None = None


class DatabaseSchema(AssetEntity, entity_type="databaseSchema"):
    """A stored schema."""

    database: EntityReference
    service: EntityReference
    serviceType: DatabaseServiceType | None = None
    retentionPeriod: str | None = None
    tables: list[EntityReference] | None = None
    databaseSchemaProfilerConfig: dict[str, Any] | None = None


class Language(str, Enum):
    """Language of a stored procedure."""

    SQL = "SQL"
    Java = "Java"
    JavaScript = "JavaScript"
    Python = "Python"
    External = "External"


class StoredProcedureType(str, Enum):
    """Kind of a routine."""

    StoredProcedure = "StoredProcedure"
    UDF = "UDF"
    StoredPackage = "StoredPackage"
    Function = "Function"


class StoredProcedureCode(Model):
    """Source text of a stored procedure."""

    language: Language | None = None
    code: str | None = None


class CreateStoredProcedureRequest(
    AssetRequest, entity_type="storedProcedure", parent_field="databaseSchema"
):
    """Create or update a stored procedure below a schema."""

    storedProcedureCode: StoredProcedureCode
    storedProcedureType: StoredProcedureType | None = None
    databaseSchema: Parent | None = None


class StoredProcedure(AssetEntity, entity_type="storedProcedure"):
    """A stored procedure, as the store has it."""

    storedProcedureCode: StoredProcedureCode
    storedProcedureType: StoredProcedureType | None = None
    databaseSchema: EntityReference | None = None
    database: EntityReference | None = None
    service: EntityReference | None = None
    serviceType: DatabaseServiceType | None = None
    code: str | None = None
    processedLineage: bool | None = None


class _QueryFields(Model, entity_type="query"):
    query: str
    tags: list[TagLabel] | None = None
    query_type: str | None = None
    exclude_usage: bool | None = None
    duration: Number | None = None
    usedBy: list[str] | None = None
    dialect: str | None = None
    queryDate: Timestamp | None = None
    queryUsedIn: list[EntityReference] | None = None
    triggeredBy: EntityReference | None = None
    processedLineage: bool | None = None


class CreateQueryRequest(_QueryFields, OwnedRequest, parent_field="service"):
    """Create or update a query; without a name it gets the MD5 of its text.

    `users` are FQNs of users, `queryUsedIn` points at tables; duration in seconds.
    """

    name: EntityName = ""
    service: Parent
    users: list[FullyQualifiedName] | None = None

    def model_post_init(self, context: Any, /) -> None:
        if not self.name:
            self.name = hashlib.md5(self.query.encode(), usedforsecurity=False).hexdigest()


class LoggedQueryRequest(CreateQueryRequest):
    """A query out of a log, with what only processors of the same run get to know.

    A sink delivers it as a `CreateQueryRequest`: the fields of this class are in no file and are
    sent to no server.
    """

    executions: dict[str, int] = Field(default_factory=dict, exclude=True)
    """How often it ran, by day (`YYYY-MM-DD`)."""

    database: str | None = Field(default=None, exclude=True)
    """Name of the database that it ran in; None if the log does not tell."""

    databaseSchema: str | None = Field(default=None, exclude=True)
    """Name of the schema that names without one meant; None if the log does not tell."""


class Query(_QueryFields, OwnedEntity):
    """A stored query."""

    service: EntityReference
    users: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    checksum: str | None = None
