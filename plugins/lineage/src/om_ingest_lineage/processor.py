"""The processor `sql-lineage`: draws lineage out of the SQL that passes, behind any source."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from om_ingest import (
    CreateDatabaseServiceRequest,
    CreateTableRequest,
    DeliveryError,
    Processor,
    ProcessorStatus,
    SinkContext,
)
from om_ingest.config import validated
from om_ingest.model import (
    AddLineageRequest,
    CreateQueryRequest,
    CreateStoredProcedureRequest,
    EntityReference,
    ModelType,
    Record,
    ScopeComplete,
    Table,
    fqn,
)

from om_ingest_lineage.config import SqlLineageConfig
from om_ingest_lineage.drawing.run import RunLineage
from om_ingest_lineage.drawing.waiting import Sort
from om_ingest_lineage.knowledge.tables import View

_TEMPLATE = re.compile(r"\{[{%]")


class SqlLineage(Processor):
    """Yields edges between tables for views, procedures, queries and files of SQL.

    Edges of views come when their schema is complete, as far as everything that they name was
    seen by then, and all others at the end of a source that was read to its end.
    """

    config_class = SqlLineageConfig

    def __init__(self, config: SqlLineageConfig, ctx: SinkContext) -> None:
        self.config = config
        self._run = RunLineage(config, ctx)
        self._has_begun = False
        self._broken: str | None = None
        """Why nothing more is noted; None while it is."""

    @classmethod
    def create(cls, config_dict: dict[str, Any], ctx: SinkContext) -> SqlLineage:
        """Check the config; raises `WorkflowError`."""
        return cls(validated(SqlLineageConfig, config_dict), ctx)

    def process(self, record: Record) -> Record:
        """Learn from a record what there is; a query gets the tables that it uses."""
        if self._broken is not None:
            return record
        if not self._has_begun:
            self._has_begun = True
            self._run.telling.begin()
        try:
            return self._noted(record)
        except sqlite3.Error as error:  # no record of the source fails by that
            self._broken = str(error)
            return record

    def _noted(self, record: Record) -> Record:
        if isinstance(record, CreateTableRequest):
            self._table(record)
        elif isinstance(record, AddLineageRequest):
            self._edge(record)
        elif isinstance(record, CreateDatabaseServiceRequest):
            self._run.note_service(record.name, record.serviceType.value)
        elif isinstance(record, CreateStoredProcedureRequest):
            self._routine(record)
        elif isinstance(record, CreateQueryRequest) and self.config.queries:
            return self._run.query(record)
        return record

    def _table(self, record: CreateTableRequest) -> None:
        schema = _parent(record.databaseSchema)
        sql = record.schemaDefinition
        view = View.of(record.tableType, sql)
        self._run.tables.note(schema, record.name, [column.name for column in record.columns], view)
        if not self.config.views:
            return
        owner = fqn.child(schema, record.name)
        if sql and view is View.DEFINED:
            self._run.waiting.add(Sort.VIEW, schema, owner, sql)
            return
        model = record.dataModel
        if model is None or model.upstream:  # a source that knows its models draws them itself
            return
        sql = model.sql or model.rawSql
        if sql and not _TEMPLATE.search(sql):
            sort = Sort.MODEL if model.modelType is ModelType.DBT else Sort.VIEW
            self._run.waiting.add(sort, schema, owner, sql)

    def _routine(self, record: CreateStoredProcedureRequest) -> None:
        code, schema = record.storedProcedureCode, _parent(record.databaseSchema)
        if code.code and schema and self.config.procedures:
            language = code.language.value if code.language else None
            owner = fqn.child(schema, record.name)
            self._run.waiting.add(Sort.ROUTINE, schema, owner, code.code, language)

    def _edge(self, record: AddLineageRequest) -> None:
        ends = (record.edge.fromEntity, record.edge.toEntity)
        start, target = (
            fqn.normalised(end.fullyQualifiedName or "") if end.type == "table" else None
            for end in ends
        )
        if start and target:
            self._run.edges.note_theirs(start, target)

    def scope_complete(self, scope: ScopeComplete) -> Iterator[Record]:
        """Edges of the views in a scope, as far as everything that they name was seen."""
        if self._broken is None and issubclass(scope.entity, Table):
            yield from self._unbroken(self._run.complete(scope.scope_fqn))

    def finish(self) -> Iterator[Record]:
        """All other edges: what no record of the run has is looked up in the store."""
        if self._broken is None:
            yield from self._unbroken(self._run.finish())
        if self._broken is not None:
            raise DeliveryError(
                f"The scratch file of sql-lineage failed: {self._broken}. No further lineage is"
                " drawn",
                "Make room in the folder for temporary files (TMPDIR), and run again.",
            )

    def _unbroken(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records until the scratch file fails."""
        try:
            yield from records
        except sqlite3.Error as error:
            self._broken = str(error)

    def get_status(self) -> ProcessorStatus:
        """Numbers of statements and edges; what could not be told, with the asset."""
        return self._run.telling.status

    def close(self) -> None:
        """Drop the scratch file, and write what is kept for the next run."""
        self._run.close()


def _parent(given: str | EntityReference | None) -> str:
    if isinstance(given, EntityReference):
        given = given.fullyQualifiedName
    return fqn.spelled(given or "")
