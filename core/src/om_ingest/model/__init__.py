"""OpenMetadata's vocabulary as pydantic models, without any I/O.

They are loaded when first used: a connector pays for the families it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Several names on a line: there are too many for a line each.
# fmt: off
# isort: off
if TYPE_CHECKING:
    from om_ingest.model.api import (
        APICollection, APIEndpoint, ApiConnection, ApiRequestMethod, ApiService, ApiServiceType,
        CreateAPICollectionRequest, CreateAPIEndpointRequest, CreateApiServiceRequest,
    )
    from om_ingest.model.attachment import (
        AddPipelineStatusRequest, AddSampleDataRequest, AddTableProfileRequest, AddUsageRequest,
    )
    from om_ingest.model.dashboard import (
        Chart, ChartType, CreateChartRequest, CreateDashboardDataModelRequest,
        CreateDashboardRequest, CreateDashboardServiceRequest, Dashboard, DashboardConnection,
        DashboardDataModel, DashboardService, DashboardServiceType, DashboardType, DataModelType,
    )
    from om_ingest.model.database import (
        CreateDatabaseRequest, CreateDatabaseSchemaRequest, CreateDatabaseServiceRequest,
        CreateStoredProcedureRequest, Database, DatabaseConnection, DatabaseSchema,
        DatabaseService, DatabaseServiceType, Language, StoredProcedure, StoredProcedureCode,
        StoredProcedureType,
    )
    from om_ingest.model.datatype import DataType
    from om_ingest.model.domain import (
        CreateDataProductRequest, CreateDomainRequest, DataProduct, Domain, DomainType,
    )
    from om_ingest.model.drive import (
        CreateDirectoryRequest, CreateDriveServiceRequest, CreateFileRequest,
        CreateSpreadsheetRequest, CreateWorksheetRequest, Directory, DirectoryType,
        DriveConnection, DriveService, DriveServiceType, File, FileType, Spreadsheet,
        SpreadsheetMimeType, Worksheet,
    )
    from om_ingest.model.entity import (
        AccessDetails, AttachmentRequest, ChangeDescription, CreateRequest, Entity,
        EntityReference, FieldChange, LabelType, LifeCycle, State, TagLabel, TagSource,
    )
    from om_ingest.model.glossary import (
        CreateGlossaryRequest, CreateGlossaryTermRequest, Glossary, GlossaryTerm, TermReference,
        TermRelation,
    )
    from om_ingest.model.governance import (
        Classification, CreateClassificationRequest, CreateTagRequest, CreateTeamRequest,
        CreateUserRequest, Tag, Team, TeamType, User,
    )
    from om_ingest.model.ingestion_pipeline import (
        AirflowConfig, CreateIngestionPipelineRequest, IngestionPipeline, IngestionSourceConfig,
        LogLevels, PipelineType, RunState, RunStatus, StackTraceError, StepSummary,
    )
    from om_ingest.model.lineage import (
        AddLineageRequest, ColumnLineage, Edge, EntitiesEdge, EntityLineage, LineageDetails,
        LineageSource,
    )
    from om_ingest.model.llm import (
        CreateLlmServiceRequest, LlmConnection, LlmService, LlmServiceType,
    )
    from om_ingest.model.mcp import (
        CreateMcpServiceRequest, McpConnection, McpService, McpServiceType,
    )
    from om_ingest.model.messaging import (
        CleanupPolicy, CreateMessagingServiceRequest, CreateTopicRequest, MessagingConnection,
        MessagingService, MessagingServiceType, Topic, TopicSampleData,
    )
    from om_ingest.model.metadata import (
        CreateMetadataServiceRequest, MetadataConnection, MetadataService, MetadataServiceType,
    )
    from om_ingest.model.metric import (
        CreateMetricRequest, Metric, MetricExpression, MetricGranularity, MetricType,
        UnitOfMeasurement,
    )
    from om_ingest.model.mlmodel import (
        CreateMlModelRequest, CreateMlModelServiceRequest, FeatureSource, FeatureSourceDataType,
        FeatureType, MlFeature, MlHyperParameter, MlModel, MlModelConnection, MlModelService,
        MlModelServiceType, MlStore,
    )
    from om_ingest.model.naming import (
        AssetName, ColumnName, EntityName, decode_reserved, encode_reserved,
    )
    from om_ingest.model.pipeline import (
        CreatePipelineRequest, CreatePipelineServiceRequest, Pipeline, PipelineConnection,
        PipelineService, PipelineServiceType, PipelineState, PipelineStatus, StatusType, Task,
        TaskStatus,
    )
    from om_ingest.model.profile import (
        ColumnJoins, ColumnProfile, CreateTableProfileRequest, DmlOperationType, JoinedWith,
        PipelineObservability, SystemProfile, TableJoins, TableProfile, UsageDetails, UsageRequest,
        UsageStats,
    )
    from om_ingest.model.query import CreateQueryRequest, Query
    from om_ingest.model.records import Record, ScopeComplete, summary
    from om_ingest.model.schema import (
        APISchema, DataTypeTopic, FieldModel, MessageSchema, SchemaType,
    )
    from om_ingest.model.search import (
        CreateSearchIndexRequest, CreateSearchServiceRequest, IndexType, SearchConnection,
        SearchIndex, SearchIndexDataType, SearchIndexField, SearchService, SearchServiceType,
    )
    from om_ingest.model.security import (
        CreateSecurityServiceRequest, SecurityConnection, SecurityService, SecurityServiceType,
    )
    from om_ingest.model.settings import DatabaseSourceConfig, FilterPattern, SourceConfig
    from om_ingest.model.source_config import (
        ApiSourceConfig, DashboardSourceConfig, DriveSourceConfig, MessagingSourceConfig,
        MlModelSourceConfig, PipelineSourceConfig, SearchSourceConfig, StorageSourceConfig,
    )
    from om_ingest.model.storage import (
        Container, ContainerDataModel, ContainerFileFormat, CreateContainerRequest,
        CreateStorageServiceRequest, StorageConnection, StorageService, StorageServiceType,
    )
    from om_ingest.model.table import (
        Column, Constraint, ConstraintType, CreateTableRequest, DataModel, FileFormat, ModelType,
        PartitionColumnDetails, PartitionIntervalTypes, RelationshipType, Table, TableConstraint,
        TableData, TablePartition, TableType,
    )

_HOMES = {
    "api": (
        "APICollection APIEndpoint ApiConnection ApiRequestMethod ApiService ApiServiceType "
        "CreateAPICollectionRequest CreateAPIEndpointRequest CreateApiServiceRequest"
    ),
    "attachment": (
        "AddPipelineStatusRequest AddSampleDataRequest AddTableProfileRequest AddUsageRequest"
    ),
    "dashboard": (
        "Chart ChartType CreateChartRequest CreateDashboardDataModelRequest "
        "CreateDashboardRequest CreateDashboardServiceRequest Dashboard DashboardConnection "
        "DashboardDataModel DashboardService DashboardServiceType DashboardType DataModelType"
    ),
    "database": (
        "CreateDatabaseRequest CreateDatabaseSchemaRequest CreateDatabaseServiceRequest "
        "CreateStoredProcedureRequest Database DatabaseConnection DatabaseSchema DatabaseService "
        "DatabaseServiceType Language StoredProcedure StoredProcedureCode StoredProcedureType"
    ),
    "datatype": "DataType",
    "domain": "CreateDataProductRequest CreateDomainRequest DataProduct Domain DomainType",
    "drive": (
        "CreateDirectoryRequest CreateDriveServiceRequest CreateFileRequest "
        "CreateSpreadsheetRequest CreateWorksheetRequest Directory DirectoryType DriveConnection "
        "DriveService DriveServiceType File FileType Spreadsheet SpreadsheetMimeType Worksheet"
    ),
    "entity": (
        "AccessDetails AttachmentRequest ChangeDescription CreateRequest Entity EntityReference "
        "FieldChange LabelType LifeCycle State TagLabel TagSource"
    ),
    "glossary": (
        "CreateGlossaryRequest CreateGlossaryTermRequest Glossary GlossaryTerm TermReference "
        "TermRelation"
    ),
    "governance": (
        "Classification CreateClassificationRequest CreateTagRequest CreateTeamRequest "
        "CreateUserRequest Tag Team TeamType User"
    ),
    "ingestion_pipeline": (
        "AirflowConfig CreateIngestionPipelineRequest IngestionPipeline IngestionSourceConfig "
        "LogLevels PipelineType RunState RunStatus StackTraceError StepSummary"
    ),
    "lineage": (
        "AddLineageRequest ColumnLineage Edge EntitiesEdge EntityLineage LineageDetails "
        "LineageSource"
    ),
    "llm": "CreateLlmServiceRequest LlmConnection LlmService LlmServiceType",
    "mcp": "CreateMcpServiceRequest McpConnection McpService McpServiceType",
    "messaging": (
        "CleanupPolicy CreateMessagingServiceRequest CreateTopicRequest MessagingConnection "
        "MessagingService MessagingServiceType Topic TopicSampleData"
    ),
    "metadata": (
        "CreateMetadataServiceRequest MetadataConnection MetadataService MetadataServiceType"
    ),
    "metric": (
        "CreateMetricRequest Metric MetricExpression MetricGranularity MetricType "
        "UnitOfMeasurement"
    ),
    "mlmodel": (
        "CreateMlModelRequest CreateMlModelServiceRequest FeatureSource FeatureSourceDataType "
        "FeatureType MlFeature MlHyperParameter MlModel MlModelConnection MlModelService "
        "MlModelServiceType MlStore"
    ),
    "naming": "AssetName ColumnName EntityName decode_reserved encode_reserved",
    "pipeline": (
        "CreatePipelineRequest CreatePipelineServiceRequest Pipeline PipelineConnection "
        "PipelineService PipelineServiceType PipelineState PipelineStatus StatusType Task "
        "TaskStatus"
    ),
    "profile": (
        "ColumnJoins ColumnProfile CreateTableProfileRequest DmlOperationType JoinedWith "
        "PipelineObservability SystemProfile TableJoins TableProfile UsageDetails UsageRequest "
        "UsageStats"
    ),
    "query": "CreateQueryRequest Query",
    "records": "Record ScopeComplete summary",
    "schema": "APISchema DataTypeTopic FieldModel MessageSchema SchemaType",
    "search": (
        "CreateSearchIndexRequest CreateSearchServiceRequest IndexType SearchConnection "
        "SearchIndex SearchIndexDataType SearchIndexField SearchService SearchServiceType"
    ),
    "security": (
        "CreateSecurityServiceRequest SecurityConnection SecurityService SecurityServiceType"
    ),
    "settings": "DatabaseSourceConfig FilterPattern SourceConfig",
    "source_config": (
        "ApiSourceConfig DashboardSourceConfig DriveSourceConfig MessagingSourceConfig "
        "MlModelSourceConfig PipelineSourceConfig SearchSourceConfig StorageSourceConfig"
    ),
    "storage": (
        "Container ContainerDataModel ContainerFileFormat CreateContainerRequest "
        "CreateStorageServiceRequest StorageConnection StorageService StorageServiceType"
    ),
    "table": (
        "Column Constraint ConstraintType CreateTableRequest DataModel FileFormat ModelType "
        "PartitionColumnDetails PartitionIntervalTypes RelationshipType Table TableConstraint "
        "TableData TablePartition TableType"
    ),
}
"""Module -> its public names."""

__all__ = [
    "APICollection", "APIEndpoint", "APISchema", "AccessDetails", "AddLineageRequest",
    "AddPipelineStatusRequest", "AddSampleDataRequest", "AddTableProfileRequest", "AddUsageRequest",
    "AirflowConfig", "ApiConnection", "ApiRequestMethod", "ApiService", "ApiServiceType",
    "ApiSourceConfig", "AssetName", "AttachmentRequest", "ChangeDescription", "Chart", "ChartType",
    "Classification", "CleanupPolicy", "Column", "ColumnJoins", "ColumnLineage", "ColumnName",
    "ColumnProfile", "Constraint", "ConstraintType", "Container", "ContainerDataModel",
    "ContainerFileFormat", "CreateAPICollectionRequest", "CreateAPIEndpointRequest",
    "CreateApiServiceRequest", "CreateChartRequest", "CreateClassificationRequest",
    "CreateContainerRequest", "CreateDashboardDataModelRequest", "CreateDashboardRequest",
    "CreateDashboardServiceRequest", "CreateDataProductRequest", "CreateDatabaseRequest",
    "CreateDatabaseSchemaRequest", "CreateDatabaseServiceRequest", "CreateDirectoryRequest",
    "CreateDomainRequest", "CreateDriveServiceRequest", "CreateFileRequest",
    "CreateGlossaryRequest", "CreateGlossaryTermRequest", "CreateIngestionPipelineRequest",
    "CreateLlmServiceRequest", "CreateMcpServiceRequest", "CreateMessagingServiceRequest",
    "CreateMetadataServiceRequest", "CreateMetricRequest", "CreateMlModelRequest",
    "CreateMlModelServiceRequest", "CreatePipelineRequest", "CreatePipelineServiceRequest",
    "CreateQueryRequest", "CreateRequest", "CreateSearchIndexRequest", "CreateSearchServiceRequest",
    "CreateSecurityServiceRequest", "CreateSpreadsheetRequest", "CreateStorageServiceRequest",
    "CreateStoredProcedureRequest", "CreateTableProfileRequest", "CreateTableRequest",
    "CreateTagRequest", "CreateTeamRequest", "CreateTopicRequest", "CreateUserRequest",
    "CreateWorksheetRequest", "Dashboard", "DashboardConnection", "DashboardDataModel",
    "DashboardService", "DashboardServiceType", "DashboardSourceConfig", "DashboardType",
    "DataModel", "DataModelType", "DataProduct", "DataType", "DataTypeTopic", "Database",
    "DatabaseConnection", "DatabaseSchema", "DatabaseService", "DatabaseServiceType",
    "DatabaseSourceConfig", "Directory", "DirectoryType", "DmlOperationType", "Domain",
    "DomainType", "DriveConnection", "DriveService", "DriveServiceType", "DriveSourceConfig",
    "Edge", "EntitiesEdge", "Entity", "EntityLineage", "EntityName", "EntityReference",
    "FeatureSource", "FeatureSourceDataType", "FeatureType", "FieldChange", "FieldModel", "File",
    "FileFormat", "FileType", "FilterPattern", "Glossary", "GlossaryTerm", "IndexType",
    "IngestionPipeline", "IngestionSourceConfig", "JoinedWith", "LabelType", "Language",
    "LifeCycle", "LineageDetails", "LineageSource", "LlmConnection", "LlmService", "LlmServiceType",
    "LogLevels", "McpConnection", "McpService", "McpServiceType", "MessageSchema",
    "MessagingConnection", "MessagingService", "MessagingServiceType", "MessagingSourceConfig",
    "MetadataConnection", "MetadataService", "MetadataServiceType", "Metric", "MetricExpression",
    "MetricGranularity", "MetricType", "MlFeature", "MlHyperParameter", "MlModel",
    "MlModelConnection", "MlModelService", "MlModelServiceType", "MlModelSourceConfig", "MlStore",
    "ModelType", "PartitionColumnDetails", "PartitionIntervalTypes", "Pipeline",
    "PipelineConnection", "PipelineObservability", "PipelineService", "PipelineServiceType",
    "PipelineSourceConfig", "PipelineState", "PipelineStatus", "PipelineType",
    "Query", "Record", "RelationshipType", "RunState", "RunStatus", "SchemaType", "ScopeComplete",
    "SearchConnection", "SearchIndex", "SearchIndexDataType", "SearchIndexField", "SearchService",
    "SearchServiceType", "SearchSourceConfig", "SecurityConnection", "SecurityService",
    "SecurityServiceType", "SourceConfig", "Spreadsheet", "SpreadsheetMimeType", "StackTraceError",
    "State", "StatusType", "StepSummary", "StorageConnection", "StorageService",
    "StorageServiceType", "StorageSourceConfig", "StoredProcedure", "StoredProcedureCode",
    "StoredProcedureType", "SystemProfile", "Table", "TableConstraint", "TableData", "TableJoins",
    "TablePartition", "TableProfile", "TableType", "Tag", "TagLabel", "TagSource", "Task",
    "TaskStatus", "Team", "TeamType", "TermReference", "TermRelation", "Topic", "TopicSampleData",
    "UnitOfMeasurement", "UsageDetails", "UsageRequest", "UsageStats", "User", "Worksheet",
    "decode_reserved", "encode_reserved", "summary",
]
# fmt: on
# isort: on

_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    import importlib

    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"om_ingest.model.{module}"), name)
    globals()[name] = value  # found at once the next time
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
