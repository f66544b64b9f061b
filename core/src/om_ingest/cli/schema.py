"""`om-ingest schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import completion, options, running


def schema(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Sources from list-sources; default: all.", autocompletion=completion.sources
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write it into a file.")
    ] = None,
    path: options.Folders = None,
    report: Annotated[
        bool, typer.Option("--report", help="That of reports of runs instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of the workflow file, for editors.

    A connector that cannot be imported is named on standard error, and its config left open.
    """
    from om_ingest.manual import report_schema, schema as schemas  # imports pydantic

    if report:
        if output is None:
            terminal.document(report_schema.text())
        else:
            schemas.write(output, report_schema.text())
        return
    with running.connectors(path) as hooks:
        sources = [hooks.find_source(name) for name in names or ()]
        made = schemas.WorkflowSchema(sources, hooks)
        text = made.text()
    for problem in made.problems:
        terminal.line(f"left open: {problem}", err=True)
    if output is None:
        terminal.document(text)
        return
    schemas.write(output, text)
    terminal.line(f"Wrote {output}. In a workflow file beside it: {schemas.line(output)}")
