"""Times: `metadata.utils.time_utils`. Timestamps are in milliseconds since 1970 unless said."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from om_ingest_compat.shims.conversions import datetime_to_ts as datetime_to_ts
from om_ingest_compat.shims.entities import text_of


def datetime_to_timestamp(datetime_value: Any, milliseconds: bool = False) -> int:
    """A time in seconds since 1970, or in milliseconds; raises `TypeError` for anything else."""
    if not hasattr(datetime_value, "timestamp"):
        raise TypeError(f"{datetime_value!r} is no time")
    return int(datetime_value.timestamp() * (1000 if milliseconds else 1))


def get_beginning_of_day_timestamp_mill(**ago: float) -> int:
    """The beginning of a day, UTC; `ago` are arguments of `timedelta`, such as `days=1`."""
    return _of_day(time.min, ago)


def get_end_of_day_timestamp_mill(**ago: float) -> int:
    """The end of a day, UTC; `ago` are arguments of `timedelta`, such as `days=1`."""
    return _of_day(time.max, ago)


def _of_day(hour: time, ago: dict[str, float]) -> int:
    day = datetime.now(timezone.utc) - timedelta(**ago)
    return int(datetime.combine(day, hour, tzinfo=timezone.utc).timestamp() * 1000)


def convert_timestamp(timestamp: str) -> int | float:
    """A text with a timestamp in seconds; one of 13 digits is taken for milliseconds."""
    return int(timestamp) if len(timestamp) < 13 else float(timestamp) / 1000


def convert_timestamp_to_milliseconds(timestamp: float) -> int:
    """A timestamp in milliseconds; one of other than 13 digits is taken for seconds."""
    is_milliseconds = len(str(round(timestamp))) == 13
    return int(timestamp) if is_milliseconds else round(timestamp * 1000)


def timestamp_to_datetime(ts: Any, timezone_str: str = "UTC") -> datetime:
    """The time of a timestamp in a time zone."""
    return datetime.fromtimestamp(int(text_of(ts)) / 1000, ZoneInfo(timezone_str))


def timedelta_to_string(td: timedelta) -> str:
    """A duration as people write it: `1 day 2 hours 4 seconds (total seconds: 93604.0)`."""
    minutes, seconds = divmod(td.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((td.days, "day"), (hours, "hour"), (minutes, "minute"))
    words = [f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count]
    words.append(f"{seconds} second{'' if seconds == 1 else 's'}")
    return f"{' '.join(words)} (total seconds: {td.total_seconds()})"
