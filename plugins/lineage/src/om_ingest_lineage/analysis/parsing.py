"""Statements into trees, within a size, a depth and a time."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from om_ingest_lineage.analysis.mending import mended, with_short_head
from om_ingest_lineage.analysis.rewording import reworded


@dataclass(frozen=True)
class Limits:
    """What one statement may cost."""

    characters: int = 1_000_000
    tokens: int = 100_000
    depth: int = 200
    """Parentheses, brackets and CASE inside each other, or signs before each other."""

    seconds: float = 5.0


class NotAnalysedError(Exception):
    """A statement that is left alone: `what` is the kind of the doubt, `reason` is for people."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(what, reason)
        self.what, self.reason = what, reason


class Deadline:
    """The end of the time of one statement."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise `NotAnalysedError` when the time is over."""
        if time.monotonic() > self._end:
            raise NotAnalysedError("too long", f"took more than {self.seconds:g} s and was stopped")


_NODES_OF_A_TOKEN = 10
"""More than any statement has, also where the parser tries several ways."""

_MAKING = {"CREATE", "REPLACE"}
"""Statements that make views; as commands they are not understood."""

_QUERY = {TokenType.SELECT}
_MADE = {TokenType.TABLE, TokenType.VIEW}
_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_PREFIXES = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}


def parse(sql: str, dialect: Dialect, limits: Limits, deadline: Deadline) -> Sequence[exp.Expr]:
    """The statements of a text; `NotAnalysedError` says why there are none."""
    if len(sql) > limits.characters:
        raise NotAnalysedError(
            "too large", f"{len(sql)} characters, more than the limit of {limits.characters}"
        )
    sql = reworded(sql)
    try:
        tokens = mended(list(dialect.tokenize(sql)), dialect)
        _measure(tokens, limits)
        deadline.check()

        def trees(tokens: list[Token]) -> Sequence[exp.Expr]:
            return _trees(tokens, sql, dialect, limits, deadline)

        try:
            found = trees(tokens)
            if not any(isinstance(tree, exp.Command) and tree.name in _MAKING for tree in found):
                return found
        except SqlglotError:
            if (short := with_short_head(tokens)) is None:
                raise
            return trees(short)
        short = with_short_head(tokens)
        return found if short is None else trees(short)
    except (NotAnalysedError, RecursionError):
        raise
    except SqlglotError as error:
        raise NotAnalysedError("not parsed", _first_line(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever a text does to the parser costs that text
        raise NotAnalysedError(
            "not parsed", f"{type(error).__name__}: {_first_line(error)}"
        ) from None


def _trees(
    tokens: list[Token], sql: str, dialect: Dialect, limits: Limits, deadline: Deadline
) -> Sequence[exp.Expr]:
    timed = _timed(dialect.parser_class)
    parser = (timed or dialect.parser_class)(
        dialect=dialect,
        error_level=ErrorLevel.IMMEDIATE,
        error_message_context=40,
        max_nodes=_NODES_OF_A_TOKEN * limits.tokens,
    )
    if timed is not None:
        parser.deadline = deadline  # type: ignore[union-attr]  # of the class Timed
    return [tree for tree in parser.parse(tokens, sql) if tree is not None]


def _measure(tokens: Sequence[Token], limits: Limits) -> None:
    if len(tokens) > limits.tokens:
        raise NotAnalysedError(
            "too large", f"{len(tokens)} words, more than the limit of {limits.tokens}"
        )
    depth = deepest = same = 0
    before: TokenType | None = None
    for token in tokens:
        kind = token.token_type
        same = same + 1 if kind is before and kind in _PREFIXES else 0
        deepest = max(deepest, same)
        before = kind
        if kind in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif kind in _CLOSING and depth:
            depth -= 1
    if deepest > limits.depth:
        raise NotAnalysedError(
            "too deep", f"{deepest} levels, more than the limit of {limits.depth}"
        )


def _first_line(error: Exception) -> str:
    found = getattr(error, "errors", None)
    if found and found[0].get("description"):
        place = found[0]
        return (
            f"{place['description']}, line {place.get('line')}, "
            f"near {str(place.get('highlight') or '')[:60]!r}"
        )
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


@cache
def _timed(parser: type[Parser]) -> Any:
    """A dialect's parser that stops at a deadline.

    None if the parser is compiled (`sqlglotc`): then it cannot be extended. It is several times
    as fast, and only the number of nodes limits it.
    """
    if not hasattr(parser.__init__, "__code__"):
        return None

    class Timed(parser):  # type: ignore[misc, valid-type]  # made for each dialect's class
        deadline: Deadline
        steps = 0

        def _advance(self, times: int = 1) -> None:
            self.steps += 1
            if not self.steps & 255:
                self.deadline.check()
            super()._advance(times)

        def _parse_as_command(self, start: Token) -> exp.Command:
            words = {token.token_type for token in self._tokens}
            if _MADE.intersection(t.token_type for t in self._tokens[:6]) and _QUERY & words:
                self.raise_error("Unexpected words")
            return super()._parse_as_command(start)  # type: ignore[no-any-return]  # sqlglot has no types here

    return Timed


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what sqlglot tells from the log: the analysis says the same as a doubt."""
    thread = threading.get_ident()

    def is_of_others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    log = logging.getLogger("sqlglot")
    log.addFilter(is_of_others)
    try:
        yield
    finally:
        log.removeFilter(is_of_others)
