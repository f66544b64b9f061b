"""`om-ingest show`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import options, running


def show(
    name: options.SourceName,
    json_schema: Annotated[
        bool, typer.Option("--json-schema", help="Print the JSON Schema of its workflow file.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a workflow file.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a documentation page.")
    ] = False,
    path: options.Folders = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; the config is null if it is not declared.")
    ] = False,
) -> None:
    """Show where a source comes from and how it is configured."""
    from om_ingest.host import loading  # imports pydantic
    from om_ingest.manual import describe

    text = ""
    with running.connectors(path, name) as hooks:
        source = hooks.find_source(name)
        config = loading.config_class(loading.source_class(source, hooks))
        if json_schema:
            from om_ingest.manual.schema import WorkflowSchema

            text = WorkflowSchema([source], hooks).text()
        elif example:
            text = describe.example(source, hooks)
        elif markdown:
            from om_ingest.manual import markdown as pages

            text = pages.page(source, hooks)
    if text:
        terminal.document(text)
        return
    source = source.imported()
    keys = None if config is None else describe.fields(config)
    if as_json:
        terminal.as_json({**terminal.as_dict(source), "config": keys})
        return
    terminal.line(f"name          {source.name}")
    terminal.line(f"service type  {source.service_type or '-'}")
    terminal.line(f"distribution  {source.distribution or '-'} {source.version}".rstrip())
    terminal.line(f"origin        {source.origin}")
    terminal.line(f"class         {source.target}")
    terminal.line(f"status        {source.status}{': ' + source.detail if source.detail else ''}")
    terminal.line()
    if keys is None:
        terminal.line("This source does not declare its config: it takes any keys.")
        return
    terminal.table(
        ("KEY", "TYPE", "DEFAULT", "REQUIRED", "MEANING"),
        [
            (
                field.name,
                field.type,
                field.default,
                "yes" if field.required else "no",
                field.meaning,
            )
            for field in keys
        ],
        wrapped=True,
    )
