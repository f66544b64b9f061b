"""Metrics: figures that are computed from data, e.g. monthly active users (§3.1)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from om_ingest.model.database import Language
from om_ingest.model.entity import EntityReference, Model, OwnedEntity, OwnedRequest, TaggedFields
from om_ingest.model.naming import FullyQualifiedName


class MetricType(str, Enum):
    """Aggregation of a metric."""

    COUNT = "COUNT"
    SUM = "SUM"
    AVERAGE = "AVERAGE"
    RATIO = "RATIO"
    PERCENTAGE = "PERCENTAGE"
    MIN = "MIN"
    MAX = "MAX"
    MEDIAN = "MEDIAN"
    MODE = "MODE"
    STANDARD_DEVIATION = "STANDARD_DEVIATION"
    VARIANCE = "VARIANCE"
    OTHER = "OTHER"


class UnitOfMeasurement(str, Enum):
    """Unit of a metric."""

    COUNT = "COUNT"
    DOLLARS = "DOLLARS"
    PERCENTAGE = "PERCENTAGE"
    TIMESTAMP = "TIMESTAMP"
    SIZE = "SIZE"
    REQUESTS = "REQUESTS"
    EVENTS = "EVENTS"
    TRANSACTIONS = "TRANSACTIONS"
    OTHER = "OTHER"


class MetricGranularity(str, Enum):
    """Period of one value of a metric."""

    SECOND = "SECOND"
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


class MetricExpression(Model):
    """The code that computes a metric."""

    language: Language | None = None
    code: str | None = None


class _MetricFields(TaggedFields, entity_type="metric"):
    metricExpression: MetricExpression | None = None
    metricType: MetricType | None = None
    unitOfMeasurement: UnitOfMeasurement | None = None
    customUnitOfMeasurement: str | None = None
    granularity: MetricGranularity | None = None
    dimensions: list[dict[str, Any]] | None = None
    measures: list[dict[str, Any]] | None = None
    filters: list[dict[str, Any]] | None = None
    assets: list[EntityReference] | None = None
    reviewers: list[EntityReference] | None = None
    provider: str | None = None


class CreateMetricRequest(_MetricFields, OwnedRequest):
    """Create or update a metric."""

    relatedMetrics: list[FullyQualifiedName] | None = None
    dataProducts: list[FullyQualifiedName] | None = None


class Metric(_MetricFields, OwnedEntity):
    """A stored metric."""

    relatedMetrics: list[EntityReference] | None = None
    dataProducts: list[EntityReference] | None = None
    dataContract: EntityReference | None = None
    votes: dict[str, Any] | None = None
    certification: dict[str, Any] | None = None
    derivedFrom: EntityReference | None = None
