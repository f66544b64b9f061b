"""Statements that make, empty, rename or drop tables, as far as a script has to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlglot import TokenType, exp

from om_ingest_lineage.analysis import NamePart
from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.scripts.reading import Reading, TextError, words_of

_TEMPORARY = words_of("TEMP TEMPORARY VOLATILE")
_BEFORE_KIND = _TEMPORARY | words_of(
    "OR REPLACE GLOBAL LOCAL PRIVATE UNLOGGED TRANSIENT HYBRID ICEBERG EXTERNAL MULTISET SET"
)
_NO_COLUMNS = words_of(
    "CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK INDEX KEY LIKE EXCLUDE FULLTEXT SPATIAL PERIOD"
) | {"PRIMARY KEY", "FOREIGN KEY"}

_ACTIONS = words_of("ADD DROP RENAME CHANGE ALTER MODIFY SET OWNER ENABLE DISABLE")
_BEFORE_COLUMN = words_of("COLUMN COLUMNS IF NOT EXISTS")


class Deed(Enum):
    """What a statement does to a table as a whole."""

    MAKES = "makes"
    EMPTIES = "empties"
    DROPS = "drops"
    RENAMES = "renames"
    ALTERS = "alters"


@dataclass(frozen=True)
class Change:
    """One table that a statement makes, empties, renames or drops."""

    deed: Deed
    name: Sequence[NamePart]
    is_temporary: bool = False
    replaces: bool = False
    columns: Sequence[str] = ()
    """Those that it defines, or adds; empty where a query, or another table, does."""

    copies: bool = False
    """Whether rows of another table are in it from the beginning."""

    to: Sequence[NamePart] = ()
    """The new name."""

    after: str | None = None
    """The column behind which one is added: empty for the first, None for the last."""

    lost: Sequence[str] = ()
    """Columns that are dropped."""

    renamed: Sequence[tuple[str, str]] = ()
    """Columns with their new names."""


def changes_of(sql: str, dialect: str) -> list[Change]:
    """The tables that one statement makes, empties, renames or drops."""
    word = sql[:12].lstrip().split(None, 1)[0].upper() if sql.strip() else ""
    is_into = word in ("SELECT", "WITH") and "into" in sql.lower()
    if not is_into and word not in ("CREATE", "DROP", "TRUNCATE", "ALTER", "RENAME", "DECLARE"):
        return []
    try:
        reading = Reading(sql, dialect)
    except TextError:
        return []
    if is_into:
        return _into(reading)
    if word in ("CREATE", "DECLARE"):
        return _makes(reading)
    if word in ("ALTER", "RENAME"):
        return _renames(reading) or _alters(reading)
    at = 1 + (reading.word(1) in _TEMPORARY)
    if reading.word(at) == "TABLE" or (word == "DROP" and reading.word(at) == "VIEW"):
        at += 1
    elif word == "DROP":
        return []
    while reading.word(at) in ("IF", "EXISTS", "ONLY"):
        at += 1
    deed = Deed.DROPS if word == "DROP" else Deed.EMPTIES
    found = []
    while True:
        name, at = name_at(reading, at)
        if name:
            found.append(Change(deed, name))
        if reading.type(at) is not TokenType.COMMA:
            return found
        at += 1


def name_at(reading: Reading, at: int) -> tuple[Sequence[NamePart], int]:
    """The name of a table that starts at a token, and the token after it."""
    parts: list[NamePart] = []
    while True:
        sign = ""
        while reading.type(at) in (TokenType.HASH, TokenType.PARAMETER):
            sign += "#" if reading.type(at) is TokenType.HASH else "@"
            at += 1
        if reading.is_name(at):
            token = reading.tokens[at]
            quoted = token.token_type is TokenType.IDENTIFIER
            texts = token.text.split(".") if reading.dialect == "bigquery" else [token.text]
            parts += (NamePart(sign + text, quoted) for text in texts)
            at += 1
        if reading.type(at) is not TokenType.DOT:
            return tuple(parts), at
        at += 1


def _into(reading: Reading) -> list[Change]:
    """`SELECT … INTO table`: what sets variables was cut away before."""
    into = reading.find(0, {"INTO"})
    if into >= reading.end or reading.word(into - 1) in ("INSERT", "MERGE"):
        return []
    at, is_temporary = into + 1, False
    while reading.word(at) in _TEMPORARY | {"UNLOGGED", "TABLE"}:
        is_temporary = is_temporary or reading.word(at) in _TEMPORARY
        at += 1
    name, _ = name_at(reading, at)
    return [Change(Deed.MAKES, name, is_temporary or _is_marked(name), copies=True)] if name else []


def _makes(reading: Reading) -> list[Change]:
    """`CREATE TABLE`, `CREATE VIEW`, `DECLARE @t TABLE (…)`."""
    at, words = 1, set()
    if reading.word(0) == "DECLARE":
        name, at = name_at(reading, at)
        at += 1 + (reading.word(at) == "AS")
        if not name:
            return []
        return [Change(Deed.MAKES, name, True, True, _columns(reading, at))]
    while reading.word(at) in _BEFORE_KIND:
        words.add(reading.word(at))
        at += 1
    if reading.word(at) not in ("TABLE", "VIEW"):
        return []
    is_view = reading.word(at) == "VIEW"
    at += 1
    while reading.word(at) in ("IF", "NOT", "EXISTS"):
        at += 1
    name, at = name_at(reading, at)
    # Oracle's global temporary tables stay when the session ends: only their rows go.
    lasts = "GLOBAL" in words and reading.dialect == "oracle"
    is_temporary = (not words.isdisjoint(_TEMPORARY) and not lasts) or _is_marked(name)
    copies = is_view or reading.has({"SELECT", "WITH", "CLONE", "COPY", "VALUES"}, at, reading.end)
    columns = () if copies else _columns(reading, at)
    if not name:
        return []
    return [Change(Deed.MAKES, name, is_temporary, "REPLACE" in words, columns, copies)]


def _columns(reading: Reading, at: int) -> Sequence[str]:
    """The names in a list of definitions."""
    past = reading.past_bracket(at)
    starts = [at + 1] + [
        n + 1 for n in reading.level(at + 1, past) if reading.type(n) is TokenType.COMMA
    ]
    return tuple(
        _column(reading, start)
        for start in starts
        if start < past and reading.is_name(start) and reading.word(start) not in _NO_COLUMNS
    )


def _column(reading: Reading, at: int) -> str:
    """A name as the database stores it."""
    token = reading.tokens[at]
    known = dialect_of(reading.dialect)
    identifier = exp.to_identifier(token.text, token.token_type is TokenType.IDENTIFIER)
    return known[1].shown(identifier) if known is not None else token.text


def _renames(reading: Reading) -> list[Change]:
    """`ALTER TABLE a RENAME TO b`, `RENAME TABLE a TO b, c TO d`."""
    at = 1 + (reading.word(1) == "TABLE")
    found: list[Change] = []
    while True:
        while reading.word(at) in ("IF", "EXISTS", "ONLY"):
            at += 1
        name, at = name_at(reading, at)
        if reading.word(at) == "RENAME":
            at += 1
        if reading.word(at) not in ("TO", "AS") or not name:
            return found
        to, at = name_at(reading, at + 1)
        if not to:
            return found
        found.append(Change(Deed.RENAMES, name, to=to))
        if reading.type(at) is not TokenType.COMMA:
            return found
        at += 1


def _alters(reading: Reading) -> list[Change]:
    """`ALTER TABLE t ADD a int, DROP COLUMN b, RENAME COLUMN c TO d`."""
    at = 2
    while reading.word(at) in ("IF", "EXISTS", "ONLY"):
        at += 1
    name, at = name_at(reading, at)
    if reading.word(1) != "TABLE" or not name:
        return []
    end = reading.find(at, {";"})
    commas = [n for n in reading.level(at, end) if reading.type(n) is TokenType.COMMA]
    found: list[Change] = []
    action = ""
    for start, past in zip([at, *(n + 1 for n in commas)], [*commas, end], strict=True):
        if reading.word(start) in _ACTIONS:
            action, start = reading.word(start), start + 1
        elif action != "ADD":  # T-SQL adds several columns after one ADD
            continue
        while reading.word(start) in _BEFORE_COLUMN:
            start += 1
        if reading.type(start) is TokenType.L_PAREN:
            names = _columns(reading, start)
        elif reading.is_name(start) and reading.word(start) not in _NO_COLUMNS:
            names = (_column(reading, start),)
        else:
            continue
        to = start + 1 + (reading.word(start + 1) == "TO")
        if action == "ADD":
            where = reading.find(start, {"AFTER", "FIRST"}, past)
            after = None
            if where < past:
                after = _column(reading, where + 1) if reading.word(where) == "AFTER" else ""
            found.append(Change(Deed.ALTERS, name, columns=names, after=after))
        elif action == "DROP":
            found.append(Change(Deed.ALTERS, name, lost=names))
        elif action in ("RENAME", "CHANGE") and names and reading.is_name(to):
            found.append(Change(Deed.ALTERS, name, renamed=((names[0], _column(reading, to)),)))
    return found


def altered(columns: Sequence[str], change: Change) -> list[str]:
    """The columns of a table after a change of them."""
    to = {old.casefold(): new for old, new in change.renamed}
    lost = {name.casefold() for name in change.lost}
    found = [to.get(each.casefold(), each) for each in columns if each.casefold() not in lost]
    have = [each.casefold() for each in found]
    added = [each for each in change.columns if each.casefold() not in have]
    if change.after == "":
        return [*added, *found]
    at = len(found)
    if change.after is not None and change.after.casefold() in have:
        at = have.index(change.after.casefold()) + 1
    return [*found[:at], *added, *found[at:]]


def _is_marked(name: Sequence[NamePart]) -> bool:
    return bool(name) and name[-1].text.startswith(("#", "@"))
