"""Records of connectors that are no requests: `metadata.ingestion.models` (REST contract §12.2).

What each becomes is in `converting`. Fields take any value, as a connector may have made it in the
spelling of any release.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Wrapped(BaseModel):
    """A record that is no request."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="allow")


class Barrier(Wrapped):
    """Everything that was yielded before has to have arrived."""

    reason: Any = None


class OMetaTagAndClassification(Wrapped):
    """A tag with its classification."""

    fqn: Any = None
    classification_request: Any
    tag_request: Any


class OMetaTagAndCategory(OMetaTagAndClassification):
    """A tag with its classification, as releases up to 0.13 have it."""

    classification_request: Any = Field(alias="category_name")
    tag_request: Any = Field(alias="category_details")

    @property
    def category_name(self) -> Any:
        """The request of the classification."""
        return self.classification_request

    @property
    def category_details(self) -> Any:
        """The request of the tag, which does not name the classification."""
        return self.tag_request


class OMetaLineageRequest(Wrapped):
    """An edge, which replaces others if `override_lineage`."""

    override_lineage: Any = False
    lineage_request: Any


class OMetaFQNLineageRequest(Wrapped):
    """An edge between two FQNs."""

    from_entity_fqn: Any = None
    to_entity_fqn: Any = None


class OMetaPipelineStatus(Wrapped):
    """A run of a pipeline."""

    pipeline_fqn: Any
    pipeline_status: Any


class OMetaBulkPipelineStatus(Wrapped):
    """Several runs of a pipeline."""

    pipeline_fqn: Any
    pipeline_statuses: Any


class OMetaDatabaseAndTable(Wrapped):
    """A table with its database and schema, up to release 0.12."""

    table: Any
    database: Any
    database_schema: Any


class OMetaTopicSampleData(Wrapped):
    """Messages of a topic."""

    topic: Any
    sample_data: Any


class OMetaIndexSampleData(Wrapped):
    """Messages of a search index."""

    entity: Any
    data: Any


class OMetaTableProfileSampleData(Wrapped):
    """A profile of a table."""

    table: Any
    profile: Any


class OMetaTableConstraints(Wrapped):
    """Constraints of a table that is there already."""

    table: Any
    foreign_constraints: Any = None
    constraints: Any = None


class ColumnTag(Wrapped):
    """A tag of a column."""

    column_fqn: Any
    tag_label: Any


class ColumnDescription(Wrapped):
    """A description of a column."""

    column_fqn: Any
    description: Any = None


class OMetaLifeCycleData(Wrapped):
    """The life cycle of an entity."""

    entity: Any
    entity_fqn: Any
    life_cycle: Any


class OMetaCustomProperties(Wrapped):
    """A custom property of a kind of entity."""

    entity_type: Any
    createCustomPropertyRequest: Any


class CustomPropertyDataTypes(Enum):
    """Types of custom properties."""

    STRING = "string"
    INTEGER = "integer"
    MARKDOWN = "markdown"
    DATE = "date"
    DATETIME = "dateTime"
    DURATION = "duration"
    EMAIL = "email"
    NUMBER = "number"
    SQLQUERY = "sqlQuery"
    TIME = "time"
    TIMEINTERVAL = "timeInterval"
    TIMESTAMP = "timestamp"
    ENUM = "enum"
    ENTITY_REFERENCE = "entityReference"
    ENTITY_REFERENCE_LIST = "entityReferenceList"


class CustomPropertyType(Wrapped):
    """A type of custom properties, as a server has it."""

    id: Any
    name: Any


class PatchRequest(Wrapped):
    """An entity before and after a change."""

    original_entity: Any
    new_entity: Any
    override_metadata: Any = False


class PatchedEntity(Wrapped):
    """An entity after a change."""

    new_entity: Any = None


class DeleteEntity(Wrapped):
    """An entity that is gone."""

    entity: Any
    mark_deleted_entities: Any = False


class DeleteTable(DeleteEntity):
    """A table that is gone, as releases up to 0.13 have it."""

    entity: Any = Field(alias="table")
    mark_deleted_entities: Any = Field(default=False, alias="mark_deleted_tables")

    @property
    def table(self) -> Any:
        """The table."""
        return self.entity


class OMetaUserProfile(Wrapped):
    """A user with teams and roles."""

    user: Any
    teams: Any = None
    roles: Any = None


class DashboardUsage(Wrapped):
    """Uses of a dashboard on a day."""

    dashboard: Any
    usage: Any


class PipelineUsage(Wrapped):
    """Uses of a pipeline on a day."""

    pipeline: Any
    usage: Any


class OMetaTestSuiteSample(Wrapped):
    """A test suite."""

    test_suite: Any


class OMetaLogicalTestSuiteSample(Wrapped):
    """A test suite with its cases."""

    test_suite: Any
    test_cases: Any = None


class OMetaTestCaseSample(Wrapped):
    """A test case."""

    test_case: Any


class OMetaTestCaseResultsSample(Wrapped):
    """A result of a test case."""

    test_case_results: Any
    test_case_name: Any


class OMetaTestCaseResolutionStatus(Wrapped):
    """The state of an incident."""

    test_case_resolution: Any
