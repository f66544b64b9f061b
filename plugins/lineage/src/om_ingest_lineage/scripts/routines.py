"""Heads of routines: where their bodies begin, and what their parameters are called."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import TokenType

from om_ingest_lineage.scripts.found import Statements
from om_ingest_lineage.scripts.reading import STRINGS, Reading, words_of

_KINDS = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "EVENT", "TASK"})
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC", "CONSTANT"})
_MYSQL_BODIES = words_of(
    """BEGIN SELECT INSERT UPDATE DELETE REPLACE WITH IF CASE LOOP REPEAT WHILE FOR CALL RETURN
    SET TRUNCATE CREATE DROP"""
)


class Head(NamedTuple):
    """What the head of a routine says."""

    body: int
    """The token that its body starts at; past the statement if the body was read."""

    declares: bool = False
    """Whether the body starts with declarations, without DECLARE."""

    is_body: bool = True


def is_routine(reading: Reading, at: int) -> bool:
    """Whether a statement is the head of a routine, with a body or not."""
    word = reading.word(at)
    if word in ("PROCEDURE", "FUNCTION"):
        return True
    if word not in ("CREATE", "ALTER"):
        return False
    return _kind(reading, at) is not None


def _kind(reading: Reading, at: int) -> int | None:
    """The token that says what a CREATE makes, if it makes a routine."""
    at += 1
    for place in range(at, min(at + 14, reading.end)):
        word = reading.word(place)
        if word in _KINDS:
            return place
        if word in ("VIEW", "INDEX", "SCHEMA", "DATABASE", "AS", "SELECT", "SEQUENCE", "TYPE"):
            return None
        if word == "TABLE" and reading.word(place + 1) != "FUNCTION":
            return None
    return None


def routine(reading: Reading, at: int, found: Statements) -> Head:
    """Read the head of the routine that starts at a token.

    A body that is a text (`AS $$ … $$`) is read, too.
    """
    kind = _kind(reading, at) if reading.word(at) in ("CREATE", "ALTER") else at
    assert kind is not None
    if reading.word(kind) == "TRIGGER":
        found.variables.update(("new", "old"))
    end = next(
        (n for n in reading.level(at) if reading.type(n) is TokenType.SEMICOLON), reading.end
    )
    if reading.word(kind) == "PACKAGE":
        return Head(min(reading.find(kind, {"AS", "IS"}, end) + 1, reading.end), declares=True)
    past = kind + 1
    for place in reading.level(kind + 1, end):
        if reading.type(place) is TokenType.L_PAREN:
            _parameters(reading, place, found)
            past = reading.past_bracket(place)
            break
        if reading.word(place) in {"AS", "IS", "BEGIN", "RETURN", "RETURNS", "LANGUAGE"}:
            break
    if reading.word(kind) in ("TRIGGER", "EVENT") and reading.dialect != "postgres":
        past = reading.find(past, {"ROW", "DO", "BEGIN"}, end)
        past += reading.word(past) in ("ROW", "DO")
    if reading.dialect in ("mysql", "singlestore", "doris", "starrocks"):
        return _mysql(reading, past, found)
    return _other(reading, past, end, found)


def anonymous(reading: Reading, at: int, end: int, found: Statements) -> bool:
    """Read the text of `DO $$ … $$`; whether there is one."""
    for place in range(at + 1, end):
        if reading.type(place) in STRINGS:
            language = _language(reading, at, end) or "plpgsql"
            found.read_code(reading.tokens[place].text, reading.line_of(place), language)
            return True
    return False


def _mysql(reading: Reading, past: int, found: Statements) -> Head:
    """MySQL: the body is the first statement after the characteristics."""
    for place in range(past, reading.end):
        word = reading.word(place)
        if word in _MYSQL_BODIES and reading.word(place - 1) not in ("FOR", "OR"):
            return Head(place)
        if reading.is_name(place) and reading.type(place + 1) is TokenType.COLON:
            return Head(place)
    return Head(reading.end)


def _other(reading: Reading, past: int, end: int, found: Statements) -> Head:
    """The body is a text after AS, a block, or what follows AS or IS."""
    for place in reading.level(past, end):
        word = reading.word(place)
        if word == "RETURNS" and reading.word(place + 1) == "TABLE":
            if reading.type(place + 2) is TokenType.L_PAREN:
                _parameters(reading, place + 2, found)
        elif word in ("BEGIN", "RETURN") and (word == "BEGIN" or _returns_query(reading, place)):
            return Head(place, is_body=reading.word(place + 1) != "ATOMIC")
        elif word in ("AS", "IS"):
            if reading.type(place + 1) in STRINGS:
                body, line = reading.tokens[place + 1].text, reading.line_of(place + 1)
                found.read_code(body, line, _language(reading, past, end))
                return Head(end, is_body=False)
            if word == "AS" and reading.word(place - 1) in ("EXECUTE", "CALLER", "OWNER"):
                continue
            is_section = reading.word(place + 1) not in ("BEGIN", "DECLARE")
            return Head(place + 1, declares=is_section and reading.dialect == "oracle")
        elif word == "DECLARE":
            return Head(place)
        elif word == "EXECUTE" and reading.word(place + 1) in ("PROCEDURE", "FUNCTION"):
            return Head(end, is_body=False)  # CREATE TRIGGER … EXECUTE FUNCTION f()
    return Head(end, is_body=False)


def _returns_query(reading: Reading, at: int) -> bool:
    """SQL-standard `RETURN expression`, not Oracle's `RETURN type IS`."""
    return reading.dialect != "oracle"


def _language(reading: Reading, first: int, end: int) -> str | None:
    for place in range(first, end):
        if reading.word(place) == "LANGUAGE" and place + 1 < reading.end:
            return reading.tokens[place + 1].text
    return None


def _parameters(reading: Reading, opening: int, found: Statements) -> None:
    """Note the names of the parameters in a bracket."""
    past = reading.past_bracket(opening)
    starts = [opening + 1]
    starts += [
        n + 1 for n in reading.level(opening + 1, past) if reading.type(n) is TokenType.COMMA
    ]
    for start in starts:
        while reading.word(start) in _MODES:
            start += 1
        # A lone word is a type: `f(int)`.
        if start + 1 < past - 1 and reading.is_name(start):
            found.variables.add(reading.tokens[start].text.lower())
