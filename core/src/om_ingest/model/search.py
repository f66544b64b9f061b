"""Search services and search indexes with their fields (REST contract §2, §3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from om_ingest.model.entity import (
    EntityReference,
    Model,
    Parent,
    TagLabel,
    UnlinkedAssetEntity,
    UnlinkedAssetRequest,
)
from om_ingest.model.naming import EntityName, FullyQualifiedName
from om_ingest.model.service import ServiceEntity, ServiceRequest


class SearchServiceType(str, Enum):
    """Search products that OpenMetadata knows; `CustomSearch` for all others."""

    ElasticSearch = "ElasticSearch"
    OpenSearch = "OpenSearch"
    CustomSearch = "CustomSearch"


class _SearchService(Model, entity_type="searchService"):
    serviceType: SearchServiceType


class CreateSearchServiceRequest(_SearchService, ServiceRequest):
    """Create or update a search service."""


class SearchService(_SearchService, ServiceEntity):
    """A stored search service."""


class SearchIndexDataType(str, Enum):
    """Type of a field of an index; OpenMetadata calls it `DataType` too."""

    NUMBER = "NUMBER"
    TEXT = "TEXT"
    BINARY = "BINARY"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMPZ = "TIMESTAMPZ"
    TIME = "TIME"
    DATE = "DATE"
    DATETIME = "DATETIME"
    KEYWORD = "KEYWORD"
    ARRAY = "ARRAY"
    OBJECT = "OBJECT"
    FLATTENED = "FLATTENED"
    NESTED = "NESTED"
    JOIN = "JOIN"
    RANGE = "RANGE"
    IP = "IP"
    VERSION = "VERSION"
    MURMUR3 = "MURMUR3"
    AGGREGATE_METRIC_DOUBLE = "AGGREGATE_METRIC_DOUBLE"
    HISTOGRAM = "HISTOGRAM"
    ANNOTATED_TEXT = "ANNOTATED-TEXT"
    COMPLETION = "COMPLETION"
    SEARCH_AS_YOU_TYPE = "SEARCH_AS_YOU_TYPE"
    DENSE_VECTOR = "DENSE_VECTOR"
    RANK_FEATURE = "RANK_FEATURE"
    RANK_FEATURES = "RANK_FEATURES"
    GEO_POINT = "GEO_POINT"
    GEO_SHAPE = "GEO_SHAPE"
    POINT = "POINT"
    SHAPE = "SHAPE"
    PERCOLATOR = "PERCOLATOR"
    BOOLEAN = "BOOLEAN"
    CONSTANT_KEYWORD = "CONSTANT_KEYWORD"
    WILDCARD = "WILDCARD"
    LONG = "LONG"
    INTEGER = "INTEGER"
    SHORT = "SHORT"
    BYTE = "BYTE"
    DOUBLE = "DOUBLE"
    FLOAT = "FLOAT"
    HALF_FLOAT = "HALF_FLOAT"
    SCALED_FLOAT = "SCALED_FLOAT"
    UNSIGNED_LONG = "UNSIGNED_LONG"
    UNKNOWN = "UNKNOWN"


class IndexType(str, Enum):
    """An index, or the template of several."""

    Index = "Index"
    IndexTemplate = "IndexTemplate"


class SearchIndexField(Model):
    """One field of an index; `children` are its members, to any depth."""

    name: EntityName
    dataType: SearchIndexDataType
    displayName: str | None = None
    dataTypeDisplay: str | None = None
    description: str | None = None
    fullyQualifiedName: FullyQualifiedName | None = None
    tags: list[TagLabel] | None = None
    children: list[SearchIndexField] | None = None


class CreateSearchIndexRequest(
    UnlinkedAssetRequest, entity_type="searchIndex", parent_field="service"
):
    """Create or update a search index."""

    service: Parent
    fields: list[SearchIndexField]
    searchIndexSettings: dict[str, Any] | None = None
    indexType: IndexType | None = None


class SearchIndex(UnlinkedAssetEntity, entity_type="searchIndex"):
    """A stored search index."""

    service: EntityReference
    serviceType: SearchServiceType | None = None
    fields: list[SearchIndexField]
    searchIndexSettings: dict[str, Any] | None = None
    indexType: IndexType | None = None
    sampleData: dict[str, Any] | None = None
