"""The stored form of a request: its JSON as plain dicts, and what is in it.

A *body* is the JSON of a create request without its parent and without None; every
rule of the catalog is a function on bodies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from om_ingest.model.fqn import quote
from om_ingest.model.kinds import KINDS

Body: TypeAlias = dict[str, Any]
"""JSON of an entity, a column or a tag label."""


def parse(text: str | bytes) -> Body:
    """The body that `dump` wrote."""
    body: Body = from_json(text)
    return body


def dump(value: object) -> str:
    """JSON text, compact, with its keys in the order they have."""
    return to_json(value).decode()


def make_canonical(entity_type: str, body: Body) -> None:
    """Bring a request's JSON into its stored form, in place (contract §3.0)."""
    parent_field = KINDS[entity_type].parent_field
    if parent_field is not None:
        body.pop(parent_field, None)
    if entity_type == "user":
        body["name"] = body["name"].lower()
    for column in all_columns(body):
        if "arrayDataType" in column and column["dataType"] != "ARRAY":
            del column["arrayDataType"]
        if "dataTypeDisplay" in column:
            column["dataTypeDisplay"] = column["dataTypeDisplay"].lower()


def all_columns(body: Body) -> list[Body]:
    """Every column, nested ones included; outer ones first."""
    columns = list(body.get("columns", ()))
    for column in columns:  # grows while it is read
        if "children" in column:
            columns.extend(column["children"])
    return columns


def column_fqns(table_fqn: str, columns: list[Body] | None) -> Iterator[str]:
    """The FQN of every column, nested ones included."""
    for column in columns or ():
        fqn = f"{table_fqn}.{quote(column['name'])}"
        yield fqn
        yield from column_fqns(fqn, column.get("children"))


def pair_columns(old: list[Body], new: list[Body]) -> list[tuple[Body | None, Body]]:
    """Each new column with the old one it continues, or None (contract §6.2).

    Columns continue each other when type and element type are equal and the names are,
    ignoring case; one that is spelled the same comes first.
    """
    exact = {_identity(column): column for column in old}
    taken = {_identity(column) for column in new}
    folded = {
        (key[0].lower(), *key[1:]): column for key, column in exact.items() if key not in taken
    }
    pairs: list[tuple[Body | None, Body]] = []
    for column in new:
        key = _identity(column)
        match = exact.get(key) or folded.pop((key[0].lower(), *key[1:]), None)
        pairs.append((match, column))
    return pairs


def _identity(column: Body) -> tuple[str, str, str | None]:
    return column["name"], column["dataType"], column.get("arrayDataType")
