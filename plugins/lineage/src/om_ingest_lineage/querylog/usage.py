"""How often tables were used on each day, out of queries that ran."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from om_ingest.model import AddUsageRequest, CreateQueryRequest, EntityReference, LoggedQueryRequest
from om_ingest.model.profile import UsageRequest

from om_ingest_lineage.analysis import Analysis

_SCHEMA = """
CREATE TABLE IF NOT EXISTS used (
    fqn TEXT, day TEXT, count INTEGER, PRIMARY KEY (fqn, day)
) WITHOUT ROWID
"""
USED_IN_MAX_COUNT = 50
"""Most tables that a query is said to use."""


def with_tables(record: CreateQueryRequest, analysis: Analysis) -> CreateQueryRequest:
    """A query with the tables that it reads and writes as `queryUsedIn`, if it has none."""
    tables = tables_of(analysis)
    if record.queryUsedIn or not tables:
        return record
    return record.with_valid(
        queryUsedIn=[
            EntityReference(type="table", fullyQualifiedName=fqn)
            for fqn in tables[:USED_IN_MAX_COUNT]
        ]
    )


def tables_of(analysis: Analysis) -> list[str]:
    """FQNs of the known tables that a statement reads or writes."""
    return list(dict.fromkeys([*analysis.reads, *analysis.writes]))


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
            self.count(tables_of(analysis), record.executions)

    def count(self, tables: Iterable[str], executions: Mapping[str, int]) -> None:
        """Add executions by day to some tables."""
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
