"""What a command leaves of a run, however that ends: its report, and its metrics.

Everything is made from one verdict: state, exit code, and what went wrong.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest import logs, private_file, terminal
from om_ingest.errors import OmIngestError, WorkflowError, described, exit_code as exit_code_of

if TYPE_CHECKING:
    from om_ingest.masking import Redactor
    from om_ingest.run.journaling import RunJournal
    from om_ingest.run.observing import Observers
    from om_ingest.workflow.interrupt import Interrupt
    from om_ingest.workflow.report import RunReport

_LOG_S = {False: 10.0, True: 1.0}
"""Longest time that the end of a run waits for who reads its log, if it was interrupted or not."""

_CUT_OFF = """The run was ended where it was: by a third signal, or since its time was over
  Run again with --resume: what has arrived is not sent again."""

_WRITE_S, _JOURNAL_S = 1.0, 0.2
"""Longest time that another thread may take to write how a run ended, and to use the journal."""

_OBSERVERS_S = 1.0
"""Longest time for observers of a run that is ended where it is."""


class RunOutputs:
    """The files that one command writes about its run; `close` is called once, at its very end."""

    def __init__(
        self,
        report_path: Path | None = None,
        metrics_path: Path | None = None,
        log_format: logs.LogFormat = logs.LogFormat.TEXT,
        *,
        is_of_run: bool = False,
    ) -> None:
        """`is_of_run` tells whether the command runs a job."""
        self.report_path = report_path
        """As it was given; None where the report cannot be written."""
        self.log_format = log_format
        self.is_of_run = is_of_run
        self.verdict: RunReport | None = None
        """How the run ended; nothing changes it once it is there."""
        self._document: dict[str, Any] | None = None
        """The verdict, as all outputs have it."""
        self._deciding = threading.Lock()
        self._report_given, self._report_file = report_path, _absolute(report_path)
        self._metrics_file = _absolute(metrics_path)
        self._errors: list[str] = []
        """Why the run could not begin."""
        self._redact: Redactor | None = None
        self._report: RunReport | None = None
        """That of the run, once its parts are made."""
        self._observers: Observers | None = None
        """Who is told how the run ended."""
        self._journal: RunJournal | None = None
        """Where the run is kept."""
        self._begin_now()
        self._is_logged = False
        """Whether the log has the end of the run."""
        self._told_of: set[str] = set()
        """What could not be written, as somebody knows."""

    def _begin_now(self) -> None:
        self._started_at = datetime.now(timezone.utc).isoformat()
        self._began_s = time.monotonic()

    def observed_by(self, observers: Observers) -> None:
        """Tell these how the run ends."""
        self._observers = observers

    def kept_by(self, journal: RunJournal) -> None:
        """Enter how the run ends there, too."""
        self._journal = journal

    def begin(self, report: Path | None, metrics: Path | None, redact: Redactor) -> None:
        """Write that a run of this command goes on, over what an earlier one has left.

        The metrics stay until it has ended. Raises `WorkflowError` for a folder that is missing,
        and for a file of something else, which is kept; one that merely cannot be written is a
        warning. The other file has then what became of this.
        """
        from om_ingest.run import metrics as metrics_file, report_file  # import pydantic

        self.is_of_run, self.verdict, self._document = True, None, None
        self._redact, self._errors, self._told_of = redact, [], set()
        self._report = self._observers = self._journal = None
        self._begin_now()
        self.report_path = self._report_file = self._metrics_file = None  # until they are checked
        try:
            if report is not None:
                report_file.check(report)
                self._report_given, self._report_file = report, _absolute(report)
                self._write_report(self._blank().as_dict())
        finally:  # whatever is wrong with one, the other tells it
            if metrics is not None:
                if report == metrics and not private_file.is_stream(metrics):
                    what = f"--report and --metrics name one file, {report}"
                    raise WorkflowError(what, "Name two files.")
                metrics_file.check(metrics)
                self._metrics_file = _absolute(metrics)

    def assembled(self, report: RunReport) -> None:
        """Go on with the report of a run whose parts are made."""
        self._report = report
        if self._observers is not None:
            report.phases = self._observers.phases
        if self.is_of_run:
            report.started_at, report.began_s = self._started_at, self._began_s
        if self._report_file is not None:
            self._write_report(report.as_dict())

    def failed(self, error: BaseException) -> None:
        """Note the error that kept the run from beginning, or ended it."""
        if isinstance(error, OmIngestError):
            said = str(error)
        elif hasattr(error, "format_message"):  # of the parser of the command line
            said = f"{error.format_message()}\n  See `om-ingest run --help`."
        else:
            said = f"This is a bug of om-ingest: {described(error)}\n  Tell its maintainers."
        if said not in self._errors:
            self._errors.append(said)

    def ended(self, report: RunReport, *, at_once: bool = False) -> None:
        """Fix how the run ended, and write it, unless another thread was first.

        What cannot be written `at_once` is left out.
        """
        document = report.as_dict()
        with self._deciding:
            if self.verdict is not None:
                return
            self.verdict, self._document = report, document
            if self._journal is not None:
                self._journal.end(report, document, _JOURNAL_S if at_once else None)
            self._write(document)

    def tell_observers(self, within_s: float | None = None) -> None:
        """Tell how the run has ended, which takes that long at most; None for their own limit."""
        if self._observers is not None and self._document is not None:
            self._observers.ended(self._document, within_s)

    @contextlib.contextmanager
    def settled(self, interrupt: Interrupt) -> Iterator[None]:
        """What ends the run inside is written at once: the deadline of `interrupt` still holds."""
        try:
            yield
        except BaseException as error:
            if not isinstance(error, SystemExit | KeyboardInterrupt):
                self.failed(error)
            with interrupt.settling():
                self._settle(exit_code_of(error))
            raise

    def _settle(self, exit_code: int) -> None:
        is_asked = self._report_file or self._metrics_file or self._observers or logs.captured()
        if self.verdict is None and (is_asked or self._journal):
            self.ended(self._broken_off(self._report or self._blank(), exit_code))
        self.tell_observers()

    def close(self, exit_code: int) -> int:
        """Write how a run ended that could not begin; returns the code of the command.

        That is `exit_code`, unless the run has ended with a verdict.
        """
        if not self.is_of_run:
            return exit_code
        self._settle(exit_code)
        self._log_end()
        return self.verdict.exit_code if self.verdict else exit_code

    def cut_off(self, exit_code: int, said: str = _CUT_OFF) -> int:
        """Write the end of a run that is ended where it is, with this code; any thread may call it.

        The report has what is `said` of it. Returns the code to end with: that of a run whose end
        is told already.
        """
        for _ in range(3):
            if self.verdict is None:
                with contextlib.suppress(RuntimeError):  # the run has just counted something
                    report = copy.copy(self._report or self._blank())
                    report.errors = [*report.errors, said]
                    self.ended(self._broken_off(report, exit_code), at_once=True)
        if self._deciding.acquire(timeout=_WRITE_S):  # whoever was first has written it
            self._deciding.release()
        elif self._document is not None:  # or was interrupted by who asks for this
            self._write(self._document)
        self.tell_observers(_OBSERVERS_S)
        self._log_end()
        return self.verdict.exit_code if self.verdict else exit_code

    def _log_end(self) -> None:
        """Write the event that ends the run to the log, once, after all else."""
        document, self._is_logged = None if self._is_logged else self._document, True
        if document is not None:
            within_s = _LOG_S[document["state"] == "interrupted"]
            logs.run_ended(document, self.report_path, within_s)

    def _broken_off(self, report: RunReport, exit_code: int) -> RunReport:
        """The report of a run that has not come to its end."""
        mask = self._redact.message if self._redact else str
        said = map(mask, self._errors)
        report.errors += [error for error in said if error not in report.errors]
        if report.ended_at is None:
            number = exit_code - 128 if exit_code > 128 else None
            report.finish(exit_code or 1, number, is_cut_off=True)
        return report

    def _blank(self) -> RunReport:
        """The report of a run of which only the labels are known."""
        from om_ingest.workflow.circumstances import WorkflowFile  # imports pydantic
        from om_ingest.workflow.report import RunReport

        labels = logs.labels
        return RunReport(
            run_id=labels.run_id,
            source=labels.source,
            distribution="",
            service_name=labels.service,
            sink="",
            started_at=self._started_at,
            began_s=self._began_s,
            phases=self._observers.phases if self._observers else (),
            workflow=WorkflowFile.of(labels.workflow),
        )

    def _write(self, document: dict[str, Any]) -> None:
        """Write the files of a run that has ended; the report may be a pipe, and wait."""
        if self._metrics_file is not None:
            from om_ingest.run import metrics  # needed once a run has ended

            with self._told():
                metrics.write(self._metrics_file, document)
        self._write_report(document)

    def _write_report(self, document: dict[str, Any]) -> None:
        if self._report_file is not None:
            from om_ingest.run import report_file  # imports pydantic

            self.report_path = None
            with self._told():
                report_file.write(self._report_file, document)
                self.report_path = self._report_given

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Tell once that a file cannot be written, which changes nothing."""
        try:
            yield
        except OmIngestError as error:
            if str(error) not in self._told_of:
                terminal.message(f"warning: {error}")
            self._told_of.add(str(error))


def _absolute(path: Path | None) -> Path | None:
    """The path, wherever a connector goes."""
    return path and path.absolute()


_current = RunOutputs()


def begin(wanted: RunOutputs) -> RunOutputs:
    """Let these be the outputs of the command that begins."""
    global _current  # a process runs one command
    _current = wanted
    return _current


def current() -> RunOutputs:
    """The outputs of the command that this process runs."""
    return _current


def of_run() -> RunOutputs:
    """The outputs of a run that begins: of its command, or none where a program runs jobs."""
    is_free = _current.is_of_run and _current.verdict is None
    return _current if is_free else RunOutputs()
