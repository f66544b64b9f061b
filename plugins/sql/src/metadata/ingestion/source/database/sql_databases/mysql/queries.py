"""The queries that MySQL and MariaDB have counted: digests of the performance schema.

https://dev.mysql.com/doc/refman/8.4/en/performance-schema-statement-summary-tables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from metadata.ingestion.source.database.sql_databases.reader.queries import (
    QueryRow,
    WantedQueries,
    is_wanted,
)
from om_ingest import SourceError

_IS_ON = "SELECT @@performance_schema, @@max_digest_length"
_COUNTS = """
SELECT COUNT(*) FROM performance_schema.setup_consumers
WHERE NAME = 'statements_digest' AND ENABLED = 'YES'
"""
_QUERIES = """
SELECT SCHEMA_NAME, DIGEST_TEXT, COUNT_STAR, AVG_TIMER_WAIT / 1000000000000,
  UNIX_TIMESTAMP(FIRST_SEEN), UNIX_TIMESTAMP(LAST_SEEN)
FROM performance_schema.events_statements_summary_by_digest
WHERE DIGEST_TEXT IS NOT NULL AND COUNT_STAR >= {calls}
ORDER BY COUNT_STAR DESC, DIGEST, SCHEMA_NAME
"""
_OFF = (
    "The performance schema of the server is off, so that it counts no queries: set"
    " performance_schema = ON in the section [mysqld] of its option file, and restart it"
)
_NOT_COUNTED = (
    "The server counts no digests of statements: let an administrator run UPDATE"
    " performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'statements_digest';"
)
_LONGEST_NAME_BYTES = 64 * 3 + 4
_MORE = re.compile(r"\s*,\s*\.\.\.|/\* , \.\.\. \*/")
_SOME = re.compile(r"\(\s*\.\.\.\s*\)")


def read(
    query: Callable[[str], Sequence[tuple[Any, ...]]], database: str, wanted: WantedQueries
) -> Iterator[QueryRow]:
    """The queries that ran in the schemas, or in none, the most frequent first.

    `query` gives the rows of a statement, and raises `SourceError`.
    """
    is_on, length = query(_IS_ON)[0]
    if not is_on:
        wanted.remarks.append(_OFF)
        return
    try:
        if not query(_COUNTS)[0][0]:
            wanted.remarks.append(_NOT_COUNTED)
            return
        rows = query(_QUERIES.format(calls=wanted.log.minCalls))
    except SourceError as error:
        wanted.remarks.append(
            f"{error.what}: let an administrator run GRANT SELECT ON performance_schema.* TO the"
            " user;"
        )
        return
    cut = count = 0
    for schema, text, calls, mean_s, first, last in rows:
        is_cut = _is_cut(text, int(length))
        is_elsewhere = schema is not None and schema not in wanted.schemas
        if is_elsewhere or not is_wanted(text, is_cut=is_cut):
            continue
        if is_cut:
            cut += 1
            continue
        yield QueryRow(
            database,
            schema,
            _SOME.sub("(?)", _MORE.sub("", text)).strip(),
            int(calls),
            float(mean_s),
            _time(first),
            _time(last),
        )
        count += 1
        if count >= wanted.log.limit:
            break
    if cut:
        wanted.remarks.append(
            f"{cut} queries are longer than what the server keeps of them, and were not read: raise"
            " max_digest_length and performance_schema_max_digest_length"
        )


def _is_cut(text: str, length: int) -> bool:
    """Whether a digest may lack its end: MySQL marks it with `...`, MariaDB does not.

    The server keeps two bytes for each word, and for a name two more and its letters.
    """
    if text.rstrip().endswith("..."):
        return True
    kept = sum(
        2 if len(word) < 3 or word[0] != "`" else 2 + len(word.encode()) for word in text.split()
    )
    return kept > length - _LONGEST_NAME_BYTES


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(float(seconds), timezone.utc) if seconds else None
