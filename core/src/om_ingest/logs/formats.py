"""The two formats of a log line."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from om_ingest import terminal
from om_ingest.logs.labels import RunLabels
from om_ingest.masking import Redactor

_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
"""What a record has without `extra`."""

_LEVELS = {"stdout": "info", "stderr": "warning", "output": "info"}
"""The level of what others print, unless it says one."""

_KNOWN = {"critical": 50, "error": 40, "warning": 30, "info": 20, "debug": 0}
"""The levels of lines, each with the least number that it has in Python's logging."""

_LEVEL = re.compile(
    r"(?:(?P<warning>warning)|fatal|critical|error|fatal python error): |traceback \(most recent",
    re.IGNORECASE,
)


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, with the labels of the run."""

    def __init__(self, labels: RunLabels, redact: Redactor) -> None:
        super().__init__()
        self._labels, self._redact = labels, redact

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; `extra` has what the caller has given as such."""
        fields: dict[str, Any] = {}
        if record.exc_text or record.exc_info:
            fields["traceback"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]  # one of both is there
        if record.stack_info:
            fields["stack"] = record.stack_info
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if extra:
            fields["extra"] = {name: self._plain(value) for name, value in extra.items()}
        level = level_of(record)
        if record.levelname.lower() != level:
            fields["levelName"] = record.levelname
        message, labels = record.getMessage(), self._labels.as_dict()
        return as_line(level, record.name, message, labels, fields, record.created)

    def _plain(self, value: object) -> Any:
        """A value of a foreign object for JSON."""
        if (
            value is None
            or type(value) in (bool, int)
            or (type(value) is float and isfinite(value))
        ):
            return self._redact.values(value)
        try:
            return self._redact(str(value))
        except Exception as error:  # noqa: BLE001  # of code of others
            return f"({type(value).__name__} cannot be shown: {type(error).__name__})"


class TextFormatter(logging.Formatter):
    """Lines without control characters; the further ones of a record are indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # the name is that of logging
        """Date, time with milliseconds, and zone: ISO 8601."""
        return _moment(record.created)

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines of text."""
        first, *rest = super().format(record).split("\n")
        return "\n".join([terminal.printable(first), *map(terminal.continued, rest)])


def level_of(record: logging.LogRecord) -> str:
    """One of the five levels of lines: libraries make up others between them."""
    return next((name for name, least in _KNOWN.items() if record.levelno >= least), "debug")


def as_line(
    level: str,
    logger: str,
    message: str,
    labels: Mapping[str, str],
    fields: dict[str, Any] | None = None,
    created: float | None = None,
) -> str:
    """One line of JSON, without its end; `created` is a time in seconds, by default now."""
    return terminal.json_text(
        {
            "time": _moment(time.time() if created is None else created),
            "level": level,
            "logger": logger,
            "message": message,
            **labels,
            **(fields or {}),
        }
    )


def said(text: str, labels: Mapping[str, str]) -> str:
    """What the host says to people, as a line; empty for a text without words."""
    text = text.strip("\n")
    level = next((name for name in ("error", "warning") if text.startswith(f"{name}: ")), "")
    message = text.removeprefix(f"{level}: ")
    return as_line(level or "info", "om_ingest", message, labels) if text.strip() else ""


def foreign(logger: str, text: str, labels: Mapping[str, str]) -> str:
    """What others print, as a line."""
    level, found = _LEVELS[logger], _LEVEL.match(text)
    if found:
        level = "warning" if found["warning"] else "error"
    return as_line(level, logger, text, labels)


def killed(labels: Mapping[str, str]) -> str:
    """The event that ends a run whose process has said nothing of it."""
    said = "The process of the run is gone: it was killed, has crashed, or was ended by a plugin"
    fields = {"event": "run.ended", "state": "killed", "exitCode": None}
    return as_line("error", "om_ingest.run", said, labels, fields)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="milliseconds")
