"""Edges between tables of a run, kept in a scratch file until they are yielded."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from om_ingest import EntityReference
from om_ingest.model import (
    AddLineageRequest,
    ColumnLineage,
    EntitiesEdge,
    LineageDetails,
    LineageSource,
    fqn,
)

from om_ingest_lineage.analysis.results import ColumnEdge, Confidence, TableEdge
from om_ingest_lineage.knowledge.tables import Tables

SQL_CHARS = 100_000
"""Longest statement that goes into an edge: a longer one would be repeated in each of its edges."""

_SCHEMA = """
CREATE TABLE theirs (target TEXT, source TEXT, PRIMARY KEY (target, source)) WITHOUT ROWID;
CREATE TABLE drawn (
    target TEXT, source TEXT, drawing TEXT, is_given INTEGER, PRIMARY KEY (target, source)
) WITHOUT ROWID;
"""
_PARTIAL = "Drawn from SQL. Not every column could be told."
_TABLES = "Drawn from SQL. The tables are certain; no column could be told."
NOTES = {Confidence.EXACT: None, Confidence.PARTIAL: _PARTIAL, Confidence.TABLE: _TABLES}
"""What the description of an edge says of its confidence."""

_REPLACED = (None, LineageSource.Manual, LineageSource.ViewLineage)
"""Origins that give way; edges drawn by people are not drawn at all."""


@dataclass(frozen=True)
class Drawing:
    """One edge, with the column FQNs of the store."""

    source: str
    target: str
    origin: LineageSource
    sql: str
    confidence: Confidence
    columns: dict[str, tuple[list[str], str | None]] = field(default_factory=dict)
    """FQN of a column of the target -> FQNs of columns of the source, and the expression."""

    pipeline: tuple[str, str] | None = None
    """Type and FQN of what runs the statement."""

    def with_columns_of(self, other: Drawing) -> Drawing:
        """This edge, with what another statement adds to it."""
        columns = {name: (list(froms), how) for name, (froms, how) in self.columns.items()}
        for name, (froms, how) in other.columns.items():
            known, expression = columns.setdefault(name, ([], how))
            known += [start for start in froms if start not in known]
            columns[name] = known, expression
        confidence = self.confidence
        if confidence is not other.confidence:
            confidence = Confidence.PARTIAL
        return replace(self, columns=columns, confidence=confidence)

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """FQNs of each column of the source and the column of the target that is made of it."""
        return {(start, end) for end, (froms, _) in self.columns.items() for start in froms}

    def request(self, stored: LineageDetails | None = None) -> AddLineageRequest:
        """The record that draws it; `stored` is what the store has of the edge.

        An edge that something else has drawn, such as a pipeline, only gets more columns: it keeps
        its origin, and so is not removed when a view no longer has it.
        """
        ends = (
            EntityReference(type="table", fullyQualifiedName=end)
            for end in (self.source, self.target)
        )
        pipeline = None
        if self.pipeline is not None:
            kind, name = self.pipeline
            pipeline = EntityReference(type=kind, fullyQualifiedName=name)
        details = LineageDetails(
            sqlQuery=self.sql if 0 < len(self.sql) <= SQL_CHARS else None,
            columnsLineage=[
                ColumnLineage(fromColumns=froms, toColumn=target, function=how)
                for target, (froms, how) in self.columns.items()
            ]
            or None,
            source=self.origin,
            description=NOTES[self.confidence],
            pipeline=pipeline,
        )
        if stored is not None and stored.source not in (*_REPLACED, self.origin):
            details.source, details.description = stored.source, None
            details.sqlQuery = None if stored.sqlQuery else details.sqlQuery
            details.pipeline = None if stored.pipeline else details.pipeline
        edge = EntitiesEdge(fromEntity=next(ends), toEntity=next(ends), lineageDetails=details)
        return AddLineageRequest(edge=edge)

    def as_text(self) -> str:
        """All of it but its ends, as JSON."""
        parts = (self.origin, self.sql, self.confidence, self.columns, self.pipeline)
        return json.dumps(parts, ensure_ascii=False)

    @classmethod
    def of_text(cls, source: str, target: str, text: str) -> Drawing:
        """The reverse of `as_text`."""
        origin, sql, confidence, columns, pipeline = json.loads(text)
        told = {name: (froms, how) for name, (froms, how) in columns.items()}
        return cls(
            source,
            target,
            LineageSource(origin),
            sql,
            Confidence(confidence),
            told,
            tuple(pipeline) if pipeline else None,
        )


def drawing_of(
    edge: TableEdge,
    tables: Tables,
    *,
    origin: LineageSource,
    sql: str,
    pipeline: tuple[str, str] | None = None,
) -> Drawing:
    """The edge with FQNs of columns. What the store does not have as a column is left out."""
    starts, ends = _columns(edge.source, tables), _columns(edge.target, tables)
    columns: dict[str, tuple[list[str], str | None]] = {}
    is_whole = True
    for item in edge.columns:
        target = ends.get(item.target)
        froms = list(dict.fromkeys(starts[name] for name in item.sources if name in starts))
        is_whole = is_whole and _is_whole(item, starts, target)
        if target is not None and froms:
            known, _ = columns.setdefault(target, ([], item.function))
            known += [start for start in froms if start not in known]
    confidence = edge.confidence
    if not columns:
        confidence = Confidence.TABLE if edge.columns else confidence
    elif not is_whole:
        confidence = Confidence.PARTIAL
    return Drawing(edge.source, edge.target, origin, sql, confidence, columns, pipeline)


def _is_whole(item: ColumnEdge, starts: dict[str, str], target: str | None) -> bool:
    return target is not None and all(name in starts for name in item.sources)


def _columns(table_fqn: str, tables: Tables) -> dict[str, str]:
    """The FQNs of a table's columns by what SQL calls them."""
    found = tables.table(table_fqn)
    if found is None:
        return {}
    pairs = zip(found.spoken, found.columns, strict=True)
    return {spoken: fqn.child(found.fqn, name) for spoken, name in pairs}


class Edges:
    """Which edges there are: those of the source, and those that were drawn."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_SCHEMA)

    def note_theirs(self, source: str, target: str) -> None:
        """Note an edge that the source of the run has yielded: it wins."""
        self._connection.execute("INSERT OR IGNORE INTO theirs VALUES (?, ?)", (target, source))

    def is_theirs(self, target: str, source: str | None = None) -> bool:
        """Whether the source has drawn this edge, or without `source`, any to a target."""
        sql = "SELECT 1 FROM theirs WHERE target = ?"
        if source is None:
            return bool(self._connection.execute(f"{sql} LIMIT 1", (target,)).fetchone())
        row = self._connection.execute(f"{sql} AND source = ?", (target, source)).fetchone()
        return bool(row)

    def add(self, drawing: Drawing) -> None:
        """Keep an edge; what several statements say of two tables becomes one edge.

        The first statement is the one that it shows. An edge that was given away already stays.
        """
        ends = drawing.target, drawing.source
        row = self._connection.execute(
            "SELECT drawing, is_given FROM drawn WHERE target = ? AND source = ?", ends
        ).fetchone()
        if row is not None:
            text, is_given = row
            if is_given:
                return
            before = Drawing.of_text(drawing.source, drawing.target, text)
            drawing = before.with_columns_of(drawing)
        self._connection.execute(
            "INSERT OR REPLACE INTO drawn VALUES (?, ?, ?, 0)", (*ends, drawing.as_text())
        )

    def targets(self) -> Iterator[str]:
        """The tables that edges wait for, lazily."""
        last = ""
        sql = "SELECT target FROM drawn WHERE NOT is_given AND target > ? ORDER BY target LIMIT 1"
        while row := self._connection.execute(sql, (last,)).fetchone():
            last = row[0]
            yield last

    def take(self, target: str) -> list[Drawing]:
        """The edges to a table that wait; from now on they are given away."""
        sql = "SELECT source, drawing FROM drawn WHERE target = ? AND NOT is_given"
        rows = self._connection.execute(sql, (target,)).fetchall()
        self._connection.execute("UPDATE drawn SET is_given = 1 WHERE target = ?", (target,))
        return [Drawing.of_text(source, target, text) for source, text in rows]
