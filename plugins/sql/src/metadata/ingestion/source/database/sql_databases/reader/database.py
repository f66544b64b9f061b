"""Reads one database: its streams become records."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from metadata.ingestion.source.database.sql_databases.reader.merging import Groups, Place
from metadata.ingestion.source.database.sql_databases.reader.owners import Owners
from metadata.ingestion.source.database.sql_databases.reader.routines import Routines
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ColumnRow,
    ConstraintRow,
    DatabaseRow,
    UnseenRow,
)
from metadata.ingestion.source.database.sql_databases.reader.samples import Extras, attached
from metadata.ingestion.source.database.sql_databases.reader.selection import (
    Choice,
    readable,
    table_fqn,
    why_not_stored,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted
from metadata.ingestion.source.database.sql_databases.reader.tables import TableMaker
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    EntityReference,
    Record,
    ScopeComplete,
    SourceStatus,
    WorkflowContext,
    fqn,
)
from om_ingest.model import (
    DatabaseSchema,
    Entity,
    StoredProcedure,
    Table,
    TableType,
    encode_reserved,
)

_VIEWS = {TableType.View, TableType.MaterializedView}
_KINDS: tuple[type[Entity], ...] = (DatabaseSchema, Table, StoredProcedure)


class DatabaseReader:
    """Makes the records of one database."""

    def __init__(
        self,
        session: Session,
        database: DatabaseRow,
        choice: Choice,
        ctx: WorkflowContext,
        status: SourceStatus,
        owners: Owners,
        extras: Extras,
    ) -> None:
        self.session = session
        self.database = database
        self.choice = choice
        self.ctx = ctx
        self.status = status
        self.owners = owners
        self.extras = extras
        self.fqn = fqn.child(choice.service, readable(database.name))
        self._schemas: dict[str, str] = {}
        self._hidden: set[tuple[str, type[Entity]]] = set()

    @property
    def schemas(self) -> Collection[str]:
        """Names of the schemas that were read."""
        return self._schemas.keys()

    def records(self) -> Iterator[Record]:
        """Database, schemas, then tables and routines, schema by schema."""
        settings = self.choice.settings
        yield CreateDatabaseRequest(
            name=readable(self.database.name),
            service=self.choice.service,
            description=readable(self.database.comment or "") or None,
            owners=self._owners(self.database.owner),
        )
        yield from self._schema_records()
        wanted = Wanted(
            schemas=tuple(self._schemas),
            tables=settings.includeTables,
            views=settings.includeViews,
            routines=settings.includeStoredProcedures,
            definitions=settings.includeDDL,
            owners=settings.includeOwners,
            row_counts=self.extras.row_counts,
            samples=self.extras.sample_count > 0,
        )
        if self._schemas:
            yield from self._tables(wanted)
            if wanted.routines and not self.ctx.cancelled.is_set():
                routines = Routines(
                    self.session,
                    self.choice,
                    self.status,
                    self._schemas,
                    self._owners,
                    self.ctx,
                )
                yield from routines.records(wanted)
        for row in self.session.unseen(wanted):
            self._tell(row)
        if not self.ctx.cancelled.is_set():
            yield from self._complete()

    def _owners(self, name: str | None) -> list[EntityReference] | None:
        return self.owners.of(name) if self.choice.settings.includeOwners else None

    def _schema_records(self) -> Iterator[Record]:
        is_empty = True
        for row in self.session.schemas():
            is_empty = False
            name = readable(row.name)
            if not self.choice.keeps_schema(self.fqn, name):
                continue
            fault = why_not_stored(name, self.fqn)
            if fault is not None:
                self.status.warning(_key(self.fqn, name), fault)
                continue
            self._schemas[row.name] = fqn.child(self.fqn, name)
            yield CreateDatabaseSchemaRequest(
                name=name,
                database=self.fqn,
                description=readable(row.comment or "") or None,
                owners=self._owners(row.owner),
            )
        if is_empty:  # where there is none, and where the user has no rights at all
            self._hidden |= {(self.fqn, kind) for kind in _KINDS}
            self.status.warning(
                self.fqn,
                "it has no schema that the user may see, so nothing in it is taken for gone:"
                " grant the user rights, or delete it in OpenMetadata if it is empty",
            )
        elif (only := self.choice.only_schema) and only not in self._schemas:
            self.status.warning(self.fqn, f"it has no schema {only!r}: correct databaseSchema")

    def _tables(self, wanted: Wanted) -> Iterator[Record]:
        session, order = self.session, self.session.order
        relations = session.relations(wanted)
        columns = Groups(session.columns(wanted), order)
        constraints = Groups(session.constraints(wanted), order)
        partitions = Groups(session.partitions(wanted), order)
        maker = TableMaker(session, self.status)
        here = Place(order)
        for row in relations:
            here.move(row.schema, row.name)
            if self.ctx.cancelled.is_set():
                return
            schema = self._schemas.get(row.schema)
            if schema is None:
                continue
            name = readable(row.name)
            key = _key(schema, encode_reserved(name))
            kind = TableType(row.kind)
            if not self.choice.decide(key, self.choice.why_not_relation(name, kind, key)):
                continue
            fault = why_not_stored(encode_reserved(name), schema)
            if fault is not None:
                self.status.warning(key, fault)
                continue
            place = row.schema, row.name
            rows = columns.of(*place), constraints.of(*place), partitions.of(*place)
            lacks = not rows[0] and session.has_columns_always
            if (lacks or session.hides_columns(*place)) and self._knows_more(key, rows[0]):
                continue
            if wanted.definitions and row.definition is None and kind not in _VIEWS:
                row = row._replace(definition=session.statement_of(row, *rows))
            request = maker.request(
                row, schema, key, *rows, self._referred, self._owners(row.owner)
            )
            if request is None:
                self.status.present(Table.entity_type, key)
                continue
            self.status.scanned(request)
            yield request
            yield from attached(self.session, self.extras, row, request, key, self.status)

    def _knows_more(self, key: str, columns: Sequence[ColumnRow]) -> bool:
        """Whether an earlier run has seen more columns of a table: then those stay."""
        why = "columns of it cannot be read: what it refers to is gone, or the user has no right"
        seen = {encode_reserved(readable(column.name)).lower() for column in columns}
        known = self.ctx.metadata.get_by_name(Table, key)
        if known is not None and any(one.name.lower() not in seen for one in known.columns):
            self.status.warning(
                key, f"{why}; what is known of it stays. Repair it, or grant SELECT"
            )
            self.status.present(Table.entity_type, key)
            return True
        if not columns:
            self.status.warning(key, f"delivered without columns: {why}")
        return False

    def _referred(self, row: ConstraintRow) -> list[str] | None:
        """FQNs of the columns that a foreign key refers to; None if they are not delivered."""
        schema = self._schemas.get(row.referred_schema or row.schema)
        if schema is None or not row.referred_relation:
            return None
        name = readable(row.referred_relation)
        table = table_fqn(schema, name)
        if self.choice.why_not_relation(name, TableType.Regular, table):
            return None
        return [fqn.child(table, encode_reserved(readable(one))) for one in row.referred_columns]

    def _tell(self, row: UnseenRow) -> None:
        place = self._schemas.get(row.schema, self.fqn)
        what = f"{row.thing_count} {row.what} may not be read"
        if row.thing_count is None:
            what = f"{row.what} are left out, if there are any"
        self.status.warning(place, f"{what}: {row.remedy}")
        if row.hides is not None:
            self._hidden.add((place, row.hides))

    def _complete(self) -> Iterator[Record]:
        """What was listed in full: filtered items are known to the status."""
        kinds: list[type[Entity]] = [Table]
        if self.choice.settings.includeStoredProcedures and self.session.lists_routines:
            kinds.append(StoredProcedure)
        lists_all = self.choice.only_schema is None
        lists_all = lists_all and (self.fqn, DatabaseSchema) not in self._hidden
        if lists_all:
            yield ScopeComplete(self.fqn, DatabaseSchema)
        failed = self._failed()
        if failed:
            self.status.warning(
                self.fqn, "what is gone from it is marked as deleted only where nothing failed"
            )
        for kind in kinds:
            hidden = failed | {place for place, what in self._hidden if what is kind}
            if lists_all and not hidden:  # what lies in schemas that are gone is gone, too
                yield ScopeComplete(self.fqn, kind)
                continue
            for schema in self._schemas.values():
                if schema not in hidden and self.fqn not in hidden:
                    yield ScopeComplete(schema, kind)

    def _failed(self) -> set[str]:
        """FQNs of the schemas in which something could not be read, and of the database."""
        notes = self.status.failures
        if self.status.failure_count > len(notes):  # more than can be told apart
            return {self.fqn}
        keys = [f"{note.key}." for note in notes]
        return {
            next((s for s in self._schemas.values() if key.startswith(f"{s}.")), self.fqn)
            for key in keys
            if key.startswith(f"{self.fqn}.")
        }


def _key(parent: str, name: str) -> str:
    """What the status calls something: its FQN, if there is one."""
    return fqn.child(parent, name) if name else f"{parent}.{name!r}"
