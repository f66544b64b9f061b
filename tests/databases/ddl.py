"""Takes statements apart that make tables: as much of SQL as tools print that dump a schema."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
    (?P<quoted> "(?:[^"]|"")*" | `(?:[^`]|``)*` )
    | '(?:[^']|'')*'
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | [][(),;.] | \s+ | [^][\s"`'$(),;.]+ | \$
    """,
    re.DOTALL | re.VERBOSE,
)


class Words:
    """A statement that makes something, read from its beginning."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self, expected: str) -> None:
        """Pass this text, which has to be next."""
        assert self.text.startswith(expected, self.at), (expected, self.text[self.at :])
        self.at += len(expected)

    def name(self) -> str:
        """The name that is next, without its quotes."""
        token = _TOKEN.match(self.text, self.at)
        assert token is not None, self.text
        end = token.end()
        while not token["quoted"] and end < len(self.text) and self.text[end] == "$":
            end += 1
        text, self.at = self.text[self.at : end], end
        return text[1:-1].replace(text[0] * 2, text[0]) if token["quoted"] else text

    def place(self) -> tuple[str, str]:
        """The schema and the name that are next."""
        schema = self.name()
        self.skip(".")
        return schema, self.name()

    def until(self, *ends: str) -> str:
        """The text before the first of these, outside of parentheses and quotes."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            if depth == 0 and self.text.startswith(ends, self.at):
                break
            token = _TOKEN.match(self.text, self.at)
            assert token is not None, self.text[self.at :]
            depth += (token[0] in "([") - (token[0] in ")]")
            self.at = token.end()
            if token[0].isspace() and len(token[0]) > 1:
                self.at = token.start() + 1
        return self.text[start : self.at]

    def list(self) -> list[str]:
        """The elements of a list in parentheses."""
        self.skip("(")
        found = []
        while True:
            found.append(self.until(",", ")").strip())
            self.at += 1
            if self.text[self.at - 1] == ")":
                return [text for text in found if text]

    def rest(self) -> str:
        """What has not been read, without the end of the statement."""
        text, self.at = self.text[self.at :], len(self.text)
        return text.removesuffix(";")
