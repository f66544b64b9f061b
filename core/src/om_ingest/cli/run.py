"""`om-ingest run`."""

from __future__ import annotations

from typing import Annotated

import typer

from om_ingest.cli import options


def run(
    target: options.Target,
    set_: options.Values = None,
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
    resume: options.Resume = False,
    state: options.State = None,
    report: options.Report = None,
    log_level: options.Level = None,
    log_format: options.Format = options.LogFormat.TEXT,
    quiet: options.Quiet = False,
) -> None:
    """Run a connector: read its records, and deliver them.

    Ctrl-C and SIGTERM end the reading; what was read is delivered. A third one ends the run at
    once, without a report.
    """
    from om_ingest.run import launch, request  # here: only a run needs pydantic and a sink

    redact = options.set_up_logging(log_level, log_format, quiet)
    report_path = request.report_path(report)
    job = request.job(
        target,
        values=set_ or (),
        service_name=service_name,
        sink=sink,
        redact=redact,
        dry_run=dry_run,
        limit=limit,
        allow_mass_delete=allow_mass_delete,
        state=state,
        resume=resume,
        path=path or (),
        strict=strict,
        observe=None if quiet else options.progress,
    )
    if log_level is None and not quiet:
        options.set_level(job.workflow.workflowConfig.loggerLevel)
    words = options.stop_words(log_format, quiet, dry_run)
    launch.launch(job, lambda report: options.finish(report, report_path, quiet), words)
