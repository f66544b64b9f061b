"""Explains the statements of a text to people: what each makes of what."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from om_ingest import MetadataStore, WorkflowError
from om_ingest.model import DatabaseService, fqn
from om_ingest.terminal import Node

from om_ingest_lineage.analysis import Limits, analyse
from om_ingest_lineage.analysis.names import KnownTable, NamePart, Names, Unresolved
from om_ingest_lineage.analysis.results import Analysis, Doubt, TableEdge
from om_ingest_lineage.config import known_dialect
from om_ingest_lineage.knowledge.dialects import Dialect, dialect_of
from om_ingest_lineage.knowledge.resolving import Resolver, Standpoint
from om_ingest_lineage.knowledge.stored import Stored
from om_ingest_lineage.knowledge.tables import Tables
from om_ingest_lineage.scripts.changes import Change, Deed, altered, changes_of
from om_ingest_lineage.scripts.statements import statements_of

_TITLE_CHARS = 60
_LINE = re.compile(r"(?:from )?line (\d+):")


def checked(dialect: str) -> str:
    """What sqlglot calls a dialect; raises `WorkflowError` if there is none."""
    try:
        return known_dialect(dialect)
    except ValueError as error:
        raise WorkflowError(f"There is {error}", "Choose one of these.") from None


@dataclass
class Explained:
    """One statement."""

    line: int
    """Where it begins."""

    sql: str
    edges: Sequence[TableEdge] = ()
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        """Whether there is something to show of it."""
        return bool(self.edges or self.doubts)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "line": self.line,
            "sql": self.sql,
            "edges": [
                {
                    "from": edge.source,
                    "to": edge.target,
                    "confidence": edge.confidence.value,
                    "columns": [
                        {
                            "from": list(column.sources),
                            "to": column.target,
                            "function": column.function,
                        }
                        for column in edge.columns
                    ],
                }
                for edge in self.edges
            ],
            "doubts": [{"what": doubt.what, "reason": doubt.reason} for doubt in self.doubts],
        }

    def node(self) -> Node:
        """As a tree."""
        title = " ".join(self.sql.split())
        if len(title) > _TITLE_CHARS:
            title = title[: _TITLE_CHARS - 1] + "…"
        return Node(f"line {self.line}", self._nodes(), title)

    def _nodes(self) -> Iterator[Node]:
        for target in dict.fromkeys(edge.target for edge in self.edges):
            yield Node(target, [_upstream(edge) for edge in self.edges if edge.target == target])
        for doubt in self.doubts:
            yield Node(f"{doubt.what}: {doubt.reason}")


def _upstream(edge: TableEdge) -> Node:
    columns = (
        Node(f"{', '.join(column.sources)} → {column.target}", note=column.function or "")
        for column in edge.columns
    )
    return Node(f"← {edge.source}", columns, edge.confidence.value)


class Explainer:
    """Explains statements with the tables of a catalog, or with whatever they name."""

    def __init__(
        self,
        dialect: Dialect | None,
        catalog: Path | None,
        service: str | None,
        database: str,
        path: tuple[str, ...],
    ) -> None:
        """`service` and `database` are of the catalog, `path` are schemas.

        Raises `WorkflowError` if the catalog cannot be used, or does not tell the dialect.
        """
        self._open = ExitStack()
        with ExitStack() as unless_ready:
            unless_ready.callback(self._open.close)
            resolver: Resolver | None = None
            if catalog is not None:
                store = self._open.enter_context(_catalog(catalog))
                found = _service(store, service)
                dialect = dialect or dialect_of(found.serviceType.value)
                if dialect is None:
                    raise WorkflowError(
                        f"A {found.serviceType.value} service does not tell its dialect",
                        "Add --dialect, e.g. --dialect postgres.",
                    )
                scratch = closing(sqlite3.connect("", isolation_level=None))
                tables = Tables(self._open.enter_context(scratch))
                at = Standpoint(found.name, dialect, database, path=path)
                resolver = Resolver(tables, at, Stored(tables, lambda: store))
            assert dialect is not None, "given where there is no catalog"
            self._dialect = dialect
            self._names = _NamesOfText(dialect, resolver, path)
            unless_ready.pop_all()

    def statements(self, text: str) -> list[Explained]:
        """Each statement of a text; what could not be told of the text as a whole comes last.

        Raises `WorkflowError` for a text that is too large.
        """
        limit = Limits().characters
        if len(text) > limit:
            raise WorkflowError(
                f"The SQL has {len(text)} characters, more than the limit of {limit}", "Split it."
            )
        found = statements_of(text, self._dialect.name)
        explained = [
            self._explained(statement.sql, statement.line, dict.fromkeys(found.variables))
            for statement in found.found
        ]
        for doubt in found.doubts:
            told = _LINE.match(doubt.reason)
            line = int(told[1]) if told else 1
            explained.append(Explained(line, "", doubts=[doubt]))
        return explained

    def _explained(
        self, sql: str, line: int, variables: Mapping[str, KnownTable | None]
    ) -> Explained:
        dialect = self._dialect.name
        analysis: Analysis = analyse(sql, dialect, self._names, variables=variables)
        for change in changes_of(sql, dialect):
            if change.deed is Deed.MAKES:  # temporary ones, too
                columns = analysis.columns or change.columns
                made = self._names.declare(change.name, columns)
                analysis = analyse(sql, dialect, self._names, made, variables=variables)
            else:
                self._names.change(change)
        return Explained(line, sql, analysis.edges, list(analysis.doubts))

    def close(self) -> None:
        """Close the catalog, and what was noted of it."""
        self._open.close()

    def __enter__(self) -> Explainer:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class _NamesOfText:
    """Tables that a text creates; then those of the catalog, or any name without one."""

    def __init__(self, dialect: Dialect, catalog: Names | None, path: tuple[str, ...]) -> None:
        self._case = dialect.case
        in_path = (NamePart(schema, quoted=True) for schema in (*path, *dialect.schemas))
        self._path = {self._case.compared(part) for part in in_path}
        """Schemas in which a table lies that the text declares without one."""
        self._catalog = catalog
        self._declared: dict[tuple[str, ...], KnownTable] = {}

    def declare(self, parts: Sequence[NamePart], columns: Sequence[str]) -> KnownTable:
        """The table that a statement creates, known from now on; its FQN is its name."""
        names = [self._case.wanted(part) for part in parts]
        made = self._declared[self._key(parts)] = KnownTable(fqn.join(*names), tuple(columns))
        return made

    def change(self, change: Change) -> None:
        """Rename a declared table, or change its columns."""
        known = self._declared.get(self._key(change.name))
        if known is None:
            return
        if change.deed is Deed.ALTERS and known.columns:
            self.declare(change.name, altered(known.columns, change))
        elif change.deed is Deed.RENAMES:
            to = change.to if len(change.to) > 1 else (*change.name[:-1], *change.to)
            del self._declared[self._key(change.name)]
            self.declare(to, known.columns)

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """The table that a name means."""
        key = self._key(parts)
        alike = {
            table.fqn: table
            for declared, table in self._declared.items()
            if all(a == b for a, b in zip(reversed(key), reversed(declared), strict=False))
            and (len(declared) > 1 or len(key) == 1 or key[-2] in self._path)
        }
        if len(alike) == 1:
            return next(iter(alike.values()))
        if alike:
            return self._declared.get(key, Unresolved.AMBIGUOUS)
        if self._catalog is not None:
            return self._catalog.resolve(parts)
        return KnownTable(fqn.join(*(self._case.wanted(part) for part in parts if part.text)), ())

    def _key(self, parts: Sequence[NamePart]) -> tuple[str, ...]:
        return tuple(self._case.compared(part) for part in parts)


def _catalog(path: Path) -> MetadataStore:
    try:
        from om_ingest_catalog import Catalog  # need not be installed
    except ModuleNotFoundError:
        raise WorkflowError(
            "--catalog needs the embedded catalog, which is not installed",
            'pip install "om-ingest-lineage[catalog]"',
        ) from None
    return Catalog(path, read_only=True)


def _service(store: MetadataStore, name: str | None) -> DatabaseService:
    if name is not None:
        named = store.get_by_name(DatabaseService, fqn.join(name))
        if named is not None:
            return named
    found = list(store.list_entities(DatabaseService))
    if name is None and len(found) == 1:
        return found[0]
    names = ", ".join(service.name for service in found) or "none"
    what = f"There is no database service {name!r} in the catalog"
    if name is None:
        what = "It has to be said which service the SQL speaks to"
    raise WorkflowError(what, f"Add --service; database services of the catalog: {names}.")
