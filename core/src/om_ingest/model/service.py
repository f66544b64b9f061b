"""Fields that the services of all families share (REST contract §2).

In each family, request and entity derive from one class with the type of service and of
connection. It is no generic model: pydantic builds the schema of one while it is imported.
"""

from __future__ import annotations

from typing import Any

from om_ingest.model.entity import EntityReference, Model, OwnedEntity, OwnedRequest, TagLabel
from om_ingest.model.naming import FullyQualifiedName


class Connection(Model):
    """How to reach a service: `config` is `{"type": <service type>, …}` (§2)."""

    config: dict[str, Any] | None = None


class PlainServiceRequest(OwnedRequest):
    """What a request for any service can say."""

    tags: list[TagLabel] | None = None
    ingestionRunner: EntityReference | None = None


class UnstyledServiceRequest(PlainServiceRequest):
    """A request for a service that can belong to data products."""

    dataProducts: list[FullyQualifiedName] | None = None


class ServiceRequest(UnstyledServiceRequest):
    """A request for a service that can also have an icon and a colour."""

    style: dict[str, Any] | None = None


class PlainServiceEntity(OwnedEntity):
    """What every stored service says; its FQN is its quoted name."""

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
