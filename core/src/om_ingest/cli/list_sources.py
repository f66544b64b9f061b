"""`om-ingest list-sources`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import terminal


def list_sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
    service_type: Annotated[
        str | None, typer.Option(help="Only this family, e.g. database.", metavar="TYPE")
    ] = None,
) -> None:
    """Show every installed source; none is imported."""
    from om_ingest.host.hooks import Hooks  # reads distribution metadata: --help can do without

    sources = [
        source
        for source in Hooks().sources()
        if service_type is None or source.service_type == service_type.lower()
    ]
    if as_json:
        terminal.as_json(sources)
        return
    if not sources:
        terminal.line("No sources are installed. Install a connector with pip.", err=True)
        return
    terminal.table(
        ("NAME", "SERVICE TYPE", "DISTRIBUTION", "VERSION", "ORIGIN", "STATUS"),
        [
            (
                source.name,
                source.service_type or "-",
                source.distribution or "-",
                source.version or "-",
                source.origin,
                f"{source.status}: {source.detail}" if source.detail else source.status,
            )
            for source in sources
        ],
    )
