"""Ingestion pipelines and their runs (REST contract §9)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from om_ingest.model.entity import EntityReference, Model, OwnedEntity, OwnedRequest
from om_ingest.model.naming import DateTime, Number, Timestamp


class PipelineType(str, Enum):
    """What an ingestion pipeline does."""

    metadata = "metadata"
    usage = "usage"
    lineage = "lineage"
    profiler = "profiler"
    autoClassification = "autoClassification"
    TestSuite = "TestSuite"
    dataInsight = "dataInsight"
    elasticSearchReindex = "elasticSearchReindex"
    dbt = "dbt"
    application = "application"
    policyAgent = "policyAgent"


class RunState(str, Enum):
    """State of a run; OpenMetadata calls it `PipelineState` too."""

    queued = "queued"
    success = "success"
    failed = "failed"
    running = "running"
    partialSuccess = "partialSuccess"
    stopped = "stopped"


class LogLevels(str, Enum):
    """Lowest level that a run logs."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class StackTraceError(Model):
    """One failure of a run: what failed, and why."""

    name: str
    error: str
    stackTrace: str | None = None


class StepSummary(Model):
    """Counts of one step of a run: source, processor or sink."""

    name: str
    records: int | None = None
    updated_records: int | None = None
    warnings: int | None = None
    errors: int | None = None
    filtered: int | None = None
    failures: list[StackTraceError] | None = None
    progress: dict[str, Any] | None = None
    operationMetrics: dict[str, Any] | None = None
    sourceTimeMs: Number | None = None
    sinkTimeMs: Number | None = None


class RunStatus(Model):
    """One run of an ingestion pipeline; OpenMetadata calls it `PipelineStatus` too.

    Identified by its `runId`; times in ms since 1970.
    """

    runId: str | None = None
    pipelineState: RunState | None = None
    startDate: Timestamp | None = None
    timestamp: Timestamp | None = None
    endDate: Timestamp | None = None
    status: list[StepSummary] | None = None
    config: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


def _as_list(given: Any) -> Any:
    """Servers up to 1.6 show the latest run on its own."""
    return [given] if isinstance(given, dict) else given


class IngestionSourceConfig(Model):
    """What a workflow file has below `sourceConfig`."""

    config: dict[str, Any] | None = None


class AirflowConfig(Model):
    """Schedule of a pipeline; durations in seconds."""

    pausePipeline: bool | None = None
    concurrency: int | None = None
    startDate: DateTime | None = None
    endDate: DateTime | None = None
    pipelineTimezone: str | None = None
    retries: int | None = None
    retryDelay: int | None = None
    pipelineCatchup: bool | None = None
    scheduleInterval: str | None = None
    maxActiveRuns: int | None = None
    workflowTimeout: int | None = None
    workflowDefaultView: str | None = None
    workflowDefaultViewOrientation: str | None = None
    email: Annotated[str, StringConstraints(min_length=6, max_length=127)] | None = None


class _IngestionPipelineFields(Model, entity_type="ingestionPipeline"):
    pipelineType: PipelineType
    sourceConfig: IngestionSourceConfig
    airflowConfig: AirflowConfig
    loggerLevel: LogLevels | None = None
    raiseOnError: bool | None = None
    provider: str | None = None
    processingEngine: EntityReference | None = None
    enableStreamableLogs: bool | None = None


class CreateIngestionPipelineRequest(
    _IngestionPipelineFields, OwnedRequest, parent_field="service"
):
    """Create or update an ingestion pipeline of a service of any family."""

    service: EntityReference


class IngestionPipeline(_IngestionPipelineFields, OwnedEntity):
    """A stored ingestion pipeline; `pipelineStatuses` are its latest runs."""

    service: EntityReference | None = None
    openMetadataServerConnection: dict[str, Any] | None = None
    pipelineStatuses: Annotated[list[RunStatus] | None, BeforeValidator(_as_list)] = None
    deployed: bool | None = None
    enabled: bool | None = None
    applicationType: str | None = None
    ingestionRunner: EntityReference | None = None
