"""Profiles, joins and usage of data (REST contract §3.1).

A server has paths of their own for them, below an entity; in a run, the records of
`om_ingest.model.attachment` carry profiles and usage.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from om_ingest.model.entity import EntityReference, Model
from om_ingest.model.naming import DateTime, FullyQualifiedName, Number, Timestamp
from om_ingest.model.pipeline import PipelineServiceType


class DmlOperationType(str, Enum):
    """Operation of a statement on the rows of a table."""

    UPDATE = "UPDATE"
    INSERT = "INSERT"
    DELETE = "DELETE"
    WRITE = "WRITE"


class TableProfile(Model):
    """Size of a table at one time; `profileSample` is the sampled share."""

    timestamp: Timestamp
    columnCount: Number | None = None
    rowCount: Number | None = None
    sizeInByte: Number | None = None
    createDateTime: DateTime | None = None
    customMetrics: list[dict[str, Any]] | None = None
    profileSample: Number | None = None
    profileSampleType: str | None = None


class ColumnProfile(Model):
    """Statistics of the values of a column at one time; proportions are 0 to 1."""

    name: str
    timestamp: Timestamp
    valuesCount: Number | None = None
    valuesPercentage: Number | None = None
    validCount: Number | None = None
    duplicateCount: Number | None = None
    nullCount: Number | None = None
    nullProportion: Number | None = None
    missingPercentage: Number | None = None
    missingCount: Number | None = None
    uniqueCount: Number | None = None
    uniqueProportion: Number | None = None
    distinctCount: Number | None = None
    distinctProportion: Number | None = None
    min: Number | str | None = None
    max: Number | str | None = None
    minLength: Number | None = None
    maxLength: Number | None = None
    mean: Number | None = None
    sum: Number | None = None
    stddev: Number | None = None
    variance: Number | None = None
    median: Number | None = None
    firstQuartile: Number | None = None
    thirdQuartile: Number | None = None
    interQuartileRange: Number | None = None
    nonParametricSkew: Number | None = None
    histogram: dict[str, Any] | None = None
    customMetrics: list[dict[str, Any]] | None = None
    cardinalityDistribution: dict[str, Any] | None = None


class SystemProfile(Model, extra="ignore"):
    """Rows affected by the statements of one operation."""

    timestamp: Timestamp | None = None
    operation: DmlOperationType | None = None
    rowsAffected: int | None = None


class CreateTableProfileRequest(Model):
    """Add a profile of a table, and of its columns."""

    tableProfile: TableProfile
    columnProfile: list[ColumnProfile] | None = None
    systemProfile: list[SystemProfile] | None = None


class JoinedWith(Model):
    """How often a table or column was joined with another."""

    fullyQualifiedName: FullyQualifiedName
    joinCount: int


class ColumnJoins(Model):
    """Joins of one column."""

    columnName: Annotated[str, StringConstraints(min_length=1)] | None = None
    joinedWith: list[JoinedWith] | None = None


class TableJoins(Model):
    """Joins of a table in the `dayCount` days from `startDate` (YYYY-MM-DD)."""

    startDate: str | None = None
    dayCount: int | None = None
    columnJoins: list[ColumnJoins] | None = None
    directTableJoins: list[JoinedWith] | None = None


class UsageRequest(Model):
    """How often an entity was used on a day (YYYY-MM-DD)."""

    date: str
    count: int


class UsageStats(Model):
    """Number of uses, and the percentage of entities of the kind with fewer uses."""

    count: Annotated[int, Field(ge=0)]
    percentileRank: Annotated[float, Field(ge=0, le=100)] | None = None


class UsageDetails(Model):
    """Use of an entity in the day, week and month up to a date (YYYY-MM-DD)."""

    dailyStats: UsageStats
    weeklyStats: UsageStats | None = None
    monthlyStats: UsageStats | None = None
    date: str


class PipelineObservability(Model):
    """The runs of a pipeline that writes a table; times in ms since 1970."""

    pipeline: EntityReference
    serviceType: PipelineServiceType | None = None
    scheduleInterval: str | None = None
    startTime: Timestamp | None = None
    endTime: Timestamp | None = None
    lastRunTime: Timestamp | None = None
    lastRunStatus: str | None = None
    averageRunTime: Number | None = None
