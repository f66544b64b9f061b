"""What `sourceConfig.config` may say, by family, with upstream's defaults (contract §11.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from pydantic import create_model

from om_ingest_compat.models.own import FilterPattern, OwnModel

_LINEAGE = "lineageInformation overrideLineage=0 dbServiceNames=[]"

_FIELDS: Mapping[str, tuple[str, str]] = {
    "DatabaseServiceMetadataPipeline": (
        "DatabaseMetadata",
        """markDeletedTables=1 markAllDeletedTables=0 markDeletedStoredProcedures=1
        markDeletedSchemas=0 markDeletedDatabases=0 includeTables=1 includeViews=1 includeTags=1
        includeCustomProperties=0 includeOwners=0 ownerConfig includeStoredProcedures=1 includeDDL=0
        overrideMetadata=0 overrideViewLineage=0 queryLogDuration:1 queryParsingTimeoutLimit:300
        viewParsingTimeoutLimit:300 useFqnForFiltering=0 schemaFilterPattern tableFilterPattern
        databaseFilterPattern storedProcedureFilterPattern threads:1 incremental
        extractJsonSchema=0 jsonSchemaSampleSize:10""",
    ),
    "DashboardServiceMetadataPipeline": (
        "DashboardMetadata",
        f"""dashboardFilterPattern chartFilterPattern dataModelFilterPattern projectFilterPattern
        queryParserConfig includeOwners=0 markDeletedDashboards=1 markDeletedDataModels=1
        markDeletedCharts=1 includeTags=1 includeDataModels=1 includeDraftDashboard=1
        includeUsage=1 overrideMetadata=0 {_LINEAGE}""",
    ),
    "MessagingServiceMetadataPipeline": (
        "MessagingMetadata",
        "topicFilterPattern generateSampleData=0 markDeletedTopics=1 overrideMetadata=0",
    ),
    "PipelineServiceMetadataPipeline": (
        "PipelineMetadata",
        f"""includeLineage=1 includeOwners=1 ownershipUpdateMode=replace pipelineFilterPattern
        markDeletedPipelines=1 includeTags=1 includeUnDeployedPipelines=1 statusLookbackDays:1
        overrideMetadata=0 {_LINEAGE}""",
    ),
    "MlModelServiceMetadataPipeline": (
        "MlModelMetadata",
        f"mlModelFilterPattern markDeletedMlModels=1 overrideMetadata=0 {_LINEAGE}",
    ),
    "StorageServiceMetadataPipeline": (
        "StorageMetadata",
        """containerFilterPattern storageMetadataConfigSource markDeletedContainers=1
        overrideMetadata=0 includeTags=0 defaultManifest""",
    ),
    "SearchServiceMetadataPipeline": (
        "SearchMetadata",
        """searchIndexFilterPattern markDeletedSearchIndexes=1 includeSampleData=1 sampleSize:10
        overrideMetadata=0 includeIndexTemplate=0""",
    ),
    "ApiServiceMetadataPipeline": (
        "ApiMetadata",
        """apiCollectionFilterPattern apiEndpointFilterPattern markDeletedApiCollections=1
        overrideMetadata=0""",
    ),
    "DriveServiceMetadataPipeline": (
        "DriveMetadata",
        """markDeletedDirectories=1 markDeletedFiles=1 markDeletedSpreadsheets=1
        markDeletedWorksheets=1 includeDirectories=1 includeFiles=1 includeSpreadsheets=1
        includeWorksheets=1 includeTags=1 includeOwners=0 overrideMetadata=0 useFqnForFiltering=0
        directoryFilterPattern fileFilterPattern spreadsheetFilterPattern worksheetFilterPattern
        threads:1""",
    ),
    "DatabaseServiceQueryUsagePipeline": (
        "DatabaseUsage",
        """queryLogDuration:1 stageFileLocation filterCondition resultLimit:1000 queryLogFilePath
        processQueryCostAnalysis=1""",
    ),
    "DatabaseServiceQueryLineagePipeline": (
        "DatabaseLineage",
        """queryLogDuration:1 queryLogFilePath filterCondition resultLimit:1000
        parsingTimeoutLimit:300 databaseFilterPattern schemaFilterPattern tableFilterPattern
        overrideViewLineage=0 processViewLineage=1 processQueryLineage=1
        processStoredProcedureLineage=1 threads:1 incrementalLineageProcessing=1""",
    ),
}
"""Class -> its `type`, and its fields: `=` and True, False or a text, `:` and a number, or None."""


def _fields(text: str) -> Iterator[tuple[str, Any]]:
    for field in text.split():
        name, _, value = field.partition("=")
        name, _, number = name.partition(":")
        if name.endswith("FilterPattern"):
            yield name, (FilterPattern | None, None)
        elif number:
            yield name, (int | None, int(number))
        elif value in ("0", "1"):
            yield name, (bool | None, value == "1")
        else:
            yield name, (Any, [] if value == "[]" else value or None)


_TYPES: dict[str, str] = {}
"""`type` of a pipeline -> its class."""


def __getattr__(name: str) -> Any:
    """A pipeline or the enum of its type, made when it is first asked for."""
    if name in _FIELDS:
        kind, fields = _FIELDS[name]
        values = Enum(f"{kind}ConfigType", {kind: kind}, type=str, module=__name__)  # type: ignore[misc]  # members are computed
        made: Any = create_model(
            name,
            __base__=OwnModel,
            __module__=__name__,
            type=(values | None, values(kind)),
            **dict(_fields(fields)),
        )
        globals()[f"{kind}ConfigType"] = values
        globals()[name] = made
        return made
    for cls, (kind, _) in _FIELDS.items():
        if name == f"{kind}ConfigType":
            __getattr__(cls)
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def pipeline_of(kind: str, family: str) -> Any:
    """The class by the `type` of a pipeline, else by the family of the service."""
    for name, (known, _) in _FIELDS.items():
        if kind == known or (not kind and name.lower() == f"{family}servicemetadatapipeline"):
            return globals().get(name) or __getattr__(name)
    return OwnModel if kind else __getattr__("DatabaseServiceMetadataPipeline")
