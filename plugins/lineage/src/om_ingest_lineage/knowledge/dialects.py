"""Dialects of SQL: which one a service speaks, and how it compares names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from om_ingest_lineage.analysis.names import NamePart


class Case(Enum):
    """How a database compares the names of tables and schemas."""

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
        if part.quoted or self not in (Case.LOWER, Case.UPPER):
            return part.text
        return part.text.lower() if self is Case.LOWER else part.text.upper()

    def compared(self, part: NamePart) -> str:
        """What names have in common that mean the same."""
        wanted = self.wanted(part)
        return wanted.casefold() if self in (Case.INSENSITIVE, Case.BY_SYSTEM) else wanted

    def matches(self, part: NamePart, stored: Sequence[str]) -> list[str]:
        """Which of the stored names, all alike without case, a part of a statement means."""
        wanted = self.wanted(part)
        if wanted in stored:
            return [wanted]
        if self in (Case.INSENSITIVE, Case.BY_SYSTEM):
            return list(stored)
        return [name for name in self.spellings(part) if name in stored]

    def spellings(self, part: NamePart) -> list[str]:
        """How a store may have the name that a part means, the likeliest first."""
        wanted = self.wanted(part)
        if self is Case.UPPER and wanted == wanted.upper():
            # SQLAlchemy shows names that need no quotes in lower case, and connectors store them.
            return list(dict.fromkeys((wanted, wanted.lower())))
        if self in (Case.INSENSITIVE, Case.BY_SYSTEM):
            return list(dict.fromkeys((wanted, wanted.lower(), wanted.upper())))
        return [wanted]


@dataclass(frozen=True)
class Dialect:
    """A dialect of SQL."""

    name: str
    """As sqlglot calls it; empty for plain SQL."""

    case: Case = Case.INSENSITIVE
    schemas: tuple[str, ...] = ()
    """Where it looks for a name without a schema, behind the schema of the statement itself."""

    own_schema_first: bool = True
    """Whether a view's own schema comes before those. PostgreSQL prints the definition of a view
    without the schemas that are in the search path, whatever the view's own one is."""

    mixes_levels: bool = False
    """Whether `a.b` may also be the table b in the default schema of the database a."""


_DIALECTS = (
    Dialect("postgres", Case.LOWER, ("public",), own_schema_first=False),
    Dialect("redshift", Case.INSENSITIVE, ("public",), own_schema_first=False),
    Dialect("materialize", Case.LOWER, ("public",), own_schema_first=False),
    Dialect("risingwave", Case.LOWER, ("public",), own_schema_first=False),
    Dialect("snowflake", Case.UPPER, ("PUBLIC",)),
    Dialect("oracle", Case.UPPER),
    Dialect("exasol", Case.UPPER),
    Dialect("", Case.UPPER),
    Dialect("bigquery", Case.SENSITIVE),
    Dialect("clickhouse", Case.SENSITIVE, ("default",)),
    Dialect("mysql", Case.BY_SYSTEM),
    Dialect("doris", Case.BY_SYSTEM),
    Dialect("starrocks", Case.BY_SYSTEM),
    Dialect("tsql", Case.INSENSITIVE, ("dbo",)),
    Dialect("fabric", Case.INSENSITIVE, ("dbo",)),
    Dialect("duckdb", Case.INSENSITIVE, ("main",), mixes_levels=True),
    Dialect("sqlite", Case.INSENSITIVE, ("main", "default")),
)
_BY_NAME: Mapping[str, Dialect] = {dialect.name: dialect for dialect in _DIALECTS}

_BY_SERVICE_TYPE: Mapping[str, str] = {
    "Athena": "athena",
    "AzureSQL": "tsql",
    "BigQuery": "bigquery",
    "Clickhouse": "clickhouse",
    "Cockroach": "postgres",
    "Databricks": "databricks",
    "Db2": "",
    "DeltaLake": "spark",
    "Doris": "doris",
    "Dremio": "dremio",
    "Druid": "druid",
    "Exasol": "exasol",
    "Glue": "athena",
    "Greenplum": "postgres",
    "Hive": "hive",
    "Impala": "hive",
    "Informix": "",
    "Iomete": "spark",
    "MariaDB": "mysql",
    "MicrosoftFabric": "fabric",
    "Mssql": "tsql",
    "Mysql": "mysql",
    "Oracle": "oracle",
    "Postgres": "postgres",
    "Presto": "presto",
    "QuestDB": "postgres",
    "Redshift": "redshift",
    "SQLite": "sqlite",
    "SapHana": "",
    "SingleStore": "mysql",
    "Snowflake": "snowflake",
    "StarRocks": "starrocks",
    "Synapse": "tsql",
    "Teradata": "teradata",
    "Timescale": "postgres",
    "Trino": "trino",
    "UnityCatalog": "databricks",
    "Vertica": "postgres",
}


def dialect_named(name: str) -> Dialect:
    """The dialect with sqlglot's name for it; case does not count."""
    return _BY_NAME.get(name.lower()) or Dialect(name.lower())


def dialect_of(service_type: str) -> Dialect | None:
    """The dialect of a type of service, e.g. `Mssql`; None if the type does not tell."""
    name = _BY_SERVICE_TYPE.get(service_type)
    return None if name is None else dialect_named(name)
