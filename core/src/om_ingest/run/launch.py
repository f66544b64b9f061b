"""One run from a checked workflow to its report.

Local mistakes are found before anything is touched: the source is resolved, imported and
created, and the sink's config checked, before the sink is opened and the source connects.
"""

from __future__ import annotations

import contextlib
import gc
import io
import sys
from collections.abc import Iterator
from typing import TextIO

from om_ingest.host import loading
from om_ingest.run.assembly import assemble, local_mistakes, sink_blamed
from om_ingest.run.job import Job
from om_ingest.run.run import Run
from om_ingest.workflow.interrupt import Interrupt
from om_ingest.workflow.report import RunReport
from om_ingest.workflow.secrets import Redactor


def check(job: Job) -> RunReport:
    """Check everything that can be checked without reading data; raises what is wrong.

    The report tells which source would run, and where its records would go.
    """
    with prints_to_stderr(job.redact), local_mistakes(job):
        assembly = assemble(job, Interrupt())
        try:
            with sink_blamed(job):
                assembly.sink.check()
        finally:
            for part in assembly.parts:
                with loading.blamed(type(part).__name__):
                    part.close()
    return assembly.report


def launch(job: Job) -> RunReport:
    """Run to the end and report; raises only for what is wrong before the run begins."""
    with (
        Interrupt() as interrupt,
        prints_to_stderr(job.redact),
        _rare_collections(),
        contextlib.ExitStack() as kept,
    ):
        with local_mistakes(job):
            run = Run(job, assemble(job, interrupt), interrupt)
            run.open(kept)
        run.read()
        run.settle()
        run.close()
        return run.judge()


class _MaskedStderr(io.TextIOBase):
    """Standard error for `print` in plugins: secrets are masked in each call."""

    def __init__(self, redact: Redactor, stderr: TextIO) -> None:
        self._redact = redact
        self._stderr = stderr

    def write(self, text: str) -> int:
        self._stderr.write(self._redact(text))
        return len(text)

    def flush(self) -> None:
        self._stderr.flush()

    def isatty(self) -> bool:
        return self._stderr.isatty()


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for cycles less often: records are trees, and a batch of them is large.

    With Python's own thresholds a run of many tables spends an eighth of its time on it.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.contextmanager
def prints_to_stderr(redact: Redactor) -> Iterator[None]:
    """While active, `print` in a connector cannot disturb what the command prints."""
    masked = _MaskedStderr(redact, sys.stderr)
    with contextlib.redirect_stdout(masked), contextlib.redirect_stderr(masked):
        yield
