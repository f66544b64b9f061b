"""Tokens of a text, and what a walk over them needs: words, brackets, the text between two."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from functools import cache

from sqlglot import Dialect, Token, Tokenizer, TokenType
from sqlglot.errors import SqlglotError

from om_ingest_lineage.analysis.results import Doubt

STRINGS = frozenset(
    {
        TokenType.STRING,
        TokenType.NATIONAL_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.RAW_STRING,
        TokenType.UNICODE_STRING,
        TokenType.BYTE_STRING,
    }
)
_NO_WORDS = STRINGS | {TokenType.IDENTIFIER, TokenType.NUMBER}
_NUMBERED = frozenset({"postgres", "redshift", "materialize", "risingwave", "duckdb", "oracle"})
"""Dialects with parameters such as `$1`, and quotes such as `$$`; Oracle has `:1`."""

_NUMBERED_BIND = re.compile(
    r"""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|/\*.*?\*/|(?<![:\w]):([0-9]+)""", re.DOTALL
)
_PARAMETER = re.compile(
    r"""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|/\*.*?\*/|\$([0-9]+)|(\$\w*\$).*?\2""", re.DOTALL
)
_OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


def words_of(text: str) -> frozenset[str]:
    """The words of a text, for tables of words."""
    return frozenset(text.split())


class TextError(Exception):
    """A text that has no tokens, and why."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.reason)
        self.doubt = doubt


@cache
def _tokenizer(dialect: str) -> Tokenizer:
    """A tokenizer that takes no statement for one opaque string, as sqlglot's own do."""
    own = Dialect.get_or_raise(dialect).tokenizer_class
    made: Tokenizer = type("ScriptTokenizer", (own,), {"COMMANDS": set()})(dialect=dialect)
    return made


def _without_parameters(text: str, dialect: str) -> str:
    """Parameters with numbers as texts.

    sqlglot takes what stands between the signs of `($1,$2)` for a quote, and knows no `:1`.
    """
    pattern = _NUMBERED_BIND if dialect == "oracle" else _PARAMETER
    if dialect not in _NUMBERED or ("$" not in text and dialect != "oracle"):
        return text
    return pattern.sub(lambda found: f"'{found[1]}'" if found[1] else found[0], text)


_STEPS_MIN, _STEPS_PER_TOKEN = 500_000, 20
"""How many tokens are looked at in one text, again and again, before it is left alone."""


class Reading:
    """The tokens of a text; raises `TextError` if it has none.

    `line` is the line of the text where it starts in a larger one, from 1.
    """

    def __init__(self, text: str, dialect: str, line: int = 1) -> None:
        self.text = text = _without_parameters(text, dialect)
        self.dialect, self.line = dialect, line
        try:
            self.tokens: Sequence[Token] = _tokenizer(dialect).tokenize(text)
        except SqlglotError as error:
            reason = f"from line {line}: an open quote or comment, or no text of {dialect}"
            raise TextError(Doubt("not parsed", reason)) from error
        self.end = len(self.tokens)
        self._steps_left = _STEPS_MIN + _STEPS_PER_TOKEN * self.end
        self._breaks = [found.start() for found in re.finditer("\n", text)]

    def word(self, at: int) -> str:
        """The word at a token in upper case; empty for strings, numbers, quoted names."""
        if not 0 <= at < self.end or self.tokens[at].token_type in _NO_WORDS:
            return ""
        return self.tokens[at].text.upper()

    def type(self, at: int) -> TokenType | None:
        """The type of a token; None past the end."""
        return self.tokens[at].token_type if 0 <= at < self.end else None

    def is_name(self, at: int) -> bool:
        """Whether a token can be a name: a quoted one, or a word of letters."""
        if not 0 <= at < self.end:
            return False
        if self.tokens[at].token_type is TokenType.IDENTIFIER:
            return True
        word = self.word(at)
        return bool(word) and (word[0].isalpha() or word[0] == "_") and " " not in word

    def cut(self, first: int, end: int) -> str:
        """The text from a token to before another one, comments and all."""
        if first >= min(end, self.end):
            return ""
        return self.text[self.tokens[first].start : self.tokens[min(end, self.end) - 1].end + 1]

    def line_of(self, at: int) -> int:
        """The line of a token."""
        if at >= self.end:
            return self.line + len(self._breaks)
        return self.line + bisect_left(self._breaks, self.tokens[at].start)

    def level(self, first: int, end: int | None = None) -> Iterator[int]:
        """The tokens from one on that stand in no bracket opened since, up to a surplus `)`."""
        depth = 0
        for at in range(first, self.end if end is None else end):
            self._steps_left -= 1
            if self._steps_left < 0:
                raise TextError(Doubt("too long", f"line {self.line}: too many open blocks"))
            kind = self.tokens[at].token_type
            if kind in _CLOSE:
                depth -= 1
                if depth < 0:
                    return
            if depth == 0 and kind not in _CLOSE:
                yield at
            if kind in _OPEN:
                depth += 1

    def past_bracket(self, at: int) -> int:
        """The token after the bracket that opens at one; the token itself if none opens."""
        if self.type(at) not in _OPEN:
            return at
        depth = 0
        for place in range(at, self.end):
            kind = self.tokens[place].token_type
            depth += (kind in _OPEN) - (kind in _CLOSE)
            if depth == 0:
                return place + 1
        return self.end

    def find(self, first: int, words: Container[str], end: int | None = None) -> int:
        """The next of some words outside brackets and CASE expressions; the end if none is."""
        cases = 0
        for at in self.level(first, end):
            word = self.word(at)
            if cases == 0 and word in words:
                return at
            if word == "CASE":
                cases += 1
            elif word == "END" and cases:
                cases -= 1
        return self.end if end is None else end

    def has(self, words: Container[str], first: int, end: int) -> bool:
        """Whether one of some words stands between two tokens, in brackets or not."""
        return any(self.word(at) in words for at in range(first, min(end, self.end)))

    def alone(self, at: int) -> bool:
        """Whether a token stands alone on its line, as `GO` and `/` do."""
        token = self.tokens[at]
        before = self.text.rfind("\n", 0, token.start) + 1
        after = self.text.find("\n", token.end + 1)
        line = self.text[before : after if after >= 0 else len(self.text)]
        return line.strip().upper().split(" ")[0] == token.text.upper()
