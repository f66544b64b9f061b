"""Logs in text: statements of SQL, MySQL's slow log and its general log."""

from __future__ import annotations

import re
from typing import TextIO

from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.querylog.entries import FIELD_MAX_CHARS, Entry, LineError, Lines, time_of
from om_ingest_lineage.scripts.statements import statements_of

_SLOW_TIME = re.compile(r"# Time: (\S+(?: +\S+)?)")
_SLOW_USER = re.compile(r"# User@Host: (\S*?)\[")
_SLOW_QUERY = re.compile(r"# Query_time: ([\d.]+)")
_SLOW_SCHEMA = re.compile(r"#.*\bSchema: (\S+)")
_USE = re.compile(r"use `?([^`;]+)`?;\s*$", re.IGNORECASE)
_STAMP = re.compile(r"SET timestamp=(\d+)", re.IGNORECASE)
_GENERAL = re.compile(
    r"(?:(?P<time>\d{4}-\d\d-\d\dT\S+|\d{6} +\d+:\d\d:\d\d)?\s+)?(?P<id>\d+) "
    r"(?P<command>Query|Execute|Prepare|Connect|Quit|Init DB|Field List|Statistics|Close stmt|"
    r"Reset stmt|Ping|Change user|Change db|Create DB|Drop DB|Refresh|Shutdown|Processlist|Kill|"
    r"Binlog Dump|Sleep|Set option|Fetch|Reset Connection|Daemon|Error|Time|Debug|Long Data)"
    r"(?:\t(?P<text>.*))?$",
    re.DOTALL,
)
_HEADERS = ("Tcp port:", "Time                 Id Command", "Time\t\t")


def sql_entries(file: TextIO, dialect: str) -> Lines:
    """The statements of a file, each of which ends with a semicolon at the end of a line."""
    known = dialect_of(dialect)
    name = known[1].name if known is not None else ""
    start, waiting, length, number = 1, [], 0, 0
    while text := file.readline(FIELD_MAX_CHARS):
        number += 1
        waiting.append(text)
        length += len(text)
        if not text.rstrip().endswith(";") and length < FIELD_MAX_CHARS:
            continue
        found = statements_of("".join(waiting), name)
        is_open = any("open quote" in doubt.reason for doubt in found.doubts)
        if is_open and length < FIELD_MAX_CHARS:
            continue
        yield from _of_text("".join(waiting), start, name)
        start, waiting, length = number + 1, [], 0
    if "".join(waiting).strip():
        yield from _of_text("".join(waiting), start, name)


def _of_text(text: str, line: int, dialect: str) -> Lines:
    found = statements_of(text, dialect)
    for statement in found.found:
        yield Entry(line + statement.line - 1, statement.sql)
    for doubt in found.doubts:
        yield line, f"{doubt.what}: {doubt.reason}"


def slow_entries(file: TextIO) -> Lines:
    """MySQL's slow log: https://dev.mysql.com/doc/refman/8.4/en/slow-query-log.html"""
    time: str | None = None
    user: str | None = None
    schema: str | None = None
    duration: float | None = None
    start, statement, number = 0, "", 0
    while True:
        text = file.readline(FIELD_MAX_CHARS)
        number += 1
        is_head = not text or text.startswith("# ") or text.startswith(_HEADERS)
        if is_head and statement:
            query = statement.rstrip().rstrip(";")
            try:
                yield Entry(
                    start,
                    query,
                    schema=schema,
                    user=user,
                    start=time_of(time) if time else None,
                    duration_s=duration,
                )
            except LineError as error:
                yield start, str(error)
            statement = ""
        if not text:
            return
        if is_head:
            if found := _SLOW_TIME.match(text):
                time = found[1] if "-" in found[1] else None
            elif found := _SLOW_USER.match(text):
                user = found[1] or None
            if found := _SLOW_QUERY.match(text):
                duration = float(found[1])
            if found := _SLOW_SCHEMA.match(text):
                schema = found[1]
        elif not statement and (found := _USE.match(text)):
            schema = found[1]
        elif not statement and (found := _STAMP.match(text)):
            time = found[1]
        elif statement or text.strip():
            start = start if statement else number
            if len(statement) < FIELD_MAX_CHARS:
                statement += text


def general_entries(file: TextIO) -> Lines:
    """MySQL's general log: https://dev.mysql.com/doc/refman/8.4/en/query-log.html"""
    time: str | None = None
    schemas: dict[str, str] = {}
    start, statement, connection, number = 0, "", "", 0
    while True:
        text = file.readline(FIELD_MAX_CHARS)
        number += 1
        found = _GENERAL.match(text)
        if (found or not text) and statement:
            try:
                stamp = time_of(time) if time and "T" in time else None
                yield Entry(start, statement.strip(), schema=schemas.get(connection), start=stamp)
            except LineError as error:
                yield start, str(error)
            statement = ""
        if not text:
            return
        if found is None:
            if statement and len(statement) < FIELD_MAX_CHARS:
                statement += text
            continue
        time, connection = found["time"] or time, found["id"]
        said = (found["text"] or "").strip("\n")
        if found["command"] in ("Query", "Execute"):
            start, statement = number, said
        elif found["command"] == "Init DB":
            schemas[connection] = said.strip()
        elif found["command"] == "Connect" and " on " in said:
            schemas[connection] = said.split(" on ", 1)[1].split(" using ")[0].strip()
        elif found["command"] == "Quit":
            schemas.pop(connection, None)
