"""The statements of views as text: what they select, word by word, and each branch of a compound.

Only as much of SQLite's grammar as that takes (https://sqlite.org/lang_select.html): its reserved
words cannot stand for anything else without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from metadata.ingestion.source.database.sqlite_file.schema import folded

_TOKEN = re.compile(
    r"""[ \t\n\f\r]+ | --[^\n]* | /\*.*?(?:\*/|\Z)
      | (?P<text> '(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\]
                | (?:[A-Za-z0-9_$]|[^\x00-\x7f])+ | . )""",
    re.VERBOSE | re.DOTALL,
)
BRANCH = '"one branch"'
"""Quoted name of the query that stands in for a compound."""
_OPERATORS = ("UNION", "INTERSECT", "EXCEPT")


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


class _Token(NamedTuple):
    text: str
    start: int
    end: int
    depth: int
    """How many parentheses are open around it; they themselves lie outside."""

    def is_word(self, *words: str) -> bool:
        return self.text.upper() in words

    @property
    def name(self) -> str:
        """What it names, in SQLite's form for comparing."""
        quote = self.text[0]
        if quote in "'\"`":
            return folded(self.text[1:-1].replace(quote * 2, quote))
        return folded(self.text[1:-1] if quote == "[" else self.text)


class Query(NamedTuple):
    """A query without compounds, made of one branch of each compound of another query."""

    sql: str
    is_copied: bool
    """Whether values of its columns come out; not where rows are only subtracted (`EXCEPT`)."""


def query_of(definition: str) -> str:
    """What a `CREATE VIEW` statement selects; nothing if it is no such statement."""
    for token in _tokens(definition):
        if token.depth == 0 and token.is_word("AS"):
            return definition[token.end :]
    return ""


def names_in(sql: str) -> set[str]:
    """Everything in a query that may name something, in SQLite's form for comparing."""
    return {token.name for token in _tokens(sql)}


def without_arguments(sql: str, name: str) -> str:
    """A query that reads a table-valued function as a plain table."""
    tokens = _tokens(sql)
    for index in range(len(tokens) - 1, 0, -1):
        opening = tokens[index]
        if opening.text == "(" and tokens[index - 1].name == folded(name):
            end = _end_of(tokens, index + 1, opening.depth, len(sql))
            sql = sql[: opening.start] + " " + sql[end + 1 :]
    return sql


NamesOf = Callable[[str], Sequence[str]]
"""Names of the columns that a query gives; none if they are not known."""


def single_queries(sql: str, names_of: NamesOf) -> Iterator[Query]:
    """Every choice of one branch of each compound; the query itself if it has none."""
    waiting = [Query(sql, is_copied=True)]
    while waiting:
        query = waiting.pop()
        choices = _choices(query, names_of)
        if choices:
            waiting += reversed(choices)
        else:
            yield query


def _choices(query: Query, names_of: NamesOf) -> list[Query]:
    """The query with its outermost, first compound replaced by each of its branches."""
    sql, tokens = query.sql, _tokens(query.sql)
    operators = [index for index, token in enumerate(tokens) if token.is_word(*_OPERATORS)]
    if not operators:
        return []
    first = min(operators, key=lambda index: tokens[index].depth)
    depth = tokens[first].depth
    around = _open_at(tokens, first)
    begin = tokens[around[-1]].end if around else 0
    end = _end_of(tokens, first, depth - 1, len(sql))
    level = [t for t in tokens if t.depth == depth and begin <= t.start < end]
    start = next((t.start for t in level if t.is_word("SELECT", "VALUES")), None)
    if start is None:
        return []
    cuts = [token for token in level if token.is_word(*_OPERATORS)]
    tail = [t.start for t in level if t.is_word("ORDER", "LIMIT") and t.start > cuts[-1].start]
    begins = [start, *(_behind_all(tokens, token) for token in cuts)]
    ends = [*(token.start for token in cuts), min(tail, default=end)]
    branches = [sql[at:stop] for at, stop in zip(begins, ends, strict=True)]
    lead = sql[begin:start]
    first_is = ""
    named = ""
    if around:
        # A recursive common table expression reads what its first branch gives, and what is
        # around the compound knows the columns by the names that they have in its first branch.
        head = _expression_head(sql, tokens, around[-1])
        first_is = f"{head} ({branches[0]})" if head else ""
        names = names_of(_in_context(sql, tokens, around[:-1], lead + branches[0]))
        named = f"{BRANCH} ({', '.join(map(quoted, names))}) AS " if names else ""
    choices = []
    for branch, operator in zip(branches, [None, *cuts], strict=True):
        text = lead + branch
        if operator is not None and (first_is or named):
            renamed = f"{named}({branch})" if named else ""
            text = f"{lead}, " if lead.strip() else "WITH "
            text += ", ".join(filter(None, (first_is, renamed)))
            text += f" SELECT * FROM {BRANCH}" if named else f" {branch}"
        is_copied = query.is_copied and not (operator and operator.is_word("EXCEPT"))
        choices.append(Query(sql[:begin] + text + sql[end:], is_copied))
    return choices


def _open_at(tokens: list[_Token], index: int) -> list[int]:
    """The parentheses around a token, outermost first."""
    around: list[int] = []
    for position, token in enumerate(tokens[:index]):
        if token.text == "(":
            around.append(position)
        elif token.text == ")" and around:
            around.pop()
    return around


def _in_context(sql: str, tokens: list[_Token], around: list[int], query: str) -> str:
    """A query by itself that reads the same as within these parentheses."""
    for opening in (*reversed(around), -1):
        inside = tokens[opening + 1 :]
        if inside[0].is_word("WITH"):
            level = (t for t in inside if t.depth == inside[0].depth)
            select = next((t for t in level if t.is_word("SELECT", "VALUES")), inside[0])
            query = f"{sql[inside[0].start : select.start]} SELECT * FROM ({query})"
    return query


def _expression_head(sql: str, tokens: list[_Token], opening: int) -> str:
    """`name (columns) AS` of the common table expression that a parenthesis opens, if it does."""
    index = opening - 1
    while index >= 0 and tokens[index].is_word("MATERIALIZED", "NOT"):
        index -= 1
    if index < 1 or not tokens[index].is_word("AS"):
        return ""
    begin = index - 1
    if tokens[begin].text == ")":
        depth = tokens[begin].depth
        begin = max(i for i in range(begin) if tokens[i].text == "(" and tokens[i].depth == depth)
        begin -= 1
    return sql[tokens[begin].start : tokens[index].end] if begin >= 0 else ""


def _behind_all(tokens: list[_Token], operator: _Token) -> int:
    """Where the branch after an operator begins."""
    following = tokens[tokens.index(operator) + 1 : tokens.index(operator) + 2]
    return following[0].end if following and following[0].is_word("ALL") else operator.end


def _end_of(tokens: list[_Token], index: int, depth: int, end: int) -> int:
    """Where the parenthesis that lies at a depth is closed; the end if none is."""
    return next((t.start for t in tokens[index:] if t.depth <= depth and t.text == ")"), end)


def _tokens(sql: str) -> list[_Token]:
    tokens, depth = [], 0
    for match in _TOKEN.finditer(sql):
        text = match["text"]
        if text is None:
            continue
        if text == ")":
            depth -= 1
        tokens.append(_Token(text, *match.span("text"), depth))
        if text == "(":
            depth += 1
    return tokens
