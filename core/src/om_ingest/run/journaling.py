"""One run and its journal: entered when it begins, resumed if asked, and closed when it ends."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from om_ingest.errors import OmIngestError, PluginError, WorkflowError
from om_ingest.reasons import counted
from om_ingest.run.assembly import Assembly
from om_ingest.run.bookmarking import RunState, job_key
from om_ingest.run.job import Job, JournalPlace
from om_ingest.workflow.job_lock import Holder, JobLock
from om_ingest.workflow.journal import FILE_NAME, Journal
from om_ingest.workflow.kept_run import RUNNING, SUCCESS

logger = logging.getLogger(__name__)


def place_of(
    workflow: Path | str, *, state: Path | None, resume: bool, dry_run: bool
) -> JournalPlace:
    """Where to keep the runs of a file, or of a source's name.

    `state` is the folder given on the command line. Raises `WorkflowError` for a dry run that is to
    be resumed.
    """
    if dry_run and resume:
        raise WorkflowError(
            "A dry run delivers nothing, so it cannot be resumed",
            "Leave --dry-run or --resume out.",
        )
    folder = Path.cwd()
    if isinstance(workflow, Path) and workflow.is_file():  # a pipe is in no folder
        workflow = workflow.resolve()
        folder = workflow.parent
    return JournalPlace(
        folder=state or folder,
        workflow=str(workflow),
        resume=resume,
        is_required=(resume or state is not None) and not dry_run,
        is_read_only=dry_run,
    )


@contextlib.contextmanager
def journaled(job: Job, assembly: Assembly, state: RunState) -> Iterator[RunJournal]:
    """Keep a run in its journal: its code calls `begin`; how it ends is entered on exit.

    `state` has the bookmarks of the job from `begin` on.

    Raises `WorkflowError` if the run is to be resumed, or `--state` was given, and the journal
    cannot be used.
    """
    with contextlib.ExitStack() as opened:
        journal = RunJournal(job.journal, assembly, state, opened)
        try:
            yield journal
        except BaseException as error:
            journal.note(error)
            raise
        finally:
            journal.end()


class RunJournal:
    """Enters one run into its journal."""

    def __init__(
        self,
        place: JournalPlace | None,
        assembly: Assembly,
        state: RunState,
        opened: contextlib.ExitStack,
    ) -> None:
        """Open the journal if it is required; otherwise no file is touched before `begin`."""
        self._place = None if place and place.is_read_only else place
        self._assembly = assembly
        self._opened = opened
        self._journal: Journal | None = None
        self._number: int | None = None
        self._key = job_key(place, assembly) if place else b""
        self._state = state
        self._rehearses = place if self._place is None else None
        self._problem = ""
        """Why there is no journal."""
        self._lock: JobLock | None = None
        self._is_second = False
        """Whether another run of the job goes on, which holds the lock."""
        place = self._place
        if place and place.is_required:
            self._journal = self._open(place)
        if place and place.resume:
            assert self._journal is not None, "it was opened to be resumed"
            self._resume(self._journal)

    def _open(self, place: JournalPlace) -> Journal:
        return self._opened.enter_context(contextlib.closing(Journal(place.folder)))

    def _take_lock(self, journal: Journal) -> Holder | None:
        """Hold the lock of the job until the run has ended; who holds it if another run does."""
        self._lock = lock = journal.lock_of(self._key)
        self._opened.callback(lock.release)
        report = self._assembly.report
        holder = lock.take(report.run_id, report.started_at, os.getpid())
        if lock.problem:
            logger.warning(
                "Nobody can tell whether another run of this job goes on, because %s cannot be"
                " locked (%s): do not start one meanwhile, or name a folder on a local disk with"
                " --state.",
                *(lock.path, lock.problem),
            )
        return holder

    def _resume(self, journal: Journal) -> None:
        """Find the run that this one continues, and keep others from continuing it."""
        holder = self._take_lock(journal)
        if holder is not None:
            raise holder.still_running()
        report, latest = self._assembly.report, journal.latest(self._key)
        if latest is not None and latest.state == RUNNING:
            raise Holder(latest.run_id, latest.started_at, pid=latest.pid).still_running()
        if latest is None or latest.state == SUCCESS:
            logger.info("There is nothing to resume: this run delivers everything.")
        elif not self._assembly.sink.keeps_journal:
            logger.info("Nothing is left out: %s is not resumed record by record.", report.sink)
        else:
            report.resumed_from = latest.run_id
            logger.info(
                "Resuming the run %s (%s), which delivered %s: what the target still has of them"
                " is not sent again.",
                *(latest.run_id, latest.state, counted(journal.acknowledged_count(self._key))),
            )

    def begin(self) -> None:
        """Enter the run, and open its state.

        What fails is only logged, unless the journal is required.
        """
        self._enter()
        try:
            self._open_state()
        except OmIngestError as error:
            if self._place and self._place.is_required:
                raise
            logger.warning("The bookmarks of this job cannot be read: %s", error)
            self._state.open(None, self._key, error.what)

    def _open_state(self) -> None:
        if self._place is not None:
            reason = self._problem
            if self._is_second:
                reason = "another run of the job goes on, which keeps its own: let that end first"
            self._state.open(self._journal, self._key, reason)
            return
        journal = None
        if self._rehearses is not None and (self._rehearses.folder / FILE_NAME).is_file():
            journal = Journal(self._rehearses.folder, read_only=True)
            self._opened.enter_context(contextlib.closing(journal))
        self._state.open(journal, self._key, "a dry run leaves no trace", tells=False)

    def _enter(self) -> None:
        if self._place is None:
            return
        report = self._assembly.report
        try:
            journal = self._journal or self._open(self._place)
            holder = None if self._lock else self._take_lock(journal)
            is_locked = self._lock is not None and self._lock.is_mine
            self._number = journal.begin(
                self._key, report, report.resumed_from, is_locked=is_locked
            )
        except OmIngestError as error:
            if self._place.is_required:
                raise
            self._problem = error.what
            logger.warning("This run is not kept for `om-ingest runs` and --resume: %s", error)
            return
        self._journal, report.kept_in = journal, str(self._place.folder)
        self._is_second = holder is not None
        if holder is None:
            self._bind(journal, resuming=report.resumed_from is not None)
        elif self._assembly.sink.keeps_journal:
            logger.warning(
                "%s, so this one cannot be resumed: what it delivers is not kept.",
                holder.still_running().what,
            )

    def _bind(self, journal: Journal, *, resuming: bool) -> None:
        """Let the sink use the journal, which is checked against the target if that can be read."""
        target = None
        if resuming:
            with contextlib.suppress(Exception):  # the run itself asks again, and says so
                target = self._assembly.sink.existing()
        acknowledgements = self._assembly.acknowledgements
        acknowledgements.bind(journal, self._key, resuming=resuming, target=target)
        self._opened.callback(acknowledgements.close)

    def note(self, error: BaseException) -> None:
        """Enter the error that ended the run early; a wrong workflow or plugin is no run."""
        report = self._assembly.report
        report.state, report.exit_code = "failed", 1
        if isinstance(error, OmIngestError):
            report.exit_code = error.exit_code
            report.errors.append(report.tally.redact.message(str(error)))
        elif isinstance(error, KeyboardInterrupt):
            report.state, report.exit_code = "interrupted", 130
        if self._number is None and not isinstance(error, WorkflowError | PluginError):
            with _logged():
                self._enter()

    def end(self) -> None:
        """Enter how the run ended."""
        if self._journal is not None and self._number is not None:
            with _logged():
                report = self._assembly.report
                self._journal.end(self._number, report, forgets=not self._is_second)


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """Log a failing journal, instead of failing the run."""
    try:
        yield
    except OmIngestError as error:
        logger.warning("How this run ended is not in the journal: %s", error)
