"""`om-ingest run`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest import logs
from om_ingest.cli import options, running


def run(
    target: options.Target,
    set_: options.Values = None,
    set_file: options.ValuesFromFiles = None,
    set_env: options.ValuesFromEnvironment = None,
    service_name: options.ServiceName = None,
    sink: options.Sink = None,
    dry_run: options.DryRun = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after N records.")] = None,
    allow_mass_delete: Annotated[
        bool,
        typer.Option(
            "--allow-mass-delete", help="Mark all that is gone from the source as deleted."
        ),
    ] = False,
    path: options.Folders = None,
    strict: options.Strict = False,
    resume: options.Resume = None,
    state: options.State = None,
    report: options.Report = None,
    metrics: options.Metrics = None,
    openlineage: options.OpenLineage = None,
    grace: options.Grace = None,
    log_level: options.Level = None,
    log_format: options.Format = logs.LogFormat.TEXT,
    quiet: options.Quiet = False,
) -> None:
    """Run a connector: read its records, and deliver them.

    Ctrl-C and SIGTERM end the reading; what was read is delivered. A third one ends the run at
    once; the report has what is known by then.
    """
    from om_ingest.run import launch, outputs, request  # here: only a run needs pydantic and a sink

    logs.labels.workflow, written = target, outputs.current()
    redact = logs.set_up(log_level, log_format, quiet)
    written.begin(report, metrics, redact)
    job = request.job(
        target,
        values=set_ or (),
        values_from_files=set_file or (),
        values_from_environment=set_env or (),
        service_name=service_name,
        sink=sink,
        redact=redact,
        dry_run=dry_run,
        limit=limit,
        allow_mass_delete=allow_mass_delete,
        state=state,
        resume=bool(resume),
        report=report,
        openlineage=openlineage,
        grace_s=grace,
        path=path or (),
        strict=strict,
        observe=None if quiet else running.progress,
    )
    if log_level is None and not quiet:
        logs.set_level(job.workflow.workflowConfig.loggerLevel)
    words = running.stop_words(quiet, dry_run)
    launch.launch(job, lambda report: running.finish(report, written, quiet), words)
