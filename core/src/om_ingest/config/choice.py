"""Which settings `sourceConfig.config` holds, with or without its `type`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from om_ingest.config.families import FAMILIES
from om_ingest.config.settings import SourceConfig

FORMER = {
    "DatabaseMetadata": {"overrideLineage", "overrideViewLineage"},
    "DashboardMetadata": {"dbServiceNames"},
    "PipelineMetadata": {"dbServiceNames"},
}
"""Keys that some OpenMetadata release since 1.3 had in a kind of workflow, and 2.0 lacks."""

_OTHERS = {
    "DatabaseUsage": "filterCondition processQueryCostAnalysis queryLogFilePath resultLimit"
    " stageFileLocation",
    "DatabaseLineage": "crossDatabaseServiceNames enableTempTableLineage parsingTimeoutLimit"
    " incrementalLineageProcessing processCrossDatabaseLineage processQueryLineage"
    " processStoredProcedureLineage processViewLineage",
    "Profiler": "computeColumnMetrics computeMetrics computeTableMetrics metrics threadCount"
    " processPiiSensitive processingEngine profileSample profileSampleConfig profileSampleType"
    " randomizedSample samplingMethodType timeoutSeconds useStatistics",
    "AutoClassification": "bucketFilterPattern classificationFilterPattern confidence"
    " classificationLanguage enableAutoClassification sampleDataCount storeSampleData",
    "DBT": "catalogMapping dbtClassificationName dbtConfigSource dbtUpdateDescriptions"
    " dbtUpdateOwners includeMetrics searchAcrossDatabases tagFilterPattern",
    "TestSuite": "entityFullyQualifiedName serviceConnections testCases",
    "MetadataToElasticSearch": "batchSize caCerts recreateIndex regionName timeout useSSL"
    " searchIndexMappingLanguage useAwsCredentials verifyCerts",
    "Application": "appConfig appPrivateConfig sourcePythonClass",
    "ReverseIngestion": "ingestionRunner operations service",
    "McpMetadata": "serverFilterPattern",
    "PolicyAgent": "policies",
}
ELSEWHERE = frozenset(key for keys in _OTHERS.values() for key in keys.split())
"""Keys of the kinds of workflow without typed settings, in any OpenMetadata release since 1.3."""

DEFAULT_PATTERNS = frozenset(
    key
    for family in FAMILIES.values()
    for key in family.model_fields
    if key.endswith("FilterPattern")
)
"""Filter patterns that a connection may have, for settings without their own (contract §11.4)."""

OF_HOST = "|".join((r"supports[A-Z]\w*", "sampleDataStorageConfig", *sorted(DEFAULT_PATTERNS)))
"""Pattern of the keys of `serviceConnection.config` that are OpenMetadata's, whatever the
connector: what other workflows can do with the service, and filter patterns."""


def source_config(values: Mapping[str, Any]) -> tuple[type[SourceConfig], dict[str, Any]]:
    """The settings that `sourceConfig.config` holds, as class and values to validate.

    The class is that of its `type`. Without a type, it is the kind of workflow that knows most
    of the keys, the first of several as OpenMetadata chooses (contract §11.3). Keys of
    OpenMetadata that the class does not have go into `extra`: those that another release had in
    this kind of workflow and, without a type, those of other kinds. With a type that has no
    typed settings, all keys go there.
    """
    given = values.get("type")
    if isinstance(given, str) and given not in FAMILIES:
        plain = {"type": given, "overrideMetadata": values.get("overrideMetadata") is True}
        return SourceConfig, {**plain, "extra": dict(values)}
    kind = given if isinstance(given, str) else min(FAMILIES, key=lambda one: _rank(one, values))
    family = FAMILIES[kind]
    beside = FORMER.get(kind, set()) | (ELSEWHERE if given is None else set())
    extra = {key: values[key] for key in values if key in beside - family.model_fields.keys()}
    return family, {**{key: values[key] for key in values if key not in extra}, "extra": extra}


def _rank(kind: str, values: Mapping[str, Any]) -> tuple[int, float]:
    """How badly the keys fit a kind of workflow: how many it does not know, and how far off."""
    known = FAMILIES[kind].model_fields.keys() | FORMER.get(kind, set())
    unknown = [key for key in values if key not in known and key not in ELSEWHERE]
    return len(unknown), -sum(
        SequenceMatcher(None, str(key), near).ratio()
        for key in unknown
        for near in get_close_matches(str(key), known, n=1)
    )
