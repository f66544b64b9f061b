"""PIVOT and UNPIVOT: rows into columns, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
from om_ingest_lineage.analysis.projections import Projections
from om_ingest_lineage.analysis.relations import (
    NOWHERE,
    Column,
    Open,
    Origin,
    Relation,
    Rows,
    Scope,
    merged,
)


class Pivots:
    """Turns rows.

    A column of a PIVOT is made of what is aggregated. The column that chooses among them is like
    a condition in WHERE: nothing is made of it.
    """

    def __init__(self, columns: Columns, projections: Projections) -> None:
        self._columns = columns
        self._projections = projections

    def turned(self, pivot: exp.Expr, rows: Rows, alias: str, scope: Scope) -> Rows:
        """What a PIVOT or UNPIVOT makes of rows that are called `alias` inside it."""
        inner = Scope(scope, scope.ctes, relations=[Relation(alias, rows)])
        fields: Sequence[exp.Expr] = pivot.args.get("fields") or ()
        if pivot.args.get("unpivot"):
            into = pivot.args.get("into")
            if into is not None:  # DuckDB's short form
                turned = self._chosen(pivot.expressions, inner)
                return self._unpivoted([into.this], into.expressions, turned, rows)
            turned = self._chosen((part for each in fields for part in each.expressions), inner)
            names = [each.this for each in fields]
            return self._unpivoted(names, pivot.expressions, turned, rows)
        using = pivot.args.get("using")
        choosing = pivot.expressions if using else [each.this for each in fields]
        aggregates: Sequence[exp.Expr] = using or pivot.expressions
        return self._pivoted(pivot, aggregates, choosing, rows, inner)

    def _pivoted(
        self,
        pivot: exp.Expr,
        aggregates: Sequence[exp.Expr],
        choosing: Sequence[exp.Expr],
        rows: Rows,
        inner: Scope,
    ) -> Rows:
        used = self._keys([*aggregates, *choosing])
        kept = [column for column in rows.columns if column.key not in used]
        group = pivot.args.get("group")
        if group is not None:
            wanted = self._keys([group])
            kept = [column for column in rows.columns if column.key in wanted]
        made = [self._columns.origin(each, inner) for each in aggregates]
        names = pivot.args.get("columns") or ()
        opens = [Open(min(part.position, len(kept)), part.fqn, part.origin) for part in rows.opens]
        if not names:  # the values that become columns are found when the query runs
            if made:
                opens.append(Open(len(kept), origin=merged(made)))
            return Rows(kept, opens, rows.tables)
        given = [
            Column(self._columns.key(name), self._columns.letters.shown(name), made[at % len(made)])
            for at, name in enumerate(names)
            if isinstance(name, exp.Identifier) and made
        ]
        return Rows([*kept, *given], opens, rows.tables)

    def _chosen(self, parts: Iterable[exp.Expr], inner: Scope) -> list[Column]:
        """The columns that an UNPIVOT turns."""
        found: list[Column] = []
        for part in parts:
            if part.find(exp.Columns) is not None or part.find(exp.Star) is not None:
                found += self._projections.rows([part], inner).columns
            else:
                for each in part.find_all(exp.Column):
                    origin = self._columns.column(each, inner)
                    found.append(Column(self._columns.key(each.this), each.name, origin))
        return found

    def _unpivoted(
        self,
        names: Sequence[exp.Expr],
        values: Sequence[exp.Expr],
        turned: Sequence[Column],
        rows: Rows,
    ) -> Rows:
        gone = {column.key for column in turned}
        origin = merged([column.origin for column in turned]) if turned else NOWHERE
        given: list[Column] = []
        parts: list[tuple[exp.Expr, Origin]] = [(name, NOWHERE) for name in names]
        for part, of in [*parts, *((value, origin) for value in values)]:
            for each in part.expressions if isinstance(part, exp.Tuple) else [part]:
                identifier = each.this if isinstance(each, exp.Column) else each
                if isinstance(identifier, exp.Identifier):
                    shown = self._columns.letters.shown(identifier)
                    given.append(Column(self._columns.key(identifier), shown, of))
        kept = [column for column in rows.columns if column.key not in gone]
        opens = [Open(min(part.position, len(kept)), part.fqn, part.origin) for part in rows.opens]
        return Rows([*kept, *given], opens, rows.tables)

    def _keys(self, parts: Iterable[exp.Expr]) -> set[str]:
        return {self._columns.key(c.this) for part in parts for c in part.find_all(exp.Column)}
