"""Reads one database: its streams become records."""

from __future__ import annotations

from collections.abc import Iterator

from metadata.ingestion.source.database.sql_databases.reader.merging import Groups
from metadata.ingestion.source.database.sql_databases.reader.routines import Routines
from metadata.ingestion.source.database.sql_databases.reader.rows import (
    ConstraintRow,
    DatabaseRow,
    RelationRow,
    UnseenRow,
)
from metadata.ingestion.source.database.sql_databases.reader.selection import (
    Choice,
    table_fqn,
    why_not_stored,
)
from metadata.ingestion.source.database.sql_databases.reader.session import Session, Wanted
from metadata.ingestion.source.database.sql_databases.reader.tables import TableMaker
from om_ingest import (
    CreateDatabaseRequest,
    CreateDatabaseSchemaRequest,
    CreateTableRequest,
    EntityReference,
    Record,
    ScopeComplete,
    SourceError,
    SourceStatus,
    WorkflowContext,
    fqn,
)
from om_ingest.model import (
    AddSampleDataRequest,
    DatabaseSchema,
    Entity,
    StoredProcedure,
    Table,
    TableData,
    TableType,
    encode_reserved,
)


class DatabaseReader:
    """Makes the records of one database."""

    def __init__(
        self,
        session: Session,
        database: DatabaseRow,
        choice: Choice,
        ctx: WorkflowContext,
        status: SourceStatus,
        sample_count: int = 0,
    ) -> None:
        self.session = session
        self.database = database
        self.choice = choice
        self.ctx = ctx
        self.status = status
        self.sample_count = sample_count
        self.fqn = fqn.child(choice.service, database.name)
        self._schemas: dict[str, str] = {}
        self._hidden: set[tuple[str, type[Entity]]] = set()

    def records(self, *, row_counts: bool = False) -> Iterator[Record]:
        """Database, schemas, then tables and routines, schema by schema."""
        settings = self.choice.settings
        yield CreateDatabaseRequest(
            name=self.database.name,
            service=self.choice.service,
            description=self.database.comment or None,
        )
        yield from self._schema_records()
        wanted = Wanted(
            schemas=tuple(self._schemas),
            tables=settings.includeTables,
            views=settings.includeViews,
            routines=settings.includeStoredProcedures,
            definitions=settings.includeDDL,
            owners=settings.includeOwners,
            row_counts=row_counts,
        )
        if not self._schemas:
            return
        yield from self._tables(wanted)
        if settings.includeStoredProcedures and not self.ctx.cancelled.is_set():
            yield from Routines(self.session, self.choice, self.status, self._schemas).records(
                wanted
            )
        for row in self.session.unseen(wanted):
            self._tell(row)
        if not self.ctx.cancelled.is_set():
            yield from self._complete()

    def _tell(self, row: UnseenRow) -> None:
        place = self._schemas.get(row.schema, self.fqn)
        what = f"{row.thing_count} {row.what} may not be read"
        if row.thing_count is None:
            what = f"{row.what} are left out, if there are any"
        self.status.warning(place, f"{what}: {row.remedy}")
        if row.hides is not None:
            self._hidden.add((place, row.hides))

    def _schema_records(self) -> Iterator[Record]:
        for row in self.session.schemas():
            if not self.choice.keeps_schema(self.fqn, row.name):
                continue
            fault = why_not_stored(row.name, self.fqn)
            if fault is not None:
                self.status.failure(fqn.child(self.fqn, row.name), fault)
                continue
            self._schemas[row.name] = fqn.child(self.fqn, row.name)
            yield CreateDatabaseSchemaRequest(
                name=row.name, database=self.fqn, description=row.comment or None
            )

        if (only := self.choice.only_schema) and only not in self._schemas:
            self.status.warning(self.fqn, f"it has no schema {only!r}: correct databaseSchema")

    def _tables(self, wanted: Wanted) -> Iterator[Record]:
        session, order = self.session, self.session.order
        columns = Groups(session.columns(wanted), order)
        constraints = Groups(session.constraints(wanted), order)
        partitions = Groups(session.partitions(wanted), order)
        maker = TableMaker(session.types, self.status)
        for row in session.relations(wanted):
            if self.ctx.cancelled.is_set():
                return
            schema = self._schemas.get(row.schema)
            if schema is None:
                continue
            key = table_fqn(schema, row.name)
            reason = self.choice.why_not_relation(row.name, TableType(row.kind), key)
            if not self.choice.decide(key, reason):
                continue
            fault = why_not_stored(encode_reserved(row.name), schema)
            if fault is not None:
                self.status.failure(key, fault)
                continue
            place = row.schema, row.name
            found = columns.of(*place)
            if not found and session.has_columns_always and not self._may_lack_columns(key):
                continue
            request = maker.request(
                row,
                schema,
                key,
                found,
                constraints.of(*place),
                partitions.of(*place),
                self._referred,
                None,
            )
            if request is None:
                continue
            self.status.scanned(request)
            yield request
            if self.sample_count:
                yield from self._sample(row, key, request)

    def _may_lack_columns(self, key: str) -> bool:
        """Whether nobody misses the columns of what has none: earlier runs have not seen any."""
        why = "its columns cannot be read: what it refers to is gone, or may not be read"
        known = self.ctx.metadata.get_by_name(Table, key)
        if known is not None and known.columns:
            self.status.failure(key, f"{why}; what is known of it stays. Repair or drop it")
            return False
        self.status.warning(key, f"delivered without columns: {why}")
        return True

    def _referred(self, row: ConstraintRow) -> list[str] | None:
        """FQNs of the columns that a foreign key refers to; None if they are not delivered."""
        schema = self._schemas.get(row.referred_schema or row.schema)
        if schema is None or not row.referred_relation:
            return None
        table = table_fqn(schema, row.referred_relation)
        if self.choice.why_not_relation(row.referred_relation, TableType.Regular, table):
            return None
        return [fqn.child(table, encode_reserved(name)) for name in row.referred_columns]

    def _sample(self, row: RelationRow, key: str, request: CreateTableRequest) -> Iterator[Record]:
        try:
            names, rows = self.session.sample(row.schema, row.name, self.sample_count)
        except SourceError as error:
            self.status.warning(key, f"no sample data: {error}")
            return
        yield AddSampleDataRequest(
            entity=EntityReference(type=Table.entity_type, fullyQualifiedName=key),
            sampleData=TableData(columns=[encode_reserved(name) for name in names], rows=rows),
        )

    def _complete(self) -> Iterator[Record]:
        if self.status.failure_count:
            return
        kinds: list[type[Entity]] = [Table]
        if self.choice.settings.includeStoredProcedures:
            kinds.append(StoredProcedure)
        scopes = [(schema, kind) for schema in self._schemas.values() for kind in kinds]
        scopes.append((self.fqn, DatabaseSchema))
        for scope, kind in scopes:
            if (scope, kind) not in self._hidden:
                yield ScopeComplete(scope, kind)
