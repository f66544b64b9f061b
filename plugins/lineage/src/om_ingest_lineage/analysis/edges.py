"""Collects what a statement writes into edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError

from om_ingest_lineage.analysis.relations import Cell, Origin
from om_ingest_lineage.analysis.results import ColumnEdge, Confidence, TableEdge

_LONGEST_FUNCTION = 2_000
"""Characters of an expression that an edge keeps."""


@dataclass
class _Made:
    """One column of a target, of one source."""

    columns: dict[str, None] = field(default_factory=dict)
    function: exp.Expr | None = None


class Edges:
    """The edges of one statement."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._made: dict[tuple[str, str], dict[str, _Made]] = {}
        self._untold: set[tuple[str, str]] = set()
        self._texts: dict[int, str | None] = {}
        self.writes: dict[str, None] = {}
        self.reads: dict[str, None] = {}

    def write(self, target: str) -> None:
        """Note a table that is written."""
        self.writes[target] = None

    def read(self, sources: Iterable[str]) -> None:
        """Note tables that are read."""
        self.reads.update(dict.fromkeys(sources))

    def tables(self, target: str, sources: Iterable[str]) -> None:
        """Note the tables that a target is made of; no table is a source of itself."""
        self.write(target)
        for source in sources:
            if source != target:
                self._made.setdefault((source, target), {})

    def column(self, target: str, name: str, origin: Origin) -> None:
        """Note what one column of a target is made of."""
        for (fqn, column), through in origin.cells.items():
            columns = self._made.get((fqn, target))
            if columns is None:
                continue
            made = columns.setdefault(name, _Made())
            made.columns[column] = None
            made.function = made.function or through
        self.untold(target, origin.untold)

    def untold(self, target: str, sources: Iterable[str]) -> None:
        """Note sources of which some column could not be told."""
        self._untold.update((source, target) for source in sources)

    def lost(self, target: str, cells: Iterable[Cell]) -> None:
        """Note columns of sources for which the target's column is not known."""
        self.untold(target, {fqn for fqn, _ in cells})

    def found(self) -> list[TableEdge]:
        """All edges, in the order in which the sources were met."""
        edges = []
        for (source, target), columns in self._made.items():
            found = [
                ColumnEdge(tuple(made.columns), name, self._text(made.function))
                for name, made in columns.items()
            ]
            confidence = Confidence.EXACT
            if (source, target) in self._untold:
                confidence = Confidence.PARTIAL if found else Confidence.TABLE
            edges.append(TableEdge(source, target, tuple(found), confidence))
        return edges

    def _text(self, expression: exp.Expr | None) -> str | None:
        if expression is None:
            return None
        if id(expression) not in self._texts:
            try:
                text = self._dialect.generate(
                    expression, copy=False, comments=False, unsupported_level=ErrorLevel.IGNORE
                )
            except (SqlglotError, ValueError, TypeError, AttributeError):
                text = type(expression).__name__.upper()
            if len(text) > _LONGEST_FUNCTION:
                text = text[: _LONGEST_FUNCTION - 1] + "…"
            self._texts[id(expression)] = text
        return self._texts[id(expression)]
