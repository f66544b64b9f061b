"""Names of dialects: of people, of OpenMetadata, and of sqlglot, which is not imported here."""

from __future__ import annotations

from collections.abc import Mapping

_OTHER_NAMES: Mapping[str, str] = {
    "azuresql": "tsql",
    "azuresqldb": "tsql",
    "bigtable": "bigquery",
    "cockroach": "postgres",
    "cockroachdb": "postgres",
    "databrickspipeline": "databricks",
    "db2": "",
    "deltalake": "databricks",
    "epas": "postgres",
    "glue": "athena",
    "greenplum": "postgres",
    "hana": "",
    "impala": "hive",
    "informix": "",
    "iomete": "spark",
    "mariadb": "mysql",
    "microsoftfabric": "fabric",
    "mssql": "tsql",
    "oceanbase": "mysql",
    "pinotdb": "",
    "postgresql": "postgres",
    "questdb": "postgres",
    "saphana": "",
    "singlestore": "mysql",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "starburst": "trino",
    "synapse": "tsql",
    "tidb": "mysql",
    "timescale": "postgres",
    "unitycatalog": "databricks",
    "vertica": "postgres",
    "yugabyte": "postgres",
}
"""In lower case without signs; an empty text is sqlglot's tolerant own dialect."""

_DATABASES = frozenset(
    (
        "athena",
        "bigquery",
        "clickhouse",
        "databricks",
        "doris",
        "dremio",
        "druid",
        "duckdb",
        "exasol",
        "fabric",
        "hive",
        "materialize",
        "mysql",
        "oracle",
        "postgres",
        "presto",
        "redshift",
        "risingwave",
        "snowflake",
        "spark",
        "sqlite",
        "starrocks",
        "teradata",
        "trino",
        "tsql",
    )
)
"""Names of sqlglot's that databases have, too."""

DEFAULT_SCHEMAS: Mapping[str, tuple[str, ...]] = {
    "clickhouse": ("default",),
    "duckdb": ("main",),
    "fabric": ("dbo",),
    "materialize": ("public",),
    "postgres": ("public",),
    "redshift": ("public",),
    "risingwave": ("public",),
    "snowflake": ("PUBLIC",),
    "sqlite": ("main", "default"),
    "tsql": ("dbo",),
}
"""Where a name without a schema is looked for, by sqlglot's name of the dialect."""


def sqlglot_name(name: str) -> str:
    """What sqlglot calls a dialect that is called so; the name in lower case if nobody knows it."""
    word = "".join(letter for letter in name.casefold() if letter.isalnum())
    return _OTHER_NAMES.get(word, word)


def database_dialect(name: str) -> str | None:
    """What sqlglot calls the dialect of a database, e.g. `tsql` for `Mssql`; None if unknown."""
    word = sqlglot_name(name)
    return word if not word or word in _DATABASES else None
