"""Enums and parts of entities that core has no classes of.

Core keeps such parts as mappings, and so they are here: any field, which is an attribute.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from om_ingest_compat.models.open_models import OpenModel

_ENUMS = """
    AuthType JWT SSO BASIC
    Category field entity
    CompressionType AUTOMATIC MANUAL POLICY_BASED
    ConceptMappingType EXACT_MATCH CLOSE_MATCH BROAD_MATCH NARROW_MATCH RELATED_MATCH SAME_AS
    ConflictResolution highest_confidence highest_priority most_specific
    CreatePasswordType ADMIN_CREATE USER_CREATE
    DataProductType RAW_DATA DERIVED_DATA DATASET REPORTS ANALYTIC_VIEW VISUALISATION_3D ALGORITHM
        DECISION_SUPPORT AUTOMATED_DECISION_MAKING DATA_ENHANCED_PRODUCT DATA_DRIVEN_SERVICE
        DATA_ENABLED_PERFORMANCE BI_DIRECTIONAL
    DataQualityDimensions Completeness Accuracy Consistency Validity Uniqueness Integrity SQL
        NoDimension
    EntityStatus Draft In_Review=In|Review Approved Archived Deprecated Rejected Unprocessed
    GenerationMode overwrite append merge upsert
    GlossaryTermStatus Draft Approved Deprecated Rejected
    Include all deleted non_deleted=non-deleted
    LifecycleStage IDEATION DESIGN DEVELOPMENT TESTING PRODUCTION DEPRECATED RETIRED
    OwnershipUpdateMode replace append
    PartitionIntervalUnit YEAR MONTH DAY HOUR
    PortfolioPriority CRITICAL HIGH MEDIUM LOW
    ProfileSampleType PERCENTAGE ROWS
    ProviderType system user automation
    ReactionType thumbsUp thumbsDown hooray laugh confused heart rocket eyes
    RunStatusType success failure aborted partialSuccess running
    SamplingMethodType BERNOULLI SYSTEM
    ServiceType Dashboard Database Messaging Metadata MlModel Pipeline Storage Search API=Api Drive
        Api Security LLM Mcp
    SkipReason NotImplemented ConnectionNotEstablished
    StepStatus Queued Running Passed Failed Skipped Warning
    TestCaseStatus Success Failed Aborted Queued
    TestConnectionStatus Successful Failed Running
    TestDataType NUMBER INT FLOAT DOUBLE DECIMAL TIMESTAMP TIME DATE DATETIME ARRAY MAP SET STRING
        BOOLEAN
    TestEntityType TABLE COLUMN
    TestPlatform OpenMetadata GreatExpectations DBT Deequ Soda Other
    TransformationType filter aggregate join pivot custom extract load
    Visibility PRIVATE INVITATION ORGANISATION DATASPACE PUBLIC
    VoteType votedUp votedDown unVoted
    WorkflowStatus Pending Successful Failed Running
    WorkflowType TEST_CONNECTION REVERSE_INGESTION QUERY_RUNNER TEST_SPARK_ENGINE_CONNECTION
"""
"""One a line: its name and its members; `NAME=VALUE` where they differ, `|` for a blank."""

_PARTS = """
    AssetCertification AuthenticationMechanism AutoClassificationConfig AutomationWorkflow
    CardinalityDistribution
    ColumnProfilerConfig CompressionStrategy ConceptMapping CoverImage CustomMetricProfile
    CustomProperty CustomPropertyConfig DataProductPort DatabaseProfilerConfig
    DatabaseSchemaProfilerConfig DatasetGeneration DatasetUsage ExecutionError ExecutionMetrics
    Histogram ImageList Incremental LineageInformation Map MessagingProvider MetricDimension
    MetricFilter MetricMeasure OperationMetrics OwnerConfiguration Paging PartitionProfilerConfig
    Partitioning ProfileSampleConfig Profile Progress PropertyType QueryParserConfig Reaction
    SearchIndexSampleData SlaDefinition Style TableProfilerConfig TagLabelMetadata TaskMetrics
    TempLineageTable TestConnectionResult TestConnectionStepResult TimeInterval TopicConfig Votes
"""


def _enum(name: str, members: list[str]) -> Any:
    values = {}
    for member in members:
        key, _, value = member.partition("=")
        values[key] = (value or key).replace("|", " ")
    return Enum(name, values, type=str, module=__name__)


def _make() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for line in _ENUMS.replace("\n        ", " ").split("\n"):
        name, *members = line.split() or [""]
        if members:
            made[name] = _enum(name, members)
    for name in _PARTS.split():
        doc = f"The part of an entity that is called `{name}`."
        made[name] = type(
            name, (OpenModel,), {"__slots__": (), "__module__": __name__, "__doc__": doc}
        )
    return made


globals().update(_make())
