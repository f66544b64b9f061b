"""The tables of a run in a scratch file: what they are called, and their columns."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from om_ingest.model import TableType, decode_reserved, fqn

_SCHEMA = """
CREATE TABLE known (
    place INTEGER, folded TEXT, name TEXT, columns TEXT, view INTEGER, is_stored INTEGER,
    PRIMARY KEY (place, folded, name)
) WITHOUT ROWID;
CREATE TABLE derived (fqn TEXT PRIMARY KEY, columns TEXT) WITHOUT ROWID;
CREATE TABLE asked (fqn TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_NOTE = "INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, 0)"
_NOTE_STORED = "INSERT OR IGNORE INTO known VALUES (?, ?, ?, ?, ?, 1)"
_NAMED = "SELECT place, name, columns, view, is_stored FROM known WHERE"
_VIEWS = frozenset(
    {
        TableType.View,
        TableType.SecureView,
        TableType.MaterializedView,
        TableType.Dynamic,
        TableType.SemanticView,
    }
)
_QUERY = re.compile(r"\bselect\b", re.IGNORECASE)
_BATCH_COUNT = 500
_SEPARATOR = "\0"  # no store takes a name with this character


@dataclass(frozen=True)
class Place:
    """A schema that tables lie in."""

    number: int
    fqn: str
    service: str
    database: str
    schema: str


class View(IntEnum):
    """Whether a table is a view, and whether its statement is known."""

    NO = 0
    UNDEFINED = 1
    DEFINED = 2

    @classmethod
    def of(cls, table_type: TableType | None, definition: str | None) -> View:
        """What a table with this type and definition is."""
        if definition and (table_type in _VIEWS or _QUERY.search(definition)):
            return cls.DEFINED
        return cls.UNDEFINED if table_type in _VIEWS else cls.NO


@dataclass(frozen=True)
class Found:
    """A table, and its columns as a store spells them."""

    place: Place
    name: str
    columns: Sequence[str]
    view: View = View.NO
    is_stored: bool = False
    """Whether only the store has it, and no record of the run."""

    @property
    def spoken(self) -> list[str]:
        """Its columns as SQL calls them."""
        return [decode_reserved(name) for name in self.columns]

    @property
    def fqn(self) -> str:
        """The table's FQN."""
        return fqn.child(self.place.fqn, self.name)


class Tables:
    """Tables by place and name. Of each schema a little stays in memory, of a table nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[int, str, str, str, View]] = []
        self._places: dict[str, Place | None] = {}
        """By the FQN of the schema; None for what is no FQN of a schema."""
        self._by_name: dict[tuple[str, str, str], list[Place]] = {}
        """By service, and by database and schema without case; an empty one stands for any."""
        self._by_number: dict[int, Place] = {}
        self._complete: set[str] = set()
        self._completeness: dict[int, bool] = {}
        """By number of the schema, as far as it was asked for."""
        self._has_index = False
        self.noted_count = 0
        """Tables of the run so far."""
        connection.executescript(_SCHEMA)

    def place(self, schema_fqn: str) -> Place | None:
        """The schema with this FQN, noted as one that is there; None if it is no FQN of one."""
        if schema_fqn not in self._places:
            self._places[schema_fqn] = self._added(schema_fqn)
        return self._places[schema_fqn]

    def _added(self, schema_fqn: str) -> Place | None:
        try:
            parts = fqn.split(schema_fqn)
        except fqn.FqnError:
            return None
        if len(parts) != 3:
            return None
        normal = fqn.join(*parts)
        if normal != schema_fqn:
            return self.place(normal)
        place = Place(len(self._places), normal, *parts)
        self._by_number[place.number] = place
        database, schema = place.database.casefold(), place.schema.casefold()
        for key in ((database, schema), ("", schema), (database, ""), ("", "")):
            self._by_name.setdefault((place.service, *key), []).append(place)
        return place

    def places(self, service: str, database: str = "", schema: str = "") -> Sequence[Place]:
        """Schemas of a service with these names, whatever their case; an empty one means any."""
        return self._by_name.get((service, database.casefold(), schema.casefold()), ())

    def note(
        self, schema_fqn: str, name: str, columns: Sequence[str], view: View = View.NO
    ) -> None:
        """Remember a table. Later ones of the same name replace it."""
        place = self.place(schema_fqn)
        if place is None:
            return
        self.noted_count += 1
        text = _SEPARATOR.join(columns)
        self._waiting.append((place.number, name.casefold(), name, text, view))
        if len(self._waiting) >= _BATCH_COUNT:
            self._write()

    def note_stored(self, place: Place, name: str, columns: Sequence[str], view: View) -> None:
        """Remember a table that the store has; one of the run stays."""
        self._write()
        row = (place.number, name.casefold(), name, _SEPARATOR.join(columns), view)
        self._connection.execute(_NOTE_STORED, row)

    def _write(self) -> None:
        if self._waiting:
            self._connection.executemany(_NOTE, self._waiting)
            self._waiting.clear()

    def named(self, place: Place, name: str) -> list[Found]:
        """Tables of a schema with this name, whatever its case."""
        return self._found("place = ? AND folded = ?", place.number, name.casefold())

    def named_anywhere(self, name: str) -> list[Found]:
        """Tables of all schemas with this name, whatever its case."""
        if not self._has_index:  # most runs need none
            self._connection.execute("CREATE INDEX known_by_name ON known (folded)")
            self._has_index = True
        return self._found("folded = ?", name.casefold())

    def _found(self, where: str, *values: int | str) -> list[Found]:
        self._write()
        rows = self._connection.execute(f"{_NAMED} {where}", values)
        return [
            Found(self._by_number[number], name, _columns(columns), View(view), bool(is_stored))
            for number, name, columns, view, is_stored in rows
        ]

    def table(self, table_fqn: str) -> Found | None:
        """The table with exactly this FQN; None if it is not known."""
        parent, name = _split(table_fqn)
        place = self._places.get(parent)
        found = self.named(place, name) if place else ()
        return next((table for table in found if table.name == name), None)

    def derive(self, table_fqn: str, columns: Sequence[str]) -> None:
        """Remember what SQL calls the columns of a table that came without any."""
        row = (table_fqn, _SEPARATOR.join(columns))
        self._connection.execute("INSERT OR REPLACE INTO derived VALUES (?, ?)", row)

    def derived(self, table_fqn: str) -> list[str] | None:
        """What `derive` has noted; None if it was not asked so far."""
        sql = "SELECT columns FROM derived WHERE fqn = ?"
        row = self._connection.execute(sql, (table_fqn,)).fetchone()
        return None if row is None else _columns(row[0])

    def complete(self, scope_fqn: str) -> None:
        """Learn that every table below a service, database or schema was noted."""
        self._complete.add(fqn.spelled(scope_fqn))
        self._completeness.clear()

    def is_complete(self, place: Place) -> bool:
        """Whether every table of a schema was noted."""
        known = self._completeness.get(place.number)
        if known is None:
            scopes = (place.fqn, fqn.join(place.service, place.database), fqn.join(place.service))
            known = not self._complete.isdisjoint(scopes)
            self._completeness[place.number] = known
        return known

    def is_new(self, asked_fqn: str) -> bool:
        """Whether this is asked for the first time: True at most once for each FQN."""
        sql = "INSERT OR IGNORE INTO asked VALUES (?)"
        return self._connection.execute(sql, (asked_fqn,)).rowcount > 0


def _columns(text: str) -> list[str]:
    return text.split(_SEPARATOR) if text else []


@lru_cache(maxsize=1024)
def _split(table_fqn: str) -> tuple[str, str]:
    *parents, name = fqn.split(table_fqn)
    return fqn.join(*parents), name
