"""What a command leaves of a run, however that ends: its report, and its metrics.

Everything is made from one verdict: state, exit code, and what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from om_ingest import logs, terminal
from om_ingest.cancellation import settle
from om_ingest.errors import OmIngestError, described

if TYPE_CHECKING:
    from om_ingest.masking import Redactor
    from om_ingest.run.observing import Observers
    from om_ingest.workflow.report import RunReport

COMMANDS = ("run", "replay")
"""The commands that run a job."""


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
        """`is_of_run` tells whether the command is one of `COMMANDS`."""
        self.report_path = report_path
        self.metrics_path = metrics_path
        self.log_format = log_format
        self.is_of_run = is_of_run
        self._errors: list[str] = []
        """Why the run could not begin."""
        self._is_ended = False
        """Whether the end of the run is told."""
        self._redact: Redactor | None = None
        self._report: RunReport | None = None
        """That of the run, once its parts are made."""
        self._observers: Observers | None = None
        """Who is told how the run ended."""

    @classmethod
    def of(cls, arguments: Sequence[str]) -> RunOutputs:
        """What the arguments of a command ask for, also where some of them are wrong."""
        words = [argument for argument in arguments if not argument.startswith("-")]
        if not words or words[0] not in COMMANDS:
            return cls()
        report, metrics = (_value(arguments, name) for name in ("--report", "--metrics"))
        is_json = _value(arguments, "--log-format") == logs.LogFormat.JSON.value
        return cls(
            report_path=Path(report) if report else None,
            metrics_path=Path(metrics) if metrics else None,
            log_format=logs.LogFormat.JSON if is_json else logs.LogFormat.TEXT,
            is_of_run=True,
        )

    def observed_by(self, observers: Observers) -> None:
        """Tell these how the run ends."""
        self._observers = observers

    def begin(self, report: Path | None, metrics: Path | None, redact: Redactor) -> None:
        """Write that a run of this command goes on, over what an earlier one has left.

        Raises `WorkflowError` for a file that cannot be written, or is to be kept.
        """
        from om_ingest.run import report_file  # imports pydantic

        settle(is_over=False)
        self.is_of_run, self._is_ended = True, False
        self._redact, self._report = redact, None
        self.metrics_path = metrics
        self.report_path = None  # until it is known to be one
        if report is not None:
            report_file.check(report)
            self.report_path = report
            self._write(self._blank().as_dict())

    def assembled(self, report: RunReport) -> None:
        """Go on with the report of a run whose parts are made."""
        self._report = report

    def failed(self, error: BaseException) -> None:
        """Note the error that kept the run from beginning, or ended it."""
        if isinstance(error, OmIngestError):
            said = str(error)
        elif hasattr(error, "format_message"):  # of the parser of the command line
            said = f"{error.format_message()}\n  See `om-ingest run --help`."
        else:
            said = f"This is a bug of om-ingest: {described(error)}\n  Tell its maintainers."
        self._errors.append(said)

    def ended(self, report: RunReport) -> None:
        """Write how the run ended; its verdict is fixed."""
        self._is_ended, self._report = True, report
        document = report.as_dict()
        self._write(document)
        if self._observers is not None:  # last: it may take some seconds
            self._observers.ended(document)

    def cut_off(self, exit_code: int) -> int:
        """Write the end of a run that is ended where it is, with this code; any thread may call it.

        Returns the code to end with: that of a run whose end is told already.
        """
        if self._is_ended and self._report is not None:
            return self._report.exit_code
        self._errors.append(
            "The run was ended where it was: it did not end by itself in time\n"
            "  Run again with --resume: what has arrived is not sent again."
        )
        return self.close(exit_code)

    def close(self, exit_code: int) -> int:
        """Write how a run ended that could not begin; returns the code."""
        is_asked = self.report_path is not None or self._observers is not None
        if self.is_of_run and is_asked and not self._is_ended:
            report = self._report or self._blank()
            mask = self._redact.message if self._redact else str
            said = map(mask, self._errors)
            report.errors += [error for error in said if error not in report.errors]
            report.finish(exit_code or 1, exit_code - 128 if exit_code > 128 else None)
            self.ended(report)
        return exit_code

    def _blank(self) -> RunReport:
        """The report of a run of which only the labels are known."""
        from om_ingest.workflow.report import RunReport  # imports pydantic

        labels = logs.labels
        return RunReport(
            run_id=labels.run_id,
            source=labels.source,
            distribution="",
            service_name=labels.service,
            sink="",
        )

    def _write(self, document: Mapping[str, Any]) -> None:
        """Write the report; why that failed is told, and changes nothing."""
        if self.report_path is None:
            return
        from om_ingest.run import report_file  # as above

        try:
            report_file.write(self.report_path, document)
        except OmIngestError as error:
            terminal.message(f"warning: {error}")


def _value(arguments: Sequence[str], option: str) -> str | None:
    """The value of an option, as the parser would take it; None without one."""
    found = None
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == option and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif argument.startswith(f"{option}="):
            found = argument.partition("=")[2]
    return found


_current = RunOutputs()


def begin(arguments: Sequence[str]) -> RunOutputs:
    """The outputs of the command with these arguments, before these are parsed."""
    global _current  # a process runs one command
    _current = RunOutputs.of(arguments)
    return _current


def current() -> RunOutputs:
    """The outputs of the command that this process runs."""
    return _current
