"""Domains and data products (REST contract §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from om_ingest.model.entity import (
    CreateRequest,
    Entity,
    EntityReference,
    OwnedEntity,
    OwnedRequest,
    Parent,
    TaggedFields,
)
from om_ingest.model.naming import Fqn, FullyQualifiedName


class DomainType(str, Enum):
    """Whether a domain is aligned with sources, with consumers, or aggregates both."""

    Source_aligned = "Source-aligned"
    Consumer_aligned = "Consumer-aligned"
    Aggregate = "Aggregate"


class _DomainFields(TaggedFields, entity_type="domain"):
    domainType: DomainType
    description: str
    style: dict[str, Any] | None = None
    owners: list[EntityReference] | None = None


class CreateDomainRequest(_DomainFields, CreateRequest):
    """Create or update a domain; `parent` is the domain around it, `experts` are users."""

    fullyQualifiedName: FullyQualifiedName | None = None
    parent: Parent | None = None
    experts: list[Fqn] | None = None


class Domain(_DomainFields, Entity):
    """A stored domain."""

    parent: EntityReference | None = None
    children: list[EntityReference] | None = None
    childrenCount: int | None = None
    experts: list[EntityReference] | None = None
    assets: list[EntityReference] | None = None
    followers: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None
    entityStatus: str | None = None


class _DataProductFields(TaggedFields, entity_type="dataProduct"):
    description: str
    style: dict[str, Any] | None = None
    reviewers: list[EntityReference] | None = None
    assets: list[EntityReference] | None = None
    dataProductType: str | None = None
    visibility: str | None = None
    portfolioPriority: str | None = None


class CreateDataProductRequest(_DataProductFields, OwnedRequest):
    """Create or update a data product of one or more domains; `experts` are users."""

    domains: list[FullyQualifiedName]
    fullyQualifiedName: FullyQualifiedName | None = None
    experts: list[Fqn] | None = None


class DataProduct(_DataProductFields, OwnedEntity):
    """A stored data product."""

    experts: list[EntityReference] | None = None
    lifecycleStage: str | None = None
    sla: dict[str, Any] | None = None
    consumesFrom: list[EntityReference] | None = None
    providesTo: list[EntityReference] | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None
