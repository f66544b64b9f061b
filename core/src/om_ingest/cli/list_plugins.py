"""`om-ingest list-plugins`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import COMMANDS


def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Show every sink, processor, command and hook."""
    from om_ingest import registry  # reads distribution metadata: --help can do without

    plugins = registry.installed_plugins(built_in_commands=COMMANDS)
    if as_json:
        terminal.as_json(plugins)
        return
    terminal.table(
        ("KIND", "NAME", "DISTRIBUTION", "VERSION", "TARGET", "STATUS"),
        [
            (
                plugin.kind,
                plugin.name,
                plugin.distribution,
                plugin.version,
                plugin.target,
                f"{plugin.status}: {plugin.detail}" if plugin.detail else plugin.status,
            )
            for plugin in plugins
        ],
        whole=("NAME",),
    )
