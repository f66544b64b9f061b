"""The modules below `metadata.generated.schema` whose models core has none of."""

from __future__ import annotations

from collections.abc import Mapping

_CONNECTIONS = "entity.services.connections"

_PIPELINES = {
    "ApiServiceMetadataPipeline": "ApiMetadata",
    "DashboardServiceMetadataPipeline": "DashboardMetadata",
    "DatabaseServiceMetadataPipeline": "DatabaseMetadata",
    "DatabaseServiceQueryLineagePipeline": "DatabaseLineage",
    "DatabaseServiceQueryUsagePipeline": "DatabaseUsage",
    "DriveServiceMetadataPipeline": "DriveMetadata",
    "MessagingServiceMetadataPipeline": "MessagingMetadata",
    "MlmodelServiceMetadataPipeline": "MlModelMetadata",
    "PipelineServiceMetadataPipeline": "PipelineMetadata",
    "SearchServiceMetadataPipeline": "SearchMetadata",
    "StorageServiceMetadataPipeline": "StorageMetadata",
}
_CUSTOM = "Dashboard Database Drive Messaging MlModel Pipeline Search Storage"

OWN_MODELS: Mapping[str, tuple[str, str]] = {
    "metadataIngestion.workflow": (
        "workflow",
        """BulkSink LogLevels OpenMetadataWorkflowConfig Processor Sink Source SourceConfig Stage
        WorkflowConfig""",
    ),
    **{
        f"metadataIngestion.{name[0].lower()}{name[1:]}": (
            "pipelines",
            f"{name.replace('Mlmodel', 'MlModel')} {kind}ConfigType",
        )
        for name, kind in _PIPELINES.items()
    },
    **{
        f"{_CONNECTIONS}.{family.lower()}.custom{family}Connection": (
            "connections",
            f"Custom{family}Connection Custom{family}Type",
        )
        for family in _CUSTOM.split()
    },
    f"{_CONNECTIONS}.metadata.openMetadataConnection": (
        "connections",
        "AuthProvider OpenMetadataConnection OpenmetadataType",
    ),
    f"{_CONNECTIONS}.serviceConnection": ("workflow", "ServiceConnection ServiceConnectionModel"),
    "security.client.openMetadataJWTClientConfig": ("connections", "OpenMetadataJWTClientConfig"),
    "security.secrets.secretsManagerClientLoader": ("connections", "SecretsManagerClientLoader"),
    "security.secrets.secretsManagerProvider": ("connections", "SecretsManagerProvider"),
    "security.ssl.verifySSLConfig": ("connections", "VerifySSL"),
    "type.filterPattern": ("own", "FilterPattern"),
}
"""Module -> the module of this plugin, and its names."""

PARTS: Mapping[str, str] = {
    "api.teams.createUser": "CreatePasswordType",
    "entity.automations.workflow": "Workflow=AutomationWorkflow WorkflowStatus WorkflowType",
    "entity.classification.classification": "AutoClassificationConfig ConflictResolution",
    "entity.data.database": "DatabaseProfilerConfig",
    "entity.data.databaseSchema": "DatabaseSchemaProfilerConfig",
    "entity.data.glossaryTerm": "ConceptMapping ConceptMappingType Status=GlossaryTermStatus",
    "entity.data.metric": "MetricDimension MetricFilter MetricMeasure",
    "entity.data.pipeline": """
        DatasetGeneration DatasetUsage ExecutionError ExecutionMetrics Mode=GenerationMode
        TaskMetrics TransformationType""",
    "entity.data.searchIndex": "SearchIndexSampleData",
    "entity.data.table": """
        CardinalityDistribution ColumnProfilerConfig CompressionStrategy CompressionType
        CustomMetricProfile Histogram PartitionIntervalUnit PartitionProfilerConfig Partitioning
        ProfileSampleConfig ProfileSampleType SamplingMethodType TableProfilerConfig""",
    "entity.data.topic": "TopicConfig",
    "entity.domains.dataProduct": """
        DataProductPort DataProductType LifecycleStage PortfolioPriority SlaDefinition
        Visibility""",
    "entity.services.connections.testConnectionResult": """
        SkipReason Status=StepStatus StatusType=TestConnectionStatus TestConnectionResult
        TestConnectionStepResult""",
    "entity.services.ingestionPipelines.status": "OperationMetrics Progress",
    "entity.services.serviceType": "ServiceType",
    "entity.teams.user": "AuthType AuthenticationMechanism",
    "entity.type": "Category",
    "metadataIngestion.dashboardServiceMetadataPipeline": "LineageInformation",
    "metadataIngestion.databaseServiceMetadataPipeline": "Incremental",
    "metadataIngestion.mlmodelServiceMetadataPipeline": "LineageInformation",
    "metadataIngestion.parserconfig.queryParserConfig": "QueryParserConfig",
    "metadataIngestion.pipelineServiceMetadataPipeline": "LineageInformation OwnershipUpdateMode",
    "tests.basic": "TestCaseStatus",
    "tests.testDefinition": """
        DataQualityDimensions EntityType=TestEntityType TestDataType TestPlatform""",
    "type.assetCertification": "AssetCertification",
    "type.basic": """
        CoverImage Map ProfileSampleType ProviderType SamplingMethodType Status=RunStatusType Style
        TimeInterval""",
    "type.customProperty": "CustomProperty CustomPropertyConfig PropertyType",
    "type.entityLineage": "TempLineageTable",
    "type.include": "Include",
    "type.ownerConfig": "OwnerConfiguration",
    "type.paging": "Paging",
    "type.profile": "ImageList MessagingProvider Profile",
    "type.reaction": "Reaction ReactionType",
    "type.status": "EntityStatus",
    "type.tagLabelMetadata": "TagLabelMetadata",
    "type.votes": "VoteType Votes",
}
"""Module -> its enums and parts of entities, in `om_ingest_compat.models.parts`."""
