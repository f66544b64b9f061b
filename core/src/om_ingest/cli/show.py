"""`om-ingest show`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest.cli import render


def show(
    name: Annotated[str, typer.Argument(help="A source from list-sources.")],
    json_schema: Annotated[
        bool, typer.Option("--json-schema", help="Print the JSON Schema of its config.")
    ] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a workflow file.")] = False,
) -> None:
    """Show where a source comes from and how it is configured."""
    from om_ingest.host import describe, discovery, loading  # imports pydantic and the connector
    from om_ingest.host.hooks import Hooks
    from om_ingest.host.launch import prints_to_stderr
    from om_ingest.workflow.secrets import Redactor

    with prints_to_stderr(Redactor()):
        hooks = Hooks()
        source = discovery.find(name, hooks=hooks)
        config = loading.config_class(loading.source_class(source, hooks))
        workflow = describe.example(source, hooks)
    if json_schema:
        render.as_json(describe.json_schema(config))
        return
    if example:
        typer.echo(workflow, nl=False)
        return
    typer.echo(f"name          {source.name}")
    typer.echo(f"service type  {source.service_type or '-'}")
    typer.echo(f"distribution  {source.distribution or '-'} {source.version}".rstrip())
    typer.echo(f"origin        {source.origin}")
    typer.echo(f"class         {source.target}")
    typer.echo(f"status        {source.status}{': ' + source.detail if source.detail else ''}")
    typer.echo("")
    if config is None:
        typer.echo("This source does not declare its config: it takes any keys.")
        return
    render.table(
        ("KEY", "TYPE", "DEFAULT", "REQUIRED", "MEANING"),
        [
            (
                field.name,
                field.type,
                field.default,
                "yes" if field.required else "no",
                field.meaning,
            )
            for field in describe.fields(config)
        ],
    )
