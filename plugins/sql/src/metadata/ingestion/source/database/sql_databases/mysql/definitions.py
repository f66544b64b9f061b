"""What information_schema says of views, defaults and partitions, as MySQL would write it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metadata.ingestion.source.database.sql_databases.mysql.statements import quoted

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


def strategy_of(method: str) -> str:
    """`range` of `RANGE COLUMNS`, `hash` of `LINEAR HASH`."""
    return method.lower().removeprefix("linear ").removesuffix(" columns")


def partition_columns(strategy: str, expression: str) -> Sequence[str]:
    """The columns of a method that takes columns, or else its expression."""
    if strategy.endswith(("key", "columns")):
        named = re.findall(r"`((?:[^`]|``)+)`|([^`,\s]+)", expression)
        return [one.replace("``", "`") or other for one, other in named]
    column = re.fullmatch(r"`((?:[^`]|``)+)`", expression)
    return [column[1].replace("``", "`") if column else expression] if expression else []
