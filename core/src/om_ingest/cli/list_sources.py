"""`om-ingest list-sources`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import completion, options


def list_sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    service_type: Annotated[
        str | None,
        typer.Option(
            help="Only this family, e.g. database.",
            metavar="TYPE",
            autocompletion=completion.service_types,
        ),
    ] = None,
    path: options.Folders = None,
) -> None:
    """Show every installed source; none is imported."""
    from om_ingest import registry  # reads distribution metadata: --help can do without
    from om_ingest.host import folders
    from om_ingest.host.hooks import Hooks

    allow = registry.AllowList.from_environment()
    with folders.added(path or (), allow):
        known = sources = Hooks(allow).sources()
    if service_type is not None:
        sources = registry.of_service_type(service_type, sources)
    if as_json:
        terminal.as_json(sources)
        return
    if not sources:
        which = f" of the service type {service_type.lower()}" if service_type else ""
        others = ", or list the others without --service-type" if which else ""
        said = f"No sources{which} are installed. Install a connector with pip{others}."
        terminal.line(said, err=True)
        return
    terminal.table(
        ("NAME", "SERVICE TYPE", "DISTRIBUTION", "VERSION", "ORIGIN", "STATUS"),
        [
            (
                registry.listed_name(source, known),
                source.service_type or "-",
                source.distribution or "-",
                source.version or "-",
                source.origin,
                f"{source.status}: {source.detail}" if source.detail else source.status,
            )
            for source in sources
        ],
    )
