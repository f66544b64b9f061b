"""Logs in rows: CSV and JSON Lines with named fields, and those of PostgreSQL."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from om_ingest_lineage.querylog.entries import (
    FIELD_MAX_CHARS,
    Entry,
    LineError,
    Lines,
    time_of,
)

_NAMES = {
    "query": ("query_text", "query", "statement", "sql", "querytext", "sql_text", "text"),
    "database": ("database_name", "database", "db", "datname", "dbname", "databasename"),
    "schema": ("schema_name", "schema", "databaseschema", "schemaname"),
    "user": ("user_name", "user", "username", "usename"),
    "start": ("start_time", "starttime", "timestamp", "time", "query_start", "date", "querydate"),
    "duration": ("duration", "duration_ms"),
    "count": ("count", "calls", "executions", "execution_count"),
    "aborted": ("aborted", "is_aborted"),
    "dialect": ("dialect",),
}
"""The fields of a log by the names that they have: first those of OpenMetadata's own log files
(`queryLogFilePath`), then those that people export."""

_POSTGRES_COLUMNS = [
    "log_time",
    "user_name",
    "database_name",
    "process_id",
    "connection_from",
    "session_id",
    "session_line_num",
    "command_tag",
    "session_start_time",
    "virtual_transaction_id",
    "transaction_id",
    "error_severity",
    "sql_state_code",
    "message",
    "detail",
    "hint",
    "internal_query",
    "internal_query_pos",
    "context",
    "query",
    "query_pos",
    "location",
    "application_name",
    "backend_type",
    "leader_pid",
    "query_id",
]
"""PostgreSQL's csvlog: https://www.postgresql.org/docs/current/runtime-config-logging.html"""

_NOTHING: tuple[Any, ...] = (None, "")
_STATEMENT = re.compile(
    r"(?:duration: (?P<ms>[\d.]+) ms  )?(?:statement|execute [^:\n]*): (?P<sql>.*)", re.DOTALL
)


def named(row: Mapping[str, Any], line: int) -> Entry:
    """An entry out of named fields; raises `LineError`."""
    fields = {str(key).strip().lower(): value for key, value in row.items()}
    found = {
        field: next((fields[name] for name in names if fields.get(name) not in _NOTHING), None)
        for field, names in _NAMES.items()
    }
    query = found["query"]
    if not isinstance(query, str) or not query.strip():
        raise LineError(
            f"no statement: none of the fields {', '.join(_NAMES['query'][:4])} has one"
        )
    duration, count = _number(found["duration"], "duration"), _number(found["count"], "count")
    start = found["start"]
    return Entry(
        line,
        query,
        _text(found["database"]),
        _text(found["schema"]),
        _text(found["user"]),
        time_of(str(start)) if start is not None else None,
        None if duration is None else duration / 1000,
        1 if count is None else int(count),
        str(found["aborted"]).strip().lower() in ("true", "1", "t", "yes"),
        _text(found["dialect"]),
    )


def csv_entries(file: TextIO) -> Lines:
    """Rows of a CSV file whose first row names the fields; `,`, `;`, tabs or `|` between them."""
    first = file.readline(FIELD_MAX_CHARS)
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(_after(first, file), delimiter=delimiter)
    header: list[str] = []
    for line, row in _rows(reader):
        if isinstance(row, str):
            yield line, row
        elif not header:
            header = [name.strip().lower() for name in row]
            if not set(header).intersection(_NAMES["query"]):
                names = ", ".join(_NAMES["query"][:4])
                yield line, f"the first row names no field of statements: {names} …"
                return
        elif row:
            try:
                if len(row) > len(header):
                    raise LineError(f"{len(row)} fields, and the first row names {len(header)}")
                yield named(dict(zip(header, row, strict=False)), line)
            except LineError as error:
                yield line, str(error)


def json_entries(file: TextIO) -> Lines:
    """Lines of JSON objects with named fields, those of PostgreSQL's jsonlog among them."""
    number = 0
    while text := file.readline(FIELD_MAX_CHARS):
        number += 1
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            yield number, "not a JSON object on one line"
            continue
        try:
            if "error_severity" in row:
                entry = _postgres(row, number)
                if entry is not None:
                    yield entry
            else:
                yield named(row, number)
        except LineError as error:
            yield number, str(error)


def postgres_csv_entries(file: TextIO) -> Lines:
    """Rows of PostgreSQL's csvlog, which has no names of fields."""
    for line, row in _rows(csv.reader(file)):
        if isinstance(row, str):
            yield line, row
        elif row:
            if len(row) < len(_POSTGRES_COLUMNS) - 4:
                yield line, f"{len(row)} fields: not a whole row of PostgreSQL's csvlog"
                continue
            try:
                entry = _postgres(dict(zip(_POSTGRES_COLUMNS, row, strict=False)), line)
            except LineError as error:
                yield line, str(error)
                continue
            if entry is not None:
                yield entry


def _postgres(row: Mapping[str, Any], line: int) -> Entry | None:
    """An entry of PostgreSQL's log; None for a message that is no statement."""
    found = _STATEMENT.match(str(row.get("message") or ""))
    if row.get("error_severity") != "LOG" or found is None:
        return None
    time = row.get("log_time") or row.get("timestamp")
    return Entry(
        line,
        found["sql"],
        _text(row.get("database_name") or row.get("dbname")),
        user=_text(row.get("user_name") or row.get("user")),
        start=time_of(str(time)) if time else None,
        duration_s=float(found["ms"]) / 1000 if found["ms"] else None,
        application=_text(row.get("application_name")),
    )


def _rows(reader: Any) -> Iterator[tuple[int, list[str] | str]]:
    """Rows with the line that they begin at; a text instead of a row that cannot be read."""
    csv.field_size_limit(max(csv.field_size_limit(), FIELD_MAX_CHARS))
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"no row of CSV: {error}"
        else:
            yield line, row
        line = reader.line_num + 1


def _after(first: str, file: TextIO) -> Iterator[str]:
    yield first
    yield from file


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _number(value: Any, field: str) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise LineError(f"{field} is no number: {str(value)[:40]!r}") from None
    if not 0 <= number < 1e15:
        raise LineError(f"{field} is out of range: {str(value)[:40]!r}")
    return number
