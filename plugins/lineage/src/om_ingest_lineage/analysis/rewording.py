"""Statements that the parser does not know, in words that it knows and that mean the same."""

from __future__ import annotations

import re

_ALTER_VIEW = (
    r"ALTER(?=(?:\s+\w+\s*=\s*\S+)*\s+(?:MATERIALIZED\s+)?VIEW\s+\S+\s*(?:\([^()]*\)\s*)?AS\b)"
)
"""MySQL's and SQL Server's other way to write CREATE OR REPLACE VIEW."""

_APPEND = r"ALTER\s+TABLE\s+(\S+)\s+APPEND\s+FROM\s+([^\s;]+).*"
"""Redshift's: rows of another table move here, column by column of the same name."""

_SWITCH = (
    r"ALTER\s+TABLE\s+(\S+)\s+SWITCH\s+(?:PARTITION\s+\S+\s+)?TO\s+([^\s;]+)"
    r"(?:\s+PARTITION\s.*|\s+WITH\s.*|\s*;?\s*)"
)
"""SQL Server's: rows of this table move to another one, which has the same columns."""

_PARTITION_FROM = (
    r"ALTER\s+TABLE\s+(\S+)(?:\s+ON\s+CLUSTER\s+\S+)?\s+(?:ATTACH|REPLACE)\s+PARTITION\s.*?"
    r"\sFROM\s+([^\s;]+)\s*;?\s*"
)
_PARTITION_TO = (
    r"ALTER\s+TABLE\s+(\S+)(?:\s+ON\s+CLUSTER\s+\S+)?\s+MOVE\s+PARTITION\s.*?"
    r"\sTO\s+TABLE\s+([^\s;]+)\s*;?\s*"
)
"""ClickHouse's: a part of a table, copied and moved."""

_WORDS = tuple(
    (re.compile(rf"\A\s*{pattern}", re.IGNORECASE | re.DOTALL), instead)
    for pattern, instead in (
        (_ALTER_VIEW, "CREATE"),
        (r"REPLACE(?=\s+(?:RECURSIVE\s+)?VIEW\b)", "CREATE"),  # Teradata
        # MySQL's REPLACE INTO, which the parser takes for a command
        (r"REPLACE\b(?!\s+(?:MACRO|PROCEDURE|FUNCTION))", "INSERT"),
        (rf"{_APPEND}\Z", r"INSERT INTO \1 BY NAME SELECT * FROM \2"),
        (rf"{_SWITCH}\Z", r"INSERT INTO \2 SELECT * FROM \1"),
        (rf"{_PARTITION_FROM}\Z", r"INSERT INTO \1 SELECT * FROM \2"),
        (rf"{_PARTITION_TO}\Z", r"INSERT INTO \2 SELECT * FROM \1"),
    )
)


def reworded(sql: str) -> str:
    """A statement in words that the parser knows."""
    for pattern, instead in _WORDS:
        sql, count = pattern.subn(instead, sql, count=1)
        if count:
            break
    return sql
