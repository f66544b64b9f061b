"""`om-ingest lineage`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from om_ingest import WorkflowError, terminal

from om_ingest_lineage.encodings import encoding_of


def lineage(
    file: Annotated[str, typer.Argument(help="File of SQL; - for standard input.")],
    dialect: Annotated[
        str | None, typer.Option(help="The dialect of SQL, e.g. postgres, mysql, tsql.")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="Catalog whose tables it may name.", metavar="FILE")
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="Service of the catalog that it speaks to.", metavar="NAME")
    ] = None,
    database: Annotated[
        str, typer.Option(help="Database of names that say none.", metavar="NAME")
    ] = "",
    search_path: Annotated[
        str,
        typer.Option(help="Schemas of names that say none, with commas.", metavar="SCHEMA,…"),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the statements of a file make of what, table by table and column by column.

    Tables are known from CREATE statements of the file, and from the catalog. Without --catalog,
    every other name is taken for a table.
    The exit code is 1 if something could not be told: it is shown with its line.
    """
    # They import sqlglot, pydantic and sqlite3: --help can do without.
    from om_ingest_lineage import explaining
    from om_ingest_lineage.knowledge.dialects import dialect_named

    if catalog is None and (service is not None or database):
        raise WorkflowError(
            "--service and --database name something of a catalog", "Add --catalog FILE."
        )
    if catalog is None and dialect is None:
        raise WorkflowError(
            "The dialect of the SQL is not known",
            "Add --dialect, e.g. --dialect postgres; or --catalog FILE, where a service tells it.",
        )
    spoken = None if dialect is None else dialect_named(explaining.checked(dialect))
    path = tuple(filter(None, search_path.split(",")))
    with explaining.Explainer(spoken, catalog, service, database, path) as explainer:
        found = explainer.statements(_text(file))
    if as_json:
        terminal.as_json([statement.as_dict() for statement in found])
    else:
        terminal.tree(statement.node() for statement in found if statement.says_something)
        if not any(statement.says_something for statement in found):
            terminal.line("No statement makes a table out of others.", err=True)
    if any(statement.doubts for statement in found):
        raise typer.Exit(1)


def _text(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        return content.decode(encoding_of(content))
    except OSError as error:
        raise WorkflowError(
            f"Cannot read {file}: {error.strerror}", "Name a file of SQL, or - for standard input."
        ) from None
    except UnicodeDecodeError:
        raise WorkflowError(
            f"{file} is neither UTF-8 nor UTF-16 with a mark", "Convert it, e.g. with iconv."
        ) from None
