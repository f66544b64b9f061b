"""What databases write and the parser does not know, put right among the words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

_LIKE_POSTGRES = {"Postgres", "Materialize", "Redshift", "RisingWave"}
_OBJECT_TYPES = frozenset(
    (
        "oid",
        "regclass",
        "regcollation",
        "regconfig",
        "regdictionary",
        "regnamespace",
        "regoper",
        "regoperator",
        "regproc",
        "regprocedure",
        "regrole",
        "regtype",
    )
)
"""PostgreSQL's types for objects; the parser knows them only alone."""

_ALTER_VIEW = re.compile(
    r"\A\s*ALTER(?=(?:\s+\w+\s*=\s*\S+)*\s+(?:MATERIALIZED\s+)?VIEW\s+\S+\s*(?:\([^()]*\)\s*)?AS\b)",
    re.IGNORECASE,
)
"""MySQL's and SQL Server's other way to write CREATE OR REPLACE VIEW."""

_REPLACE_VIEW = re.compile(r"\A\s*REPLACE(?=\s+(?:RECURSIVE\s+)?VIEW\b)", re.IGNORECASE)
"""Teradata's way."""

_REPLACE_ROWS = re.compile(r"\A\s*REPLACE\b(?!\s+(?:MACRO|PROCEDURE|FUNCTION))", re.IGNORECASE)
"""MySQL's REPLACE INTO, which the parser takes for a command."""

_ENDINGS = (
    ("WITH", "DATA"),
    ("WITH", "NO", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "LOCAL", "CHECK", "OPTION"),
    ("WITH", "CASCADED", "CHECK", "OPTION"),
)

_OPERATORS = {TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH}
_COPY_WORDS = {("SNAPSHOT", "TABLE"), ("DEEP", "CLONE")}
_KEPT = {"CREATE", "TEMP", "TEMPORARY", "VIEW"}
_CONSTRAINTS = {"CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "SCOPED"}
_HEAD_WORDS = 12
"""In front of VIEW, at most."""

_QUERY_STARTS = {"SELECT", "SEL", "WITH", "(", "VALUES", "FROM", "TABLE"}


def mended_text(sql: str) -> str:
    """A statement with a first word that the parser knows."""
    for pattern, word in (
        (_ALTER_VIEW, "CREATE"),
        (_REPLACE_VIEW, "CREATE"),
        (_REPLACE_ROWS, "INSERT"),
    ):
        sql, count = pattern.subn(word, sql, count=1)
        if count:
            break
    return sql


def mended(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """A statement without what the parser of its dialect stumbles over."""
    tokens = _without_endings(tokens)
    name = type(dialect).__name__
    if name in _LIKE_POSTGRES:
        return _of_postgres(tokens)
    if name == "TSQL":
        return _of_sql_server(tokens)
    if name == "Oracle":
        return _of_oracle(tokens)
    words = [token.text.upper() for token in tokens[:3]]
    if words[:1] == ["CREATE"] and ("SNAPSHOT" in words or name == "Databricks"):
        pairs = zip(tokens, [*tokens[1:], tokens[-1]], strict=True)
        return [
            token
            for token, after in pairs
            if (token.text.upper(), after.text.upper()) not in _COPY_WORDS
        ]
    return tokens


def _of_sql_server(tokens: list[Token]) -> list[Token]:
    """`a += b` becomes `a = a + b`."""
    found: list[Token] = []
    for token in tokens:
        is_assigned = token.token_type is TokenType.EQ and len(found) > 1
        if is_assigned and found[-1].token_type in _OPERATORS and found[-1].end + 1 == token.start:
            operator = found.pop()
            start = len(found) - 1
            while start > 1 and found[start - 1].token_type is TokenType.DOT:
                start -= 2
            found += [token, *found[start:], operator]
        else:
            found.append(token)
    return found


def _of_oracle(tokens: list[Token]) -> list[Token]:
    """A MERGE without its DELETE WHERE, and a change without LOG ERRORS."""
    words = [token.text.upper() for token in tokens]
    if "ERRORS" in words and words[words.index("ERRORS") - 1] == "LOG":
        tokens = tokens[: words.index("ERRORS") - 1]
    if words[:1] != ["MERGE"]:
        return tokens
    found: list[Token] = []
    is_left_out = False
    for token, word, after in zip(tokens, words, [*words[1:], ""], strict=False):
        if word == "DELETE" and after == "WHERE":
            is_left_out = True
        elif word == "WHEN":
            is_left_out = False
        if not is_left_out:
            found.append(token)
    return found


def with_short_head(tokens: Sequence[Token]) -> list[Token] | None:
    """CREATE VIEW name (columns) AS …, without all options; None if it is something else.

    Options of a view say nothing about lineage, and each product has its own.
    """
    words = [token.text.upper() for token in tokens[:_HEAD_WORDS]]
    if not words or words[0] != "CREATE" or "VIEW" not in words:
        return None
    at = words.index("VIEW") + 1
    head = [token for token in tokens[:at] if token.text.upper() in _KEPT]
    while at < len(tokens) and tokens[at].text.upper() in ("IF", "NOT", "EXISTS"):
        at += 1
    name = at
    while at < len(tokens) and (at == name or tokens[at].token_type is TokenType.DOT):
        at += 1 if at == name else 2
    head += tokens[name:at]
    if at < len(tokens) and tokens[at].token_type is TokenType.L_PAREN:
        end = _closing(tokens, at)
        head += _names_alone(tokens[at : end + 1])
        at = end + 1
    while at < len(tokens):
        if tokens[at].token_type is TokenType.L_PAREN:
            at = _closing(tokens, at)
        elif tokens[at].token_type is TokenType.ALIAS:
            start = at + 1
            if start < len(tokens) and tokens[start].text.upper() == "LOCKING":  # Teradata
                while start < len(tokens) and tokens[start].text.upper() not in _QUERY_STARTS:
                    start += 1
            if start < len(tokens) and tokens[start].text.upper() in _QUERY_STARTS:
                return [*head, tokens[at], *tokens[start:]]
        at += 1
    return None


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Where the parenthesis at a position is closed; the last position if it is not."""
    depth = 0
    for position in range(at, len(tokens)):
        kind = tokens[position].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if not depth:
            return position
    return len(tokens) - 1


def _names_alone(tokens: Sequence[Token]) -> list[Token]:
    """A list of columns without their types and options, and without constraints."""
    found = [tokens[0]]
    depth = 0
    starts = True
    for token in tokens[1:-1]:
        kind = token.token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if kind is TokenType.COMMA and not depth:
            starts = True
        elif starts:
            starts = False
            if token.text.upper() not in _CONSTRAINTS:
                found += [token] if len(found) == 1 else [Token(TokenType.COMMA, ","), token]
    return [*found, tokens[-1]]


def _without_endings(tokens: list[Token]) -> list[Token]:
    """A statement without what may stand behind its query, and makes no difference here."""
    end = len(tokens)
    while end and tokens[end - 1].token_type is TokenType.SEMICOLON:
        end -= 1
    words = [token.text.upper() for token in tokens[max(0, end - 4) : end]]
    for ending in _ENDINGS:
        if words[-len(ending) :] == list(ending):
            return tokens[: end - len(ending)]
    return tokens


def _of_postgres(tokens: Sequence[Token]) -> list[Token]:
    """What `pg_get_viewdef` writes and the parser does not know.

    `::oid[]` loses its brackets; `(unnest(a) u JOIN …)` becomes a function like any other.
    """
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        before = found[-1].token_type if found else None
        if before is TokenType.L_PAREN and token.token_type is TokenType.UNNEST:
            token = Token(TokenType.VAR, token.text, token.line, token.col, token.start, token.end)
        found.append(token)
        at += 1
        if before is TokenType.DCOLON and token.text.lower() in _OBJECT_TYPES:
            while [each.text for each in tokens[at : at + 2]] == ["[", "]"]:
                at += 2
    return found
