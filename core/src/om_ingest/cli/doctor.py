"""`om-ingest doctor`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from om_ingest import terminal
from om_ingest.cli import options
from om_ingest.errors import PluginError

if TYPE_CHECKING:
    from om_ingest.doctor import Finding, Trial


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    imports: Annotated[
        bool,
        typer.Option(
            "--import/--no-import",
            help="Import each source, in a process of its own with a time limit; or none.",
        ),
    ] = True,
    import_timeout: Annotated[
        float,
        typer.Option(min=0.1, help="End an import after this time.", metavar="SECONDS"),
    ] = 60.0,
    path: options.Folders = None,
) -> None:
    """Check the installation: what is wrong, and how to fix it.

    Exit code 0 when healthy, 3 when not.
    """
    from om_ingest import (
        doctor as clinic,  # reads every distribution: --help can do without
        registry,
    )
    from om_ingest.host import folders
    from om_ingest.host.hooks import Hooks

    allow = registry.AllowList.from_environment()
    added = folders.checked(path or (), allow)
    with folders.added(added, allow):
        findings = clinic.diagnose()
        sources = Hooks(allow).sources() if imports else ()
    if not as_json:
        _show(findings)
    importable = [each for each in sources if each.status not in registry.NEVER_IMPORTED]
    trials = []
    for trial in clinic.try_imports(importable, import_timeout, added):
        trials.append(trial)
        if not as_json:
            _show_import(trial)
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
        unseen = ", as far as files and metadata tell: no source was imported"
        terminal.line(f"healthy{'' if imports else unseen}" if healthy else "not healthy")
    raise typer.Exit(0 if healthy else PluginError.exit_code)


def _show(findings: Iterable[Finding]) -> None:
    for finding in findings:
        owner = f"{finding.distribution} {finding.version}".strip()
        terminal.line(f"{finding.severity}: {finding.kind}{f' ({owner})' if owner else ''}")
        terminal.line(f"  {finding.what}")
        terminal.line(f"  Fix: {finding.fix}")


def _show_import(trial: Trial) -> None:
    owner = f"{trial.distribution} {trial.version}".strip() or trial.module
    took = f", {trial.import_s:.2f} s" if trial.import_s else ""
    terminal.line(f"import {trial.source} ({owner}): {trial.failure or 'ok'}{took}")
    if trial.fix:
        terminal.line(f"  Fix: {trial.fix}")
    for line in trial.printed.splitlines():
        terminal.line(f"  | {line}")
