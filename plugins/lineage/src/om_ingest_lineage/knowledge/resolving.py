"""What a name in a statement means: the tables of the run first, then those of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from om_ingest.model import decode_reserved, encode_reserved

from om_ingest_lineage.analysis.names import KnownTable, NamePart, Unresolved
from om_ingest_lineage.config import OWN_SCHEMA
from om_ingest_lineage.knowledge.dialects import Dialect
from om_ingest_lineage.knowledge.stored import SEARCHED_COUNT, Stored
from om_ingest_lineage.knowledge.tables import Found, Place, Tables


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

    is_logged: bool = False
    """Whether it is a query, and the schema the one that its session looked into first."""

    services: tuple[str, ...] = ()
    """Services that are looked into where its own does not have a name."""


@dataclass(frozen=True)
class _Group:
    """Schemas that have the same right to a name."""

    places: Sequence[Place]
    is_told: bool = False
    """Whether the name or a search path tells them, and not only that nothing else does."""

    is_open: bool = False
    """Whether the run leaves out a schema that belongs to them, so that nothing is known of it."""


class Resolver:
    """The names of one statement: `om_ingest_lineage.analysis.names.Names`."""

    def __init__(
        self,
        tables: Tables,
        at: Standpoint,
        stored: Stored | None,
        derive: Callable[[str], Sequence[str] | None] = lambda fqn: (),
        *,
        is_at_end: bool = True,
        itself: str = "",
    ) -> None:
        """Without `stored`, only tables of the run are found.

        `derive` tells the columns of a table that came without any; None if they are not known so
        far. Unless it is the end of the run, the store is only asked about schemas that are
        complete: it may have what a filter left out. `itself` is the FQN of the view whose
        statement it is: no view reads itself, so no name in it means that.
        """
        self._tables = tables
        self._at = at
        self._stored = stored
        self._may_ask = is_at_end and stored is not None
        self._derive = derive
        self._itself = itself
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
        if not found:
            return Unresolved.UNKNOWN
        (only, *others) = found
        if others or only is None:
            return Unresolved.AMBIGUOUS
        columns: Sequence[str] | None = only.spoken or self._derive(only.fqn)
        self.is_settled = self.is_settled and columns is not None
        return KnownTable(only.fqn, columns or ())

    def _found(self, parts: Sequence[NamePart]) -> Sequence[Found | None]:
        """The tables that a name may mean; None is one that nobody knows, and may be there."""
        own = self._in_service(self._at.service, parts)
        if own:
            return own
        others = (name for name in self._at.services if name != self._at.service)
        return [found for service in others for found in self._in_service(service, parts)]

    def _in_service(self, service: str, parts: Sequence[NamePart]) -> Sequence[Found | None]:
        *above, name = parts
        passed: list[Place] = []
        is_told, is_open = True, False
        for group in self._groups(service, above):
            found, without = self._in_group(group.places, name)
            passed += without
            is_told, is_open = is_told and group.is_told, is_open or group.is_open
            if found:
                hidden = self._left_out(passed, name, is_told=is_told)
                return [*found, *hidden, *([None] if is_open else ())]
        if not self._may_ask:
            self.is_settled = False
            return []
        few = is_told or len(passed) <= SEARCHED_COUNT
        return self._stored_in(passed if few else self._hiding(passed, name), name)

    def _in_group(self, places: Sequence[Place], name: NamePart) -> tuple[list[Found], list[Place]]:
        """The tables with a name in some schemas, and those complete schemas that have none."""
        found: list[Found] = []
        complete: list[Place] = []
        others: list[Place] = []
        known = self._known(places, name)
        for place in places:
            is_complete = self._tables.is_complete(place)
            meant: Sequence[Found] = ()
            if tables := known(place):
                shown = [table for table in tables if not (is_complete and table.is_stored)]
                meant = self._meant(shown, name)
                found += meant
            if not meant:
                (complete if is_complete else others).append(place)
        if others and self._may_ask:
            found += self._stored_in(others, name)
        elif others:
            self.is_settled = False
        return found, complete

    def _left_out(
        self, passed: Sequence[Place], name: NamePart, *, is_told: bool
    ) -> Sequence[Found | None]:
        """What a filter may have left out, and a name may mean before what was found.

        The run has listed all tables of these schemas, and has none with the name. One that the
        store has may be gone, or left out; one that nobody has may be there if the workflow leaves
        it out.
        """
        hiding = self._hiding(passed, name)
        if not is_told:
            return self._stored_in(hiding, name)
        return [*self._stored_in(passed, name), *([None] if hiding else ())]

    def _hiding(self, places: Sequence[Place], name: NamePart) -> list[Place]:
        if self._stored is None:
            return []
        wanted = self._case.wanted(name)
        return [place for place in places if self._stored.hides_table(place, wanted)]

    def _stored_in(self, places: Sequence[Place], name: NamePart) -> list[Found]:
        """The tables that the store has in the first of some schemas."""
        if self._stored is None:
            return []
        asked = self._stored.note_in_some(places, self._case.spellings(name))
        named = (self._tables.named(place, encode_reserved(name.text)) for place in asked)
        return [table for tables in named for table in self._meant(tables, name)]

    def _known(self, places: Sequence[Place], name: NamePart) -> Callable[[Place], Sequence[Found]]:
        """Tells the tables of a schema that have a name, whatever its case."""
        wanted = encode_reserved(name.text)
        if len(places) <= SEARCHED_COUNT:
            return lambda place: self._tables.named(place, wanted)
        by_place: dict[int, list[Found]] = {}
        for table in self._tables.named_anywhere(wanted):
            by_place.setdefault(table.place.number, []).append(table)
        return lambda place: by_place.get(place.number, ())

    def _meant(self, tables: Sequence[Found], name: NamePart) -> list[Found]:
        """Those of some tables with the same letters that a name means."""
        by_name = {
            decode_reserved(table.name): table for table in tables if table.fqn != self._itself
        }
        return [by_name[match] for match in self._case.matches(name, list(by_name))]

    def _groups(self, service: str, above: Sequence[NamePart]) -> Iterator[_Group]:
        """The schemas that a name may lie in, in the order in which they are looked into."""
        database = above[-2] if len(above) > 1 and above[-2].text else None
        is_own = service == self._at.service
        is_told = database is not None or (is_own and bool(self._at.database))
        if above and above[-1].text:
            yield _Group(self._places(service, database, above[-1]), is_told)
            if database is None and self._at.dialect.mixes_levels:
                for schema in self._at.dialect.schemas:
                    part = NamePart(schema, quoted=True)
                    yield _Group(self._places(service, above[-1], part), is_told)
            return
        for schemas in self._path() if is_own else ():
            parts = [NamePart(schema, quoted=True) for schema in schemas]
            lists = [self._places(service, database, part) for part in parts]
            is_open = any(
                not places and self._may_be_there(schema)
                for schema, places in zip(schemas, lists, strict=True)
            )
            yield _Group([place for places in lists for place in places], is_told, is_open)
        if not is_own or not (self._at.schema or self._at.path):
            yield _Group(self._places(service, database, None))

    def _may_be_there(self, schema: str) -> bool:
        """Whether a schema is there although neither the run nor the store has it."""
        at, told = self._at, self._stored
        hides = told is not None and told.hides_schema(at.service, at.database, schema)
        return hides or (at.is_logged and schema == at.schema)

    def _path(self) -> Iterator[list[str]]:
        own = self._at.schema
        if self._at.path:
            named = (own if schema == OWN_SCHEMA else schema for schema in self._at.path)
            yield from ([schema] for schema in named if schema)
            return
        path = list(dict.fromkeys(filter(None, (own, *self._at.dialect.schemas))))
        if self._at.dialect.own_schema_first or self._at.is_logged:
            yield from ([schema] for schema in path)
        else:
            yield path

    def _places(
        self, service: str, database: NamePart | None, schema: NamePart | None
    ) -> list[Place]:
        """Schemas with these names. None means the database of the statement, and any schema."""
        found = self._matching_places(service, database, schema)
        if not found and self._may_ask and self._stored is not None:
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
