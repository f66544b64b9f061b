"""Dialects of SQL: which one a service speaks, and how it compares names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from om_ingest_lineage.analysis.dialect_names import DEFAULT_SCHEMAS, database_dialect
from om_ingest_lineage.analysis.names import NamePart


class TableCase(Enum):
    """How a database compares the names of tables and schemas; of columns: `ColumnCase`."""

    LOWER = auto()
    """Names without quotes are lower case: PostgreSQL, section 4.1.1 of its manual."""

    UPPER = auto()
    """Names without quotes are upper case: SQL-92, Oracle, Snowflake."""

    SENSITIVE = auto()
    """As written: tables of BigQuery, ClickHouse."""

    BY_SYSTEM = auto()
    """As the file system does: MySQL's `lower_case_table_names`."""

    INSENSITIVE = auto()
    """Case never counts, with or without quotes."""

    def wanted(self, part: NamePart) -> str:
        """The name that a part of a statement means."""
        if part.quoted or self not in (TableCase.LOWER, TableCase.UPPER):
            return part.text
        return part.text.lower() if self is TableCase.LOWER else part.text.upper()

    def compared(self, part: NamePart) -> str:
        """What names have in common that mean the same."""
        wanted = self.wanted(part)
        return wanted.casefold() if self in (TableCase.INSENSITIVE, TableCase.BY_SYSTEM) else wanted

    def matches(self, part: NamePart, stored: Sequence[str]) -> list[str]:
        """Which of the stored names, all alike without case, a part of a statement means."""
        wanted = self.wanted(part)
        if wanted in stored:
            return [wanted]
        if self in (TableCase.INSENSITIVE, TableCase.BY_SYSTEM):
            return list(stored)
        return [name for name in self.spellings(part) if name in stored]

    def spellings(self, part: NamePart) -> list[str]:
        """How a store may have the name that a part means, the likeliest first."""
        wanted = self.wanted(part)
        if self is TableCase.UPPER and wanted == wanted.upper():
            # SQLAlchemy shows names that need no quotes in lower case, and connectors store them.
            return list(dict.fromkeys((wanted, wanted.lower())))
        if self in (TableCase.INSENSITIVE, TableCase.BY_SYSTEM):
            return list(dict.fromkeys((wanted, wanted.lower(), wanted.upper())))
        return [wanted]


@dataclass(frozen=True)
class Dialect:
    """A dialect of SQL."""

    name: str
    """As sqlglot calls it; empty for plain SQL."""

    case: TableCase = TableCase.INSENSITIVE
    own_schema_first: bool = True
    """Whether a view's own schema comes before those. PostgreSQL prints the definition of a view
    without the schemas that are in the search path, whatever the view's own one is."""

    mixes_levels: bool = False
    """Whether `a.b` may also be the table b in the default schema of the database a."""

    @property
    def schemas(self) -> tuple[str, ...]:
        """Where it looks for a name without a schema, behind the schema of the statement itself."""
        return DEFAULT_SCHEMAS.get(self.name, ())


_DIALECTS = (
    Dialect("postgres", TableCase.LOWER, own_schema_first=False),
    Dialect("redshift", TableCase.INSENSITIVE, own_schema_first=False),
    Dialect("materialize", TableCase.LOWER, own_schema_first=False),
    Dialect("risingwave", TableCase.LOWER, own_schema_first=False),
    Dialect("snowflake", TableCase.UPPER),
    Dialect("oracle", TableCase.UPPER),
    Dialect("exasol", TableCase.UPPER),
    Dialect("", TableCase.UPPER),
    Dialect("bigquery", TableCase.SENSITIVE),
    Dialect("clickhouse", TableCase.SENSITIVE),
    Dialect("mysql", TableCase.BY_SYSTEM),
    Dialect("doris", TableCase.BY_SYSTEM),
    Dialect("starrocks", TableCase.BY_SYSTEM),
    Dialect("tsql", TableCase.INSENSITIVE),
    Dialect("fabric", TableCase.INSENSITIVE),
    Dialect("duckdb", TableCase.INSENSITIVE, mixes_levels=True),
    Dialect("sqlite", TableCase.INSENSITIVE),
)
_BY_NAME: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _DIALECTS}


def dialect_named(name: str) -> Dialect:
    """The dialect with sqlglot's name for it; case does not count."""
    return _BY_NAME.get(name.lower()) or Dialect(name.lower())


def dialect_of(name: str) -> Dialect | None:
    """The dialect of a type of service, e.g. `Mssql`, or a source; None if that does not tell."""
    found = database_dialect(name) if name else None
    return None if found is None else dialect_named(found)
