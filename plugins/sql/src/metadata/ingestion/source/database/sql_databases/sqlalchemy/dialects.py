"""What is known of dialects of SQLAlchemy: products, packages, schemas of the system."""

from __future__ import annotations

from collections.abc import Mapping

from om_ingest.model import DatabaseServiceType

PRODUCTS: Mapping[str, DatabaseServiceType] = {
    "awsathena": DatabaseServiceType.Athena,
    "bigquery": DatabaseServiceType.BigQuery,
    "clickhouse": DatabaseServiceType.Clickhouse,
    "clickhousedb": DatabaseServiceType.Clickhouse,
    "cockroachdb": DatabaseServiceType.Cockroach,
    "couchbase": DatabaseServiceType.Couchbase,
    "databricks": DatabaseServiceType.Databricks,
    "db2": DatabaseServiceType.Db2,
    "doris": DatabaseServiceType.Doris,
    "dremio": DatabaseServiceType.Dremio,
    "druid": DatabaseServiceType.Druid,
    "exa": DatabaseServiceType.Exasol,
    "greenplum": DatabaseServiceType.Greenplum,
    "hana": DatabaseServiceType.SapHana,
    "hive": DatabaseServiceType.Hive,
    "ibm_db_sa": DatabaseServiceType.Db2,
    "impala": DatabaseServiceType.Impala,
    "informix": DatabaseServiceType.Informix,
    "mariadb": DatabaseServiceType.MariaDB,
    "mssql": DatabaseServiceType.Mssql,
    "mysql": DatabaseServiceType.Mysql,
    "oracle": DatabaseServiceType.Oracle,
    "pinot": DatabaseServiceType.PinotDB,
    "postgresql": DatabaseServiceType.Postgres,
    "presto": DatabaseServiceType.Presto,
    "pydoris": DatabaseServiceType.Doris,
    "questdb": DatabaseServiceType.QuestDB,
    "redshift": DatabaseServiceType.Redshift,
    "singlestoredb": DatabaseServiceType.SingleStore,
    "snowflake": DatabaseServiceType.Snowflake,
    "sqlite": DatabaseServiceType.SQLite,
    "starrocks": DatabaseServiceType.StarRocks,
    "teradata": DatabaseServiceType.Teradata,
    "teradatasql": DatabaseServiceType.Teradata,
    "trino": DatabaseServiceType.Trino,
    "vertica": DatabaseServiceType.Vertica,
}
"""Dialects by the product that OpenMetadata knows; all others are `CustomDatabase`."""

PACKAGES: Mapping[str, str] = {
    "awsathena": "PyAthena[SQLAlchemy]",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "clickhousedb": "clickhouse-connect",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "crate": "sqlalchemy-cratedb",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm_db_sa",
    "druid": "pydruid[sqlalchemy]",
    "duckdb": "duckdb-engine",
    "exa": "sqlalchemy-exasol",
    "hana": "sqlalchemy-hana",
    "hive": "PyHive[hive_pure_sasl]",
    "ibm_db_sa": "ibm_db_sa",
    "impala": "impyla",
    "presto": "PyHive[presto]",
    "redshift": "sqlalchemy-redshift",
    "singlestoredb": "sqlalchemy-singlestoredb",
    "snowflake": "snowflake-sqlalchemy",
    "starrocks": "starrocks",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino[sqlalchemy]",
    "vertica": "sqlalchemy-vertica-python",
}
"""The package that brings a dialect which SQLAlchemy does not have itself."""

FASTER: Mapping[str, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "duckdb": "duckdb",
    "sqlite": "sqlite",
}
"""The source of om-ingest that reads the same database in a handful of statements."""

SHOWS_ALL = {"sqlite"}
"""Dialects whose databases have no users. All others may leave out what a user has no right to,
and SQLAlchemy does not say so: what it does not list may still be there."""

_OF_ANY = {"information_schema", "pg_catalog", "pg_toast"}
_OF_DIALECT: Mapping[str, set[str]] = {
    "mysql": {"mysql", "performance_schema", "sys"},
    "mssql": {
        *("guest", "sys", "db_owner", "db_accessadmin", "db_securityadmin", "db_ddladmin"),
        *("db_backupoperator", "db_datareader", "db_datawriter"),
        *("db_denydatareader", "db_denydatawriter"),
    },
    "oracle": {
        *("anonymous", "appqossys", "audsys", "ctxsys", "dbsfwuser", "dbsnmp", "dip", "dvsys"),
        *("dvf", "ggsys", "gsmadmin_internal", "gsmcatuser", "gsmuser", "lbacsys", "mdsys"),
        *(
            "ojvmsys",
            "olapsys",
            "orddata",
            "ordplugins",
            "ordsys",
            "outln",
            "remote_scheduler_agent",
        ),
        *("si_informtn_schema", "sys", "sys$umf", "sysbackup", "sysdg", "syskm", "sysrac"),
        *("system", "wmsys", "xdb", "xs$null"),
    },
    "clickhouse": {"system"},
    "duckdb": {"system.information_schema", "system.main", "system.pg_catalog", "temp.main"},
    "hana": {"sys", "system", "_sys_bi", "_sys_bic", "_sys_repo", "_sys_statistics"},
    "ibm_db_sa": {"syscat", "sysfun", "sysibm", "sysibmadm", "sysproc", "sysstat", "systools"},
}


def is_of_system(dialect: str, schema: str) -> bool:
    """Whether a schema belongs to the database itself; names are compared without case."""
    name = schema.lower()
    own = _OF_DIALECT.get({"mariadb": "mysql", "clickhousedb": "clickhouse"}.get(dialect, dialect))
    return name in _OF_ANY or name.startswith(("pg_temp_", "pg_toast_")) or name in (own or ())
