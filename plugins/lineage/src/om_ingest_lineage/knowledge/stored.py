"""What the store has beside the tables of the run, and what the run leaves out on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from om_ingest import MetadataStore, RecordError, Selection, SourceStatus
from om_ingest.config import SourceConfig
from om_ingest.model import Database, DatabaseSchema, Table, encode_reserved, fqn

from om_ingest_lineage.knowledge.tables import Place, Tables, View

SEARCHED_COUNT = 20
"""Schemas in which the store is asked for a name that is in no search path."""


class LeavingOut:
    """Tells by the patterns and include flags of a workflow what its run does not show."""

    def __init__(self, service: str, settings: SourceConfig) -> None:
        """`service` is that of the run: they concern no other one."""
        self._service = service
        self._selection = Selection(type(settings), settings, SourceStatus())
        self._has_pattern = getattr(settings, "tableFilterPattern", None) is not None

    def hides_schema(self, service: str, database: str, schema: str) -> bool:
        """Whether a schema is left out if it is there; an empty database is any."""
        if service != self._service:
            return False
        above = [service, database] if database else [service]
        keeps = self._selection.why_not
        return bool(
            (database and keeps(Database, database, fqn.join(*above)))
            or keeps(DatabaseSchema, schema, fqn.join(*above, schema))
        )

    def hides_table(self, service: str, schema_fqn: str, name: str) -> bool:
        """Whether a table of a schema that the run has read is left out if it is there."""
        if service != self._service or not name:
            return False
        if self._selection.leaves_out_tables:
            return True
        if not self._has_pattern:
            return False
        return bool(self._selection.why_not(Table, name, fqn.child(schema_fqn, name)))


class Stored:
    """Notes what the store has beside the tables of the run; everything is asked for once."""

    def __init__(
        self,
        tables: Tables,
        store: Callable[[], MetadataStore],
        leaving_out: LeavingOut | None = None,
        report: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """`report` is told where a name is not looked for everywhere."""
        self._tables = tables
        self._store = store
        self._leaving_out = leaving_out
        self._report = report
        self._has_more: bool | None = None

    def note_schemas(self, service: str) -> None:
        """Note the schemas of a service."""
        service_fqn = fqn.join(service)
        if self._may_ask(service_fqn):
            for schema_fqn in self._store().list_fqns(DatabaseSchema, scope=service_fqn):
                self._tables.place(schema_fqn)

    def note_table(self, place: Place, spellings: Iterable[str]) -> None:
        """Note the table that has the first of these names that the store knows."""
        for name in spellings:
            table_fqn = fqn.child(place.fqn, encode_reserved(name)) if name else ""
            if not table_fqn or not self._may_ask(table_fqn):
                continue
            try:
                found = self._store().get_by_name(Table, table_fqn)
            except RecordError:  # no store can have this name
                continue
            if found is not None:
                columns = [column.name for column in found.columns]
                view = View.of(found.tableType, found.schemaDefinition)
                self._tables.note_stored(place, found.name, columns, view)
                return

    def note_in_some(self, places: Sequence[Place], spellings: Iterable[str]) -> Sequence[Place]:
        """Note the tables of these names in the first of many schemas, which are returned."""
        names = list(spellings)
        if len(places) > SEARCHED_COUNT and self._is_more():
            self._report(
                "Tables that the run has not read, and that statements name without a schema, are"
                f" looked for in {SEARCHED_COUNT} of {len(places)} schemas of the target, and not"
                f" in {places[SEARCHED_COUNT].fqn}. Name their schemas in `searchPath` of"
                " sql-lineage."
            )
        asked = places[:SEARCHED_COUNT]
        for place in asked:
            self.note_table(place, names)
        return asked

    def hides_schema(self, service: str, database: str, schema: str) -> bool:
        """Whether the run leaves out a schema if it is there."""
        told = self._leaving_out
        return told is not None and told.hides_schema(service, database, schema)

    def hides_table(self, place: Place, name: str) -> bool:
        """Whether the run leaves out a table if it is there."""
        told = self._leaving_out
        return told is not None and told.hides_table(place.service, place.fqn, name)

    def _is_more(self) -> bool:
        if self._has_more is None:  # a file has what the run yields, and no more
            self._has_more = self._store().delivers_changes()
        return self._has_more

    def _may_ask(self, asked: str) -> bool:
        return self._is_more() and self._tables.is_new(asked)
