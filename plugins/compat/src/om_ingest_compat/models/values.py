"""The root models of OpenMetadata by name: `EntityName`, `Markdown`, `Uuid`, `ConnectionOptions` …

They are made from a list: most differ in their name only.
"""

from __future__ import annotations

from typing import Annotated, Any

from om_ingest.model import FQN_MAX_CHARS, NAME_MAX_CHARS
from pydantic import Field

from om_ingest_compat.models.root import Root
from om_ingest_compat.models.roots import (
    RootBool,
    RootDict,
    RootFloat,
    RootInt,
    RootList,
    RootStr,
    RootUUID,
)

_NAMES: dict[type[Root], str] = {
    RootStr: """Basic ColumnName ConnectionUrl DateCp Date DateTime DateTimeCp DriverClass Duration
        Email EntityLink EntityName Expression FieldName Format FullUrl FullyQualifiedEntityName
        GcpCredentialsPath Hostname Href JsonSchema Markdown Prefix Regex RepositoryName
        RepositoryOwner RoleName SearchIndexFieldName SingleProjectId SourceUrl SqlFunction
        SqlQuery String TagFQN TagName TestCaseEntityName TestSuiteEntityName Time TimeCp Timezone
        Token Url""",
    RootInt: "Index Integer Number RowCount Timestamp",
    RootFloat: "EntityVersion",
    RootUUID: "SessionId Uuid",
    RootBool: """SupportsDatabase SupportsDBTExtraction SupportsDataInsightExtraction
        SupportsElasticSearchReindexingExtraction SupportsLineageExtraction
        SupportsMetadataExtraction SupportsProfiler SupportsQueryComment SupportsUsageExtraction
        SupportsDataDiff SupportsIncrementalMetadataExtraction SupportsStatistics
        SupportsSystemProfile SupportsViewLineageExtraction""",
    RootDict: """AppConfig ComponentConfig ConnectionArguments ConnectionOptions ConnectionType
        DatasourceLinks EntityExtension ExecutionContext ExtraHeaders Filters PrivateConfig
        SearchIndexSettings""",
    RootList: """Brokers CsvRecord EntityReferenceList EntityTypes EnumModel IngestionStatus
        MultipleProjectId ReactionList Rules Tags""",
}

_RULES: dict[str, Any] = {
    "ColumnName": Annotated[str, Field(min_length=1)],
    "Email": Annotated[str, Field(min_length=6, max_length=127, pattern=r"^\S+@\S+\.\S+$")],
    "EntityLink": Annotated[str, Field(pattern=r"^<#E::\w+::(?:[^:<>|]|:[^:<>|])+")],
    "EntityName": Annotated[str, Field(min_length=1, max_length=NAME_MAX_CHARS)],
    "FieldName": Annotated[str, Field(min_length=1, max_length=128)],
    "FullyQualifiedEntityName": Annotated[str, Field(min_length=1, max_length=FQN_MAX_CHARS)],
    "Href": Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:.")],
    "SearchIndexFieldName": Annotated[str, Field(min_length=1, max_length=256)],
    "TestCaseEntityName": Annotated[str, Field(min_length=1)],
}

VALUES: dict[str, type[Root]] = {
    name: type(
        name,
        (base,),
        {
            "__module__": __name__,
            "__slots__": (),
            "__doc__": f"{base.__doc__} It is called `{name}`.",
            "RULE": _RULES.get(name),
        },
    )
    for base, names in _NAMES.items()
    for name in names.split()
}
"""All of them by their names."""

globals().update(VALUES)  # so that they can be pickled

OF_FIELD: dict[str, str] = {
    "description": "Markdown",
    "displayName": "RootStr",
    "email": "Email",
    "endpointURL": "Href",
    "extension": "EntityExtension",
    "fullyQualifiedName": "FullyQualifiedEntityName",
    "href": "Href",
    "id": "Uuid",
    "name": "EntityName",
    "owners": "EntityReferenceList",
    "domains": "EntityReferenceList",
    "query": "SqlQuery",
    "schemaDefinition": "SqlQuery",
    "sourceUrl": "SourceUrl",
    "sqlQuery": "SqlQuery",
    "sql": "SqlQuery",
    "rawSql": "SqlQuery",
    "code": "SqlQuery",
    "version": "EntityVersion",
    **dict.fromkeys(
        [
            "createdAt",
            "endDate",
            "endTime",
            "executionTime",
            "lastLoginTime",
            "lastRunTime",
            "queryDate",
            "startTime",
            "timestamp",
            "updatedAt",
            "createdTime",
            "modifiedTime",
        ],
        "Timestamp",
    ),
    **dict.fromkeys(
        [
            "apiCollection",
            "apiEndpoints",
            "charts",
            "classification",
            "dashboard",
            "dashboards",
            "dataModels",
            "dataProducts",
            "database",
            "databaseSchema",
            "directory",
            "fromColumns",
            "glossary",
            "parent",
            "pipeline",
            "pipelines",
            "referredColumns",
            "relatedTerms",
            "service",
            "spreadsheet",
            "toColumn",
            "users",
        ],
        "FullyQualifiedEntityName",
    ),
    **dict.fromkeys(
        [
            "autoClassificationConfig",
            "certification",
            "compressionStrategy",
            "databaseProfilerConfig",
            "error",
            "databaseSchemaProfilerConfig",
            "joins",
            "metrics",
            "openMetadataServerConnection",
            "profile",
            "sampleData",
            "style",
            "tableProfilerConfig",
            "testConnectionResult",
            "usageSummary",
            "votes",
        ],
        "Part",
    ),
}
"""Field -> its root model, for those that most models have; others are called `RootStr` …"""

OF_MODEL: dict[tuple[str, str], str] = {
    ("Column", "name"): "ColumnName",
    ("Connection", "config"): "Connection",
}
"""(Model, field) -> root model, where it is not that of the field in other models."""
