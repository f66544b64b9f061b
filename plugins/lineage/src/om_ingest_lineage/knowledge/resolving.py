"""What a name in a statement means: the tables of the run first, then those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from om_ingest import MetadataStore, RecordError
from om_ingest.model import DatabaseSchema, Table, decode_reserved, encode_reserved, fqn

from om_ingest_lineage.analysis.names import KnownTable, NamePart, Unresolved
from om_ingest_lineage.knowledge.dialects import Dialect
from om_ingest_lineage.knowledge.tables import Found, Place, Tables

OWN_SCHEMA = "$schema"
"""Stands in a search path for the schema that a statement stands in."""

_SEARCHED_COUNT = 20
"""Schemas in which the store is asked for a name that is in no search path."""


@dataclass(frozen=True)
class Standpoint:
    """Where a statement stands: what its names mean depends on it."""

    service: str
    dialect: Dialect
    database: str = ""
    """Where a name without a database is looked for; any, if it is empty."""

    schema: str = ""
    """The schema of the view or routine; empty for a statement of a user."""

    path: tuple[str, ...] = ()
    """Schemas in which a name without one is looked for, in order; empty for the dialect's way."""

    services: tuple[str, ...] = ()
    """Services that are looked into where its own does not have a name."""


class Stored:
    """Notes what the store has beside the tables of the run; everything is asked for once."""

    def __init__(self, tables: Tables, store: Callable[[], MetadataStore]) -> None:
        self._tables = tables
        self._store = store
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
                self._tables.note(place.fqn, found.name, columns)
                return

    def _may_ask(self, asked: str) -> bool:
        if self._has_more is None:  # a file has what the run yields, and no more
            self._has_more = self._store().delivers_changes()
        return self._has_more and self._tables.is_new(asked)


class Resolver:
    """The names of one statement: `om_ingest_lineage.analysis.names.Names`."""

    def __init__(
        self,
        tables: Tables,
        at: Standpoint,
        stored: Stored | None,
        derive: Callable[[str], Sequence[str] | None] = lambda fqn: (),
    ) -> None:
        """Without `stored`, only tables of the run are found.

        `derive` tells the columns of a table that came without any; None if they are not known so
        far.
        """
        self._tables = tables
        self._at = at
        self._stored = stored
        self._derive = derive
        self._case = at.dialect.case
        self.error: Exception | None = None
        """What went wrong while a name was looked up; None if nothing did."""
        self.is_settled = True
        """Whether no later table, nor one of the store, can change an answer so far."""

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """The table that a name means, with its columns as SQL calls them."""
        try:
            return self._resolved(parts)
        except Exception as error:
            self.error = error
            raise

    def _resolved(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        found = self._found(parts) if 1 <= len(parts) <= 3 and parts[-1].text else []
        if len(found) != 1:
            return Unresolved.AMBIGUOUS if found else Unresolved.UNKNOWN
        columns: Sequence[str] | None = found[0].spoken or self._derive(found[0].fqn)
        self.is_settled = self.is_settled and columns is not None
        return KnownTable(found[0].fqn, columns or ())

    def _found(self, parts: Sequence[NamePart]) -> list[Found]:
        own = self._in_service(self._at.service, parts)
        if own:
            return own
        others = (name for name in self._at.services if name != self._at.service)
        return [found for service in others for found in self._in_service(service, parts)]

    def _in_service(self, service: str, parts: Sequence[NamePart]) -> list[Found]:
        *above, name = parts
        searched: list[Place] = []
        for places in self._groups(service, above):
            found = [table for place in places for table in self._in_place(place, name)]
            if found:
                return found
            searched += places
        if self._stored is None:
            self.is_settled = False
            return []
        # The run has listed all tables of these. A filter may have left some out.
        complete = [place for place in searched if self._tables.is_complete(place)]
        for place in complete[:_SEARCHED_COUNT]:
            self._stored.note_table(place, self._case.spellings(name))
        return [table for place in complete for table in self._matching(place, name)]

    def _in_place(self, place: Place, name: NamePart) -> list[Found]:
        found = self._matching(place, name)
        if found or self._tables.is_complete(place):
            return found
        if self._stored is None:
            self.is_settled = False
            return []
        self._stored.note_table(place, self._case.spellings(name))
        return self._matching(place, name)

    def _matching(self, place: Place, name: NamePart) -> list[Found]:
        stored = self._tables.named(place, encode_reserved(name.text))
        by_name = {decode_reserved(table.name): table for table in stored}
        return [by_name[match] for match in self._case.matches(name, list(by_name))]

    def _groups(self, service: str, above: Sequence[NamePart]) -> Iterator[list[Place]]:
        """The schemas that a name may lie in; those of a group have the same right to it."""
        database = above[-2] if len(above) > 1 and above[-2].text else None
        if above and above[-1].text:
            yield self._places(service, database, above[-1])
            if database is None and self._at.dialect.mixes_levels:
                for schema in self._at.dialect.schemas:
                    yield self._places(service, above[-1], NamePart(schema, quoted=True))
            return
        is_own = service == self._at.service
        for schemas in self._path() if is_own else ():
            parts = [NamePart(schema, quoted=True) for schema in schemas]
            yield [p for part in parts for p in self._places(service, database, part)]
        if not is_own or not (self._at.schema or self._at.path):
            yield self._places(service, database, None)[:_SEARCHED_COUNT]

    def _path(self) -> Iterator[list[str]]:
        own = self._at.schema
        if self._at.path:
            named = (own if schema == OWN_SCHEMA else schema for schema in self._at.path)
            yield from ([schema] for schema in named if schema)
            return
        path = list(dict.fromkeys(filter(None, (own, *self._at.dialect.schemas))))
        if self._at.dialect.own_schema_first:
            yield from ([schema] for schema in path)
        else:
            yield path

    def _places(
        self, service: str, database: NamePart | None, schema: NamePart | None
    ) -> list[Place]:
        """Schemas with these names. None means the database of the statement, and any schema."""
        found = self._matching_places(service, database, schema)
        if not found and self._stored is not None:
            self._stored.note_schemas(service)
            found = self._matching_places(service, database, schema)
        return found

    def _matching_places(
        self, service: str, database: NamePart | None, schema: NamePart | None
    ) -> list[Place]:
        if database is None and self._at.database and service == self._at.service:
            database = NamePart(self._at.database, quoted=True)
        places = self._tables.places(
            service, database.text if database else "", schema.text if schema else ""
        )
        for part, level in ((database, "database"), (schema, "schema")):
            if part is not None:
                names = list(dict.fromkeys(getattr(place, level) for place in places))
                matches = self._case.matches(part, names)
                places = [place for place in places if getattr(place, level) in matches]
        return list(places)
