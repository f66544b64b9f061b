"""One run and its journal: entered when it begins, resumed if asked, and closed when it ends."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from om_ingest.errors import OmIngestError, PluginError, WorkflowError, exit_code
from om_ingest.reasons import counted
from om_ingest.registry import host_version
from om_ingest.run.assembly import Assembly
from om_ingest.run.bookmarking import RunState, job_key
from om_ingest.run.job import Job, JournalPlace
from om_ingest.workflow.earlier_runs import why_not_resumed
from om_ingest.workflow.job_lock import Holder, RunLock
from om_ingest.workflow.journal import FILE_NAME, NAMED_BY, Journal
from om_ingest.workflow.kept_run import (
    DEAD_LETTERS,
    REPORT,
    RUNNING,
    SUCCESS,
    UNKNOWN,
    KeptFile,
    now,
)
from om_ingest.workflow.report import RunReport

logger = logging.getLogger(__name__)

_LATE_S = 2.0
"""Longest time that a run which has left its journal waits for others who write to it."""


@contextlib.contextmanager
def journaled(job: Job, assembly: Assembly, state: RunState) -> Iterator[RunJournal]:
    """Keep a run in its journal: its code calls `begin`, and `end` once that is known.

    An exception ends it. `state` has the bookmarks of the job from `begin` on.

    Raises `WorkflowError` if the run is to be resumed, or `--state` was given, and the journal
    cannot be used; and `DeliveryError` if another run of the job, which would be resumed, goes on.
    """
    with contextlib.ExitStack() as opened:
        journal = RunJournal(job.journal, assembly, state, opened)
        try:
            yield journal
        except BaseException as error:
            journal.note(error)
            raise
        finally:
            journal.is_open = False


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
        self.is_open = True
        """Whether code of the run still uses the journal."""
        self._ended: object = None
        """State, exit code and errors of the end of the run, as the journal has it."""
        self._key = job_key(place, assembly) if place else b""
        self._state = state
        self._rehearses = place if self._place is None else None
        self._problem = ""
        """Why there is no journal."""
        self._lock: RunLock | None = None
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
        """Hold the lock of the job until the run has ended; who holds it if another run does.

        The run holds another lock then.
        """
        self._lock = lock = journal.lock_of(self._key)
        self._opened.callback(lock.release)
        report = self._assembly.report
        me = report.run_id, report.started_at, os.getpid()
        holder = lock.take(*me)
        if holder is not None:  # a lock of its own says that this run lives
            self._lock = lock = lock.beside(journal.path)
            self._opened.callback(lock.release)
            lock.take(*me)
        if lock.problem:
            logger.warning(
                "Nobody can tell whether another run of this job goes on, because %s cannot be"
                " locked (%s): do not start one meanwhile, or name a folder whose file system has"
                " locks with %s.",
                *(lock.path, lock.problem, NAMED_BY),
            )
        return holder

    def _resume(self, journal: Journal) -> None:
        """Find the run that this one continues, and keep others from continuing it."""
        holder = self._take_lock(journal)
        if holder is not None:
            raise holder.still_running()
        report, latest = self._assembly.report, journal.latest(self._key)
        if latest is not None and latest.state == RUNNING:
            raise Holder(latest.run_id, latest.started_at, latest.host, latest.pid).still_running()
        if latest is not None and latest.state == UNKNOWN:
            logger.warning(
                "Nobody can tell whether the run %s still goes on (since %s, as process %d%s),"
                " because it holds no lock: if it does, end this one.",
                *(latest.run_id, latest.started_at, latest.pid),
                f" on {latest.host}" if latest.host else "",
            )
        assert self._place is not None, "a run that is resumed has one"
        is_noted = self._assembly.sink.keeps_journal
        names = report, self._place.workflow, host_version()
        if is_noted and (reason := why_not_resumed(journal, latest, *names)):
            logger.warning("%s This run delivers everything.", reason)
        elif latest is None or latest.state == SUCCESS:
            logger.info("There is nothing to resume: this run delivers everything.")
        elif not is_noted:
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
            self._number = journal.begin(
                *(self._key, report, report.resumed_from),
                lock=self._lock,
                workflow=self._place.workflow,
                host_version=host_version(),
                files=[KeptFile.of(REPORT, self._place.report)] if self._place.report else (),
            )
        except OmIngestError as error:
            if self._place.is_required:
                raise
            self._problem = error.what
            elsewhere = "\n  To keep runs elsewhere, name a folder with " + NAMED_BY + "."
            logger.warning(
                "This run is not kept for `om-ingest runs` and --resume: %s%s",
                *(error, "" if NAMED_BY in error.remedy else elsewhere),
            )
            return
        self._journal, report.kept_in = journal, str(self._place.folder)
        self._is_second = holder is not None
        with _logged():
            report.journal = self._facts(journal, report)
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
        report, code = self._assembly.report, exit_code(error)
        if isinstance(error, OmIngestError):
            report.errors.append(report.tally.redact.message(str(error)))
        report.finish(code, code - 128 if code > 128 else None, is_cut_off=True)
        if self._number is None and not isinstance(error, WorkflowError | PluginError):
            with _logged():
                self._enter()
        self.end(report)

    def set_aside(self, path: Path) -> None:
        """Enter the file that has the refused records of this run."""
        if self._journal is not None and self._number is not None:
            with _logged("Where the refused records are"):
                self._journal.add_file(self._number, KeptFile.of(DEAD_LETTERS, path))

    def end(
        self,
        report: RunReport,
        document: dict[str, Any] | None = None,
        within_s: float | None = None,
    ) -> None:
        """Enter how the run ended, unless it is entered; its `document` gets what is known then.

        With `within_s` any thread may call it, whatever others do with the journal. Nothing is
        entered where somebody holds it longer, and nothing is said of that.
        """
        how = report.state, report.exit_code, [*report.errors]
        if self._journal is None or self._number is None or self._ended == how:
            return
        self._ended = how
        document = report.as_dict() if document is None else document
        with self._for_end(within_s) as journal:
            report.journal = document["journal"] = self._facts(journal, report)
            ended_at, forgets = report.ended_at or now().isoformat(), not self._is_second
            journal.end(self._number, report, document=document, ended_at=ended_at, forgets=forgets)

    @contextlib.contextmanager
    def _for_end(self, within_s: float | None) -> Iterator[Journal]:
        """The journal of the run; a connection of its own where another thread may use that."""
        assert self._journal is not None, "there is one once the run is entered"
        quiet = _logged() if within_s is None else contextlib.suppress(OmIngestError)
        with quiet, contextlib.ExitStack() as opened:
            journal = self._journal
            if within_s is not None or not self.is_open:
                journal = journal.once_more(_LATE_S if within_s is None else within_s)
                opened.callback(journal.close)
            yield journal

    def _facts(self, journal: Journal, report: RunReport) -> dict[str, Any]:
        """What the journal knows of the job of a run that goes on, or has ended, for its report."""
        success = journal.last_success(self._key)
        run_id, at = (success.run_id, success.ended_at) if success else (None, None)
        count = journal.acknowledged_count(self._key)
        if report.state == SUCCESS:
            run_id, at = report.run_id, report.ended_at
            count = count if self._is_second else 0
        return {
            "folder": report.kept_in,
            "job": self._key.hex(),
            "acknowledged": count,
            "lastSuccess": at,
            "lastSuccessRunId": run_id,
        }


@contextlib.contextmanager
def _logged(what: str = "How this run ended") -> Iterator[None]:
    """Log a failing journal, instead of failing the run."""
    try:
        yield
    except OmIngestError as error:
        logger.warning("%s is not in the journal: %s", what, error)
