"""The queries that PostgreSQL has counted: pg_stat_statements, or a view like it.

https://www.postgresql.org/docs/current/pgstatstatements.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from metadata.ingestion.source.database.sql_databases.reader.queries import (
    QueryRow,
    WantedQueries,
    is_wanted,
)

if TYPE_CHECKING:
    import psycopg

_VIEW = """
SELECT n.nspname::text, c.relname::text, pg_catalog.array_agg(a.attname::text),
  pg_catalog.bool_and(pg_catalog.has_table_privilege(c.oid, 'SELECT'))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind IN ('v', 'm', 'r', 'f')
  AND (c.relname = %(view)s OR n.nspname || '.' || c.relname = %(view)s)
GROUP BY 1, 2, c.oid
ORDER BY EXISTS (
  SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
    AND d.deptype = 'e'
) DESC, 1
"""
"""Views of that name, that of an extension first: anybody may make one that is called so."""

_INFO = "SELECT pg_catalog.to_regclass(%(info)s) IS NOT NULL"
_QUERIES = """
SELECT d.datname::text, s.query, pg_catalog.sum(s.calls)::bigint,
  pg_catalog.sum(s.{time}) / 1000, {since}, pg_catalog.count(*)
FROM {view} s JOIN pg_catalog.pg_database d ON d.oid = s.dbid
WHERE d.datname = ANY(%(databases)s)
GROUP BY 1, 2
HAVING pg_catalog.sum(s.calls) >= %(calls)s
ORDER BY 3 DESC, 2
"""
_HIDDEN = "<insufficient privilege>"


def find_view(connection: psycopg.Connection[Any], name: str) -> tuple[str, list[str]] | None:
    """The view with the statistics as SQL names it, and its columns; None if it is not there."""
    for schema, relation, columns, is_readable in connection.execute(_VIEW, {"view": name}):
        if is_readable:
            return f"{_quoted(schema)}.{_quoted(relation)}", columns
    return None


def missing(name: str, database: str) -> str:
    """What to do where no database has the view."""
    return (
        f"There is no {name} to read queries from: let an administrator add it to"
        " shared_preload_libraries, restart the server, and run CREATE EXTENSION"
        f" pg_stat_statements; in database {database}"
    )


def read(
    connection: psycopg.Connection[Any], view: str, columns: list[str], wanted: WantedQueries
) -> Iterator[QueryRow]:
    """The queries of the databases, the most frequent first."""
    parts = {
        "view": view,
        "time": "total_exec_time" if "total_exec_time" in columns else "total_time",
        "since": "pg_catalog.min(s.stats_since)" if "stats_since" in columns else "NULL",
    }
    if "stats_since" not in columns:
        info = view.removesuffix('"') + '_info"'
        found = connection.execute(_INFO, {"info": info}).fetchone()
        if found and found[0]:
            parts["since"] = f"(SELECT stats_reset FROM {info})"
    hidden = count = 0
    parameters = {"databases": list(wanted.databases), "calls": wanted.log.minCalls}
    with connection.cursor(name="om_ingest_queries") as cursor:
        cursor.execute(_QUERIES.format(**parts).encode(), parameters)
        for database, text, calls, seconds, since, statements in cursor:
            if text == _HIDDEN:
                hidden += statements
            elif text and is_wanted(text):
                mean = float(seconds) / calls if calls else None
                yield QueryRow(database, None, text, calls, mean, since)
                count += 1
                if count >= wanted.log.limit:
                    break
    if hidden:
        user = connection.info.user
        wanted.remarks.append(
            f"{hidden} queries of other users are hidden: GRANT pg_read_all_stats TO"
            f" {_quoted(user)}; shows them"
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
