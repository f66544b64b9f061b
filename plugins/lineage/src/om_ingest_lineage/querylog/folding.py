"""Executions folded to queries: what differs in its values only is one query."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from om_ingest_lineage.querylog.entries import Entry

_SCHEMA = """
CREATE TABLE query (
    key BLOB PRIMARY KEY, sql TEXT, database TEXT, schema TEXT, dialect TEXT,
    count INTEGER, timed INTEGER, seconds REAL, latest INTEGER
) WITHOUT ROWID;
CREATE TABLE run (key BLOB, day TEXT, count INTEGER, PRIMARY KEY (key, day)) WITHOUT ROWID;
"""
_FOLDED_MAX_COUNT = 5_000
_DOUBLE_QUOTED = frozenset(
    {"mysql", "bigquery", "spark", "hive", "databricks", "singlestore", "doris"}
)
"""Dialects in which `"` is around texts."""

_ESCAPING = _DOUBLE_QUOTED | {"snowflake", "clickhouse", "redshift"}
"""Dialects with escapes such as `\\'` in all texts."""

_HASHED = frozenset({"mysql", "bigquery", "singlestore", "doris"})
"""Dialects with comments behind `#`."""


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

    An own scan, ten times as fast as a tokenizer: a log has millions of lines.
    """
    words: list[str] = []
    shown: list[str] = []
    for found in _parts_of(dialect).finditer(sql):
        kind, part = found.lastgroup, found[0]
        if kind == "space":
            shown.append(" " if part[0] in "-/#" else part)
            continue
        if kind == "text" or kind == "number":
            # A text stays one, because `date ?` and the like are parsed by nobody.
            shown.append("'?'" if kind == "text" else _apart(sql, found.start(), found.end()))
            part = "?"
        else:
            shown.append(part)
            part = "?" if kind == "bind" else part.upper() if kind == "word" else part
        if part == "?" and words[-2:] == ["?", ","]:
            words.pop()  # a list of values, however long
        else:
            words.append(part)
    return _digest(" ".join(words)), sql if keeps_values else "".join(shown)


@cache
def _parts_of(dialect: str) -> re.Pattern[str]:
    """The parts of a statement; a quote that is not closed holds all of the rest."""
    escapes, comments = dialect in _ESCAPING, r"|\#[^\n]*" if dialect in _HASHED else ""
    inner = r"\\.|" if escapes else ""
    plain = r"[^'\\]" if escapes else r"[^']"
    texts = [
        rf"(?:[NnXxBbUuRr]&?|_\w+)?'(?:{inner}{plain}|'')*(?:'|\Z)",
        r"[Ee]'(?:\\.|[^'\\]|'')*(?:'|\Z)",
        r"(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?:(?P=tag)|\Z)",
    ]
    names = [r"`[^`]*(?:`|\Z)"]
    double = r'"(?:[^"\\]|\\.|"")*(?:"|\Z)'
    (texts if dialect in _DOUBLE_QUOTED else names).append(double)
    if dialect in ("tsql", "fabric"):
        names.append(r"\[[^\]]*(?:\]|\Z)")
    return re.compile(
        rf"(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z){comments})|(?P<text>{'|'.join(texts)})"
        rf"|(?P<name>{'|'.join(names)})|(?P<bind>\$\d+)"
        r"|(?P<number>0[xX][0-9A-Fa-f]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))"
        r"|(?P<word>\w+)|(?P<sign>.)",
        re.DOTALL,
    )


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
