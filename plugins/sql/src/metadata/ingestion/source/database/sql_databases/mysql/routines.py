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
    "PACKAGE BODY": "StoredPackage",
}


def routine(rows: Sequence[tuple[Any, ...]]) -> RoutineRow | None:
    """The routine in the first of some rows, with the parameters in the others.

    Its code is the statement that creates it, with its name qualified; empty if the user may not
    see its body. None for what is no routine that OpenMetadata knows.
    """
    schema, name, kind, position, _, _, returned, *rest = rows[0]
    if kind not in _KINDS or position != -1:  # parameters without routine: created meanwhile
        return None
    language, external, body, is_deterministic, access, comment = rest
    parameters = [
        " ".join(filter(None, (mode if kind == "PROCEDURE" else None, quoted(named), of)))
        for _, _, _, _, mode, named, of, *_ in rows[1:]
    ]
    arguments = ", ".join(parameters)
    code = ""
    if body:
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
        code = f"{head}\n{body}"
    return RoutineRow(
        schema,
        name,
        _KINDS[kind],
        "sql" if language == "SQL" else str(external or language).lower(),
        code,
        arguments,
        comment or None,
    )
