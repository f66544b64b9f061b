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

_ESCAPED = re.compile(r"\\(?:\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")
"""Letters of PostgreSQL's `U&"…"`, with its usual sign."""

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
    if name == "Teradata":
        return _of_teradata(tokens)
    if name == "DuckDB":
        return _of_duckdb(tokens)
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
    """A MERGE without its DELETE WHERE, a change without LOG ERRORS, a query with an alias."""
    words = [token.text.upper() for token in tokens]
    if "ERRORS" in words and words[words.index("ERRORS") - 1] == "LOG":
        tokens = tokens[: words.index("ERRORS") - 1]
    if words[:2] == ["UPDATE", "("]:
        past = _closing(tokens, 1) + 1
        return _with_alias(tokens, past) if words[past : past + 1] == ["SET"] else tokens
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


def _of_teradata(tokens: list[Token]) -> list[Token]:
    """`UPDATE t FROM s SET …`, where the parser takes SET for an alias of `s`."""
    words = [token.text.upper() for token in tokens]
    if words[:1] != ["UPDATE"] or "FROM" not in words or "SET" not in words:
        return tokens
    start, at = words.index("FROM"), words.index("SET")
    is_named = tokens[at - 1].token_type in (TokenType.VAR, TokenType.IDENTIFIER)
    has_alias = words[at - 2] not in ("FROM", ",", ".", "JOIN")
    return tokens if start > at or not is_named or has_alias else _with_alias(tokens, at)


def _of_duckdb(tokens: list[Token]) -> list[Token]:
    """`CREATE VIEW v AS PIVOT t ON …`, which the parser knows behind FROM."""
    depth = 0
    for at, token in enumerate(tokens):
        kind, word = token.token_type, token.text.upper()
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth == 0 and word in ("SELECT", "FROM"):
            break
        if depth == 0 and word in ("PIVOT", "UNPIVOT"):
            end = len(tokens) - (tokens[-1].token_type is TokenType.SEMICOLON)
            start = [Token(TokenType.FROM, "FROM"), Token(TokenType.L_PAREN, "(")]
            last = [Token(TokenType.R_PAREN, ")")]
            return [*tokens[:at], *start, *tokens[at:end], *last, *tokens[end:]]
    return tokens


def _with_alias(tokens: list[Token], at: int) -> list[Token]:
    """A table or query with a name of its own: that of what stands before it, or one made up."""
    before = tokens[at - 1]
    text = "of_update" if before.token_type is TokenType.R_PAREN else before.text
    alias = Token(TokenType.VAR, text, before.line, before.col, before.start, before.end)
    return [*tokens[:at], alias, *tokens[at:]]


def with_short_head(tokens: Sequence[Token]) -> list[Token] | None:
    """CREATE VIEW name (columns) AS …, without all options; None if it is something else.

    Options of a view say nothing about lineage, and each product has its own.
    """
    words = [token.text.upper() for token in tokens[:_HEAD_WORDS]]
    if not words or words[0] != "CREATE" or "VIEW" not in words:
        return None
    at = words.index("VIEW") + 1
    head = [token for token in tokens[:at] if token.text.upper() in _KEPT]
    is_recursive = "RECURSIVE" in words[: at - 1]
    while at < len(tokens) and tokens[at].text.upper() in ("IF", "NOT", "EXISTS"):
        at += 1
    name = at
    while at < len(tokens) and (at == name or tokens[at].token_type is TokenType.DOT):
        at += 1 if at == name else 2
    head += tokens[name:at]
    last = at - 1
    listed: list[Token] = []
    if at < len(tokens) and tokens[at].token_type is TokenType.L_PAREN:
        end = _closing(tokens, at)
        listed = _names_alone(tokens[at : end + 1])
        head += listed
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
                query = list(tokens[start:])
                if is_recursive:
                    query = _recursive([tokens[last], *listed], query)
                return [*head, tokens[at], *query]
        at += 1
    return None


def _recursive(name: Sequence[Token], query: Sequence[Token]) -> list[Token]:
    """The query of CREATE RECURSIVE VIEW: it reads what the view has so far."""
    end = len(query) - (query[-1].token_type is TokenType.SEMICOLON)
    return [
        Token(TokenType.WITH, "WITH"),
        Token(TokenType.RECURSIVE, "RECURSIVE"),
        *name,
        Token(TokenType.ALIAS, "AS"),
        Token(TokenType.L_PAREN, "("),
        *query[:end],
        Token(TokenType.R_PAREN, ")"),
        Token(TokenType.SELECT, "SELECT"),
        Token(TokenType.STAR, "*"),
        Token(TokenType.FROM, "FROM"),
        name[0],
    ]


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
    r"""What `pg_get_viewdef` writes and the parser does not know.

    `::oid[]` loses its brackets; `(unnest(a) u JOIN …)` becomes a function like any other;
    `U&"d\0061ta"` becomes the name that it means.
    """
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        before = found[-1].token_type if found else None
        if before is TokenType.L_PAREN and token.token_type is TokenType.UNNEST:
            token = Token(TokenType.VAR, token.text, token.line, token.col, token.start, token.end)
        if token.token_type is TokenType.IDENTIFIER and _is_unicode(tokens, at):
            del found[-2:]
            text = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), token.text)
            token = Token(token.token_type, text, token.line, token.col, token.start, token.end)
        found.append(token)
        at += 1
        if before is TokenType.DCOLON and token.text.lower() in _OBJECT_TYPES:
            while [each.text for each in tokens[at : at + 2]] == ["[", "]"]:
                at += 2
    return found


def _is_unicode(tokens: Sequence[Token], at: int) -> bool:
    """Whether the quoted name at a position is written `U&"…"`."""
    letter, sign = tokens[max(0, at - 2)], tokens[at - 1]
    is_marked = letter.text in ("U", "u") and sign.token_type is TokenType.AMP
    return is_marked and letter.end + 2 == tokens[at].start
