"""Statuses that a server, or a proxy before it, may send: once, for one row, or for ever."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from tests.functional.delivery.faults import holding
from tests.functional.delivery.http11 import Message
from tests.functional.delivery.lies.bulk import result
from tests.functional.delivery.lies.lie import (
    Lie,
    Mode,
    Tell,
    Told,
    fqn_of,
    is_bulk,
    is_put,
    is_write,
    said,
    says,
)

PASSING = {408, 421, 423, 425, 429, 500, 502, 503, 504, 507, 509, *range(520, 526), 529, 530}
"""Statuses that are about the moment: told once, they cost nothing (issue 12, number 5)."""

ODD = (
    *(300, 301, 302, 303, 304, 305, 307, 308),
    *(*range(400, 419), *range(421, 427), 428, 429, 431, 440, 444, 449, 450, 451, 460, 494, 499),
    *(*range(500, 512), *range(520, 531), 540, 561, 598, 599, 999),
)
_OF_ONE_ROW = (400, 403, 405, 406, 409, 410, 411, 412, 415, 417, 422, 424, 431, 451, 500, 501, 502)
_PAGE = b"<html><body>Sorry</body></html>"
_MODES = (Mode.ONCE, Mode.EVER, Mode.SOME)


def _json(status: int, **headers: str) -> Tell:
    return says(status, {"code": status, "message": "so it is"}, **headers)


def _page(status: int) -> Tell:
    return says(status, _PAGE, content_type="text/html")


def _text(status: int) -> Tell:
    return says(status, b"upstream connect error", content_type="text/plain")


def _in(days: int) -> str:
    date = datetime.now(timezone.utc) + timedelta(days=days)
    return format_datetime(date, usegmt=True)


_TOO_LONG = {"of a day", "of twenty digits", "of 5,000 digits", "of tomorrow", "of the year 9999"}
"""Pauses for which no run has the time."""

_RETRY_AFTER = {
    "of a day": "86400",
    "of twenty digits": "9" * 20,
    "of 5,000 digits": "9" * 5000,
    "that is negative": "-5",
    "of a fraction": "0.5",
    "that is a word": "soon",
    "that is empty": "",
    "that is infinite": "inf",
    "that is no number": "NaN",
    "of 1e9": "1e9",
    "of yesterday": _in(-1),
    "of tomorrow": _in(1),
    "of 1970": "Thu, 01 Jan 1970 00:00:00 GMT",
    "of the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    "of the year 99999": "Fri, 31 Dec 99999 23:59:59 GMT",
    "of no date": "Fri, 99 Foo 2026 99:99:99 GMT",
    "of Arabic digits": "\\u0663",
}


def _is_of_t1(request: Message) -> bool:
    return is_write(request) and holding('"name":"t1"')(request)


def _is_of_schema1(request: Message) -> bool:
    return (is_bulk(request) or is_put(request)) and holding('.schema1"')(request)


def _denied_rows(told: Told) -> Message:
    """The rows of one schema are not allowed; the others are as the server says."""
    assert told.real is not None
    if not is_bulk(told.request):
        return said(403, {"code": 403, "message": "operations [EditAll] not allowed"})
    denied = [fqn_of(row) for row in told.rows if row["databaseSchema"].endswith("schema1")]
    bad: list[Any] = [
        {"request": name, "status": 403, "message": "Permission denied"} for name in denied
    ]
    good = [{"request": name, "status": 200} for name in told.names if name not in denied]
    return said(200, result(good, bad))


STATUSES = [
    *(
        Lie(
            f"{status}",
            is_write,
            _json(status),
            arrives=False,
            heals=status in PASSING,
            ends=status == 401,
            modes=(*_MODES, *([Mode.WHILE] if status in PASSING else [])),
        )
        for status in ODD
    ),
    *(
        Lie(
            f"{status} and written",
            is_write,
            _json(status),
            ends=status == 401,
            modes=_MODES[:1],
        )
        for status in ODD
    ),
    *(
        Lie(
            f"{status} with a page",
            is_write,
            _page(status),
            arrives=False,
            ends=status == 401,
            modes=_MODES[:2],
        )
        for status in (400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 504, 520, 530)
    ),
    *(
        Lie(f"{status} with a text", is_write, _text(status), arrives=False, modes=_MODES[:2])
        for status in (400, 403, 404, 500, 502, 503, 504, 520)
    ),
    *(
        Lie(
            f"{status} with Retry-After {name}",
            is_write,
            _json(status, retry_after=value),
            arrives=False,
            ends=name in _TOO_LONG,
            modes=(Mode.ONCE,),
        )
        for name, value in _RETRY_AFTER.items()
        for status in (429, 503)
    ),
]

ONE_ROW = [
    *(
        Lie(
            f"{status} for one row",
            _is_of_t1,
            _json(status),
            arrives=False,
            guilty=".t1",
            modes=(Mode.EVER,),
        )
        for status in _OF_ONE_ROW
    ),
    Lie(
        "403 for one schema of two",
        _is_of_schema1,
        _json(403),
        arrives=False,
        guilty=".schema1",
        modes=(Mode.EVER,),
    ),
    Lie(
        "403 for rows of one schema, written",
        _is_of_schema1,
        _denied_rows,
        guilty=".schema1",
        modes=(Mode.EVER,),
    ),
    *(
        Lie(
            f"{status} for one row with a page",
            _is_of_t1,
            _page(status),
            arrives=False,
            guilty=".t1",
            modes=(Mode.EVER,),
        )
        for status in (400, 403, 500, 502)
    ),
]
