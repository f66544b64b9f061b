"""`om-ingest catalog`: list, show and search what was ingested."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from om_ingest import terminal

from om_ingest_catalog import DEFAULT_CATALOG

app = typer.Typer(
    name="catalog",
    help="Show what was ingested into the embedded catalog.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Option("--catalog", help="The catalog file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_DEFAULT = Path(DEFAULT_CATALOG)


@app.command()
def tables(catalog: File = _DEFAULT, as_json: Json = False) -> None:
    """List every table with its number of columns.

    The exit code is 1 if a table cannot be read: it is named, and the others are listed.
    """
    from om_ingest.model import Table

    from om_ingest_catalog import Catalog  # imports pydantic and sqlite3, for this command

    with Catalog(catalog, read_only=True) as store:
        rows = [
            (
                table.fullyQualifiedName,
                table.tableType.value if table.tableType else None,
                len(table.columns),
                table.description,
            )
            for table in store.list_entities(Table)
        ]
        unreadable_count = store.unreadable_count
    if as_json:
        keys = ("fullyQualifiedName", "tableType", "columns", "description")
        terminal.as_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        terminal.table(
            ("TABLE", "TYPE", "COLUMNS", "DESCRIPTION"),
            [
                (name, kind or "-", str(count), _short(text or ""))
                for name, kind, count, text in rows
            ],
        )
    if unreadable_count:  # each was logged
        raise typer.Exit(1)


@app.command()
def show(
    fqn: Annotated[str, typer.Argument(help="Fully qualified name, e.g. shop.db.public.orders.")],
    catalog: File = _DEFAULT,
    as_json: Json = False,
) -> None:
    """Show one entity."""
    from om_ingest.errors import WorkflowError
    from om_ingest.kinds import KINDS

    from om_ingest_catalog import Catalog, Collection  # see tables

    with Catalog(catalog, read_only=True) as store:
        found = {
            kind.entity_type: Collection(store, kind).whole(fqn)
            for kind in KINDS.values()
            if store.get_by_name(kind.entity, fqn) is not None
        }
    if not found:
        raise WorkflowError(
            f"There is no {fqn!r} in {catalog}",
            "`om-ingest catalog search WORDS` finds names.",
        )
    documents = list(found.values())
    if as_json:
        terminal.as_json(documents[0] if len(documents) == 1 else documents)
        return
    for entity_type, document in found.items():
        _print_entity(entity_type, document)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="All must occur; beginnings of words count.")],
    catalog: File = _DEFAULT,
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, help="Most results.")] = 20,
) -> None:
    """Search names, descriptions and columns."""
    from dataclasses import asdict  # see tables

    from om_ingest_catalog import Catalog

    with Catalog(catalog, read_only=True) as store:
        hits = store.search(" ".join(words), limit=limit)
    if as_json:
        terminal.as_json([asdict(hit) for hit in hits])
        return
    if not hits:
        terminal.line("Nothing found.", err=True)
        return
    terminal.table(
        ("ENTITY TYPE", "FULLY QUALIFIED NAME", "DESCRIPTION"),
        [(hit.entity_type, hit.fqn, _short(hit.description or "")) for hit in hits],
        whole=("FULLY QUALIFIED NAME",),
    )


def _short(text: str, width: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


_TABLES = {
    "columns": ("name", "dataTypeDisplay", "constraint", "description"),
    "tableConstraints": ("constraintType", "columns", "referredColumns"),
    "tags": ("tagFQN", "source", "state"),
}
_LEFT_OUT = {"changeDescription", "incrementalChangeDescription"}


def _print_entity(entity_type: str, document: dict[str, Any]) -> None:
    """Print the scalar fields as lines, and columns, constraints and tags as tables."""
    terminal.line(f"{entity_type} {document['fullyQualifiedName']}")
    for key, value in document.items():
        if key not in _TABLES and key not in _LEFT_OUT and value not in ([], {}):
            terminal.line(f"  {key}: {_text(value)}")
    for key, headers in _TABLES.items():
        rows = list(_rows(document.get(key) or (), headers, ""))
        if rows:
            terminal.line()
            terminal.line(key)
            terminal.table(tuple(header.upper() for header in headers), rows)


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
