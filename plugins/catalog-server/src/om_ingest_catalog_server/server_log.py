"""The log of a server on standard error: as text, or each line as one JSON object."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from om_ingest import terminal

_MAX_CHARS = 1000
"""How much is kept of a path, and of what a client calls itself."""

_MAX_NAMES = 50
"""How many parameters are named."""

logger = logging.getLogger("om_ingest_catalog_server")
"""Says what keeps a server from its work."""

access = logging.getLogger("om_ingest_catalog_server.access")
"""Has one line for each request, if it is wanted."""


class LogFormat(str, Enum):
    """How a log line looks."""

    text = "text"
    json = "json"


class Access(NamedTuple):
    """One request, as the access log tells it: no headers, no values of its query, no body."""

    method: str
    route: str
    """The path with `{name}` in place of what varies; empty where no route was found."""
    path: str
    query: str
    status: int
    seconds: float
    size: int
    """Bytes of the body of the answer."""
    client: str
    user_agent: str
    request_id: str

    def tell(self) -> None:
        """Log it."""
        milliseconds = round(self.seconds * 1000, 1)
        fields = {
            "method": self.method,
            "route": self.route,
            "path": self.path[:_MAX_CHARS],
            # A name without a value may be a secret that somebody pasted.
            "parameters": [name for name, value in parse_qsl(self.query) if value][:_MAX_NAMES],
            "status": self.status,
            "durationMs": milliseconds,
            "bytes": self.size,
            "client": self.client,
            "userAgent": self.user_agent[:_MAX_CHARS],
            "requestId": self.request_id,
        }
        message = (
            f'{self.client} "{self.method} {fields["path"]}" {self.status} {self.size} B'
            f' {milliseconds} ms "{fields["userAgent"]}" {self.request_id}'
        )
        access.info("%s", message, extra={"fields": fields})


def set_up(level: str, log_format: LogFormat, *, log_requests: bool) -> None:
    """Log to standard error, uvicorn and warnings included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format is LogFormat.json else _TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    access.setLevel("INFO" if log_requests else "CRITICAL")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return terminal.json_text(line)


class _TextLines(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # the name is that of logging
        return _moment(record)

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        return "\n".join([terminal.printable(first), *map(terminal.continued, rest)])


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
