"""Pipeline services, pipelines, their tasks and runs (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import StringConstraints

from om_ingest.model.entity import (
    EntityReference,
    LifeCycle,
    Model,
    ServiceAssetEntity,
    ServiceAssetRequest,
    TagLabel,
)
from om_ingest.model.naming import DateTime, Fqn, Timestamp, Uri
from om_ingest.model.service import ServiceEntity, ServiceRequest


class PipelineServiceType(str, Enum):
    """Pipeline products that OpenMetadata knows; `CustomPipeline` for all others."""

    Airflow = "Airflow"
    GluePipeline = "GluePipeline"
    KinesisFirehose = "KinesisFirehose"
    Airbyte = "Airbyte"
    Fivetran = "Fivetran"
    Flink = "Flink"
    Dagster = "Dagster"
    Nifi = "Nifi"
    DomoPipeline = "DomoPipeline"
    CustomPipeline = "CustomPipeline"
    DatabricksPipeline = "DatabricksPipeline"
    Spline = "Spline"
    Spark = "Spark"
    OpenLineage = "OpenLineage"
    Prefect = "Prefect"
    KafkaConnect = "KafkaConnect"
    DBTCloud = "DBTCloud"
    Matillion = "Matillion"
    Stitch = "Stitch"
    DataFactory = "DataFactory"
    Wherescape = "Wherescape"
    SSIS = "SSIS"
    Snowplow = "Snowplow"
    Mulesoft = "Mulesoft"
    MicrosoftFabricPipeline = "MicrosoftFabricPipeline"
    SapBw4HanaPipeline = "SapBw4HanaPipeline"


class _PipelineService(Model, entity_type="pipelineService"):
    serviceType: PipelineServiceType


class CreatePipelineServiceRequest(_PipelineService, ServiceRequest):
    """Create or update a pipeline service."""

    scheduleInterval: str | None = None
    lifeCycle: LifeCycle | None = None


class PipelineService(_PipelineService, ServiceEntity):
    """A stored pipeline service."""


class PipelineState(str, Enum):
    """Whether a pipeline is scheduled."""

    Active = "Active"
    Inactive = "Inactive"


class StatusType(str, Enum):
    """Result of a run of a pipeline or task."""

    Successful = "Successful"
    Failed = "Failed"
    Pending = "Pending"
    Skipped = "Skipped"


class Task(Model):
    """One step of a pipeline; `downstreamTasks` are names of others."""

    name: Annotated[str, StringConstraints(min_length=1)]
    displayName: str | None = None
    fullyQualifiedName: Fqn | None = None
    description: str | None = None
    sourceUrl: str | None = None
    downstreamTasks: list[str] | None = None
    taskType: str | None = None
    taskSQL: str | None = None
    startDate: str | None = None
    endDate: str | None = None
    tags: list[TagLabel] | None = None
    owners: list[EntityReference] | None = None


class TaskStatus(Model):
    """Result of one task of a run."""

    name: str
    executionStatus: StatusType
    startTime: Timestamp | None = None
    endTime: Timestamp | None = None
    logLink: Uri | None = None
    taskId: str | None = None
    transformationType: str | None = None
    transformationLogic: str | None = None
    inputs: list[dict[str, Any]] | None = None
    outputs: list[dict[str, Any]] | None = None
    metrics: dict[str, Any] | None = None


class PipelineStatus(Model):
    """One run of a pipeline, identified by its `timestamp`."""

    timestamp: Timestamp
    executionStatus: StatusType
    taskStatus: list[TaskStatus] | None = None
    executionId: str | None = None
    endTime: Timestamp | None = None
    version: str | None = None
    parameters: dict[str, Any] | None = None
    executedBy: EntityReference | None = None
    inputs: list[dict[str, Any]] | None = None
    outputs: list[dict[str, Any]] | None = None
    metrics: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class _PipelineFields(Model, entity_type="pipeline"):
    concurrency: int | None = None
    pipelineLocation: str | None = None
    startDate: DateTime | None = None
    tasks: list[Task] | None = None
    state: PipelineState | None = None
    scheduleInterval: str | None = None


class CreatePipelineRequest(_PipelineFields, ServiceAssetRequest):
    """Create or update a pipeline with its tasks."""


class Pipeline(_PipelineFields, ServiceAssetEntity):
    """A stored pipeline; `pipelineStatus` is its latest run."""

    serviceType: PipelineServiceType | None = None
    endDate: DateTime | None = None
    pipelineStatus: PipelineStatus | None = None
