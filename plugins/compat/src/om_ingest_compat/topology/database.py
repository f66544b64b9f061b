"""`metadata.ingestion.source.database.database_service`: service → database → schema → table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from om_ingest.model import Database, DatabaseSchema, DatabaseService, StoredProcedure, Table
from pydantic import BaseModel

from om_ingest_compat.connectors.steps import left_out
from om_ingest_compat.connectors.wrapped import OMetaTagAndClassification
from om_ingest_compat.topology.database_scope import DatabaseScope
from om_ingest_compat.topology.nodes import NodeStage, ServiceTopology, TopologyNode


class DataModelLink(BaseModel):
    """A table, and the dbt model that makes it."""

    table_entity: Any
    datamodel: Any


def _tags(processor: str) -> NodeStage:
    return NodeStage(
        type_=OMetaTagAndClassification,
        processor=processor,
        context="tags",
        nullable=True,
        store_all_in_context=True,
    )


_IN_SERVICE = ["database_service"]
_IN_DATABASE = [*_IN_SERVICE, "database"]
_IN_SCHEMA = [*_IN_DATABASE, "database_schema"]


class DatabaseServiceTopology(ServiceTopology):
    """What is called for a database service; the steps of all releases."""

    root = TopologyNode(
        producer="get_services",
        stages=[
            NodeStage(
                type_=DatabaseService,
                processor="yield_create_request_database_service",
                context="database_service",
                overwrite=False,
            )
        ],
        children=["database"],
        post_process=[
            "yield_view_lineage",
            "yield_procedure_lineage_and_queries",
            "yield_external_table_lineage",
            "yield_table_constraints",
        ],
    )
    database = TopologyNode(
        producer="get_database_names",
        stages=[
            _tags("yield_database_tag_details"),
            NodeStage(
                type_=Database,
                processor="yield_database",
                context="database",
                consumer=_IN_SERVICE,
            ),
        ],
        children=["databaseSchema"],
        post_process=["mark_databases_as_deleted"],
    )
    databaseSchema = TopologyNode(  # the name of the node in every release
        producer="get_database_schema_names",
        stages=[
            _tags("yield_database_schema_tag_details"),
            NodeStage(
                type_=DatabaseSchema,
                processor="yield_database_schema",
                context="database_schema",
                consumer=_IN_DATABASE,
            ),
        ],
        children=["table", "stored_procedure"],
        post_process=[
            "mark_schemas_as_deleted",
            "mark_tables_as_deleted",
            "mark_stored_procedures_as_deleted",
        ],
        threads=True,
    )
    table = TopologyNode(
        producer="get_tables_name_and_type",
        stages=[
            _tags("yield_table_tag_details"),
            NodeStage(type_=Table, processor="yield_table", context="table", consumer=_IN_SCHEMA),
            NodeStage(type_=None, processor="yield_life_cycle_data", nullable=True),
            NodeStage(type_=None, processor="yield_table_metrics", nullable=True),
        ],
    )
    stored_procedure = TopologyNode(
        producer="get_stored_procedures",
        stages=[
            NodeStage(
                type_=StoredProcedure,
                processor="yield_stored_procedure",
                context="stored_procedures",
                consumer=_IN_SCHEMA,
                store_all_in_context=True,
                store_fqn=True,
            )
        ],
    )


class DatabaseServiceSource(DatabaseScope, ABC):
    """Base of a source that reads databases; it has no `__init__` of its own."""

    topology: Any = DatabaseServiceTopology()

    @abstractmethod
    def get_tables_name_and_type(self) -> Iterable[Any] | None:
        """Yield `(name, type)` of the tables to read of the schema in the context, filtered."""

    @abstractmethod
    def yield_database(self, database_name: Any) -> Iterable[Any]:
        """Yield the request for a database."""

    @abstractmethod
    def yield_database_schema(self, schema_name: Any) -> Iterable[Any]:
        """Yield the request for a schema."""

    @abstractmethod
    def yield_table(self, table_name_and_type: Any) -> Iterable[Any]:
        """Yield the request for a table."""

    @abstractmethod
    def yield_tag(self, schema_name: Any) -> Iterable[Any]:
        """Yield the tags of a schema, and of what is in it."""

    # Not in every release, or with nothing to do unless overridden.

    def yield_database_tag(self, database_name: Any) -> Iterable[Any]:
        """Yield the tags of a database."""
        return ()

    def yield_table_tags(self, table_name_and_type: Any) -> Iterable[Any]:
        """Yield the tags of a table."""
        return ()

    @left_out
    def get_stored_procedures(self) -> Iterable[Any]:
        """Yield the stored procedures to read of the schema in the context."""
        return ()

    def yield_stored_procedure(self, stored_procedure: Any) -> Iterable[Any]:
        """Yield the request for a stored procedure."""
        return ()

    def yield_life_cycle_data(self, table_name_and_type: Any) -> Iterable[Any]:
        """Yield when a table was created and changed."""
        return ()

    def yield_table_metrics(self, table_name_and_type: Any) -> Iterable[Any]:
        """Yield the metrics of a table."""
        return ()

    def yield_view_lineage(self) -> Iterable[Any]:
        """Yield the edges of views, at the end."""
        return ()

    def yield_procedure_lineage_and_queries(self) -> Iterable[Any]:
        """Yield the edges of stored procedures, at the end."""
        return ()

    def yield_external_table_lineage(self) -> Iterable[Any]:
        """Yield the edges of external tables, at the end."""
        return ()

    def yield_table_constraints(self) -> Iterable[Any]:
        """Yield the constraints of tables, at the end."""
        return ()

    def update_table_constraints(self, *args: Any, **kwargs: Any) -> Any:
        """The constraints of a table with its foreign keys; nothing unless overridden."""

    @staticmethod
    def normalize_table_constraints(table_constraints: Any, columns: Any = None) -> Any:
        """The constraints as they are."""
        return table_constraints

    def yield_create_request_database_service(self, config: Any) -> Iterable[Any]:
        """Yield the request for the service."""
        return self._service(DatabaseService, config)

    def yield_database_tag_details(self, database_name: Any) -> Iterable[Any]:
        """Yield the tags of a database, if tags are included."""
        return self.yield_database_tag(database_name) if self._setting("includeTags", True) else ()

    def yield_database_schema_tag_details(self, schema_name: Any) -> Iterable[Any]:
        """Yield the tags of a schema, if tags are included."""
        return self.yield_tag(schema_name) if self._setting("includeTags", True) else ()

    def yield_table_tag_details(self, table_name_and_type: Any) -> Iterable[Any]:
        """Yield the tags of a table, if tags are included."""
        return (
            self.yield_table_tags(table_name_and_type) if self._setting("includeTags", True) else ()
        )
