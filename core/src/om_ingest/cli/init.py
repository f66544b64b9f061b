"""`om-ingest init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import options, running


def init(
    name: options.SourceName,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to; default NAME.yaml.")
    ] = None,
) -> None:
    """Write an example workflow file for a source.

    Beside it lies its JSON Schema, for editors; FILE.schema.json for FILE.yaml.
    """
    from om_ingest.manual import describe  # imports pydantic

    with running.connectors() as hooks:
        source = hooks.find_source(name)
        path = output or Path(f"{source.name}.yaml")
        schema_path = describe.write_example(path, source, hooks)
    terminal.line(f"Wrote {path}, and {schema_path} for editors.")
    terminal.message(describe.next_step(path), err=False)
