"""Output of commands: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer


def as_json(value: Any) -> None:
    """Print plain data as JSON."""
    import json  # tables do without

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below headers: drawn on a terminal, aligned plain text elsewhere."""
    if sys.stdout.isatty():
        from rich.console import Console  # only for people: importing it takes longer than listing
        from rich.markup import escape
        from rich.table import Table

        drawn = Table(*headers, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            drawn.add_row(*map(escape, row))
        Console().print(drawn)
        return
    for line in plain(headers, rows):
        typer.echo(line)


def plain(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table as lines of plain text, columns two spaces apart."""
    cells = [list(headers), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def spelled(count: str) -> str:
    """The name of a count in a report as words: `leftOut` is left out."""
    return "left out" if count == "leftOut" else count
