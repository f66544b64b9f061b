"""`om-ingest replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from om_ingest.cli import options


def replay(
    file: Annotated[Path, typer.Argument(help="The file that the report of a run names.")],
    sink: options.Sink = None,
    dry_run: options.DryRun = False,
    resume: options.Resume = False,
    state: options.State = None,
    report: options.Report = None,
    log_level: options.Level = None,
    log_format: options.Format = options.LogFormat.TEXT,
    quiet: options.Quiet = False,
) -> None:
    """Deliver the records that a run set aside.

    Those that fail again are set aside again.
    """
    from om_ingest.run import launch, replay as replaying, request  # imports here: see run

    redact = options.set_up_logging(log_level, log_format, quiet)
    path = request.report_path(report)
    job = replaying.job(
        file,
        sink=sink,
        redact=redact,
        dry_run=dry_run,
        state=state,
        resume=resume,
        observe=None if quiet else options.progress,
    )
    words = options.stop_words(log_format, quiet, dry_run)
    launch.launch(job, lambda report: options.finish(report, path, quiet), words)
