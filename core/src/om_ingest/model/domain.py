"""Domains and data products: who answers for which part of the data (REST contract §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from om_ingest.model.entity import CreateRequest, Entity, EntityReference, Parent, TagLabel
from om_ingest.model.naming import FullyQualifiedName


class DomainType(str, Enum):
    """Which side of the data a domain stands on."""

    Source_aligned = "Source-aligned"
    Consumer_aligned = "Consumer-aligned"
    Aggregate = "Aggregate"


class CreateDomainRequest(CreateRequest):
    """Create or update a domain; `parent` is the domain it is part of, `experts` are users."""

    entity_type: ClassVar[str] = "domain"

    domainType: DomainType
    description: str
    fullyQualifiedName: FullyQualifiedName | None = None
    style: dict[str, Any] | None = None
    parent: Parent | None = None
    owners: list[EntityReference] | None = None
    experts: list[str] | None = None
    tags: list[TagLabel] | None = None
    extension: Any = None


class Domain(Entity):
    """A stored domain."""

    entity_type: ClassVar[str] = "domain"

    domainType: DomainType
    description: str
    style: dict[str, Any] | None = None
    parent: EntityReference | None = None
    children: list[EntityReference] | None = None
    childrenCount: int | None = None
    owners: list[EntityReference] | None = None
    experts: list[EntityReference] | None = None
    tags: list[TagLabel] | None = None
    extension: Any = None
    assets: list[EntityReference] | None = None
    followers: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None
    entityStatus: str | None = None


class CreateDataProductRequest(CreateRequest):
    """Create or update a data product of one or more domains; `experts` are users."""

    entity_type: ClassVar[str] = "dataProduct"

    description: str
    domains: list[FullyQualifiedName]
    fullyQualifiedName: FullyQualifiedName | None = None
    style: dict[str, Any] | None = None
    owners: list[EntityReference] | None = None
    experts: list[str] | None = None
    reviewers: list[EntityReference] | None = None
    assets: list[EntityReference] | None = None
    tags: list[TagLabel] | None = None
    dataProductType: str | None = None
    visibility: str | None = None
    portfolioPriority: str | None = None
    extension: Any = None


class DataProduct(Entity):
    """A stored data product."""

    entity_type: ClassVar[str] = "dataProduct"

    description: str
    domains: list[EntityReference] | None = None
    style: dict[str, Any] | None = None
    owners: list[EntityReference] | None = None
    experts: list[EntityReference] | None = None
    reviewers: list[EntityReference] | None = None
    assets: list[EntityReference] | None = None
    tags: list[TagLabel] | None = None
    dataProductType: str | None = None
    visibility: str | None = None
    portfolioPriority: str | None = None
    extension: Any = None
    lifecycleStage: str | None = None
    sla: dict[str, Any] | None = None
    consumesFrom: list[EntityReference] | None = None
    providesTo: list[EntityReference] | None = None
    followers: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None
    entityStatus: str | None = None
