"""One entity of the catalog as people read it."""

from __future__ import annotations

import json
from typing import Any

import typer
from om_ingest.cli import render

_TABLES = {
    "columns": ("name", "dataTypeDisplay", "constraint", "description"),
    "tableConstraints": ("constraintType", "columns", "referredColumns"),
    "tags": ("tagFQN", "source", "state"),
}
_LEFT_OUT = {"changeDescription", "incrementalChangeDescription"}


def print_entity(entity_type: str, document: dict[str, Any]) -> None:
    """Print the scalar fields as lines, and columns, constraints and tags as tables."""
    typer.echo(f"{entity_type} {document['fullyQualifiedName']}")
    for key, value in document.items():
        if key not in _TABLES and key not in _LEFT_OUT and value not in ([], {}):
            typer.echo(f"  {key}: {_text(value)}")
    for key, headers in _TABLES.items():
        rows = list(_rows(document.get(key) or (), headers, ""))
        if rows:
            typer.echo(f"\n{key}")
            render.table(tuple(header.upper() for header in headers), rows)


def _rows(items: Any, headers: tuple[str, ...], indent: str) -> Any:
    for item in items:
        first, *rest = (_text(item.get(header, "")) for header in headers)
        yield (indent + first, *rest)
        yield from _rows(item.get("children") or (), headers, indent + "  ")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        name = value.get("fullyQualifiedName") or value.get("name")
        return str(name or json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return " ".join(str(value).split())
