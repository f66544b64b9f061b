"""The queries that a server has counted, and how often each ran since the run before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from typing import Any, NamedTuple

from om_ingest import ConnectorConfig
from om_ingest.model import LoggedQueryRequest
from pydantic import Field

_STATE = "queryCalls"
_ID_BYTES = 6
_MADE = frozenset({"TABLE", "VIEW", "TEMP", "TEMPORARY", "UNLOGGED", "OR", "MATERIALIZED"})
_QUERIES = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "TABLE"})
_OF_ROWS = re.compile(r"\bAS\b[\s(]*(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
_COMMENT = re.compile(r"(?:\s+|--[^\n]*\n|#[^\n]*\n|/\*.*?\*/|\()*", re.DOTALL)
_SYSTEM = re.compile(
    r"\bpg_catalog\b|\binformation_schema\b|\bperformance_schema\b|\bpg_stat_|`(?:mysql|sys)`\s*\."
    r"|\b(?:FROM|JOIN)\s+pg_\w|\bom_ingest_sample\b",
    re.IGNORECASE,
)
"""Tables of the system, and the name that our own statements give what they read samples of."""


class QueryLog(ConnectorConfig):
    """Which of the queries are read that the server has counted."""

    limit: int = Field(default=1000, ge=1, le=2000)
    """Most queries to read, those that ran most often first."""

    minCalls: int = Field(default=1, ge=1)
    """Leave out queries that ran less often since the server began to count."""


class QueryRow(NamedTuple):
    """A query, with its values replaced, as the server counts it."""

    database: str
    schema: str | None
    text: str
    call_count: int
    """Since `since`."""

    mean_s: float | None
    since: datetime | None
    """When the server began to count it; None if it does not say."""

    latest: datetime | None = None
    """When it ran last; None if the server does not say."""


@dataclass
class WantedQueries:
    """What a server is asked for, and what it has to say about that."""

    log: QueryLog
    databases: Sequence[str]
    """Names of the databases that were read."""

    schemas: frozenset[str] = frozenset()
    """Names of the schemas that were read."""

    remarks: list[str] = field(default_factory=list)
    """What is missing, with what to do; the server adds to it."""


def is_wanted(text: str, *, is_cut: bool = False) -> bool:
    """Whether a statement reads or writes rows of tables that are not the system's.

    Of one whose end `is_cut`, only what is there is looked at.
    """
    words = text[_COMMENT.match(text).end() :].split(None, 2)  # type: ignore[union-attr]  # it matches anything
    first = words[0].upper() if words else ""
    if first == "CREATE":
        makes = words[1].upper() in _MADE and _OF_ROWS.search(text) is not None
    elif first in ("SELECT", "WITH"):
        makes = is_cut or _FROM.search(text) is not None
    else:
        makes = first in _QUERIES
    return makes and _SYSTEM.search(text) is None


def requests(
    rows: Iterable[QueryRow],
    service: str,
    dialect: str,
    log: QueryLog,
    state: MutableMapping[str, Any],
    today: date | None = None,
) -> Iterator[LoggedQueryRequest]:
    """A record for each query, with how often it ran today.

    Servers count since a start of their own. What ran today is the difference to what the last
    run of an earlier day has seen, or everything if the server began today; without either it is
    not known, and the record has no executions. The counts go to `state` behind the records.
    """
    calls = Calls.of(state.get(_STATE), today or datetime.now(timezone.utc).date(), log.limit)
    names: set[str] = set()
    for row in rows:
        executions = calls.today(row)
        name = _digest(row.text)
        if name in names:  # a query of a service has one name, and this one ran elsewhere, too
            name = _digest(f"{row.database}\0{row.schema}\0{row.text}")
        names.add(name)
        yield LoggedQueryRequest(
            name=name,
            query=row.text,
            service=service,
            dialect=dialect,
            duration=row.mean_s,
            queryDate=int(row.latest.timestamp() * 1000) if row.latest else None,
            executions={calls.day.isoformat(): executions} if executions else {},
            database=row.database,
            databaseSchema=row.schema,
        )
    state[_STATE] = calls.kept()


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Calls:
    """How often each query had run: at the last run of an earlier day, and now."""

    def __init__(self, day: date, limit: int, before: Mapping[bytes, int] | None) -> None:
        """`before` is None if no earlier day was seen."""
        self.day, self._limit = day, limit
        self._before = before
        self._is_whole = before is not None and len(before) < limit
        self._now: dict[bytes, int] = {}

    @classmethod
    def of(cls, kept: object, day: date, limit: int) -> Calls:
        """Those that the state of a job holds; anything else counts as nothing."""
        if not isinstance(kept, Mapping):
            return cls(day, limit, None)
        before = kept.get("before" if kept.get("day") == day.isoformat() else "last")
        return cls(day, limit, _unpacked(before) if isinstance(before, str) else None)

    def today(self, row: QueryRow) -> int:
        """How often a query ran on this day; 0 if that is not known."""
        key = hashlib.blake2b(
            f"{row.database}\0{row.schema}\0{row.text}".encode(), digest_size=_ID_BYTES
        ).digest()
        self._now[key] = row.call_count
        if row.since is not None and row.since.astimezone(timezone.utc).date() >= self.day:
            return row.call_count
        if self._before is None:
            return 0
        before = self._before.get(key)
        if before is None:  # not seen then, or not among the most frequent ones
            return row.call_count if self._is_whole else 0
        return row.call_count - before if row.call_count >= before else row.call_count

    def kept(self) -> dict[str, str | None]:
        """What the state of the job is to hold."""
        return {
            "day": self.day.isoformat(),
            "before": None if self._before is None else _packed(self._before),
            "last": _packed(self._now),
        }


def _packed(calls: Mapping[bytes, int]) -> str:
    """Counts in few bytes: 2,000 of them, twice, have to fit into the 64 kB of a state."""
    data = bytearray()
    for key, count in calls.items():
        data += key
        while count >= 128:
            data.append(count & 127 | 128)
            count >>= 7
        data.append(count)
    return base64.b85encode(data).decode()


def _unpacked(text: str) -> dict[bytes, int] | None:
    try:
        data = base64.b85decode(text)
    except (ValueError, binascii.Error):
        return None
    found, at = {}, 0
    while at < len(data):
        key, at = data[at : at + _ID_BYTES], at + _ID_BYTES
        count = shift = 0
        while at < len(data):
            byte = data[at]
            at += 1
            count |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        found[key] = count
    return found
