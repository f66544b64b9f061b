"""`om-ingest replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from om_ingest import logs
from om_ingest.cli import options, running


def replay(
    file: Annotated[Path, typer.Argument(help="The file that the report of a run names.")],
    sink: options.Sink = None,
    dry_run: options.DryRun = False,
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
    """Deliver the records that a run set aside.

    Those that fail again are set aside again.
    """
    from om_ingest.run import launch, outputs, replay as replaying  # imports here: see run

    logs.labels.workflow, written = str(file), outputs.current()
    redact = logs.set_up(log_level, log_format, quiet)
    written.begin(report, metrics, redact)
    job = replaying.job(
        file,
        sink=sink,
        redact=redact,
        dry_run=dry_run,
        state=state,
        resume=bool(resume),
        report=report,
        openlineage=openlineage,
        grace_s=grace,
        observe=None if quiet else running.progress,
    )
    words = running.stop_words(quiet, dry_run)
    launch.launch(job, lambda report: running.finish(report, written, quiet), words)
