"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.model.api import (
    APICollection as APICollection,
)
from om_ingest.model.api import (
    ApiConnection as ApiConnection,
)
from om_ingest.model.api import (
    APIEndpoint as APIEndpoint,
)
from om_ingest.model.api import (
    ApiRequestMethod as ApiRequestMethod,
)
from om_ingest.model.api import (
    ApiService as ApiService,
)
from om_ingest.model.api import (
    ApiServiceType as ApiServiceType,
)
from om_ingest.model.api import (
    CreateAPICollectionRequest as CreateAPICollectionRequest,
)
from om_ingest.model.api import (
    CreateAPIEndpointRequest as CreateAPIEndpointRequest,
)
from om_ingest.model.api import (
    CreateApiServiceRequest as CreateApiServiceRequest,
)
from om_ingest.model.attachment import (
    AddPipelineStatusRequest as AddPipelineStatusRequest,
)
from om_ingest.model.attachment import (
    AddSampleDataRequest as AddSampleDataRequest,
)
from om_ingest.model.attachment import (
    AddTableProfileRequest as AddTableProfileRequest,
)
from om_ingest.model.attachment import (
    AddUsageRequest as AddUsageRequest,
)
from om_ingest.model.dashboard import (
    Chart as Chart,
)
from om_ingest.model.dashboard import (
    ChartType as ChartType,
)
from om_ingest.model.dashboard import (
    CreateChartRequest as CreateChartRequest,
)
from om_ingest.model.dashboard import (
    CreateDashboardDataModelRequest as CreateDashboardDataModelRequest,
)
from om_ingest.model.dashboard import (
    CreateDashboardRequest as CreateDashboardRequest,
)
from om_ingest.model.dashboard import (
    CreateDashboardServiceRequest as CreateDashboardServiceRequest,
)
from om_ingest.model.dashboard import (
    Dashboard as Dashboard,
)
from om_ingest.model.dashboard import (
    DashboardConnection as DashboardConnection,
)
from om_ingest.model.dashboard import (
    DashboardDataModel as DashboardDataModel,
)
from om_ingest.model.dashboard import (
    DashboardService as DashboardService,
)
from om_ingest.model.dashboard import (
    DashboardServiceType as DashboardServiceType,
)
from om_ingest.model.dashboard import (
    DashboardType as DashboardType,
)
from om_ingest.model.dashboard import (
    DataModelType as DataModelType,
)
from om_ingest.model.database import (
    CreateDatabaseRequest as CreateDatabaseRequest,
)
from om_ingest.model.database import (
    CreateDatabaseSchemaRequest as CreateDatabaseSchemaRequest,
)
from om_ingest.model.database import (
    CreateDatabaseServiceRequest as CreateDatabaseServiceRequest,
)
from om_ingest.model.database import (
    CreateStoredProcedureRequest as CreateStoredProcedureRequest,
)
from om_ingest.model.database import (
    Database as Database,
)
from om_ingest.model.database import (
    DatabaseConnection as DatabaseConnection,
)
from om_ingest.model.database import (
    DatabaseSchema as DatabaseSchema,
)
from om_ingest.model.database import (
    DatabaseService as DatabaseService,
)
from om_ingest.model.database import (
    DatabaseServiceType as DatabaseServiceType,
)
from om_ingest.model.database import (
    Language as Language,
)
from om_ingest.model.database import (
    StoredProcedure as StoredProcedure,
)
from om_ingest.model.database import (
    StoredProcedureCode as StoredProcedureCode,
)
from om_ingest.model.database import (
    StoredProcedureType as StoredProcedureType,
)
from om_ingest.model.datatype import (
    DataType as DataType,
)
from om_ingest.model.domain import (
    CreateDataProductRequest as CreateDataProductRequest,
)
from om_ingest.model.domain import (
    CreateDomainRequest as CreateDomainRequest,
)
from om_ingest.model.domain import (
    DataProduct as DataProduct,
)
from om_ingest.model.domain import (
    Domain as Domain,
)
from om_ingest.model.domain import (
    DomainType as DomainType,
)
from om_ingest.model.drive import (
    CreateDirectoryRequest as CreateDirectoryRequest,
)
from om_ingest.model.drive import (
    CreateDriveServiceRequest as CreateDriveServiceRequest,
)
from om_ingest.model.drive import (
    CreateFileRequest as CreateFileRequest,
)
from om_ingest.model.drive import (
    CreateSpreadsheetRequest as CreateSpreadsheetRequest,
)
from om_ingest.model.drive import (
    CreateWorksheetRequest as CreateWorksheetRequest,
)
from om_ingest.model.drive import (
    Directory as Directory,
)
from om_ingest.model.drive import (
    DirectoryType as DirectoryType,
)
from om_ingest.model.drive import (
    DriveConnection as DriveConnection,
)
from om_ingest.model.drive import (
    DriveService as DriveService,
)
from om_ingest.model.drive import (
    DriveServiceType as DriveServiceType,
)
from om_ingest.model.drive import (
    File as File,
)
from om_ingest.model.drive import (
    FileType as FileType,
)
from om_ingest.model.drive import (
    Spreadsheet as Spreadsheet,
)
from om_ingest.model.drive import (
    SpreadsheetMimeType as SpreadsheetMimeType,
)
from om_ingest.model.drive import (
    Worksheet as Worksheet,
)
from om_ingest.model.entity import (
    AccessDetails as AccessDetails,
)
from om_ingest.model.entity import (
    AttachmentRequest as AttachmentRequest,
)
from om_ingest.model.entity import (
    ChangeDescription as ChangeDescription,
)
from om_ingest.model.entity import (
    CreateRequest as CreateRequest,
)
from om_ingest.model.entity import (
    Entity as Entity,
)
from om_ingest.model.entity import (
    EntityReference as EntityReference,
)
from om_ingest.model.entity import (
    FieldChange as FieldChange,
)
from om_ingest.model.entity import (
    LabelType as LabelType,
)
from om_ingest.model.entity import (
    LifeCycle as LifeCycle,
)
from om_ingest.model.entity import (
    Model as Model,
)
from om_ingest.model.entity import (
    State as State,
)
from om_ingest.model.entity import (
    TagLabel as TagLabel,
)
from om_ingest.model.entity import (
    TagSource as TagSource,
)
from om_ingest.model.glossary import (
    CreateGlossaryRequest as CreateGlossaryRequest,
)
from om_ingest.model.glossary import (
    CreateGlossaryTermRequest as CreateGlossaryTermRequest,
)
from om_ingest.model.glossary import (
    Glossary as Glossary,
)
from om_ingest.model.glossary import (
    GlossaryTerm as GlossaryTerm,
)
from om_ingest.model.glossary import (
    TermReference as TermReference,
)
from om_ingest.model.glossary import (
    TermRelation as TermRelation,
)
from om_ingest.model.governance import (
    Classification as Classification,
)
from om_ingest.model.governance import (
    CreateClassificationRequest as CreateClassificationRequest,
)
from om_ingest.model.governance import (
    CreateTagRequest as CreateTagRequest,
)
from om_ingest.model.governance import (
    CreateTeamRequest as CreateTeamRequest,
)
from om_ingest.model.governance import (
    CreateUserRequest as CreateUserRequest,
)
from om_ingest.model.governance import (
    Tag as Tag,
)
from om_ingest.model.governance import (
    Team as Team,
)
from om_ingest.model.governance import (
    TeamType as TeamType,
)
from om_ingest.model.governance import (
    User as User,
)
from om_ingest.model.ingestion_pipeline import (
    AirflowConfig as AirflowConfig,
)
from om_ingest.model.ingestion_pipeline import (
    CreateIngestionPipelineRequest as CreateIngestionPipelineRequest,
)
from om_ingest.model.ingestion_pipeline import (
    IngestionPipeline as IngestionPipeline,
)
from om_ingest.model.ingestion_pipeline import (
    IngestionSourceConfig as IngestionSourceConfig,
)
from om_ingest.model.ingestion_pipeline import (
    LogLevels as LogLevels,
)
from om_ingest.model.ingestion_pipeline import (
    PipelineType as PipelineType,
)
from om_ingest.model.ingestion_pipeline import (
    RunState as RunState,
)
from om_ingest.model.ingestion_pipeline import (
    RunStatus as RunStatus,
)
from om_ingest.model.ingestion_pipeline import (
    StackTraceError as StackTraceError,
)
from om_ingest.model.ingestion_pipeline import (
    StepSummary as StepSummary,
)
from om_ingest.model.lineage import (
    AddLineageRequest as AddLineageRequest,
)
from om_ingest.model.lineage import (
    ColumnLineage as ColumnLineage,
)
from om_ingest.model.lineage import (
    Edge as Edge,
)
from om_ingest.model.lineage import (
    EntitiesEdge as EntitiesEdge,
)
from om_ingest.model.lineage import (
    EntityLineage as EntityLineage,
)
from om_ingest.model.lineage import (
    LineageDetails as LineageDetails,
)
from om_ingest.model.lineage import (
    LineageSource as LineageSource,
)
from om_ingest.model.llm import (
    CreateLlmServiceRequest as CreateLlmServiceRequest,
)
from om_ingest.model.llm import (
    LlmConnection as LlmConnection,
)
from om_ingest.model.llm import (
    LlmService as LlmService,
)
from om_ingest.model.llm import (
    LlmServiceType as LlmServiceType,
)
from om_ingest.model.mcp import (
    CreateMcpServiceRequest as CreateMcpServiceRequest,
)
from om_ingest.model.mcp import (
    McpConnection as McpConnection,
)
from om_ingest.model.mcp import (
    McpService as McpService,
)
from om_ingest.model.mcp import (
    McpServiceType as McpServiceType,
)
from om_ingest.model.messaging import (
    CleanupPolicy as CleanupPolicy,
)
from om_ingest.model.messaging import (
    CreateMessagingServiceRequest as CreateMessagingServiceRequest,
)
from om_ingest.model.messaging import (
    CreateTopicRequest as CreateTopicRequest,
)
from om_ingest.model.messaging import (
    MessagingConnection as MessagingConnection,
)
from om_ingest.model.messaging import (
    MessagingService as MessagingService,
)
from om_ingest.model.messaging import (
    MessagingServiceType as MessagingServiceType,
)
from om_ingest.model.messaging import (
    Topic as Topic,
)
from om_ingest.model.messaging import (
    TopicSampleData as TopicSampleData,
)
from om_ingest.model.metadata import (
    CreateMetadataServiceRequest as CreateMetadataServiceRequest,
)
from om_ingest.model.metadata import (
    MetadataConnection as MetadataConnection,
)
from om_ingest.model.metadata import (
    MetadataService as MetadataService,
)
from om_ingest.model.metadata import (
    MetadataServiceType as MetadataServiceType,
)
from om_ingest.model.metric import (
    CreateMetricRequest as CreateMetricRequest,
)
from om_ingest.model.metric import (
    Metric as Metric,
)
from om_ingest.model.metric import (
    MetricExpression as MetricExpression,
)
from om_ingest.model.metric import (
    MetricGranularity as MetricGranularity,
)
from om_ingest.model.metric import (
    MetricType as MetricType,
)
from om_ingest.model.metric import (
    UnitOfMeasurement as UnitOfMeasurement,
)
from om_ingest.model.mlmodel import (
    CreateMlModelRequest as CreateMlModelRequest,
)
from om_ingest.model.mlmodel import (
    CreateMlModelServiceRequest as CreateMlModelServiceRequest,
)
from om_ingest.model.mlmodel import (
    FeatureSource as FeatureSource,
)
from om_ingest.model.mlmodel import (
    FeatureSourceDataType as FeatureSourceDataType,
)
from om_ingest.model.mlmodel import (
    FeatureType as FeatureType,
)
from om_ingest.model.mlmodel import (
    MlFeature as MlFeature,
)
from om_ingest.model.mlmodel import (
    MlHyperParameter as MlHyperParameter,
)
from om_ingest.model.mlmodel import (
    MlModel as MlModel,
)
from om_ingest.model.mlmodel import (
    MlModelConnection as MlModelConnection,
)
from om_ingest.model.mlmodel import (
    MlModelService as MlModelService,
)
from om_ingest.model.mlmodel import (
    MlModelServiceType as MlModelServiceType,
)
from om_ingest.model.mlmodel import (
    MlStore as MlStore,
)
from om_ingest.model.naming import (
    FQN_MAX_CHARS as FQN_MAX_CHARS,
)
from om_ingest.model.naming import (
    NAME_RULE as NAME_RULE,
)
from om_ingest.model.naming import (
    OVER_REST as OVER_REST,
)
from om_ingest.model.naming import (
    AssetName as AssetName,
)
from om_ingest.model.naming import (
    ColumnName as ColumnName,
)
from om_ingest.model.naming import (
    EntityName as EntityName,
)
from om_ingest.model.naming import (
    decode_reserved as decode_reserved,
)
from om_ingest.model.naming import (
    encode_reserved as encode_reserved,
)
from om_ingest.model.naming import (
    is_legal as is_legal,
)
from om_ingest.model.pipeline import (
    CreatePipelineRequest as CreatePipelineRequest,
)
from om_ingest.model.pipeline import (
    CreatePipelineServiceRequest as CreatePipelineServiceRequest,
)
from om_ingest.model.pipeline import (
    Pipeline as Pipeline,
)
from om_ingest.model.pipeline import (
    PipelineConnection as PipelineConnection,
)
from om_ingest.model.pipeline import (
    PipelineService as PipelineService,
)
from om_ingest.model.pipeline import (
    PipelineServiceType as PipelineServiceType,
)
from om_ingest.model.pipeline import (
    PipelineState as PipelineState,
)
from om_ingest.model.pipeline import (
    PipelineStatus as PipelineStatus,
)
from om_ingest.model.pipeline import (
    StatusType as StatusType,
)
from om_ingest.model.pipeline import (
    Task as Task,
)
from om_ingest.model.pipeline import (
    TaskStatus as TaskStatus,
)
from om_ingest.model.profile import (
    ColumnJoins as ColumnJoins,
)
from om_ingest.model.profile import (
    ColumnProfile as ColumnProfile,
)
from om_ingest.model.profile import (
    CreateTableProfileRequest as CreateTableProfileRequest,
)
from om_ingest.model.profile import (
    DmlOperationType as DmlOperationType,
)
from om_ingest.model.profile import (
    JoinedWith as JoinedWith,
)
from om_ingest.model.profile import (
    PipelineObservability as PipelineObservability,
)
from om_ingest.model.profile import (
    SystemProfile as SystemProfile,
)
from om_ingest.model.profile import (
    TableJoins as TableJoins,
)
from om_ingest.model.profile import (
    TableProfile as TableProfile,
)
from om_ingest.model.profile import (
    UsageDetails as UsageDetails,
)
from om_ingest.model.profile import (
    UsageRequest as UsageRequest,
)
from om_ingest.model.profile import (
    UsageStats as UsageStats,
)
from om_ingest.model.query import (
    CreateQueryRequest as CreateQueryRequest,
)
from om_ingest.model.query import (
    Query as Query,
)
from om_ingest.model.records import (
    Record as Record,
)
from om_ingest.model.records import (
    ScopeComplete as ScopeComplete,
)
from om_ingest.model.schema import (
    APISchema as APISchema,
)
from om_ingest.model.schema import (
    DataTypeTopic as DataTypeTopic,
)
from om_ingest.model.schema import (
    FieldModel as FieldModel,
)
from om_ingest.model.schema import (
    MessageSchema as MessageSchema,
)
from om_ingest.model.schema import (
    SchemaType as SchemaType,
)
from om_ingest.model.search import (
    CreateSearchIndexRequest as CreateSearchIndexRequest,
)
from om_ingest.model.search import (
    CreateSearchServiceRequest as CreateSearchServiceRequest,
)
from om_ingest.model.search import (
    IndexType as IndexType,
)
from om_ingest.model.search import (
    SearchConnection as SearchConnection,
)
from om_ingest.model.search import (
    SearchIndex as SearchIndex,
)
from om_ingest.model.search import (
    SearchIndexDataType as SearchIndexDataType,
)
from om_ingest.model.search import (
    SearchIndexField as SearchIndexField,
)
from om_ingest.model.search import (
    SearchService as SearchService,
)
from om_ingest.model.search import (
    SearchServiceType as SearchServiceType,
)
from om_ingest.model.secrets import (
    masked as masked,
)
from om_ingest.model.secrets import (
    unmasked as unmasked,
)
from om_ingest.model.security import (
    CreateSecurityServiceRequest as CreateSecurityServiceRequest,
)
from om_ingest.model.security import (
    SecurityConnection as SecurityConnection,
)
from om_ingest.model.security import (
    SecurityService as SecurityService,
)
from om_ingest.model.security import (
    SecurityServiceType as SecurityServiceType,
)
from om_ingest.model.storage import (
    Container as Container,
)
from om_ingest.model.storage import (
    ContainerDataModel as ContainerDataModel,
)
from om_ingest.model.storage import (
    ContainerFileFormat as ContainerFileFormat,
)
from om_ingest.model.storage import (
    CreateContainerRequest as CreateContainerRequest,
)
from om_ingest.model.storage import (
    CreateStorageServiceRequest as CreateStorageServiceRequest,
)
from om_ingest.model.storage import (
    StorageConnection as StorageConnection,
)
from om_ingest.model.storage import (
    StorageService as StorageService,
)
from om_ingest.model.storage import (
    StorageServiceType as StorageServiceType,
)
from om_ingest.model.table import (
    Column as Column,
)
from om_ingest.model.table import (
    Constraint as Constraint,
)
from om_ingest.model.table import (
    ConstraintType as ConstraintType,
)
from om_ingest.model.table import (
    CreateTableRequest as CreateTableRequest,
)
from om_ingest.model.table import (
    DataModel as DataModel,
)
from om_ingest.model.table import (
    FileFormat as FileFormat,
)
from om_ingest.model.table import (
    ModelType as ModelType,
)
from om_ingest.model.table import (
    PartitionColumnDetails as PartitionColumnDetails,
)
from om_ingest.model.table import (
    PartitionIntervalTypes as PartitionIntervalTypes,
)
from om_ingest.model.table import (
    RelationshipType as RelationshipType,
)
from om_ingest.model.table import (
    Table as Table,
)
from om_ingest.model.table import (
    TableConstraint as TableConstraint,
)
from om_ingest.model.table import (
    TableData as TableData,
)
from om_ingest.model.table import (
    TablePartition as TablePartition,
)
from om_ingest.model.table import (
    TableType as TableType,
)
