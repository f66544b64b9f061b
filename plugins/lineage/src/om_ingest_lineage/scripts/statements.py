"""The statements of a text, in the order in which they stand, whatever blocks they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from om_ingest_lineage.analysis.results import Doubt
from om_ingest_lineage.scripts.pieces import pieces_of
from om_ingest_lineage.scripts.reading import Reading, TextError

PROCEDURAL = frozenset(
    {"plpgsql", "plsql", "pl/sql", "tsql", "t-sql", "transact-sql", "spl", "edbspl", "plpsql"}
)
"""Names of languages that are SQL with blocks; `sql` is SQL, with blocks in most dialects."""


@dataclass(frozen=True)
class Statement:
    """One statement of a text, without the variables that it is read into."""

    sql: str
    line: int
    """The line of the text that it starts at, from 1."""


@dataclass
class Statements:
    """What a text holds."""

    found: list[Statement] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)
    """Names of variables, parameters and records, in lower case and without `@` or `:`."""

    doubts: list[Doubt] = field(default_factory=list)

    def add(self, sql: str, line: int) -> None:
        """Note a statement."""
        self.found.append(Statement(sql, line))

    def doubt(self, what: str, reason: str, line: int) -> None:
        """Note something that could not be told."""
        self.doubts.append(Doubt(what, f"line {line}: {reason}"))

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.found)


def statements_of(text: str, dialect: str, *, language: str | None = None) -> Statements:
    """The statements of a procedure, of its body, or of a file.

    `dialect` is a name of sqlglot. `language` is what the database calls the language of a body
    (`plpgsql`, `sql`, `javascript` …); None if the text tells it, as a file does.
    """
    found = Statements()
    known = (language or "").lower()
    if known and known != "sql" and known not in PROCEDURAL:
        found.doubt("other language", f"{language} code is not read", 1)
        return found
    read_into(found, text, dialect, line=1, is_body=known in PROCEDURAL)
    return found


def read_into(
    found: Statements, text: str, dialect: str, *, line: int, is_body: bool = False
) -> None:
    """Add the statements of a text that starts at a line; `is_body` if it is one of a routine."""
    from om_ingest_lineage.scripts.batches import Batches  # likewise
    from om_ingest_lineage.scripts.blocks import Blocks  # imports this module

    walk = Batches if dialect in ("tsql", "fabric") else Blocks
    for piece, start in pieces_of(text, dialect):
        try:
            reading = Reading(piece, dialect, line + start)
        except TextError as error:
            found.doubts.append(error.doubt)
            continue
        walk(reading, found, is_body=is_body).walk()
