"""What MySQL says of views, partitions and values, in the words of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from metadata.ingestion.source.database.sql_databases.mysql.statements import quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import PartitionRow

_LONGEST = 1000
"""Characters of one value."""


def view_statement(schema: str, name: str, text: str | None, check: str | None) -> str | None:
    """The statement that creates a view; the server qualifies the names in it."""
    if not text:
        return None
    end = "" if check in (None, "NONE") else f" WITH {check} CHECK OPTION"
    return f"CREATE VIEW {quoted(schema)}.{quoted(name)} AS {text}{end}"


def partition_rows(
    schema: str, relation: str, method: str, expression: str
) -> Iterator[PartitionRow]:
    """One for each column of a method over columns, or else one for its expression."""
    # `range` of `RANGE COLUMNS`, `hash` of `LINEAR HASH`
    strategy = method.lower().removeprefix("linear ").removesuffix(" columns")
    columns = re.findall(r"`((?:[^`]|``)+)`", expression)
    if strategy != "key" and "COLUMNS" not in method and f"`{''.join(columns)}`" != expression:
        yield PartitionRow(schema, relation, None, strategy, expression=expression)
        return
    for column in columns:
        yield PartitionRow(schema, relation, column.replace("``", "`"), strategy)


def sample_value(value: object) -> object:
    """A value for JSON: numbers and short texts as they are, bytes in hexadecimal as MySQL shows
    them, times and decimals as MySQL writes them.
    """
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, bytes):
        value = f"0x{value[:_LONGEST].hex().upper()}"
    elif isinstance(value, timedelta):
        seconds, fraction = divmod(abs(value), timedelta(seconds=1))
        sign = "-" if value < timedelta() else ""
        value = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        value += f".{fraction.microseconds:06}" if fraction else ""
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
