"""What a database source knows about where it is: FQNs, tags, what was found and what is gone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from om_ingest.model import Database, DatabaseSchema, StoredProcedure, Table, fqn as names

from om_ingest_compat.models import model
from om_ingest_compat.shims.entities import text_of
from om_ingest_compat.shims.filters import (
    filter_by_database,
    filter_by_schema,
    filter_by_stored_procedure,
)
from om_ingest_compat.topology.listing import knows
from om_ingest_compat.topology.nodes import TopologyNode
from om_ingest_compat.topology.registered import OwnState
from om_ingest_compat.topology.service import ServiceSource

_STATES = {
    "table": "database_source_state",
    "storedProcedure": "stored_procedure_source_state",
    "databaseSchema": "schema_entity_source_state",
    "database": "database_entity_source_state",
}


class DatabaseScope(ServiceSource, ABC):
    """The methods of a database source that connectors call, and seldom override."""

    STATES = _STATES
    inspector: Any
    database_source_state: Any = OwnState()
    stored_procedure_source_state: Any = OwnState()
    schema_entity_source_state: Any = OwnState()
    database_entity_source_state: Any = OwnState()

    def _fqn(self, *below: Any, schema: bool = True) -> str:
        """The FQN of something in the schema, or the database, that is in the context."""
        context = self.context.get()
        above = [context.database_service, context.database]
        if schema:
            above.append(context.database_schema)
        return names.join(*map(text_of, (*above, *below)))

    @abstractmethod
    def get_database_names(self) -> Iterable[Any]:
        """Yield the databases to read, filtered."""

    @abstractmethod
    def get_database_schema_names(self) -> Iterable[Any]:
        """Yield the schemas to read of the database in the context, filtered."""

    def get_raw_database_schema_names(self) -> Iterable[Any]:
        """The schemas without a filter; the filtered ones unless overridden."""
        yield from self.get_database_schema_names()

    def _get_filtered_schema_names(
        self, return_fqn: bool = False, add_to_status: bool = True
    ) -> Iterator[Any]:
        for name in self.get_raw_database_schema_names():
            fqn = self._fqn(name, schema=False)
            if not self._is_schema_filtered(self.context.get().database, name):
                yield fqn if return_fqn else name
            elif add_to_status:
                self.status.filter(fqn, "Schema Filtered Out")

    def get_database_names_raw(self) -> Iterable[Any]:
        """The databases without a filter; the filtered ones unless overridden."""
        yield from self.get_database_names()

    def _get_filtered_database_names(
        self, return_fqn: bool = False, add_to_status: bool = True
    ) -> Iterator[Any]:
        service = str(self.context.get().database_service)
        for name in self.get_database_names_raw():
            fqn = names.join(service, text_of(name))
            if not self._is_database_filtered(name):
                yield fqn if return_fqn else name
            elif add_to_status:
                self.status.filter(fqn, "Database Filtered Out")

    def _is_left_out(self, by_pattern: Any, pattern: str, fqn: str, name: Any) -> bool:
        by = fqn if self._setting("useFqnForFiltering", False) else name
        return bool(by_pattern(self._setting(pattern), by))

    def _is_database_filtered(self, database_name: Any) -> bool:
        fqn = names.join(str(self.context.get().database_service), text_of(database_name))
        return self._is_left_out(filter_by_database, "databaseFilterPattern", fqn, database_name)

    def _is_schema_filtered(self, database_name: Any, schema_name: Any) -> bool:
        above = str(self.context.get().database_service), text_of(database_name)
        fqn = names.join(*above, text_of(schema_name))
        return self._is_left_out(filter_by_schema, "schemaFilterPattern", fqn, schema_name)

    def is_stored_procedure_filtered(self, stored_procedure_name: Any) -> bool:
        """Whether the pattern for stored procedures leaves one out."""
        by_pattern, name = filter_by_stored_procedure, stored_procedure_name
        return self._is_left_out(by_pattern, "storedProcedureFilterPattern", self._fqn(name), name)

    # Tags

    def get_tag_by_fqn(self, entity_fqn: Any) -> list[Any] | None:
        """The labels of what was yielded as tags of an entity; None if there are none."""
        wanted, labels = str(entity_fqn), []
        for tag in self.context.get().tags or ():
            if tag.fqn is not None and str(getattr(tag.fqn, "root", tag.fqn)) == wanted:
                above, own = tag.classification_request.name, tag.tag_request.name
                labels.append(
                    model("TagLabel")(
                        tagFQN=names.join(str(above), str(own)),
                        labelType="Automated",
                        state="Suggested",
                        source="Classification",
                    )
                )
        return labels or None

    def get_database_tag_labels(self, database_name: Any) -> list[Any] | None:
        """The labels of a database."""
        above = str(self.context.get().database_service)
        return self.get_tag_by_fqn(names.join(above, str(database_name)))

    def get_schema_tag_labels(self, schema_name: Any) -> list[Any] | None:
        """The labels of a schema."""
        return self.get_tag_by_fqn(self._fqn(schema_name, schema=False))

    def get_tag_labels(self, table_name: Any) -> list[Any] | None:
        """The labels of a table."""
        if not self.context.get().tags:  # an FQN for each table takes its time
            return None
        return self.get_tag_by_fqn(self._fqn(table_name))

    def get_column_tag_labels(self, table_name: Any, column: Any) -> list[Any] | None:
        """The labels of a column, which is a dict with its name."""
        if not self.context.get().tags:
            return None
        return self.get_tag_by_fqn(self._fqn(table_name, column["name"]))

    def get_owner_ref(self, table_name: Any) -> Any:
        """The owners of a table, where the inspector tells them."""
        if not self._setting("includeOwners", False) or not hasattr(
            getattr(self, "inspector", None), "get_table_owner"
        ):
            return None
        owner = self.inspector.get_table_owner(
            connection=getattr(self, "connection", None),
            table_name=table_name,
            schema=str(self.context.get().database_schema),
        )
        return self.metadata.get_reference_by_name(name=owner, is_owner=True)

    def get_schema_owner_ref(self, schema_name: Any) -> Any:
        """The owners of a schema; none unless overridden."""

    def get_database_owner_ref(self, database_name: Any) -> Any:
        """The owners of a database; none unless overridden."""

    # What was found

    def register_record(self, table_request: Any) -> None:
        """Register a table as found."""
        self.database_source_state.add_request(table_request)

    def register_record_stored_proc_request(self, stored_proc_request: Any) -> None:
        """Register a stored procedure as found."""
        self.stored_procedure_source_state.add_request(stored_proc_request)

    def register_record_schema_request(self, schema_request: Any) -> None:
        """Register a schema as found."""
        self.schema_entity_source_state.add_request(schema_request)

    def register_record_database_request(self, database_request: Any) -> None:
        """Register a database as found."""
        self.database_entity_source_state.add_request(database_request)

    # What is gone

    def element_done(self, node: TopologyNode) -> None:
        """Note a schema that was read to the end, until its database is."""
        if node.producer == "get_database_schema_names":
            self._listed.append(self._fqn())
        elif node.producer == "get_database_names":
            self._listed.clear()

    @property
    def _listed(self) -> list[str]:
        """FQNs of the schemas that were read to the end, of the database in the context."""
        listed: list[str] = vars(self).setdefault("_listed_schemas", [])
        return listed

    def _complete_in_schemas(self, entity: type[Any], flag: str) -> Iterator[Any]:
        for schema in self._listed:
            yield from self._complete(entity, flag, *names.split(schema))

    def mark_tables_as_deleted(self) -> Iterable[Any]:
        """Call the tables of the schemas that were read complete, after all of a database.

        With `markAllDeletedTables` of release 1.1 also those of schemas that were not read.
        """
        yield from self._complete_in_schemas(Table, "markDeletedTables")
        if self._setting("markAllDeletedTables", False):
            yield from self._complete(
                Table, "markDeletedTables", *names.split(self._fqn(schema=False))
            )

    def mark_stored_procedures_as_deleted(self) -> Iterable[Any]:
        """Call the stored procedures of the schemas that were read complete."""
        if knows(type(self), "get_stored_procedures"):  # not up to release 1.1
            yield from self._complete_in_schemas(StoredProcedure, "markDeletedStoredProcedures")

    def mark_schemas_as_deleted(self) -> Iterable[Any]:
        """Call the schemas of a database complete, if that is switched on."""
        above = names.split(self._fqn(schema=False))
        return self._complete(DatabaseSchema, "markDeletedSchemas", *above, default=False)

    def mark_databases_as_deleted(self) -> Iterable[Any]:
        """Call the databases of the service complete, if that is switched on."""
        above = self.context.get().database_service
        return self._complete(Database, "markDeletedDatabases", above, default=False)
