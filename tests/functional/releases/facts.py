"""Since which version servers know what, copied by hand from upstream's history of its schemas.

Nothing of this is read from the table of `om_ingest.releases`, which these tests check.
"""

from __future__ import annotations

Version = tuple[int, int, int]

ASSETS = (
    *("CreateAPICollectionRequest", "CreateAPIEndpointRequest", "CreateChartRequest"),
    *("CreateContainerRequest", "CreateDashboardDataModelRequest", "CreateDashboardRequest"),
    *("CreateDatabaseRequest", "CreateDatabaseSchemaRequest", "CreateMetricRequest"),
    *("CreateMlModelRequest", "CreatePipelineRequest", "CreateQueryRequest", "CreateTableRequest"),
    *("CreateSearchIndexRequest", "CreateStoredProcedureRequest", "CreateTopicRequest"),
)
STYLED_SERVICES = (
    *("CreateDashboardServiceRequest", "CreateDatabaseServiceRequest"),
    *("CreateMessagingServiceRequest", "CreateMlModelServiceRequest"),
    *("CreatePipelineServiceRequest", "CreateSearchServiceRequest", "CreateStorageServiceRequest"),
)
SERVICES = (*STYLED_SERVICES, "CreateApiServiceRequest", "CreateMetadataServiceRequest")

KINDS = {
    "metric": "1.6",
    "securityService": "1.8.9",
    **dict.fromkeys(("driveService", "directory", "file", "spreadsheet", "worksheet"), "1.9"),
    "llmService": "1.12",
    "mcpService": "1.13",
}
"""First version of the kinds that 1.5.0 does not have."""

ONE_DOMAIN = (
    *(*ASSETS, *SERVICES, "CreateSecurityServiceRequest", "CreateClassificationRequest"),
    *("CreateDataProductRequest", "CreateGlossaryRequest", "CreateIngestionPipelineRequest"),
    "CreateTagRequest",
)
"""Classes with one `domain` until 1.8, and with `domains` from 1.9 on."""

FIELDS: dict[tuple[str, str], str] = {
    ("CreateDataProductRequest", "extension"): "1.5.2",
    ("CreateTableRequest", "locationPath"): "1.5.8",
    ("CreateQueryRequest", "dialect"): "1.5.11",
    ("CreateStoredProcedureRequest", "storedProcedureType"): "1.5.12",
    ("CreateSearchIndexRequest", "indexType"): "1.6",
    ("TableConstraint", "relationshipType"): "1.6",
    ("CreateDataProductRequest", "tags"): "1.6.5",
    ("CreateDomainRequest", "tags"): "1.6.5",
    **{
        ("LineageDetails", field): "1.7"
        for field in ("assetEdges", "createdAt", "createdBy", "updatedAt", "updatedBy")
    },
    ("CreateDomainRequest", "extension"): "1.7",
    **{(name, "ingestionRunner"): "1.7" for name in SERVICES},
    ("CreatePipelineRequest", "state"): "1.7",
    ("CreateIngestionPipelineRequest", "raiseOnError"): "1.7.1",
    ("CreateIngestionPipelineRequest", "provider"): "1.7.2",
    ("CreateTeamRequest", "externalId"): "1.8",
    ("CreateUserRequest", "externalId"): "1.8",
    ("CreateUserRequest", "scimUserName"): "1.8",
    ("CreateClassificationRequest", "owners"): "1.8",
    ("CreateTagRequest", "owners"): "1.8",
    ("CreateChartRequest", "extension"): "1.9",
    ("CreateIngestionPipelineRequest", "processingEngine"): "1.9",
    ("DataModel", "dbtSourceProject"): "1.9.8",
    ("CreateDashboardDataModelRequest", "sourceUrl"): "1.9.13",
    ("CreateClassificationRequest", "autoClassificationConfig"): "1.10",
    ("CreateTagRequest", "autoClassificationEnabled"): "1.10",
    ("CreateTagRequest", "autoClassificationPriority"): "1.10",
    ("ColumnProfile", "cardinalityDistribution"): "1.10",
    ("CreateSpreadsheetRequest", "createdTime"): "1.10",
    ("CreateSpreadsheetRequest", "modifiedTime"): "1.10",
    ("CreateMetricRequest", "customUnitOfMeasurement"): "1.10",
    ("CreateIngestionPipelineRequest", "enableStreamableLogs"): "1.10",
    **{
        ("PipelineStatus", field): "1.10"
        for field in (
            *("endTime", "error", "executedBy", "executionId", "inputs", "metrics", "outputs"),
            *("parameters", "version"),
        )
    },
    **{
        ("TaskStatus", field): "1.10"
        for field in (
            *("inputs", "metrics", "outputs", "taskId", "transformationLogic"),
            "transformationType",
        )
    },
    ("CreateDriveServiceRequest", "ingestionRunner"): "1.10",
    ("TagLabel", "reason"): "1.10",
    ("CreateTagRequest", "recognizers"): "1.10",
    ("CreateClassificationRequest", "reviewers"): "1.10",
    ("CreateDataProductRequest", "reviewers"): "1.10",
    ("CreateTagRequest", "reviewers"): "1.10",
    ("CreateMetricRequest", "reviewers"): "1.10.5",
    ("Style", "coverImage"): "1.11",
    ("TagLabel", "appliedAt"): "1.11.5",
    ("TagLabel", "appliedBy"): "1.11.5",
    ("CreateFileRequest", "columns"): "1.12",
    ("Column", "extension"): "1.12",
    ("TagLabel", "metadata"): "1.12",
    ("TagLabelMetadata", "expiryDate"): "1.12.5",
    ("CreateTeamRequest", "defaultPersona"): "1.12.2",
    ("CreateGlossaryTermRequest", "conceptMappings"): "1.13",
    ("CreateDataProductRequest", "dataProductType"): "1.13.2",
    ("CreateDataProductRequest", "portfolioPriority"): "1.13.2",
    ("CreateDataProductRequest", "visibility"): "1.13.2",
    ("CreateGlossaryTermRequest", "domains"): "1.13.2",
    ("CreateTableRequest", "aliases"): "1.13.6",
    **{
        ("CreateMetricRequest", field): "2.0"
        for field in ("assets", "dimensions", "filters", "measures", "provider")
    },
    ("CreateGlossaryTermRequest", "iri"): "2.0",
    **{(name, "style"): "2.0" for name in (*STYLED_SERVICES, "CreateDriveServiceRequest")},
}
"""First version of the fields that not all have, by class and field."""

VALUES: dict[str, dict[str, tuple[str, str]]] = {
    "ApiServiceType": {"Rest": ("1.6", "REST")},
    "ChartType": {
        **dict.fromkeys(("Gauge", "Map", "Graph", "Heatmap", "Timeline"), ("1.9.1", "Other")),
        "SanKey": ("1.10", "Other"),
    },
    "ConstraintType": {"CLUSTER_KEY": ("1.6.4", "SORT_KEY")},
    "ContainerFileFormat": {"MF4": ("1.8.11", "")},
    "DashboardServiceType": {
        "PowerBIReportServer": ("1.5.11", "CustomDashboard"),
        "MicroStrategy": ("1.6", "Mstr"),
        "ThoughtSpot": ("1.8.7", "CustomDashboard"),
        "Grafana": ("1.9.1", "CustomDashboard"),
        "Ssrs": ("1.12.4", "CustomDashboard"),
        "Omni": ("2.0", "CustomDashboard"),
    },
    "DataModelType": {
        "PowerBIDataFlow": ("1.7.1", "PowerBIDataModel"),
        "PowerBIDatamart": ("1.13.2", "PowerBIDataModel"),
    },
    "DataType": {
        **dict.fromkeys(("MEASURE HIDDEN", "MEASURE VISIBLE"), ("1.6.7", "UNKNOWN")),
        **dict.fromkeys(("MEASURE", "KPI", "HEIRARCHY"), ("1.8.8", "UNKNOWN")),
        "HIERARCHYID": ("1.10", "UNKNOWN"),
    },
    "DatabaseServiceType": {
        "Exasol": ("1.6", "CustomDatabase"),
        "Cassandra": ("1.7", "CustomDatabase"),
        "SSAS": ("1.8.8", "CustomDatabase"),
        "ServiceNow": ("1.9.6", "CustomDatabase"),
        "BurstIQ": ("1.11.10", "CustomDatabase"),
        "Dremio": ("1.12", "CustomDatabase"),
        "Informix": ("1.12.5", "CustomDatabase"),
        "QuestDB": ("1.13", "CustomDatabase"),
        "SapBw4Hana": ("2.0", "CustomDatabase"),
    },
    "DmlOperationType": {"WRITE": ("1.8.1", "INSERT")},
    "DriveServiceType": {"Sftp": ("1.12", "CustomDrive")},
    "FileFormat": {
        "pq": ("1.8.1", "parquet"),
        "parquet.snappy": ("1.8.1", "parquet"),
        "csv.gz": ("1.8.9", "csv"),
        "MF4": ("1.9.16", ""),
    },
    "LabelType": {"Generated": ("1.7.1", "Automated")},
    "LineageSource": {"CrossDatabaseLineage": ("1.7", ""), "ChildAssets": ("1.7", "")},
    "MessagingServiceType": {"PubSub": ("1.13", "CustomMessaging")},
    "MlModelServiceType": {"VertexAI": ("1.5.3", "CustomMlModel")},
    "PipelineServiceType": {
        "Matillion": ("1.6", "CustomPipeline"),
        "Wherescape": ("1.6.8", "CustomPipeline"),
        "Snowplow": ("1.10", "CustomPipeline"),
        "Mulesoft": ("1.11.5", "CustomPipeline"),
        "Prefect": ("2.0", "CustomPipeline"),
    },
    "StoredProcedureType": {
        "StoredPackage": ("1.7", "StoredProcedure"),
        "Function": ("1.7", "UDF"),
    },
    "TableType": {
        "Stream": ("1.7", ""),
        "Stage": ("1.11.6", "External"),
        "SemanticView": ("2.0", "View"),
    },
    "UnitOfMeasurement": {"OTHER": ("1.10", "")},
}
"""First version of newer values, by enumeration, and what older servers get in their place."""

HOLES = {
    ("ContainerFileFormat", "MF4"): {(1, 9, 0)},
    ("DatabaseServiceType", "BurstIQ"): {(1, 12, 0)},
    ("FileFormat", "MF4"): {(1, 11, 0)},
}
"""Versions without what an earlier one has, as it was added to older releases later."""

BLOCKING = {
    ("metadataService", "serviceType", "Collibra"): "1.10.5",
    ("dashboardDataModel", "dataModelType", "OmniDataModel"): "2.0",
    ("ingestionPipeline", "pipelineType", "policyAgent"): "2.0",
}
"""First version of values which a record needs, and for which older servers have nothing near."""


def parsed(text: str) -> Version:
    """A version of two or three numbers."""
    numbers = [int(number) for number in text.split(".")]
    return (*numbers, 0)[:3]  # type: ignore[return-value]  # three of them


def knows(version: Version, first: str) -> bool:
    """Whether a version has what came with another one."""
    return version >= parsed(first)


def has_kind(version: Version, record_type: str) -> bool:
    """Whether a version has records of a type."""
    return knows(version, KINDS.get(record_type, "1.5"))


def knows_value(version: Version, enum: str, value: str) -> bool:
    """Whether a version has a value of an enumeration."""
    first, _ = VALUES.get(enum, {}).get(value, ("1.5", ""))
    return knows(version, first) and version not in HOLES.get((enum, value), ())
