"""Fields that the services of all families share (REST contract §2).

In each family, request and entity derive from one class with `serviceType`. It is not generic:
pydantic builds the schema of a generic model when the module is imported.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from om_ingest.model.entity import EntityReference, Model, OwnedEntity, OwnedRequest, TagLabel
from om_ingest.model.naming import FullyQualifiedName


class Connection(Model):
    """How to reach a service: `config` is `{"type": <service type>, …}` (§2).

    OpenMetadata has one such class per family; their names stand for this one.
    """

    config: dict[str, Any] | None = None


ApiConnection: TypeAlias = Connection
DashboardConnection: TypeAlias = Connection
DatabaseConnection: TypeAlias = Connection
DriveConnection: TypeAlias = Connection
LlmConnection: TypeAlias = Connection
McpConnection: TypeAlias = Connection
MessagingConnection: TypeAlias = Connection
MetadataConnection: TypeAlias = Connection
MlModelConnection: TypeAlias = Connection
PipelineConnection: TypeAlias = Connection
SearchConnection: TypeAlias = Connection
SecurityConnection: TypeAlias = Connection
StorageConnection: TypeAlias = Connection


class PlainServiceRequest(OwnedRequest):
    """Fields of a request for any service."""

    connection: Connection | None = None
    tags: list[TagLabel] | None = None
    ingestionRunner: EntityReference | None = None


class UnstyledServiceRequest(PlainServiceRequest):
    """A request for a service that can belong to data products."""

    dataProducts: list[FullyQualifiedName] | None = None


class ServiceRequest(UnstyledServiceRequest):
    """A request for a service that can also have an icon and a colour."""

    style: dict[str, Any] | None = None


class PlainServiceEntity(OwnedEntity):
    """Fields of every stored service; its FQN is its quoted name."""

    connection: Connection | None = None
    tags: list[TagLabel] | None = None
    pipelines: list[EntityReference] | None = None
    testConnectionResult: dict[str, Any] | None = None
    ingestionRunner: EntityReference | None = None


class UnstyledServiceEntity(PlainServiceEntity):
    """A stored service that can belong to data products."""

    dataProducts: list[EntityReference] | None = None
    dataContract: EntityReference | None = None


class ServiceEntity(UnstyledServiceEntity):
    """A stored service that can also have an icon and a colour."""

    style: dict[str, Any] | None = None
