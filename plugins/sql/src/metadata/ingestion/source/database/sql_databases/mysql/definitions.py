"""What information_schema says of views, defaults and partitions, as MySQL would write it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from metadata.ingestion.source.database.sql_databases.mysql.statements import quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import PartitionRow

_NUMERIC = re.compile(r"(?:tiny|small|medium|big)?int\b|decimal|float|double|bit|year")


def view_statement(schema: str, name: str, text: str | None, check: str | None) -> str | None:
    """The statement that creates a view; the server qualifies the names in it."""
    if not text:
        return None
    end = "" if check in (None, "NONE") else f" WITH {check} CHECK OPTION"
    return f"CREATE VIEW {quoted(schema)}.{quoted(name)} AS {text}{end}"


def generation_of(extra: str) -> str:
    """`auto_increment`, `VIRTUAL GENERATED`, `STORED GENERATED`: other words may stand beside."""
    extra = extra.lower()
    for word, generation in (
        ("auto_increment", "identity"),
        ("virtual generated", "virtual"),
        ("stored generated", "stored"),
    ):
        if word in extra:
            return generation
    return ""


def default_of(default: str, kind: str, extra: str, *, is_expression: bool) -> str | None:
    """The expression of a default, as in the statement that creates the table."""
    if is_expression:
        found = default
        if found == "NULL":
            return None
    elif (
        "DEFAULT_GENERATED" in extra
        or _NUMERIC.match(kind)
        or default.upper().startswith("CURRENT_TIMESTAMP")
    ):
        found = default
    else:
        found = "'" + default.replace("'", "''") + "'"
    _, on_update, function = extra.partition("on update ")
    return f"{found} ON UPDATE {function}" if on_update else found


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
