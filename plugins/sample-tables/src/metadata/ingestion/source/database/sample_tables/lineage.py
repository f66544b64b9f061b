"""Entries of `lineage.json`: which table feeds which view, and which column which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metadata.ingestion.source.database.sample_tables.document import checked
from metadata.ingestion.source.database.sample_tables.location import Location
from om_ingest.model import (
    AddLineageRequest,
    ColumnLineage,
    EntitiesEdge,
    EntityReference,
    LineageDetails,
    LineageSource,
)
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class _ColumnEntry(_Entry):
    from_columns: list[str]
    to_column: str
    function: str | None = None


class _LineageEntry(_Entry):
    from_entity: str
    to_entity: str
    description: str | None = None
    sql_query: str | None = None
    source: LineageSource | None = None
    columns_lineage: list[_ColumnEntry] = []


def lineage_request(values: Mapping[str, Any], where: str, here: Location) -> AddLineageRequest:
    """The request behind one entry, its paths as FQNs; raises `SourceError`."""
    entry = checked(_LineageEntry, values, where)
    columns = [
        ColumnLineage(
            fromColumns=[here.column(path, where) for path in column.from_columns],
            toColumn=here.column(column.to_column, where),
            function=column.function,
        )
        for column in entry.columns_lineage
    ]
    return AddLineageRequest(
        edge=EntitiesEdge(
            fromEntity=_table(here.table(entry.from_entity, where)),
            toEntity=_table(here.table(entry.to_entity, where)),
            description=entry.description,
            lineageDetails=LineageDetails(
                sqlQuery=entry.sql_query, source=entry.source, columnsLineage=columns or None
            ),
        )
    )


def _table(table_fqn: str) -> EntityReference:
    return EntityReference(type="table", fullyQualifiedName=table_fqn)
