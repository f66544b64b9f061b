"""What a command writes to standard error: log lines, as text or as JSON."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from om_ingest import terminal
from om_ingest.logs.labels import RunLabels as RunLabels, labels as labels

if TYPE_CHECKING:
    from om_ingest.logs.capture import Capture
    from om_ingest.masking import Redactor


class LogLevel(str, Enum):
    """Least important level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(str, Enum):
    """How a log line looks."""

    TEXT = "text"
    JSON = "json"


FORMAT_VARIABLE = "OM_INGEST_LOG_FORMAT"
"""Names the format of a run that no option names."""

_captured: Capture | None = None
"""That of this process; None unless it writes JSON."""


def begin_json() -> None:
    """Make JSON of all that this process and its children write to standard error.

    Once for a process, early: before it has threads.
    """
    global _captured  # a process runs one command
    from om_ingest.logs import capture  # for JSON only

    _captured = capture.begin()
    sys.excepthook = functools.partial(_print_masked, _captured.redact)
    threading.excepthook = _log_thread


def captured() -> Capture | None:
    """What makes JSON of standard error; None unless `begin_json` was called."""
    return _captured


def event(name: str, message: str, fields: Mapping[str, Any], *, level: str = "info") -> None:
    """Write an event with fields, where JSON is written; the log level may leave it out."""
    import logging  # not for --help

    is_wanted = logging.getLogger().isEnabledFor(getattr(logging, level.upper()))
    if _captured is not None and is_wanted:
        _captured.event(name, message, fields, level)


def run_ended(report: Mapping[str, Any], path: Path | None, within_s: float) -> None:
    """Write the event that ends a run, from its report, which is in this file.

    Where nobody reads it waits, or gives up after this time.
    """
    if _captured is None:
        return
    state, code = report["state"], report["exitCode"]
    fields = {
        "state": state,
        "exitCode": code,
        "sink": report["sink"],
        "records": report["records"],
        "recordsPerSecond": report["recordsPerSecond"],
        "sourceFailures": report["sourceStatus"]["failures"]["total"],
        "sourceWarnings": report["sourceStatus"]["warnings"]["total"],
        "durations_s": report["durations_s"],
        "errors": report["errors"],
        "report": str(path) if path else None,
        "deadLetters": report["deadLetters"],
    }
    said = f"The run has ended: {state}, exit code {code}"
    level = "info" if state == "success" else "error"
    _captured.last_event(said, fields, level, within_s)


def set_up(level: LogLevel | None, log_format: LogFormat, quiet: bool) -> Redactor:
    """Log to standard error; `quiet` leaves only errors. Masks what the result gets to know."""
    import logging  # these are not for --help

    from om_ingest.logs.formats import JsonFormatter, TextFormatter
    from om_ingest.masking import RedactingFormatter, Redactor

    labels.coming(None)
    is_json = log_format is LogFormat.JSON
    captured = _captured if is_json else None
    redact = captured.redact if captured else Redactor()
    inner = JsonFormatter(labels, redact) if is_json else TextFormatter()
    handler = captured.handler() if captured else logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(inner, redact))
    chosen = level or (LogLevel.ERROR if quiet else LogLevel.INFO)
    logging.basicConfig(level=chosen.value.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = functools.partial(_print_masked, redact)
    return redact


def set_level(name: str) -> None:
    """Use the log level of the workflow file; the command line overrides it."""
    import logging  # as above

    logging.getLogger().setLevel("WARNING" if name == "WARN" else name)


def _print_masked(
    redact: Redactor, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the traceback of a bug, its secrets masked."""
    if _captured is not None:
        import logging  # as above

        logging.getLogger("om_ingest").critical(
            "This is a bug of om-ingest: %s", error, exc_info=(kind, error, trace)
        )
        return
    terminal.document(redact.traceback(error) + "\n", err=True)


def _log_thread(arguments: threading.ExceptHookArgs) -> None:
    """Log what has ended a thread, as one object."""
    if arguments.exc_type is SystemExit:
        return
    import logging  # as above

    name = arguments.thread.name if arguments.thread else "unknown"
    error = arguments.exc_value or arguments.exc_type()
    logging.getLogger("threading").error(
        "Exception in thread %s", name, exc_info=(type(error), error, arguments.exc_traceback)
    )
