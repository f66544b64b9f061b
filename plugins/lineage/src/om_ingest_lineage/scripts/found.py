"""What is found in a text: its statements, the names of its variables, and what is not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from om_ingest_lineage.analysis.names import NamePart
from om_ingest_lineage.analysis.results import Doubt

_PROCEDURAL = frozenset(
    {"plpgsql", "plsql", "pl/sql", "tsql", "t-sql", "transact-sql", "spl", "edbspl"}
)

_GIVEN = ("sqlerrm", "sqlstate", "sqlcode", "found", "new", "old", "tg_op", "tg_table_name")
"""Variables that nobody declares: of errors, and in triggers."""


@dataclass(frozen=True)
class Statement:
    """One statement of a text, without the variables that it is read into."""

    sql: str
    line: int
    """The line of the text that it starts at, from 1."""

    record: str = ""
    """The record, in lower case, that holds its rows one after the other, in a loop."""


@dataclass
class Statements:
    """What a text holds."""

    reader: Callable[[Statements, str, int, bool], None] = field(repr=False)
    """Adds the statements of a text that starts at a line; the last argument tells whether the
    text is the body of a routine."""

    found: list[Statement] = field(default_factory=list)
    variables: set[str] = field(default_factory=lambda: set(_GIVEN))
    """Names of variables, parameters and records, in lower case and without `@` or `:`."""

    cursors: dict[str, Statement] = field(default_factory=dict)
    """The queries of cursors by name, in lower case."""

    stands_for: dict[str, Sequence[NamePart]] = field(default_factory=dict)
    """Tables by the names that a trigger has for them, in lower case: `inserted`, `deleted`."""

    doubts: list[Doubt] = field(default_factory=list)
    _texts: dict[str, str | None] = field(default_factory=dict)

    def add(self, sql: str, line: int, *, record: str = "") -> None:
        """Note a statement."""
        self.found.append(Statement(sql, line, record))

    def assign(self, variable: str, text: str | None) -> None:
        """Note what a variable holds from here on; None if its text is not written there.

        A variable that was assigned twice before it was executed holds one text or the other.
        """
        self._texts[variable] = None if variable in self._texts else text

    def executed(self, variable: str) -> str | None:
        """The text that a variable holds where it is executed; None if that is not known."""
        return self._texts.pop(variable, None)

    def doubt(self, what: str, reason: str, line: int) -> None:
        """Note something that could not be told."""
        self.doubts.append(Doubt(what, f"line {line}: {reason}"))

    def read(self, text: str, line: int, *, is_body: bool = False) -> None:
        """Add the statements of a text inside this one, which starts at a line."""
        self.reader(self, text, line, is_body)

    def read_code(self, text: str, line: int, language: str | None) -> None:
        """Add the statements of a body, if its language is one of SQL; None is SQL itself."""
        known = (language or "sql").lower()
        if known == "sql" or known in _PROCEDURAL:
            self.read(text, line, is_body=known in _PROCEDURAL)
        else:
            self.doubt("other language", f"{language} code is not read", line)
