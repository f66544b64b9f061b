"""Dynamic SQL whose text is written in the routine after all."""

from __future__ import annotations

import re

from sqlglot import TokenType

from om_ingest_lineage.scripts.reading import STRINGS, Reading

_FIELD = re.compile(r"%(?:(\d+)\$)?-?\d*([sILtTdifeg%])")
_ENDS = frozenset({"INTO", "USING", "BULK"})


def constant_text(reading: Reading, first: int, end: int) -> str | None:
    """The text of dynamic SQL between two tokens; None if it is not all written there.

    Takes texts that are joined by `||` or `+`, and PostgreSQL's `format` of such texts.
    """
    end = reading.find(first, _ENDS, end)
    while reading.type(first) is TokenType.L_PAREN and reading.past_bracket(first) == end:
        first, end = first + 1, end - 1
    if reading.word(first) == "FORMAT" and reading.past_bracket(first + 1) == end:
        return _formatted(reading, first + 2, end - 1)
    return _joined(reading, first, end)


def _joined(reading: Reading, first: int, end: int) -> str | None:
    if (end - first) % 2 == 0:
        return None
    parts = []
    for at in range(first, end):
        if (at - first) % 2 == 0:
            if reading.type(at) not in STRINGS:
                return None
            parts.append(reading.tokens[at].text)
        elif reading.type(at) not in (TokenType.DPIPE, TokenType.PLUS):
            return None
    return "".join(parts)


def _formatted(reading: Reading, first: int, end: int) -> str | None:
    """`format(text, …)`, if the fields that stand for names or SQL are filled with constants."""
    arguments: list[str | None] = []
    start = first
    for at in [n for n in reading.level(first, end) if reading.type(n) is TokenType.COMMA] + [end]:
        arguments.append(_joined(reading, start, at))
        start = at + 1
    pattern = arguments[0]
    if pattern is None:
        return None
    parts, past, following = [], 0, 1
    for match in _FIELD.finditer(pattern):
        parts.append(pattern[past : match.start()])
        past = match.end()
        if match[2] == "%":
            parts.append("%")
            continue
        position = int(match[1]) if match[1] else following
        following = position + 1
        value = arguments[position] if position < len(arguments) else None
        if match[2] in "difeg":  # BigQuery has numbers, too
            parts.append("0")
        elif match[2] in "LT":  # a value, whatever it is: no name
            parts.append("NULL" if value is None else "'" + value.replace("'", "''") + "'")
        elif value is None:
            return None
        else:
            parts.append(value if match[2] in "st" else '"' + value.replace('"', '""') + '"')
    return "".join([*parts, pattern[past:]])
