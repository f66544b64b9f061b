"""PIVOT and UNPIVOT: rows into columns, and back."""

from __future__ import annotations

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
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


def pivoted(pivot: exp.Pivot, rows: Rows, columns: Columns, scope: Scope) -> Rows:
    """What a PIVOT or UNPIVOT makes of rows.

    A column of a PIVOT is made of what is aggregated. The column that chooses among them is
    like a condition in WHERE: nothing is made of it.
    """
    inner = Scope(scope, scope.ctes, relations=[Relation("", rows)])
    if pivot.args.get("unpivot"):
        return _unpivoted(pivot, rows, columns, inner)
    aggregates = pivot.expressions
    used = {columns.key(c.this) for each in aggregates for c in each.find_all(exp.Column)}
    for each in pivot.args.get("fields") or ():
        used.update(columns.key(c.this) for c in each.this.find_all(exp.Column))
    if len(rows.opens) == 1 and not rows.columns and rows.opens[0].origin is None:
        kept = Rows([], rows.opens, rows.tables)
    else:
        kept = Rows([c for c in rows.columns if c.key not in used], list(rows.opens), rows.tables)
    group = pivot.args.get("group")
    if group is not None:
        wanted = {columns.key(c.this) for c in group.find_all(exp.Column)}
        kept.columns = [c for c in kept.columns if c.key in wanted]
    made = [columns.origin(each, inner) for each in aggregates]
    names = pivot.args.get("columns") or ()
    if not names:  # the values that become columns are found when the query runs
        return Rows(kept.columns, [Open(len(kept.columns), origin=merged(made))], rows.tables)
    given = [
        Column(columns.key(name), columns.letters.shown(name), made[at % len(made)])
        for at, name in enumerate(names)
        if isinstance(name, exp.Identifier) and made
    ]
    return Rows([*kept.columns, *given], kept.opens, rows.tables)


def _unpivoted(pivot: exp.Pivot, rows: Rows, columns: Columns, inner: Scope) -> Rows:
    gone: set[str] = set()
    values: list[Origin] = []
    names: list[exp.Expr] = []
    for each in pivot.args.get("fields") or ():
        names.append(each.this)
        for part in each.expressions:
            found = list(part.find_all(exp.Column))
            gone.update(columns.key(c.this) for c in found)
            values += [columns.column(c, inner) for c in found]
    origin = merged(values) if values else NOWHERE
    given = []
    for name, of in [*((n, NOWHERE) for n in names), *((v, origin) for v in pivot.expressions)]:
        identifier = name.this if isinstance(name, exp.Column) else name
        if isinstance(identifier, exp.Identifier):
            shown = columns.letters.shown(identifier)
            given.append(Column(columns.key(identifier), shown, of))
    kept = [c for c in rows.columns if c.key not in gone]
    return Rows([*kept, *given], rows.opens, rows.tables)
