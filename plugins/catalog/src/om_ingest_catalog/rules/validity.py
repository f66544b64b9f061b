"""Validation rules that need nothing but the request itself (contract §3.0)."""

from __future__ import annotations

from collections import Counter
from datetime import date

from om_ingest.kinds import KINDS, misnamed_columns
from om_ingest.model import FQN_MAX_CHARS
from om_ingest.model.fqn import normalised

from om_ingest_catalog.rows.body import COLUMNS, Body, MemberPaths, member_list
from om_ingest_catalog.rows.file import EntityRow
from om_ingest_catalog.rules.request import RefusedError

PRIMARY_KEY = "PRIMARY_KEY"

_EARLIEST_MS = 10**11
"""The first timestamp with 12 digits; a smaller one is taken for seconds (§3.0)."""


def problem_of(
    fqn: str, body: Body, members: MemberPaths = COLUMNS, before: Body | None = None
) -> str | None:
    """Why the request is invalid, in one line; None if it is valid.

    `members` are the paths of the kind's lists of members; only columns have rules. `before` is
    what is stored, with its constraints and partition.
    """
    if len(fqn) > FQN_MAX_CHARS:
        return f"the FQN has {len(fqn)} characters, at most {FQN_MAX_CHARS} are allowed"
    for field in ("domains", "dataProducts"):
        for name in body.get(field) or ():
            if normalised(name) is None:
                return f"{field}: {name!r} is not a fully qualified name"
    for path in members:
        if path[-1] == "columns":
            problem = _level_problem("", member_list(body, path))
            if problem is not None:
                return problem
    return _table_problem(body, before) if "columns" in body else None


def parent_type_of(entity_type: str, parent_fqn: str, body: Body) -> str:
    """The entity type of the parent with this FQN; raises `RefusedError` if it is not allowed."""
    kind = KINDS[entity_type]
    if not kind.parent_choice:
        return str(kind.type_above(parent_fqn))
    parent_type = str(body[str(kind.parent_field)]["type"])
    if parent_type not in kind.parent_types:
        raise RefusedError(f"a {entity_type} cannot lie in a {parent_type}")
    return parent_type


def check_same_parent(row: EntityRow, old: Body, new: Body) -> None:
    """Raise `RefusedError` if a request would move an entity to a parent of another type.

    Services of different types may have the same name, and so their pipelines the same FQN.
    """
    kind = KINDS[row.entity_type]
    if kind.parent_choice:
        before, after = (body[str(kind.parent_field)]["type"] for body in (old, new))
        if before != after:
            raise RefusedError(f"{row.fqn} belongs to a {before}, not to a {after}; rename it")


def check_products(body: Body, *, is_bot: bool) -> None:
    """Raise `RefusedError` if a person gives data products without a domain (§6.3)."""
    if not is_bot and body.get("dataProducts") and not body.get("domains"):
        raise RefusedError("dataProducts are given but no domain; give the domain too")


def check_time(at: int) -> int:
    """The timestamp; raises `RefusedError` if it is in seconds instead of ms since 1970 (§3.0)."""
    if at < _EARLIEST_MS:
        raise RefusedError(f"timestamp is {at}: give it in milliseconds since 1970")
    return at


def check_day(day: str) -> str:
    """The day; raises `RefusedError` unless it is a valid date, YYYY-MM-DD (§3.0)."""
    try:
        if date.fromisoformat(day).isoformat() == day:
            return day
    except ValueError:
        pass
    raise RefusedError(f"{day!r} is no date: write it as YYYY-MM-DD")


def _level_problem(above: str, columns: list[Body]) -> str | None:
    names = [column["name"] for column in columns]
    if len(set(names)) != len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        return f"the column {above}{twice} occurs twice"
    for column in columns:
        problem = _column_problem(column)
        if problem is not None:
            return f"the column {above}{column['name']} {problem}"
        if "children" in column:
            problem = _level_problem(f"{above}{column['name']}.", column["children"])
            if problem is not None:
                return problem
    return None


def _column_problem(column: Body) -> str | None:
    data_type = column["dataType"]
    if data_type == "ARRAY" and "arrayDataType" not in column:
        return "is an ARRAY without arrayDataType"
    if data_type == "STRUCT" and "children" not in column:
        return "is a STRUCT without children"
    if "scale" in column:
        if "precision" not in column:
            return "has a scale but no precision"
        if column["scale"] > column["precision"]:
            return f"has scale {column['scale']} above its precision {column['precision']}"
    return None


def _table_problem(body: Body, before: Body | None) -> str | None:
    keys = [c["name"] for c in body["columns"] if c.get("constraint") == PRIMARY_KEY]
    if len(keys) > 1:
        return f"the columns {' and '.join(keys[:2])} are both a PRIMARY_KEY"
    for constraint in body.get("tableConstraints") or ():
        if keys and constraint.get("constraintType") == PRIMARY_KEY:
            return f"both the column {keys[0]} and a table constraint are a PRIMARY_KEY"
    return next(map(str, misnamed_columns(body, before)), None)
