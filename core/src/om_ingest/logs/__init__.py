"""What a command writes to standard error: log lines, as text or as JSON."""

from __future__ import annotations

import functools
import logging
import sys
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING

from om_ingest import terminal
from om_ingest.logs.labels import RunLabels as RunLabels, labels as labels

if TYPE_CHECKING:
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


def set_up(level: LogLevel | None, log_format: LogFormat, quiet: bool) -> Redactor:
    """Log to standard error; `quiet` leaves only errors. Masks what the result gets to know."""
    from om_ingest.logs.formats import JsonFormatter, TextFormatter  # not for --help
    from om_ingest.masking import RedactingFormatter, Redactor

    labels.begin()
    redact = Redactor()
    inner = JsonFormatter(labels) if log_format is LogFormat.JSON else TextFormatter()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(inner, redact))
    chosen = level or (LogLevel.ERROR if quiet else LogLevel.INFO)
    logging.basicConfig(level=chosen.value.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = functools.partial(_print_masked, redact)
    return redact


def set_level(name: str) -> None:
    """Use the log level of the workflow file; the command line overrides it."""
    logging.getLogger().setLevel("WARNING" if name == "WARN" else name)


def _print_masked(
    redact: Redactor, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the traceback of a bug, its secrets masked."""
    terminal.document(redact.traceback(error) + "\n", err=True)
