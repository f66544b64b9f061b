"""Queries made at random together with their lineage: a second opinion that parses nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from om_ingest_lineage.analysis import Confidence, KnownTable, NamePart, Unresolved, analyse

from tests.selection import few

TABLES = {
    "t1": ["id", "a", "b"],
    "t2": ["id", "c", "d", "e"],
    "t3": ["k", "a", "f"],
    "q1": ["id", "g"],
}
"""`q1` has the name of a common table, too."""

DIALECTS = ["postgres", "duckdb", "mysql", "snowflake", "bigquery", "tsql", "spark", "trino"]


class Made(NamedTuple):
    """A column of a query: its name, and the columns of tables that it is made of."""

    name: str
    cells: frozenset[tuple[str, str]]


@dataclass
class Query:
    """A query, what it gives, and the tables that it reads."""

    sql: str
    columns: list[Made]
    tables: set[str]


@dataclass
class Source:
    """Something in a FROM, under an alias."""

    sql: str
    alias: str
    columns: list[Made]
    tables: set[str]


@dataclass
class Writer:
    """Writes queries; the same seed gives the same ones."""

    chance: random.Random
    aliases: int = 0
    common: list[dict[str, Query]] = field(default_factory=list)
    """Tables of WITH in sight, the inner ones last."""

    def alias(self) -> str:
        """A name that nothing else has."""
        self.aliases += 1
        return f"s{self.aliases}"

    def query(self, depth: int) -> Query:
        """A query of any kind."""
        kind = self.chance.random()
        if depth > 0 and kind < 0.2:
            return self.union(depth - 1)
        if depth > 0 and kind < 0.45:
            return self.with_common(depth - 1)
        return self.select(depth)

    def union(self, depth: int) -> Query:
        """Two or three queries of the same width, by position."""
        first = self.select(depth)
        others = [self.select(depth) for _ in range(self.chance.randint(1, 2))]
        width = min(len(each.columns) for each in [first, *others])
        parts = []
        for each in [first, *others]:
            alias = self.alias()
            names = ", ".join(f"{alias}.{column.name}" for column in each.columns[:width])
            parts.append(f"SELECT {names} FROM ({each.sql}) {alias}")
        columns = [
            Made(
                first.columns[at].name,
                frozenset().union(*(each.columns[at].cells for each in [first, *others])),
            )
            for at in range(width)
        ]
        tables = first.tables.union(*(each.tables for each in others))
        return Query(" UNION ALL ".join(parts), columns, tables)

    def with_common(self, depth: int) -> Query:
        """A query with one or two common tables, which may hide a table of the same name."""
        made: dict[str, Query] = {}
        self.common.append(made)
        parts = []
        for name in self.chance.sample(["q1", "q2", "t3"], self.chance.randint(1, 2)):
            inner = self.select(depth)
            parts.append(f"{name} AS ({inner.sql})")
            made[name] = inner
        body = self.select(depth)
        self.common.pop()
        return Query(f"WITH {', '.join(parts)} {body.sql}", body.columns, body.tables)

    def source(self, depth: int) -> Source:
        """A table, a common table, or a query."""
        alias = self.alias()
        if depth > 0 and self.chance.random() < 0.4:
            inner = self.query(depth - 1)
            return Source(f"({inner.sql}) {alias}", alias, inner.columns, inner.tables)
        name = self.chance.choice([*TABLES, *(name for level in self.common for name in level)])
        for level in reversed(self.common):
            if name in level:
                found = level[name]
                return Source(f"{name} AS {alias}", alias, found.columns, found.tables)
        columns = [Made(column, frozenset([(name, column)])) for column in TABLES[name]]
        return Source(f"{name} AS {alias}", alias, columns, {name})

    def select(self, depth: int) -> Query:
        """A SELECT over one to three sources."""
        sources = [self.source(depth) for _ in range(self.chance.choice([1, 1, 2, 3]))]
        sql = sources[0].sql
        for each in sources[1:]:
            kind = self.chance.choice(["JOIN", "LEFT JOIN", "FULL JOIN"])
            left, right = self.any_of(sources[0])[0], self.any_of(each)[0]
            sql += f" {kind} {each.sql} ON {left} = {right}"
        tables = set().union(*(each.tables for each in sources))
        columns: list[Made] = []
        parts = []
        for at in range(self.chance.randint(1, 4)):
            text, cells = self.expression(sources, tables)
            parts.append(f"{text} AS x{at}")
            columns.append(Made(f"x{at}", frozenset(cells)))
        if self.chance.random() < 0.25:
            only = self.chance.choice(sources)
            taken = {column.name for column in columns}
            names = [column.name for column in only.columns]
            if len(set(names)) == len(names) and not taken.intersection(names):
                parts.append("*" if len(sources) == 1 else f"{only.alias}.*")
                columns += only.columns
        sql = f"SELECT {', '.join(parts)} FROM {sql}"
        if self.chance.random() < 0.3:
            table = self.chance.choice(["t1", "t2"])
            tables.add(table)
            sql += f" WHERE {self.any_of(sources[0])[0]} IN (SELECT id FROM {table})"
        return Query(sql, columns, tables)

    def any_of(self, source: Source) -> tuple[str, frozenset[tuple[str, str]]]:
        """A column of a source, with its alias in front."""
        column = self.chance.choice(source.columns)
        return f"{source.alias}.{column.name}", column.cells

    def expression(
        self, sources: Sequence[Source], tables: set[str]
    ) -> tuple[str, set[tuple[str, str]]]:
        """Something between SELECT and FROM, and the columns that it is made of."""
        kind = self.chance.randint(0, 8)
        one, cells = self.any_of(self.chance.choice(sources))
        other, more = self.any_of(self.chance.choice(sources))
        if kind == 0:
            return "1", set()
        if kind == 1:
            return f"coalesce({one}, {other}, 0)", {*cells, *more}
        if kind == 2:
            return f"CASE WHEN {one} > 1 THEN {other} ELSE 2 END", {*cells, *more}
        if kind == 3:
            return f"sum({one}) OVER (PARTITION BY {other})", {*cells, *more}
        if kind == 4:
            tables.add("t2")
            return f"(SELECT max(z.c) FROM t2 z WHERE z.id = {one})", {("t2", "c")}
        if kind == 5:
            tables.add("t1")
            return f"(SELECT max(z.a + {one}) FROM t1 z)", {("t1", "a"), *cells}
        bare = one.rpartition(".")[2]
        if kind == 6 and sum(column.name == bare for s in sources for column in s.columns) == 1:
            return bare, set(cells)
        return one, set(cells)


class Catalog:
    """Names of the tables above, whatever the letters."""

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """A table by its last name."""
        name = parts[-1].text.lower()
        return KnownTable(name, TABLES[name]) if name in TABLES else Unresolved.UNKNOWN


@pytest.mark.parametrize("first", few(range(0, 6_000, 75), 1))
def test_random_queries_have_the_lineage_they_were_made_with(first: int) -> None:
    """All columns and all tables, in eight dialects, with nothing in doubt."""
    for seed in range(first, first + 75):
        query = Writer(random.Random(seed)).query(3)
        names = [f"c{at}" for at in range(len(query.columns))]
        found = analyse(query.sql, DIALECTS[seed % 8], Catalog(), KnownTable("target", names))
        made: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
        for edge in found.edges:
            for column in edge.columns:
                made[column.target].update((edge.source, name) for name in column.sources)
        expected = {f"c{at}": set(column.cells) for at, column in enumerate(query.columns)}
        assert found.doubts == (), query.sql
        assert made == expected, query.sql
        assert {edge.source for edge in found.edges} == query.tables, query.sql
        assert {edge.confidence for edge in found.edges} <= {Confidence.EXACT}, query.sql
