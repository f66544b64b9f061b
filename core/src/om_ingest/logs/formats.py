"""The two formats of a log line."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from om_ingest import terminal
from om_ingest.logs.labels import RunLabels


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, with the labels of the run."""

    def __init__(self, labels: RunLabels) -> None:
        super().__init__()
        self._labels = labels

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._labels.as_dict(),
        }
        if record.exc_text or record.exc_info:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]  # one of both is there
        return terminal.json_text(line)


class TextFormatter(logging.Formatter):
    """Lines without control characters; the further ones of a record are indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # the name is that of logging
        """Date, time with milliseconds, and zone: ISO 8601."""
        return _moment(record)

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines of text."""
        first, *rest = super().format(record).split("\n")
        return "\n".join([terminal.printable(first), *map(terminal.continued, rest)])


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
