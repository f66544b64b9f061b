"""What queries are made of: where a column comes from, rows with columns, and names in sight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from om_ingest_lineage.analysis.names import NamePart

Cell = tuple[str, str]
"""The FQN of a table, and a column of it as it is stored."""


@dataclass(frozen=True)
class Origin:
    """Where the values of a column come from."""

    cells: Mapping[Cell, exp.Expr | None] = field(default_factory=dict)
    """Columns, each with the expression that it goes through, where that is more than a copy."""

    untold: frozenset[str] = frozenset()
    """FQNs of tables that may have a part in it that could not be told."""


NOWHERE = Origin()
"""Of constants, and of what is no column of a table."""


def merged(origins: Iterable[Origin], made: exp.Expr | None = None) -> Origin:
    """All of these together, going through an expression if one is given."""
    found = list(origins)
    if len(found) == 1 and made is None:
        return found[0]
    cells: dict[Cell, exp.Expr | None] = {}
    for origin in found:
        for cell, through in origin.cells.items():
            cells[cell] = made or cells.get(cell) or through
    return Origin(cells, frozenset[str]().union(*(origin.untold for origin in found)))


def as_column(parts: Sequence[exp.Expr]) -> exp.Column:
    """A column out of the parts of a name."""
    names = ("this", "table", "db", "catalog")
    return exp.Column(**dict(zip(names, (part.copy() for part in reversed(parts)), strict=False)))


@dataclass(frozen=True)
class Column:
    """A column of rows."""

    key: str
    name: str
    """Empty if the database makes it up."""

    origin: Origin


@dataclass(frozen=True)
class Open:
    """Columns that are not known: of a table without columns, or of a function."""

    position: int
    """How many known columns stand before them."""

    fqn: str | None = None
    origin: Origin | None = None
    """Of each of its columns, where all come from the same."""

    def column(self, key: str, name: str) -> Origin:
        """The one of this name, which the statement says is there."""
        if self.origin is not None:
            return self.origin
        return Origin({(self.fqn, name): None}) if self.fqn else NOWHERE

    def tables(self) -> frozenset[str]:
        """FQNs of the tables that its columns may come from."""
        if self.origin is not None:
            return self.origin.untold.union(fqn for fqn, _ in self.origin.cells)
        return frozenset([self.fqn] if self.fqn else [])


@dataclass
class Rows:
    """What a query or a table gives: its columns in order, and the tables it was read from."""

    columns: list[Column] = field(default_factory=list)
    opens: list[Open] = field(default_factory=list)
    tables: dict[str, None] = field(default_factory=dict)
    """FQNs in the order in which they were met."""

    _by_key: dict[str, Column] | None = None

    def known(self, key: str) -> Column | None:
        """The column of this name, if its rows are known to have it."""
        if self._by_key is None:
            self._by_key = {}
            for column in self.columns:
                self._by_key.setdefault(column.key, column)
        return self._by_key.get(key)

    def tables_behind_opens(self) -> frozenset[str]:
        """FQNs of the tables whose columns are not known."""
        return frozenset[str]().union(*(part.tables() for part in self.opens))

    def renamed(self, columns: Sequence[tuple[str, str]]) -> Rows:
        """These rows with other names, key and name, for the first columns."""
        if self.opens and self.opens[0].position < len(columns):
            if not self.columns and len(self.opens) == 1 and self.opens[0].origin is not None:
                origin = self.opens[0].origin
                given = [Column(key, name, origin) for key, name in columns]
                return Rows(given, [], self.tables)
            untold = Origin(untold=self.tables_behind_opens())
            first = self.opens[0].position
            given = [
                Column(
                    key,
                    name,
                    self.columns[at].origin
                    if at < first
                    else merged([untold, *(each.origin for each in self.columns[first:])]),
                )
                for at, (key, name) in enumerate(columns)
            ]
            return Rows(given, [], self.tables)
        given = [
            Column(key, name, column.origin)
            for (key, name), column in zip(columns, self.columns, strict=False)
        ]
        return Rows([*given, *self.columns[len(given) :]], self.opens, self.tables)


@dataclass
class Relation:
    """Rows under a name, in a FROM."""

    alias: str
    """Its key; empty if it has none."""

    rows: Rows
    parts: Sequence[NamePart] = ()
    """The name in the statement, where it is a table without alias."""

    hidden: bool = False
    """Whether its columns are out of sight, as on the right of a SEMI JOIN."""


@dataclass
class Scope:
    """The names that an expression sees."""

    parent: Scope | None
    ctes: dict[str, CommonTable]
    relations: list[Relation] = field(default_factory=list)
    shared: dict[str, Column] = field(default_factory=dict)
    """Columns that JOIN … USING or NATURAL JOIN made one of two."""

    aliases: dict[str, Origin] = field(default_factory=dict)
    """Projections that later ones may name."""

    windows: dict[str, exp.Expr] = field(default_factory=dict)
    tables: dict[str, None] = field(default_factory=dict)
    """FQNs of the tables that were read."""

    def levels(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        level: Scope | None = self
        while level is not None:
            yield level
            level = level.parent


@dataclass
class CommonTable:
    """A query of WITH, read when it is first named."""

    query: exp.Expr
    names: Sequence[exp.Identifier]
    scope: Scope | None
    """Around the WITH."""

    ctes: dict[str, CommonTable]
    """Those that it sees."""

    recursive: bool = False
    rows: Rows | None = None
