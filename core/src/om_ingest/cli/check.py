"""`om-ingest check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from om_ingest import logs, terminal
from om_ingest.cli import options

if TYPE_CHECKING:
    from om_ingest.workflow.report import RunReport


def check(
    target: options.Target,
    set_: options.Values = None,
    set_file: options.ValuesFromFiles = None,
    set_env: options.ValuesFromEnvironment = None,
    sink: options.Sink = None,
    path: options.Folders = None,
    strict: options.Strict = False,
) -> None:
    """Check everything that can be checked without reading data."""
    from om_ingest.cli import summary
    from om_ingest.run import launch, request, values  # imports here: see run

    redact = logs.set_up(None, logs.LogFormat.TEXT, quiet=True)
    job = request.job(
        target,
        values=set_ or (),
        values_from_files=set_file or (),
        values_from_environment=set_env or (),
        sink=sink,
        path=path or (),
        strict=strict,
        redact=redact,
    )
    if told := values.warning_of(job.values):
        terminal.message(f"warning: {told}")

    def tell_source(report: RunReport) -> None:
        for line in summary.works_in_part(report):
            terminal.line(line)

    report = launch.check(job, tell_source)
    for line in summary.checked(report):
        terminal.line(line)
