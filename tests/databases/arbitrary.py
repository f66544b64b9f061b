"""Databases that nobody would make: names and comments of odd signs, types and keys at random."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_SIGNS = "abcXYZ_09 .\"'`\\$%;:<>/{}[](),-+*&^~!?@#|=\tüß列"


@dataclass(frozen=True)
class Dialect:
    """How tables are made."""

    quote: str
    keys: Sequence[str]
    """Types of columns that a key may have."""
    types: Sequence[str]
    comments_inside: bool = False
    """Whether a comment stands in the statement that makes a table."""


POSTGRES = Dialect(
    '"',
    ("integer", "bigint", "text", "date", "uuid", "varchar(30)"),
    (
        *("numeric(9,3)", "numeric", "varchar", "char(3)", "timestamptz", "timestamp(2)"),
        *("time(1) with time zone", "boolean", "jsonb", "bytea", "integer[]", "varchar(5)[]"),
        *("interval day to second", "bit varying(7)", "double precision", "inet", "tsvector"),
    ),
)
MARIADB = Dialect(
    "`",
    ("int", "bigint", "date", "uuid", "varchar(30)"),
    (
        *("int unsigned", "decimal(9,3)", "char(3)", "datetime(3)", "tinyint(1)", "json", "text"),
        *("enum('a','b''c','d,e')", "set('x','y)')", "float(7,2)", "bit(3)", "year", "time(2)"),
        *("point", "inet6", "binary(4)", "mediumint(4) zerofill", "blob"),
    ),
    comments_inside=True,
)
DUCKDB = Dialect(
    '"',
    ("INTEGER", "BIGINT", "VARCHAR", "DATE", "UUID"),
    (
        *("DECIMAL(9,3)", "TIMESTAMP", "BOOLEAN", "BLOB", "HUGEINT", "INTEGER[]", "DATE[3][]"),
        *('STRUCT(a INTEGER, "b)" VARCHAR[])', 'MAP(VARCHAR, STRUCT("x,y" DATE))'),
        *('UNION("\'n" INTEGER, t VARCHAR)', 'STRUCT("a.b" STRUCT("""" DECIMAL(5,2)))[]'),
    ),
)


@dataclass
class _Maker:
    dialect: Dialect
    random: random.Random
    taken: set[str] = field(default_factory=set)
    keyed: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    """Tables with a primary key, and its columns with their types."""

    def name(self, taken: set[str]) -> str:
        """A quoted name that differs from these in more than case."""
        while True:
            text = "".join(self.random.choice(_SIGNS) for _ in range(self.random.randint(1, 14)))
            alike = text.strip().lower().replace("ü", "u").replace("ß", "ss")
            if alike and text == text.rstrip() and "::" not in text and alike not in taken:
                taken.add(alike)
                quote = self.dialect.quote
                return quote + text.replace(quote, quote * 2) + quote

    def comment(self) -> str:
        signs = "".join(self.random.choice(_SIGNS + "\n\r") for _ in range(20)) + "."
        if self.dialect.comments_inside:
            signs = signs.replace("\\", "\\\\")
        return "'" + signs.replace("'", "''") + "'"

    def likely(self, share: float) -> bool:
        return self.random.random() < share

    def some(self, columns: Sequence[str]) -> list[str]:
        return self.random.sample(list(columns), self.random.randint(1, len(columns)))

    def table(self, schema: str) -> Iterator[str]:
        """The statements that make a table, and perhaps a view of it."""
        place, inside = f"{schema}.{self.name(self.taken)}", self.dialect.comments_inside
        taken: set[str] = set()
        every = (*self.dialect.keys, *self.dialect.types)
        columns = {self.name(taken): self.random.choice(every) for _ in range(7)}
        lines, after = [], []
        for name, kind in columns.items():
            line = f"{name} {kind}" + " NOT NULL" * self.likely(0.3)
            if self.likely(0.3):
                said = self.comment()
                line += f" COMMENT {said}" * inside
                after.append(f"COMMENT ON COLUMN {place}.{name} IS {said}")
            lines.append(line)
        keys = [name for name, kind in columns.items() if kind in self.dialect.keys]
        if keys and self.likely(0.3):
            lines.append(f"UNIQUE ({', '.join(self.some(keys))})")
        if self.keyed and self.likely(0.4):
            other, key = self.random.choice(self.keyed)
            mine = {self.name(taken): kind for _, kind in key}
            lines = [*(f"{name} {kind}" for name, kind in mine.items()), *lines]
            referred = ", ".join(name for name, _ in key)
            lines.append(f"FOREIGN KEY ({', '.join(mine)}) REFERENCES {other} ({referred})")
        if keys and self.likely(0.6):
            chosen = self.some(keys)
            lines.append(f"PRIMARY KEY ({', '.join(chosen)})")
            self.keyed.append((place, [(name, columns[name]) for name in chosen]))
        options = ""
        if self.likely(0.4):
            said = self.comment()
            options = f" COMMENT {said}" * inside
            after.append(f"COMMENT ON TABLE {place} IS {said}")
        yield f"CREATE TABLE {place} ({', '.join(lines)}){options}"
        if not inside:
            yield from after
        if self.likely(0.3):
            view = f"{schema}.{self.name(self.taken)}"
            yield f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {place}"


def arbitrary(dialect: Dialect, seed: int, schema: str, tables: int = 40) -> list[str]:
    """Statements that make tables and views in a schema; the same for the same seed."""
    maker = _Maker(dialect, random.Random(seed))
    return [statement for _ in range(tables) for statement in maker.table(schema)]
