"""`om-ingest doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import terminal
from om_ingest.errors import PluginError


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    try_import: Annotated[
        bool, typer.Option("--import", help="Import each source too, in a process of its own.")
    ] = False,
    import_timeout: Annotated[
        float,
        typer.Option(min=0.1, help="End an import after this time.", metavar="SECONDS"),
    ] = 60.0,
) -> None:
    """Check the installation: what is wrong, and how to fix it.

    Exit code 0 when healthy, 3 when not.
    """
    from om_ingest import (
        doctor as clinic,  # reads every distribution: --help can do without
        registry,
    )
    from om_ingest.host.hooks import Hooks

    findings = clinic.diagnose()
    trials = [
        clinic.try_import(source, import_timeout)
        for source in (Hooks().sources() if try_import else ())
        if source.status not in registry.NEVER_IMPORTED
    ]
    healthy = clinic.is_healthy(findings, trials)
    if as_json:
        terminal.as_json(
            {
                "healthy": healthy,
                "findings": findings,
                "imports": trials,
            }
        )
    else:
        for finding in findings:
            owner = f"{finding.distribution} {finding.version}".strip()
            terminal.line(f"{finding.severity}: {finding.kind}{f' ({owner})' if owner else ''}")
            terminal.line(f"  {finding.what}")
            terminal.line(f"  Fix: {finding.fix}")
        for trial in trials:
            owner = f"{trial.distribution} {trial.version}".strip() or trial.module
            terminal.line(
                f"import {trial.source} ({owner}): {trial.failure or 'ok'}, {trial.import_s:.2f} s"
            )
            for line in trial.printed.splitlines():
                terminal.line(f"  | {line}")
        terminal.line("healthy" if healthy else "not healthy")
    raise typer.Exit(0 if healthy else PluginError.exit_code)
