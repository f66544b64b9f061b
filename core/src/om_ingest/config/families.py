"""`sourceConfig.config` of all families but databases, typed (REST contract §11.3)."""

from __future__ import annotations

from typing import Any, Literal

from om_ingest.config.settings import (
    DatabaseSourceConfig,
    FilterPattern,
    NestedSourceConfig,
    SourceConfig,
)


class LinkingSourceConfig(SourceConfig):
    """Settings of a source that links what it reads to tables."""

    lineageInformation: dict[str, Any] | None = None
    """Services to search for tables, as OpenMetadata defines it."""

    overrideLineage: bool = False
    """Replace the lineage of earlier runs."""


class DashboardSourceConfig(LinkingSourceConfig):
    """Settings of a source that reads a dashboard tool."""

    type: Literal["DashboardMetadata"] = "DashboardMetadata"

    dashboardFilterPattern: FilterPattern | None = None
    """Which dashboards to read."""

    chartFilterPattern: FilterPattern | None = None
    """Which charts to read."""

    dataModelFilterPattern: FilterPattern | None = None
    """Which data models to read."""

    projectFilterPattern: FilterPattern | None = None
    """Which projects or workspaces to read."""

    queryParserConfig: dict[str, Any] | None = None
    """How queries are parsed, as OpenMetadata defines it."""

    includeOwners: bool = False
    """Read owners."""

    includeTags: bool = True
    """Read tags."""

    includeDataModels: bool = True
    """Read data models."""

    includeDraftDashboard: bool = True
    """Read dashboards that are not published."""

    includeUsage: bool = True
    """Read the number of views of dashboards."""

    markDeletedDashboards: bool = True
    """Mark dashboards as deleted that are gone from the source."""

    markDeletedCharts: bool = True
    """Mark charts as deleted that are gone from the source."""

    markDeletedDataModels: bool = True
    """Mark data models as deleted that are gone from the source."""


class MessagingSourceConfig(SourceConfig):
    """Settings of a source that reads a message broker."""

    type: Literal["MessagingMetadata"] = "MessagingMetadata"

    topicFilterPattern: FilterPattern | None = None
    """Which topics to read."""

    generateSampleData: bool = False
    """Read sample messages of each topic."""

    markDeletedTopics: bool = True
    """Mark topics as deleted that are gone from the source."""


class PipelineSourceConfig(LinkingSourceConfig):
    """Settings of a source that reads an orchestrator."""

    type: Literal["PipelineMetadata"] = "PipelineMetadata"

    pipelineFilterPattern: FilterPattern | None = None
    """Which pipelines to read."""

    includeLineage: bool = True
    """Read lineage between tables and pipelines."""

    includeOwners: bool = True
    """Read owners."""

    ownershipUpdateMode: str = "replace"
    """How existing owners are updated, as OpenMetadata defines it."""

    includeTags: bool = True
    """Read tags."""

    includeUnDeployedPipelines: bool = True
    """Read pipelines that are not deployed."""

    statusLookbackDays: int = 1
    """Days of runs to read."""

    markDeletedPipelines: bool = True
    """Mark pipelines as deleted that are gone from the source."""


class MlModelSourceConfig(LinkingSourceConfig):
    """Settings of a source that reads a registry of ML models."""

    type: Literal["MlModelMetadata"] = "MlModelMetadata"

    mlModelFilterPattern: FilterPattern | None = None
    """Which models to read."""

    markDeletedMlModels: bool = True
    """Mark models as deleted that are gone from the source."""


class StorageSourceConfig(SourceConfig):
    """Settings of a source that reads an object store."""

    type: Literal["StorageMetadata"] = "StorageMetadata"

    containerFilterPattern: FilterPattern | None = None
    """Which containers to read."""

    storageMetadataConfigSource: dict[str, Any] | None = None
    """Location of the manifest of the data in the buckets, as OpenMetadata defines it."""

    defaultManifest: str | None = None
    """The manifest for buckets without their own."""

    includeTags: bool = False
    """Read tags."""

    markDeletedContainers: bool = True
    """Mark containers as deleted that are gone from the source."""


class SearchSourceConfig(SourceConfig):
    """Settings of a source that reads a search engine."""

    type: Literal["SearchMetadata"] = "SearchMetadata"

    searchIndexFilterPattern: FilterPattern | None = None
    """Which indexes to read."""

    includeSampleData: bool = True
    """Read sample documents of each index."""

    sampleSize: int = 10
    """Documents to read of each index."""

    includeIndexTemplate: bool = False
    """Read templates of indexes."""

    markDeletedSearchIndexes: bool = True
    """Mark indexes as deleted that are gone from the source."""


class ApiSourceConfig(SourceConfig):
    """Settings of a source that reads the description of an API."""

    type: Literal["ApiMetadata"] = "ApiMetadata"

    apiCollectionFilterPattern: FilterPattern | None = None
    """Which collections to read."""

    apiEndpointFilterPattern: FilterPattern | None = None
    """Which endpoints to read."""

    markDeletedApiCollections: bool = True
    """Mark collections as deleted that are gone from the source."""


class DriveSourceConfig(NestedSourceConfig):
    """Settings of a source that reads a shared drive."""

    type: Literal["DriveMetadata"] = "DriveMetadata"

    directoryFilterPattern: FilterPattern | None = None
    """Which directories to read."""

    fileFilterPattern: FilterPattern | None = None
    """Which files to read."""

    spreadsheetFilterPattern: FilterPattern | None = None
    """Which spreadsheets to read."""

    worksheetFilterPattern: FilterPattern | None = None
    """Which worksheets to read."""

    includeDirectories: bool = True
    """Read directories."""

    includeFiles: bool = True
    """Read files."""

    includeSpreadsheets: bool = True
    """Read spreadsheets."""

    includeWorksheets: bool = True
    """Read worksheets."""

    markDeletedDirectories: bool = True
    """Mark directories as deleted that are gone from the source."""

    markDeletedFiles: bool = True
    """Mark files as deleted that are gone from the source."""

    markDeletedSpreadsheets: bool = True
    """Mark spreadsheets as deleted that are gone from the source."""

    markDeletedWorksheets: bool = True
    """Mark worksheets as deleted that are gone from the source."""


SOURCE_CONFIGS: dict[str, type[SourceConfig]] = {
    "DashboardMetadata": DashboardSourceConfig,
    "MessagingMetadata": MessagingSourceConfig,
    "PipelineMetadata": PipelineSourceConfig,
    "MlModelMetadata": MlModelSourceConfig,
    "StorageMetadata": StorageSourceConfig,
    "SearchMetadata": SearchSourceConfig,
    "ApiMetadata": ApiSourceConfig,
    "DriveMetadata": DriveSourceConfig,
}
"""The settings of each kind of workflow, in the order in which OpenMetadata tries them."""

FAMILIES: dict[str, type[SourceConfig]] = {
    "DatabaseMetadata": DatabaseSourceConfig,
    **SOURCE_CONFIGS,
}
"""The settings of every kind of workflow that has typed ones."""


def marks_deleted(settings: SourceConfig, flag: str | None) -> bool:
    """Whether a `markDeleted…` flag is set; False for None, the flag of kinds that have none.

    If the settings do not have the flag, OpenMetadata's default counts (contract §11.5).
    """
    if flag is None:
        return False
    if flag in settings.extra:
        return settings.extra[flag] is True
    for family in (type(settings), *FAMILIES.values()):
        if flag in family.model_fields:
            return getattr(settings, flag, family.model_fields[flag].default) is True
    return False
