"""API services, collections of endpoints, and endpoints (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import (
    AssetEntity,
    AssetRequest,
    EntityReference,
    Model,
    Parent,
    UnlinkedAssetEntity,
    UnlinkedAssetRequest,
)
from om_ingest.model.naming import FullyQualifiedName, Uri
from om_ingest.model.schema import APISchema
from om_ingest.model.service import UnstyledServiceEntity, UnstyledServiceRequest


class ApiServiceType(str, Enum):
    """API products that OpenMetadata knows."""

    Rest = "Rest"
    WEBHOOK = "WEBHOOK"


class _ApiService(Model, entity_type="apiService"):
    serviceType: ApiServiceType


class CreateApiServiceRequest(_ApiService, UnstyledServiceRequest):
    """Create or update an API service."""


class ApiService(_ApiService, UnstyledServiceEntity):
    """A stored API service."""


class CreateAPICollectionRequest(
    UnlinkedAssetRequest, entity_type="apiCollection", parent_field="service"
):
    """Create or update a collection of endpoints."""

    service: Parent
    endpointURL: Uri | None = None
    apiEndpoints: list[FullyQualifiedName] | None = None


class APICollection(UnlinkedAssetEntity, entity_type="apiCollection"):
    """A stored collection of endpoints."""

    service: EntityReference
    serviceType: ApiServiceType | None = None
    endpointURL: Uri | None = None
    apiEndpoints: list[EntityReference] | None = None


class ApiRequestMethod(str, Enum):
    """HTTP method of an endpoint."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    HEAD = "HEAD"
    CONNECT = "CONNECT"
    OPTIONS = "OPTIONS"
    TRACE = "TRACE"


class CreateAPIEndpointRequest(
    AssetRequest, entity_type="apiEndpoint", parent_field="apiCollection"
):
    """Create or update an endpoint below a collection."""

    apiCollection: Parent
    endpointURL: Uri | None = None
    requestMethod: ApiRequestMethod | None = None
    requestSchema: APISchema | None = None
    responseSchema: APISchema | None = None


class APIEndpoint(AssetEntity, entity_type="apiEndpoint"):
    """A stored endpoint."""

    apiCollection: EntityReference | None = None
    service: EntityReference
    serviceType: ApiServiceType | None = None
    endpointURL: Uri | None = None
    requestMethod: ApiRequestMethod | None = None
    requestSchema: APISchema | None = None
    responseSchema: APISchema | None = None
