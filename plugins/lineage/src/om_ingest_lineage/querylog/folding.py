"""Executions folded to queries: what differs in its values only is one query."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from sqlglot import TokenType

from om_ingest_lineage.querylog.entries import Entry
from om_ingest_lineage.scripts.reading import STRINGS, Reading, TextError

_SCHEMA = """
CREATE TABLE query (
    key BLOB PRIMARY KEY, sql TEXT, database TEXT, schema TEXT, dialect TEXT,
    count INTEGER, timed INTEGER, seconds REAL, latest INTEGER
) WITHOUT ROWID;
CREATE TABLE run (key BLOB, day TEXT, count INTEGER, PRIMARY KEY (key, day)) WITHOUT ROWID;
"""
_FOLDED_MAX_COUNT = 5_000
_NUMBERS = (TokenType.NUMBER, TokenType.HEX_STRING, TokenType.BIT_STRING)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


@dataclass
class _Folded:
    sql: str
    database: str
    schema: str
    dialect: str
    count: int = 0
    timed: int = 0
    seconds: float = 0.0
    latest: int = 0
    days: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedQuery:
    """A query of a log, over all its executions."""

    sql: str
    name: str
    """The MD5 of its text, as OpenMetadata has it; another one if that ran elsewhere, too."""

    database: str | None
    schema: str | None
    dialect: str | None
    duration_s: float | None
    """Mean of the executions that tell it."""

    latest_ms: int | None
    """The last execution, in milliseconds since 1970."""

    executions: dict[str, int]
    """By day in UTC; executions without a time are in none."""


@lru_cache(maxsize=4096)
def folded(sql: str, dialect: str, keeps_values: bool) -> tuple[bytes, str]:
    """A fingerprint that is the same for texts that differ in values, spaces, comments and the
    case of words only, and the text to show: its values are `?`, unless they are to be kept.
    """
    try:
        reading = Reading(sql, dialect)
    except TextError:
        plain = _QUOTED.sub("?", " ".join(sql.split()))
        return _digest(plain), sql if keeps_values else plain
    words: list[str] = []
    shown: list[str] = []
    text, past = reading.text, 0
    for at, token in enumerate(reading.tokens):
        is_text = token.token_type in STRINGS
        if is_text or token.token_type in _NUMBERS:
            # As a text, because `date ?` and the like are parsed by nobody.
            mask = "'?'" if is_text else _apart(text, token.start, token.end + 1)
            shown += (text[past : token.start], mask)
            past = token.end + 1
            word = "?"
        else:
            word = reading.word(at) or f'"{token.text}"'
        if word == "?" and words[-2:] == ["?", ","]:
            words.pop()  # a list of values, however long
        else:
            words.append(word)
    return _digest(" ".join(words)), sql if keeps_values else "".join([*shown, text[past:]])


def _apart(text: str, start: int, end: int) -> str:
    """`?` with spaces where it would be one operator with its neighbours: `?|`, `@?`."""
    before = " " if text[start - 1 : start] in tuple("|&@?-#") else ""
    return before + "?" + (" " if text[end : end + 1] in tuple("|&?-") else "")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def _name(sql: str) -> str:
    return hashlib.md5(sql.encode(), usedforsecurity=False).hexdigest()


class Folding:
    """Counts executions; all but the last few thousand queries lie in a scratch file."""

    def __init__(self, dialect: str, *, keeps_values: bool) -> None:
        self._dialect, self._keeps_values = dialect, keeps_values
        self._recent: dict[bytes, _Folded] = {}
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.executescript(_SCHEMA)

    def add(self, entry: Entry, dialect: str | None = None) -> None:
        """Count the executions of an entry."""
        spoken = self._dialect if dialect is None else dialect
        fingerprint, text = folded(entry.query, spoken, self._keeps_values)
        place = "\0".join((entry.database or "", entry.schema or "", entry.dialect or ""))
        key = fingerprint + _digest(place)[:8]
        found = self._recent.get(key)
        if found is None:
            if len(self._recent) >= _FOLDED_MAX_COUNT:
                self._write()
            found = self._recent[key] = _Folded(
                text, entry.database or "", entry.schema or "", entry.dialect or ""
            )
        found.count += entry.count
        if entry.duration_s is not None:
            found.timed += entry.count
            found.seconds += entry.duration_s * entry.count
        if entry.start is not None:
            day = entry.start.date().isoformat()
            found.days[day] = found.days.get(day, 0) + entry.count
            found.latest = max(found.latest, int(entry.start.timestamp() * 1000))

    def _write(self) -> None:
        self._file.execute("BEGIN")
        self._file.executemany(
            """INSERT INTO query VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET count = count + excluded.count,
            timed = timed + excluded.timed, seconds = seconds + excluded.seconds,
            latest = max(latest, excluded.latest)""",
            [
                (key, q.sql, q.database, q.schema, q.dialect, q.count, q.timed, q.seconds, q.latest)
                for key, q in self._recent.items()
            ],
        )
        self._file.executemany(
            """INSERT INTO run VALUES (?, ?, ?)
            ON CONFLICT (key, day) DO UPDATE SET count = count + excluded.count""",
            [(key, day, n) for key, q in self._recent.items() for day, n in q.days.items()],
        )
        self._file.execute("COMMIT")
        self._recent.clear()

    def queries(self, limit: int | None) -> Iterator[LoggedQuery]:
        """The queries, the most frequent first; at most `limit`."""
        self._write()
        rows = self._file.execute(
            """SELECT key, sql, database, schema, dialect, timed, seconds, latest,
            row_number() OVER (PARTITION BY sql ORDER BY count DESC, key) FROM query
            ORDER BY count DESC, key LIMIT ?""",
            (-1 if limit is None else limit,),
        )
        for key, sql, database, schema, dialect, timed, seconds, latest, number in rows:
            days = self._file.execute(
                "SELECT day, count FROM run WHERE key = ? ORDER BY day", (key,)
            )
            yield LoggedQuery(
                sql,
                _name(sql) if number == 1 else key.hex(),
                database or None,
                schema or None,
                dialect or None,
                seconds / timed if timed else None,
                latest or None,
                dict(days.fetchall()),
            )

    def count(self) -> int:
        """How many queries there are."""
        self._write()
        found: int = self._file.execute("SELECT count(*) FROM query").fetchone()[0]
        return found

    def close(self) -> None:
        """Drop the scratch file."""
        self._file.close()
