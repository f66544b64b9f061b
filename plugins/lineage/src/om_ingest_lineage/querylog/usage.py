"""How often tables were used on each day, out of queries that ran."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from om_ingest.model import (
    AddUsageRequest,
    EntityReference,
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

    def add(self, executions: Mapping[str, int], analysis: Analysis) -> None:
        """Count the executions of a query, by day, for each table that it reads or writes."""
        tables = dict.fromkeys((*analysis.reads, *analysis.writes))
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
