"""What a command leaves of a run, however that ends: its report, and its metrics.

Everything is made from one verdict: state, exit code, and what went wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from om_ingest import logs, terminal
from om_ingest.errors import OmIngestError

if TYPE_CHECKING:
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
        self.report: RunReport | None = None
        """How the run ended; None until then."""
        self._errors: list[str] = []
        """Why the run could not begin."""
        self._is_written = False
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

    def failed(self, error: OmIngestError) -> None:
        """Note the error that kept the run from beginning."""
        self._errors.append(str(error))

    def ended(self, report: RunReport) -> None:
        """Write how the run ended; its verdict is fixed."""
        self.report = report
        self._write(report)

    def close(self, exit_code: int) -> int:
        """Write what is not written yet for a command that ends with this code; returns it."""
        is_asked = self.report_path is not None or self._observers is not None
        if self.is_of_run and is_asked and not self._is_written:
            self._write(self._not_begun(exit_code))
        return exit_code

    def _not_begun(self, exit_code: int) -> RunReport:
        from om_ingest.workflow.report import RunReport  # imports pydantic

        labels = logs.labels
        report = RunReport(
            run_id=labels.run_id,
            source=labels.source,
            distribution="",
            service_name=labels.service,
            sink="",
        )
        report.errors += self._errors
        report.finish(exit_code or 1, exit_code - 128 if exit_code > 128 else None)
        return report

    def _write(self, report: RunReport) -> None:
        self._is_written = True
        if self._observers is not None:
            self._observers.ended(report.as_dict())
        if self.report_path is None:
            return
        from om_ingest.run import request  # imports pydantic

        try:
            request.write_report(self.report_path, report)
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


def parsed(report: Path | None, metrics: Path | None) -> RunOutputs:
    """The outputs of the command that this process runs, whose options are parsed by now."""
    _current.is_of_run, _current.report = True, None
    _current.report_path, _current.metrics_path = report, metrics
    return _current


def current() -> RunOutputs:
    """The outputs of the command that this process runs."""
    return _current
