"""Pieces of a file as its client sends them: what only clients understand is cut away."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MYSQL = frozenset({"mysql", "singlestore", "doris", "starrocks"})
_DELIMITER = re.compile(r"[ \t]*delimiter[ \t]+(\S+)[ \t]*\r?\n?", re.IGNORECASE)
_HAS_DELIMITER = re.compile(r"^[ \t]*delimiter[ \t]", re.IGNORECASE | re.MULTILINE)
_COPY = re.compile(r"copy\s.*\sfrom\s+stdin\b[^;]*;\s*$", re.IGNORECASE)
_OPENING = re.compile(r"""'|"|`|--[ \t\n]|#|/\*""")
_CLOSING = {
    "'": re.compile(r"(?:[^'\\]|\\.|'')*'", re.DOTALL),
    '"': re.compile(r'(?:[^"\\]|\\.|"")*"', re.DOTALL),
    "`": re.compile(r"[^`]*`"),
    "/*": re.compile(r".*?\*/", re.DOTALL),
}
_LINE_END = re.compile(r"[^\n]*")


def pieces_of(text: str, dialect: str) -> Iterator[tuple[str, int]]:
    """Pieces of a text, and how many lines stand before each.

    Splits at the delimiters of MySQL's client. Blanks what psql alone reads: its commands, and
    the data of `COPY … FROM stdin`. What another client reads is left as it is.
    """
    if dialect in _MYSQL and re.search(
        r"^[ \t]*delimiter[ \t]", text, re.IGNORECASE | re.MULTILINE
    ):
        yield from _delimited(text)
    elif dialect == "postgres" and re.search(r"^\\", text, re.MULTILINE):
        yield _without_psql(text), 0
    else:
        yield text, 0


def _without_psql(text: str) -> str:
    lines, is_data = [], False
    for line in text.split("\n"):
        if is_data or line.startswith("\\"):
            is_data = is_data and not line.startswith("\\.")
            lines.append("")
        else:
            is_data = _COPY.match(line) is not None
            lines.append(line)
    return "\n".join(lines)


def _delimited(text: str) -> Iterator[tuple[str, int]]:
    delimiter, start, at = ";", 0, 0
    while at < len(text):
        command = _DELIMITER.match(text, at) if at == 0 or text[at - 1] == "\n" else None
        if command is not None:
            yield text[start:at], text.count("\n", 0, start)
            delimiter, start, at = command[1], command.end(), command.end()
        elif delimiter != ";" and text.startswith(delimiter, at):
            yield text[start:at], text.count("\n", 0, start)
            start = at = at + len(delimiter)
        elif (opening := _OPENING.match(text, at)) is not None:
            closing = _CLOSING.get(opening[0], _LINE_END).match(text, opening.end())
            at = closing.end() if closing is not None else len(text)
        else:
            at += 1
    yield text[start:], text.count("\n", 0, start)
