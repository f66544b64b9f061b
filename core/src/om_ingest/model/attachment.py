"""Records that put something beside an entity: samples, measurements, runs (REST contract §3.1).

What they carry is no part of the entity: it does not change its version, and no update of
the entity touches it.
"""

from __future__ import annotations

from typing import ClassVar

from om_ingest.model.entity import AttachmentRequest, EntityReference
from om_ingest.model.messaging import TopicSampleData
from om_ingest.model.naming import FullyQualifiedName
from om_ingest.model.pipeline import PipelineStatus
from om_ingest.model.profile import CreateTableProfileRequest, UsageRequest
from om_ingest.model.table import TableData


class AddSampleDataRequest(AttachmentRequest):
    """Put sample rows beside a table or container, or messages beside a topic or search index.

    They replace those that are there.
    """

    entity_type: ClassVar[str] = "sampleData"

    entity: EntityReference
    sampleData: TableData | TopicSampleData

    @property
    def target(self) -> EntityReference:
        """The table, container, topic or search index."""
        return self.entity


class AddPipelineStatusRequest(AttachmentRequest):
    """Put a run beside a pipeline, in place of the one with its timestamp."""

    entity_type: ClassVar[str] = "pipelineStatus"

    pipeline: FullyQualifiedName
    pipelineStatus: PipelineStatus

    @property
    def target(self) -> EntityReference:
        """The pipeline."""
        return EntityReference(type="pipeline", fullyQualifiedName=self.pipeline)

    @property
    def identity(self) -> str:
        """The pipeline and the time of the run."""
        return f"{super().identity} {self.pipelineStatus.timestamp}"


class AddTableProfileRequest(AttachmentRequest):
    """Put measurements beside a table and its columns, in place of those of the same time."""

    entity_type: ClassVar[str] = "tableProfile"

    table: FullyQualifiedName
    profile: CreateTableProfileRequest

    @property
    def target(self) -> EntityReference:
        """The table."""
        return EntityReference(type="table", fullyQualifiedName=self.table)

    @property
    def identity(self) -> str:
        """The table and the time of its profile."""
        return f"{super().identity} {self.profile.tableProfile.timestamp}"


class AddUsageRequest(AttachmentRequest):
    """Say how often an entity was used on a day; replaces what was said of that day before."""

    entity_type: ClassVar[str] = "usage"

    entity: EntityReference
    usage: UsageRequest

    @property
    def target(self) -> EntityReference:
        """What was used."""
        return self.entity

    @property
    def identity(self) -> str:
        """The entity and the day."""
        return f"{super().identity} {self.usage.date}"
