"""How often tables were used on each day, out of queries that ran."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from om_ingest.model import (
    AddUsageRequest,
    CreateQueryRequest,
    EntityReference,
    LoggedQueryRequest,
    UsageRequest,
)

from om_ingest_lineage.analysis import Analysis

_SCHEMA = """
CREATE TABLE IF NOT EXISTS used (
    fqn TEXT, day TEXT, count INTEGER, PRIMARY KEY (fqn, day)
) WITHOUT ROWID
"""


class Usage:
    """Counts of use by table and day, in a scratch file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute(_SCHEMA)

    def add(self, record: CreateQueryRequest, analysis: Analysis) -> None:
        """Count the executions of a query for each table that it reads or writes.

        Only a `LoggedQueryRequest` tells them; a query that is not to be counted
        (`exclude_usage`) is not.
        """
        if isinstance(record, LoggedQueryRequest) and not record.exclude_usage:
            tables = dict.fromkeys((*analysis.reads, *analysis.writes))
            self._count(tables, record.executions)

    def _count(self, tables: Iterable[str], executions: Mapping[str, int]) -> None:
        self._connection.executemany(
            """INSERT INTO used VALUES (?, ?, ?)
            ON CONFLICT (fqn, day) DO UPDATE SET count = count + excluded.count""",
            [(fqn, day, n) for fqn in tables for day, n in executions.items() if n > 0],
        )

    def requests(self) -> Iterator[AddUsageRequest]:
        """A record for each table and day; each sets the count of that day (contract §3.1)."""
        for fqn, day, count in self._connection.execute(
            "SELECT fqn, day, count FROM used ORDER BY fqn, day"
        ):
            yield AddUsageRequest(
                entity=EntityReference(type="table", fullyQualifiedName=fqn),
                usage=UsageRequest(date=day, count=count),
            )
