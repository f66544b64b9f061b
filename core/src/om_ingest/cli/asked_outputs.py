"""What a command is to leave of its run, as far as its arguments tell before they are parsed.

Some of them may be wrong: that is told in the report and the log format that others ask for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from om_ingest import logs
from om_ingest.run.outputs import RunOutputs

COMMANDS = ("run", "replay")
"""The commands that run a job."""


def asked(arguments: Sequence[str]) -> RunOutputs:
    """The outputs that the arguments of a command ask for; none if it runs no job, as for help."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    if not words or words[0] not in COMMANDS or {"--help", "-h"} & {*arguments}:
        return RunOutputs()
    logs.labels.workflow = _workflow(arguments)
    report, metrics = (_value(arguments, name) for name in ("--report", "--metrics"))
    log_format = _value(arguments, "--log-format") or os.environ.get(logs.FORMAT_VARIABLE)
    is_json = log_format == logs.LogFormat.JSON.value
    return RunOutputs(
        report_path=Path(report) if report else None,
        metrics_path=Path(metrics) if metrics else None,
        log_format=logs.LogFormat.JSON if is_json else logs.LogFormat.TEXT,
        is_of_run=True,
    )


def _workflow(arguments: Sequence[str]) -> str:
    """What is run; empty where it may be the value of an option."""
    before = ""
    for argument in arguments:
        if before and not before.startswith("-") and not argument.startswith("-"):
            return argument
        before = argument
    return ""


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
