"""The bookmarks that jobs have kept: looked at and cleared without a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from om_ingest.run.assembly import Assembly
from om_ingest.run.bookmarking import job_key, state_in
from om_ingest.run.job import Job
from om_ingest.run.launch import assembled
from om_ingest.workflow.journal import FILE_NAME, Journal, readable
from om_ingest.workflow.kept_state import JobNames, KeptState, clear_state, jobs_with_state
from om_ingest.workflow.report import RunReport


def kept_of(job: Job) -> tuple[RunReport, KeptState | None]:
    """The bookmarks that a job has kept; None if there are none. The report tells which job it is.

    The source is created, and nothing is opened but the journal. Raises what is wrong with the
    job, and `WorkflowError` for a journal that cannot be used.
    """
    with _journal_of(job, read_only=True) as (journal, assembly, key):
        return assembly.report, state_in(journal, key) if journal is not None else None


def clear(job: Job) -> tuple[RunReport, bool]:
    """Forget the bookmarks of a job; whether there were any. Raises as `kept_of`.

    `DeliveryError` as well while a run of the job goes on, which would keep them again.
    """
    with _journal_of(job, read_only=False) as (journal, assembly, key):
        if journal is None:
            return assembly.report, False
        with contextlib.suppress(OSError):
            holder = journal.lock_of(key).holder()
            if holder is not None:
                raise holder.still_running()
        return assembly.report, clear_state(journal, key)


def jobs_in(folder: Path) -> list[tuple[JobNames, str]]:
    """The jobs that have bookmarks in the journal of a folder, with the moment they kept them.

    Raises `WorkflowError` for a journal that cannot be used.
    """
    with _opened(folder, read_only=True) as journal:
        if journal is None:
            return []
        with readable(journal.path, "the state of a job"):
            return jobs_with_state(journal)


@contextlib.contextmanager
def _journal_of(job: Job, *, read_only: bool) -> Iterator[tuple[Journal | None, Assembly, bytes]]:
    """The journal of a job, or None if it has none; the job assembled, and its key."""
    place = job.journal
    assert place is not None, "every job of the command line has a place"
    with assembled(job) as assembly, _opened(place.folder, read_only=read_only) as journal:
        yield journal, assembly, job_key(place, assembly)


@contextlib.contextmanager
def _opened(folder: Path, *, read_only: bool) -> Iterator[Journal | None]:
    """The journal of a folder; None if it has none."""
    if not (folder / FILE_NAME).is_file():
        yield None
        return
    with contextlib.closing(Journal(folder, read_only=read_only)) as journal:
        yield journal
