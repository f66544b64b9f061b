"""The models below `metadata.generated.schema`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from om_ingest_compat.modules.table.generated_own import OWN_MODELS, PARTS

_SCHEMA = "metadata.generated.schema"
_OWN = "om_ingest_compat.models"

_OF_CORE: Mapping[str, str] = {
    "api.classification.createClassification": "CreateClassificationRequest",
    "api.classification.createTag": "CreateTagRequest",
    "api.tags.createTag": "CreateTagRequest",  # these up to 0.13
    "api.tags.createTagCategory": "CreateTagCategoryRequest=CreateClassificationRequest",
    "entity.tags.tagCategory": "Tag TagCategory=Classification",
    "api.data.createAPICollection": "CreateAPICollectionRequest",
    "api.data.createAPIEndpoint": "CreateAPIEndpointRequest",
    "api.data.createChart": "CreateChartRequest",
    "api.data.createContainer": "CreateContainerRequest",
    "api.data.createDashboard": "CreateDashboardRequest",
    "api.data.createDashboardDataModel": "CreateDashboardDataModelRequest",
    "api.data.createDatabase": "CreateDatabaseRequest",
    "api.data.createDatabaseSchema": "CreateDatabaseSchemaRequest",
    "api.data.createDirectory": "CreateDirectoryRequest",
    "api.data.createFile": "CreateFileRequest",
    "api.data.createGlossary": "CreateGlossaryRequest",
    "api.data.createGlossaryTerm": "CreateGlossaryTermRequest",
    "api.data.createMetric": "CreateMetricRequest",
    "api.data.createMlModel": "CreateMlModelRequest",
    "api.data.createPipeline": "CreatePipelineRequest",
    "api.data.createQuery": "CreateQueryRequest",
    "api.data.createSearchIndex": "CreateSearchIndexRequest",
    "api.data.createSpreadsheet": "CreateSpreadsheetRequest",
    "api.data.createStoredProcedure": "CreateStoredProcedureRequest",
    "api.data.createTable": "CreateTableRequest",
    "api.data.createTableProfile": "CreateTableProfileRequest",
    "api.data.createTopic": "CreateTopicRequest",
    "api.data.createWorksheet": "CreateWorksheetRequest",
    "api.domains.createDataProduct": "CreateDataProductRequest",
    "api.domains.createDomain": "CreateDomainRequest",
    "api.lineage.addLineage": "AddLineageRequest",
    "api.services.createApiService": "CreateApiServiceRequest",
    "api.services.createDashboardService": "CreateDashboardServiceRequest",
    "api.services.createDatabaseService": "CreateDatabaseServiceRequest",
    "api.services.createDriveService": "CreateDriveServiceRequest",
    "api.services.createMcpService": "CreateMcpServiceRequest",
    "api.services.createMessagingService": "CreateMessagingServiceRequest",
    "api.services.createMetadataService": "CreateMetadataServiceRequest",
    "api.services.createMlModelService": "CreateMlModelServiceRequest",
    "api.services.createPipelineService": "CreatePipelineServiceRequest",
    "api.services.createSearchService": "CreateSearchServiceRequest",
    "api.services.createSecurityService": "CreateSecurityServiceRequest",
    "api.services.createStorageService": "CreateStorageServiceRequest",
    "api.services.ingestionPipelines.createIngestionPipeline": "CreateIngestionPipelineRequest",
    "api.teams.createTeam": "CreateTeamRequest",
    "api.teams.createUser": "CreateUserRequest",
    "entity.classification.classification": "Classification",
    "entity.classification.tag": "Tag",
    "entity.data.apiCollection": "APICollection",
    "entity.data.apiEndpoint": "APIEndpoint ApiRequestMethod",
    "entity.data.chart": "Chart ChartType",
    "entity.data.container": "Container ContainerDataModel FileFormat=ContainerFileFormat",
    "entity.data.dashboard": "Dashboard DashboardType",
    "entity.data.dashboardDataModel": "DashboardDataModel DataModelType",
    "entity.data.database": "Database",
    "entity.data.databaseSchema": "DatabaseSchema",
    "entity.data.directory": "Directory DirectoryType",
    "entity.data.file": "File FileType",
    "entity.data.glossary": "Glossary",
    "entity.data.glossaryTerm": "GlossaryTerm TermReference",
    "entity.data.metric": """
        Language Metric MetricExpression MetricGranularity MetricType UnitOfMeasurement""",
    "entity.data.mlmodel": """
        FeatureSource FeatureSourceDataType FeatureType MlFeature MlHyperParameter MlModel
        MlStore""",
    "entity.data.pipeline": "Pipeline PipelineState PipelineStatus StatusType Task TaskStatus",
    "entity.data.query": "Query",
    "entity.data.searchIndex": """
        DataType=SearchIndexDataType IndexType SearchIndex SearchIndexField
        SearchIndexSampleData=TopicSampleData""",
    "entity.data.spreadsheet": "Spreadsheet SpreadsheetMimeType",
    "entity.data.storedProcedure": """
        Language StoredProcedure StoredProcedureCode StoredProcedureType""",
    "entity.data.table": """
        Column ColumnJoins ColumnProfile Constraint ConstraintType DataModel DataType
        DmlOperationType FileFormat IntervalType=PartitionIntervalTypes JoinedWith ModelType
        PartitionColumnDetails PartitionIntervalType=PartitionIntervalTypes
        PartitionIntervalTypes RelationshipType SystemProfile Table TableConstraint TableData
        TableJoins TablePartition TableProfile TableType""",
    "entity.data.topic": "CleanupPolicy Topic TopicSampleData",
    "entity.data.worksheet": "Worksheet",
    "entity.domains.dataProduct": "DataProduct",
    "entity.domains.domain": "Domain DomainType",
    "entity.services.apiService": """
        ApiConnection ApiService ApiServiceConnection=ApiConnection ApiServiceType""",
    "entity.services.dashboardService": "DashboardConnection DashboardService DashboardServiceType",
    "entity.services.databaseService": "DatabaseConnection DatabaseService DatabaseServiceType",
    "entity.services.driveService": "DriveConnection DriveService DriveServiceType",
    "entity.services.ingestionPipelines.ingestionPipeline": """
        AirflowConfig IngestionPipeline PipelineState=RunState PipelineStatus=RunStatus
        PipelineType""",
    "entity.services.ingestionPipelines.status": "StackTraceError StepSummary",
    "entity.services.llmService": "LlmConnection LlmServiceType",
    "entity.services.mcpService": "McpConnection McpService McpServiceType",
    "entity.services.messagingService": "MessagingConnection MessagingService MessagingServiceType",
    "entity.services.metadataService": "MetadataConnection MetadataService MetadataServiceType",
    "entity.services.mlmodelService": "MlModelConnection MlModelService MlModelServiceType",
    "entity.services.pipelineService": "PipelineConnection PipelineService PipelineServiceType",
    "entity.services.searchService": "SearchConnection SearchService SearchServiceType",
    "entity.services.securityService": "SecurityConnection SecurityService SecurityServiceType",
    "entity.services.storageService": "StorageConnection StorageService StorageServiceType",
    "entity.teams.team": "Team TeamType",
    "entity.teams.user": "User",
    "type.apiSchema": "APISchema",
    "type.customProperties.complexTypes": "EntityReference",
    "type.entityHistory": "ChangeDescription FieldChange",
    "type.entityLineage": """
        ColumnLineage Edge EntitiesEdge EntityLineage LineageDetails Source=LineageSource""",
    "type.entityReference": "EntityReference",
    "type.lifeCycle": "AccessDetails LifeCycle",
    "type.pipelineObservability": "PipelineObservability",
    "type.schema": "DataTypeTopic FieldModel SchemaType Topic=MessageSchema",
    "type.tagLabel": "LabelType State TagLabel TagSource",
    "type.termRelation": "TermRelation",
    "type.usageDetails": "UsageDetails UsageStats",
    "type.usageRequest": "UsageRequest",
}
"""Module -> its names; `NAME=OTHER` where core calls it `OTHER`."""

_VALUES: Mapping[str, str] = {
    "analytics.basic": "Basic FullUrl Hostname SessionId Url",
    "api.tests.createTestSuite": "TestSuiteEntityName",
    "dataInsight.kpi.basic": "Basic",
    "entity.applications.app": "ExecutionContext",
    "entity.applications.configuration.applicationConfig": "AppConfig PrivateConfig",
    "entity.classification.tag": "TagName",
    "entity.data.container": "EntityName",
    "entity.data.database": "EntityName",
    "entity.data.databaseSchema": "EntityName",
    "entity.data.pipeline": "EntityName",
    "entity.data.searchIndex": "SearchIndexFieldName SearchIndexSettings",
    "entity.data.table": "ColumnName EntityName",
    "entity.events.webhook": "EntityName",
    "entity.policies.filters": "Filters Prefix Regex Tags",
    "entity.policies.policy": "Rules",
    "entity.services.connections.connectionBasicType": """
        ConnectionArguments ConnectionOptions ConnectionType SupportsDBTExtraction
        SupportsDataDiff SupportsDataInsightExtraction SupportsDatabase
        SupportsElasticSearchReindexingExtraction SupportsIncrementalMetadataExtraction
        SupportsLineageExtraction SupportsMetadataExtraction SupportsProfiler
        SupportsQueryComment SupportsSystemProfile SupportsUsageExtraction
        SupportsViewLineageExtraction""",
    "entity.services.connections.metadata.alationSinkConnection": "DatasourceLinks",
    "entity.services.connections.metadata.openMetadataConnection": "ExtraHeaders",
    "entity.services.ingestionPipelines.status": "IngestionStatus",
    "entity.services.messagingService": "Brokers",
    "entity.teams.role": "RoleName",
    "entity.teams.user": "EntityName",
    "entity.type": "EntityName",
    "security.credentials.gcpCredentials": "GcpCredentialsPath",
    "security.credentials.gcpValues": "MultipleProjectId SingleProjectId",
    "security.credentials.gitCredentials": "RepositoryName RepositoryOwner Token",
    "tests.basic": "Basic",
    "type.basic": """
        Basic ComponentConfig Date DateCp DateTime DateTimeCp Duration Email EntityExtension
        EntityLink EntityName EnumModel Expression FullyQualifiedEntityName Href Integer
        JsonSchema Markdown Number SourceUrl SqlFunction SqlQuery String TestCaseEntityName Time
        TimeCp Timestamp Timezone Uuid""",
    "type.bulkOperationResult": "Index RowCount",
    "type.csvFile": "CsvRecord",
    "type.csvImportResult": "Index RowCount",
    "type.customProperty": "EntityTypes Format",
    "type.entityHistory": "EntityVersion FieldName",
    "type.entityReferenceList": "EntityReferenceList",
    "type.jdbcConnection": "ConnectionUrl DriverClass",
    "type.reaction": "ReactionList",
    "type.schema": "FieldName",
    "type.tagLabel": "TagFQN",
}
"""Module -> its root models, in `om_ingest_compat.models.values`."""


def _rows() -> Iterator[tuple[str, str, str]]:
    for module, names in _OF_CORE.items():
        for name in names.split():
            given, _, core = name.partition("=")
            yield module, given, f"model:{core or given}"
    for module, names in _VALUES.items():
        for name in names.split():
            yield module, name, f"{_OWN}.values:{name}"
    for module, names in PARTS.items():
        for name in names.split():
            given, _, own = name.partition("=")
            yield module, given, f"{_OWN}.parts:{own or given}"
    for module, (home, names) in OWN_MODELS.items():
        for name in names.split():
            yield module, name, f"{_OWN}.{home}:{name}"


def _modules() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for module, name, target in _rows():
        found.setdefault(f"{_SCHEMA}.{module}", {})[name] = target
    return found


MODULES: dict[str, dict[str, str]] = _modules()
"""Upstream module -> upstream name -> `"module:attribute"`, or `"model:NAME"` of core."""
