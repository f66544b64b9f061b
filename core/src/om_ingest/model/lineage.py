"""Lineage: edges between entities, and between columns (REST contract §4)."""

from __future__ import annotations

from enum import Enum

from om_ingest.model.entity import EntityReference, Model
from om_ingest.model.naming import FullyQualifiedName, Timestamp


class LineageSource(str, Enum):
    """Origin of an edge; automated clean-ups never remove `Manual` edges."""

    Manual = "Manual"
    ViewLineage = "ViewLineage"
    QueryLineage = "QueryLineage"
    PipelineLineage = "PipelineLineage"
    DashboardLineage = "DashboardLineage"
    DbtLineage = "DbtLineage"
    SparkLineage = "SparkLineage"
    OpenLineage = "OpenLineage"
    ExternalTableLineage = "ExternalTableLineage"
    CrossDatabaseLineage = "CrossDatabaseLineage"
    ChildAssets = "ChildAssets"


class ColumnLineage(Model, extra="ignore"):
    """Source columns of one column; all are full column FQNs."""

    fromColumns: list[FullyQualifiedName] | None = None
    toColumn: FullyQualifiedName | None = None
    function: str | None = None


class LineageDetails(Model, extra="ignore"):
    """Details of an edge; the store sets its times."""

    sqlQuery: str | None = None
    columnsLineage: list[ColumnLineage] | None = None
    pipeline: EntityReference | None = None
    description: str | None = None
    source: LineageSource | None = None
    createdAt: Timestamp | None = None
    createdBy: str | None = None
    updatedAt: Timestamp | None = None
    updatedBy: str | None = None
    assetEdges: int | None = None


class EntitiesEdge(Model):
    """An edge from the source entity to the target entity."""

    fromEntity: EntityReference
    toEntity: EntityReference
    description: str | None = None
    lineageDetails: LineageDetails | None = None


class AddLineageRequest(Model, entity_type="lineage"):
    """Create or replace the edge between two entities; both must exist."""

    edge: EntitiesEdge


class Edge(Model):
    """An edge in a lineage answer: ids, not references."""

    fromEntity: str
    toEntity: str
    description: str | None = None
    lineageDetails: LineageDetails | None = None


class EntityLineage(Model):
    """The neighbourhood of an entity in the lineage graph."""

    entity: EntityReference
    nodes: list[EntityReference] = []
    upstreamEdges: list[Edge] = []
    downstreamEdges: list[Edge] = []
