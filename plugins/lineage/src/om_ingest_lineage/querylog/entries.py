"""What a query log has of one execution, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

FIELD_MAX_CHARS = 4 * 1024 * 1024
"""Longest statement that is read."""

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,6})\d*)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
)


class LineError(Exception):
    """A line of a log that cannot be used, and why."""


@dataclass(frozen=True)
class Entry:
    """One execution of a statement, or several alike."""

    line: int
    """Where it stands in the file, from 1."""

    query: str
    database: str | None = None
    schema: str | None = None
    user: str | None = None
    start: datetime | None = None
    """In UTC."""

    duration_s: float | None = None
    count: int = 1
    is_aborted: bool = False
    dialect: str | None = None
    application: str | None = None


Lines = Iterator["Entry | tuple[int, str]"]
"""Entries of a file; of what cannot be used, the line and the reason."""


def time_of(text: str) -> datetime:
    """A time in UTC: ISO 8601, as databases print it, or seconds or milliseconds since 1970.

    Raises `LineError`.
    """
    text = text.strip()
    found = _ISO.match(text)
    try:
        if found is not None:
            day, clock, fraction, zone = found.groups()
            zone = (zone or "+00:00").replace("Z", "+00:00")
            zone = "+00:00" if zone in ("UTC", "GMT") else zone
            if len(zone) == 3:
                zone += ":00"
            elif len(zone) == 5 and ":" not in zone:
                zone = f"{zone[:3]}:{zone[3:]}"
            stamp = f"{day}T{clock}.{(fraction or '0').ljust(6, '0')}{zone}"
            return datetime.fromisoformat(stamp).astimezone(timezone.utc)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        number = float(text)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise LineError(f"{text[:40]!r} is no time") from None
