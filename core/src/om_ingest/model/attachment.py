"""Attachments: samples, profiles, runs and usage of an entity (REST contract §3.1).

An attachment is not part of the entity: it does not change the version, and updates of the entity
leave it unchanged.
"""

from __future__ import annotations

from om_ingest.model.entity import AttachmentRequest, EntityReference
from om_ingest.model.messaging import TopicSampleData
from om_ingest.model.naming import FullyQualifiedName
from om_ingest.model.pipeline import PipelineStatus
from om_ingest.model.profile import CreateTableProfileRequest, UsageRequest
from om_ingest.model.table import TableData


class AddSampleDataRequest(AttachmentRequest, entity_type="sampleData"):
    """Replace the sample data of an entity: rows of a table or container, messages of a topic."""

    entity: EntityReference
    sampleData: TableData | TopicSampleData

    @property
    def target(self) -> EntityReference:
        """The table, container, topic or search index."""
        return self.entity


class AddPipelineStatusRequest(AttachmentRequest, entity_type="pipelineStatus"):
    """Add a run to a pipeline; it replaces the one with the same timestamp."""

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


class AddTableProfileRequest(AttachmentRequest, entity_type="tableProfile"):
    """Add a profile to a table and its columns; it replaces the one of the same time."""

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


class AddUsageRequest(AttachmentRequest, entity_type="usage"):
    """Set the number of uses of an entity on a day."""

    entity: EntityReference
    usage: UsageRequest

    @property
    def target(self) -> EntityReference:
        """The entity that was used."""
        return self.entity

    @property
    def identity(self) -> str:
        """The entity and the day."""
        return f"{super().identity} {self.usage.date}"
