"""The statements of a text, in the order in which they stand, whatever blocks they stand in."""

from __future__ import annotations

from om_ingest_lineage.scripts.batches import Batches
from om_ingest_lineage.scripts.blocks import Blocks
from om_ingest_lineage.scripts.found import Statements
from om_ingest_lineage.scripts.pieces import pieces_of
from om_ingest_lineage.scripts.reading import Reading, TextError

DEPTH_MAX = 20
"""Most texts inside each other: routines in scripts, and dynamic SQL in these."""


def statements_of(text: str, dialect: str, *, language: str | None = None) -> Statements:
    """The statements of a procedure, of its body, or of a file.

    `dialect` is a name of sqlglot. `language` is what the database calls the language of a body
    (`plpgsql`, `sql`, `javascript` …); None if the text tells it, as a file does.
    """
    depth = 0

    def read(found: Statements, text: str, line: int, is_body: bool) -> None:
        nonlocal depth
        if depth == DEPTH_MAX:
            found.doubt("too deep", f"{DEPTH_MAX} texts inside each other", line)
            return
        depth += 1
        _read(found, text, dialect, line, is_body)
        depth -= 1

    found = Statements(read)
    found.read_code(text, 1, language)
    return found


def _read(found: Statements, text: str, dialect: str, line: int, is_body: bool) -> None:
    walk = Batches if dialect in ("tsql", "fabric") else Blocks
    for piece, start in pieces_of(text, dialect):
        try:
            reading = Reading(piece, dialect, line + start)
            walk(reading, found, is_body=is_body).walk()
        except TextError as error:
            found.doubts.append(error.doubt)
