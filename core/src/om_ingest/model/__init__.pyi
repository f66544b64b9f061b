"""The public names; `om_ingest.lazy` reads them here at run time."""

from om_ingest.model.api import (
    APICollection as APICollection,
    APIEndpoint as APIEndpoint,
    ApiRequestMethod as ApiRequestMethod,
    ApiService as ApiService,
    ApiServiceType as ApiServiceType,
    CreateAPICollectionRequest as CreateAPICollectionRequest,
    CreateAPIEndpointRequest as CreateAPIEndpointRequest,
    CreateApiServiceRequest as CreateApiServiceRequest,
)
from om_ingest.model.attachment import (
    AddPipelineStatusRequest as AddPipelineStatusRequest,
    AddSampleDataRequest as AddSampleDataRequest,
    AddTableProfileRequest as AddTableProfileRequest,
    AddUsageRequest as AddUsageRequest,
)
from om_ingest.model.dashboard import (
    Chart as Chart,
    ChartType as ChartType,
    CreateChartRequest as CreateChartRequest,
    CreateDashboardDataModelRequest as CreateDashboardDataModelRequest,
    CreateDashboardRequest as CreateDashboardRequest,
    CreateDashboardServiceRequest as CreateDashboardServiceRequest,
    Dashboard as Dashboard,
    DashboardDataModel as DashboardDataModel,
    DashboardService as DashboardService,
    DashboardServiceType as DashboardServiceType,
    DashboardType as DashboardType,
    DataModelType as DataModelType,
)
from om_ingest.model.database import (
    CreateDatabaseRequest as CreateDatabaseRequest,
    CreateDatabaseSchemaRequest as CreateDatabaseSchemaRequest,
    CreateDatabaseServiceRequest as CreateDatabaseServiceRequest,
    CreateStoredProcedureRequest as CreateStoredProcedureRequest,
    Database as Database,
    DatabaseSchema as DatabaseSchema,
    DatabaseService as DatabaseService,
    DatabaseServiceType as DatabaseServiceType,
    Language as Language,
    StoredProcedure as StoredProcedure,
    StoredProcedureCode as StoredProcedureCode,
    StoredProcedureType as StoredProcedureType,
)
from om_ingest.model.datatype import (
    DataType as DataType,
)
from om_ingest.model.domain import (
    CreateDataProductRequest as CreateDataProductRequest,
    CreateDomainRequest as CreateDomainRequest,
    DataProduct as DataProduct,
    Domain as Domain,
    DomainType as DomainType,
)
from om_ingest.model.drive import (
    CreateDirectoryRequest as CreateDirectoryRequest,
    CreateDriveServiceRequest as CreateDriveServiceRequest,
    CreateFileRequest as CreateFileRequest,
    CreateSpreadsheetRequest as CreateSpreadsheetRequest,
    CreateWorksheetRequest as CreateWorksheetRequest,
    Directory as Directory,
    DirectoryType as DirectoryType,
    DriveService as DriveService,
    DriveServiceType as DriveServiceType,
    File as File,
    FileType as FileType,
    Spreadsheet as Spreadsheet,
    SpreadsheetMimeType as SpreadsheetMimeType,
    Worksheet as Worksheet,
)
from om_ingest.model.entity import (
    AccessDetails as AccessDetails,
    AttachmentRequest as AttachmentRequest,
    ChangeDescription as ChangeDescription,
    CreateRequest as CreateRequest,
    Entity as Entity,
    EntityReference as EntityReference,
    FieldChange as FieldChange,
    LabelType as LabelType,
    LifeCycle as LifeCycle,
    Model as Model,
    State as State,
    TagLabel as TagLabel,
    TagSource as TagSource,
)
from om_ingest.model.glossary import (
    CreateGlossaryRequest as CreateGlossaryRequest,
    CreateGlossaryTermRequest as CreateGlossaryTermRequest,
    Glossary as Glossary,
    GlossaryTerm as GlossaryTerm,
    TermReference as TermReference,
    TermRelation as TermRelation,
)
from om_ingest.model.governance import (
    Classification as Classification,
    CreateClassificationRequest as CreateClassificationRequest,
    CreateTagRequest as CreateTagRequest,
    CreateTeamRequest as CreateTeamRequest,
    CreateUserRequest as CreateUserRequest,
    Tag as Tag,
    Team as Team,
    TeamType as TeamType,
    User as User,
)
from om_ingest.model.ingestion_pipeline import (
    AirflowConfig as AirflowConfig,
    CreateIngestionPipelineRequest as CreateIngestionPipelineRequest,
    IngestionPipeline as IngestionPipeline,
    IngestionSourceConfig as IngestionSourceConfig,
    LogLevels as LogLevels,
    PipelineType as PipelineType,
    RunState as RunState,
    RunStatus as RunStatus,
    StackTraceError as StackTraceError,
    StepSummary as StepSummary,
)
from om_ingest.model.lineage import (
    AddLineageRequest as AddLineageRequest,
    ColumnLineage as ColumnLineage,
    Edge as Edge,
    EntitiesEdge as EntitiesEdge,
    EntityLineage as EntityLineage,
    LineageDetails as LineageDetails,
    LineageSource as LineageSource,
)
from om_ingest.model.messaging import (
    CleanupPolicy as CleanupPolicy,
    CreateMessagingServiceRequest as CreateMessagingServiceRequest,
    CreateTopicRequest as CreateTopicRequest,
    MessagingService as MessagingService,
    MessagingServiceType as MessagingServiceType,
    Topic as Topic,
    TopicSampleData as TopicSampleData,
)
from om_ingest.model.metric import (
    CreateMetricRequest as CreateMetricRequest,
    Metric as Metric,
    MetricExpression as MetricExpression,
    MetricGranularity as MetricGranularity,
    MetricType as MetricType,
    UnitOfMeasurement as UnitOfMeasurement,
)
from om_ingest.model.mlmodel import (
    CreateMlModelRequest as CreateMlModelRequest,
    CreateMlModelServiceRequest as CreateMlModelServiceRequest,
    FeatureSource as FeatureSource,
    FeatureSourceDataType as FeatureSourceDataType,
    FeatureType as FeatureType,
    MlFeature as MlFeature,
    MlHyperParameter as MlHyperParameter,
    MlModel as MlModel,
    MlModelService as MlModelService,
    MlModelServiceType as MlModelServiceType,
    MlStore as MlStore,
)
from om_ingest.model.naming import (
    FQN_MAX_CHARS as FQN_MAX_CHARS,
    NAME_RULE as NAME_RULE,
    OVER_REST as OVER_REST,
    AssetName as AssetName,
    ColumnName as ColumnName,
    EntityName as EntityName,
    decode_reserved as decode_reserved,
    encode_reserved as encode_reserved,
    is_legal as is_legal,
)
from om_ingest.model.pipeline import (
    CreatePipelineRequest as CreatePipelineRequest,
    CreatePipelineServiceRequest as CreatePipelineServiceRequest,
    Pipeline as Pipeline,
    PipelineService as PipelineService,
    PipelineServiceType as PipelineServiceType,
    PipelineState as PipelineState,
    PipelineStatus as PipelineStatus,
    StatusType as StatusType,
    Task as Task,
    TaskStatus as TaskStatus,
)
from om_ingest.model.profile import (
    ColumnJoins as ColumnJoins,
    ColumnProfile as ColumnProfile,
    CreateTableProfileRequest as CreateTableProfileRequest,
    DmlOperationType as DmlOperationType,
    JoinedWith as JoinedWith,
    PipelineObservability as PipelineObservability,
    SystemProfile as SystemProfile,
    TableJoins as TableJoins,
    TableProfile as TableProfile,
    UsageDetails as UsageDetails,
    UsageRequest as UsageRequest,
    UsageStats as UsageStats,
)
from om_ingest.model.query import (
    CreateQueryRequest as CreateQueryRequest,
    Query as Query,
)
from om_ingest.model.records import (
    Record as Record,
    ScopeComplete as ScopeComplete,
)
from om_ingest.model.schema import (
    APISchema as APISchema,
    DataTypeTopic as DataTypeTopic,
    FieldModel as FieldModel,
    MessageSchema as MessageSchema,
    SchemaType as SchemaType,
)
from om_ingest.model.search import (
    CreateSearchIndexRequest as CreateSearchIndexRequest,
    CreateSearchServiceRequest as CreateSearchServiceRequest,
    IndexType as IndexType,
    SearchIndex as SearchIndex,
    SearchIndexDataType as SearchIndexDataType,
    SearchIndexField as SearchIndexField,
    SearchService as SearchService,
    SearchServiceType as SearchServiceType,
)
from om_ingest.model.secrets import (
    is_secret as is_secret,
)
from om_ingest.model.service import (
    ApiConnection as ApiConnection,
    DashboardConnection as DashboardConnection,
    DatabaseConnection as DatabaseConnection,
    DriveConnection as DriveConnection,
    LlmConnection as LlmConnection,
    McpConnection as McpConnection,
    MessagingConnection as MessagingConnection,
    MetadataConnection as MetadataConnection,
    MlModelConnection as MlModelConnection,
    PipelineConnection as PipelineConnection,
    SearchConnection as SearchConnection,
    SecurityConnection as SecurityConnection,
    StorageConnection as StorageConnection,
)
from om_ingest.model.service_only import (
    CreateLlmServiceRequest as CreateLlmServiceRequest,
    CreateMcpServiceRequest as CreateMcpServiceRequest,
    CreateMetadataServiceRequest as CreateMetadataServiceRequest,
    CreateSecurityServiceRequest as CreateSecurityServiceRequest,
    LlmService as LlmService,
    LlmServiceType as LlmServiceType,
    McpService as McpService,
    McpServiceType as McpServiceType,
    MetadataService as MetadataService,
    MetadataServiceType as MetadataServiceType,
    SecurityService as SecurityService,
    SecurityServiceType as SecurityServiceType,
)
from om_ingest.model.storage import (
    Container as Container,
    ContainerDataModel as ContainerDataModel,
    ContainerFileFormat as ContainerFileFormat,
    CreateContainerRequest as CreateContainerRequest,
    CreateStorageServiceRequest as CreateStorageServiceRequest,
    StorageService as StorageService,
    StorageServiceType as StorageServiceType,
)
from om_ingest.model.table import (
    Column as Column,
    Constraint as Constraint,
    ConstraintType as ConstraintType,
    CreateTableRequest as CreateTableRequest,
    DataModel as DataModel,
    FileFormat as FileFormat,
    ModelType as ModelType,
    PartitionColumnDetails as PartitionColumnDetails,
    PartitionIntervalTypes as PartitionIntervalTypes,
    RelationshipType as RelationshipType,
    Table as Table,
    TableConstraint as TableConstraint,
    TableData as TableData,
    TablePartition as TablePartition,
    TableType as TableType,
)
