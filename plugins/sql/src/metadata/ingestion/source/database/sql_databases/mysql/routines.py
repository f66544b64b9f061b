"""Procedures and functions, put together from information_schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metadata.ingestion.source.database.sql_databases.mysql.statements import literal, quoted
from metadata.ingestion.source.database.sql_databases.reader.rows import RoutineRow

_KINDS = {
    "PROCEDURE": "StoredProcedure",
    "FUNCTION": "Function",
    "PACKAGE": "StoredPackage",
}


def routine(rows: Sequence[tuple[Any, ...]]) -> RoutineRow | None:
    """The routine in some rows of `Dialect.routines`, with the parameters that follow it.

    Its code is the statement that creates it, with its name qualified; empty if the user may not
    see its body. A package has a second statement for its body. None for what is no routine that
    OpenMetadata knows.
    """
    schema, name, kind, position, _, _, _, language, external, *_, comment = rows[0]
    if kind not in _KINDS or position != -1:  # parameters without routine: created meanwhile
        return None
    arguments = ", ".join(
        " ".join(filter(None, (mode if kind == "PROCEDURE" else None, quoted(parameter), of)))
        for _, _, _, position, mode, parameter, of, *_ in rows
        if position != -1
    )
    statements = [_statement(row, arguments) for row in rows if row[3] == -1]
    return RoutineRow(
        schema,
        name,
        _KINDS[kind],
        "sql" if language == "SQL" else str(external or language).lower(),
        ";\n".join(filter(None, statements)),
        arguments,
        comment or None,
    )


def _statement(row: tuple[Any, ...], arguments: str) -> str:
    schema, name, kind, _, _, _, returned, _, _, body, is_deterministic, access, comment = row
    if not body:
        return ""
    head = f"CREATE {kind} {quoted(schema)}.{quoted(name)}"
    if kind in ("PROCEDURE", "FUNCTION"):
        head += f"({arguments})"
    if kind == "FUNCTION":
        head += f" RETURNS {returned}"
        head += " DETERMINISTIC" if is_deterministic == "YES" else ""
    if access not in (None, "CONTAINS SQL"):
        head += f" {access}"
    if comment:
        head += f" COMMENT {literal(comment)}"
    return f"{head}\n{body}"
