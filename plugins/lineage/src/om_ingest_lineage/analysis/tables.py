"""The tables that one statement names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.names import KnownTable, NamePart, Names, Unresolved
from om_ingest_lineage.analysis.relations import Column, Open, Origin, Rows

_MOST_PARTS = 3
"""Database, schema and table."""


class NamesError(Exception):
    """What `names` raised: it is no fault of the statement."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class Tables:
    """Asks `names` once for each name, and keeps what was asked."""

    def __init__(self, letters: Letters, names: Names) -> None:
        self.letters = letters
        self._names = names
        self.found: dict[tuple[NamePart, ...], KnownTable | Unresolved] = {}

    def parts(self, table: exp.Table) -> tuple[NamePart, ...]:
        """A table's name in the statement, the most significant part first."""
        found = []
        for part in table.parts:
            text = part.name
            if isinstance(part, exp.Parameter):
                text = f"@{text}"
            elif part.args.get("temporary"):
                text = f"#{text}"
            elif part.args.get("global_") or part.args.get("global"):
                text = f"##{text}"
            found.append(NamePart(text, bool(part.args.get("quoted"))))
        if table.args.get("catalog") and not table.args.get("db"):  # database..table
            found.insert(1, NamePart(self.letters.default_schema))
        return tuple(found)

    def resolve(self, parts: Sequence[NamePart]) -> KnownTable | Unresolved:
        """What a name means."""
        name = tuple(parts)
        if name not in self.found:
            found: KnownTable | Unresolved = Unresolved.UNKNOWN
            if 1 <= len(name) <= _MOST_PARTS:
                try:
                    found = self._names.resolve(name)
                except Exception as error:
                    raise NamesError(error) from error
            self.found[name] = found
        return self.found[name]

    def doubt(self, parts: Sequence[NamePart], why: Unresolved, columns: Columns) -> None:
        """Note that a name is no known table."""
        shown = ".".join(part.text for part in parts)
        if why is Unresolved.AMBIGUOUS:
            columns.doubt("ambiguous name", f"{shown} may be one of several tables")
        else:
            columns.doubt("unknown name", f"{shown} is no table that is known")

    def rows(self, table: KnownTable) -> Rows:
        """All columns of a table."""
        keys = self.letters.stored_keys(table.columns)
        columns = [
            Column(key, name, Origin({(table.fqn, name): None}))
            for key, name in zip(keys, table.columns, strict=True)
        ]
        return Rows(columns, [] if columns else [Open(0, table.fqn)], {table.fqn: None})
