"""What stands after FROM: tables, queries, functions, and how they are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.names import KnownTable
from om_ingest_lineage.analysis.pivots import Pivots
from om_ingest_lineage.analysis.projections import Projections
from om_ingest_lineage.analysis.relations import (
    NOWHERE,
    Column,
    CommonTable,
    Open,
    Origin,
    Relation,
    Rows,
    Scope,
    as_column,
    merged,
)
from om_ingest_lineage.analysis.tables import Tables


class Reader(Protocol):
    """Reads the queries inside a FROM."""

    def query(self, node: exp.Expr, scope: Scope) -> Rows:
        """The rows of a query, seen from a scope around it."""

    def common_rows(self, table: CommonTable) -> Rows:
        """The rows of a table of WITH."""


class Sources:
    """Puts the parts of a FROM into a scope."""

    def __init__(
        self,
        letters: Letters,
        columns: Columns,
        projections: Projections,
        tables: Tables,
        reader: Reader,
    ) -> None:
        self._letters = letters
        self._columns = columns
        self._projections = projections
        self._tables = tables
        self._reader = reader
        self._pivots = Pivots(columns, projections)

    def add_all(self, node: exp.Expr, scope: Scope) -> None:
        """FROM, JOIN and LATERAL VIEW of a statement."""
        start = node.args.get("from_") or node.args.get("from")
        if start is not None:
            for each in [start.this, *start.expressions]:
                if each is not None:
                    self.add(each, scope)
        self._add_joins(node, scope)
        match = node.args.get("match")
        if match is not None:  # which rows make a column of MATCH_RECOGNIZE is not read
            untold = Origin(untold=frozenset(scope.tables))
            named = match.args.get("alias")
            alias = self._columns.key(named.this) if named is not None and named.this else ""
            scope.relations = [Relation(alias, Rows([], [Open(0, origin=untold)], scope.tables))]

    def add(self, node: exp.Expr, scope: Scope) -> None:
        """One table, query or function with what is joined to it."""
        if isinstance(node, exp.Final):  # ClickHouse
            node = node.this
        if isinstance(node, exp.Table) and not node.args.get("pivots"):
            self._add_table(node, scope)
        elif is_group(node):
            self._add_parenthesis(node, scope)
        else:
            self._put(node, self._rows(node, scope), scope)
        self._add_joins(node, scope)

    def _add_joins(self, node: exp.Expr, scope: Scope) -> None:
        for join in node.args.get("joins") or ():
            self._add_join(join, scope)
        for lateral in node.args.get("laterals") or ():
            self.add(lateral, scope)

    def _rows(self, node: exp.Expr, scope: Scope) -> Rows:
        rows = self._plain_rows(node, scope)
        for pivot in node.args.get("pivots") or ():
            named = node.args.get("alias")
            identifier = named.this if named is not None else node.this
            alias = self._columns.key(identifier) if isinstance(identifier, exp.Identifier) else ""
            rows = self._pivots.turned(pivot, rows, alias, scope)
        return rows

    def _plain_rows(self, node: exp.Expr, scope: Scope) -> Rows:
        if isinstance(node, exp.Table):
            inner = Scope(scope.parent, scope.ctes)
            self._add_table(node, inner)
            return self._projections.all_of(inner)
        if isinstance(node, exp.Pivot):  # DuckDB's short form
            return self._pivots.turned(node, self._rows(node.this, scope), "", scope)
        if isinstance(node, exp.Lateral):
            return self._lateral(node, scope)
        if isinstance(node, exp.Unnest):
            return self._unnest(node, scope)
        if isinstance(node, exp.Values):
            return self.values(node, scope)
        if isinstance(node, (exp.Query, exp.Paren)):
            outside = scope.parent or Scope(None, scope.ctes)
            return self._reader.query(node, Scope(outside, scope.ctes))
        return self._function(node, scope)

    def _put(self, node: exp.Expr, rows: Rows, scope: Scope) -> None:
        alias = node.args.get("alias")
        for pivot in node.args.get("pivots") or ():
            alias = pivot.args.get("alias") or alias
        scope.tables.update(rows.tables)
        key = ""
        if isinstance(alias, exp.TableAlias):
            key = self._columns.key(alias.this) if alias.this else ""
            names = alias.args.get("columns") or ()
            if names and not isinstance(node, (exp.Unnest, exp.Values)):
                rows = rows.renamed([(self._columns.key(n), self._letters.shown(n)) for n in names])
                if node.args.get("ordinality") and len(rows.columns) == len(names):
                    number = rows.columns[-1]
                    rows.columns[-1] = Column(number.key, number.name, NOWHERE)
            elif key and len(rows.opens) == 1 and not rows.columns and rows.opens[0].origin:
                # a function that gives one value has the alias for its column's name, too
                origin = rows.opens[0].origin
                shown = self._letters.shown(alias.this)
                rows = Rows([Column(key, shown, origin)], [Open(1, origin=origin)], rows.tables)
        elif isinstance(alias, exp.Identifier):
            key = self._columns.key(alias)
        scope.relations.append(Relation(key, rows))

    def _add_table(self, node: exp.Table, scope: Scope) -> None:
        name = node.this
        is_method = isinstance(name, exp.Dot) and name.find(exp.Func) is not None
        if is_method or not isinstance(name, (exp.Identifier, exp.Dot, exp.Parameter)):
            self._put(node, self._function(node.this, scope), scope)
            return
        parts = self._tables.parts(node)
        key = self._columns.key(node.parts[-1])
        common = scope.ctes.get(key) if len(parts) == 1 else None
        if common is not None:
            rows = self._reader.common_rows(common)
        else:
            known = self._tables.resolve(parts)
            if isinstance(known, KnownTable):
                rows = self._tables.rows(known)
            elif len(parts) > 1 and (field := self._field(node, scope)) is not None:
                rows = Rows([], [Open(0, origin=field)])
            else:
                if parts[-1].text.casefold() != "dual":
                    self._tables.doubt(parts, known, self._columns)
                rows = Rows([], [Open(0)])
        if node.args.get("alias"):
            self._put(node, rows, scope)
        else:
            scope.tables.update(rows.tables)
            scope.relations.append(Relation(key, rows, () if common else parts))

    def _field(self, node: exp.Table, scope: Scope) -> Origin | None:
        """A table that is an array of another one in the same FROM, as in `FROM t, t.lines`."""
        if self._columns.relation(node.parts[:1], scope) is None:
            return None
        return self._columns.column(as_column(node.parts), scope)

    def _add_parenthesis(self, node: exp.Expr, scope: Scope) -> None:
        if not node.args.get("alias"):
            self.add(node.this, scope)
            return
        inner = Scope(scope.parent, scope.ctes)
        self.add(node.this, inner)
        self._put(node, self._projections.all_of(inner), scope)

    def _lateral(self, node: exp.Lateral, scope: Scope) -> Rows:
        if isinstance(node.this, (exp.Query, exp.Paren)):
            return self._reader.query(node.this, Scope(scope, scope.ctes))
        if isinstance(node.this, exp.Unnest):
            return self._unnest(node.this, scope, node.args.get("alias"))
        return self._function(node.this, scope)

    def _function(self, node: exp.Expr | None, scope: Scope) -> Rows:
        """A function among the tables: each of its columns is made of its arguments."""
        if not isinstance(node, exp.Expr):
            return Rows([], [Open(0)])
        inner = Scope(scope, scope.ctes)
        origin = merged([self._columns.origin(node, inner)])
        names = [
            each.this
            for each in node.find_all(exp.JSONColumnDef, exp.OpenJSONColumnDef)
            if isinstance(each.this, exp.Identifier)
        ]
        if isinstance(node, exp.XMLTable):
            defined = node.args.get("columns") or ()
            names = [each.this for each in defined if isinstance(each.this, exp.Identifier)]
        if names:
            named = [Column(self._columns.key(n), self._letters.shown(n), origin) for n in names]
            return Rows(named, [], inner.tables)
        return Rows([], [Open(0, origin=origin)], inner.tables)

    def _unnest(self, node: exp.Unnest, scope: Scope, around: exp.TableAlias | None = None) -> Rows:
        """UNNEST; `around` is the alias of the LATERAL that it stands in."""
        inner = Scope(scope, scope.ctes)
        origins = [self._columns.origin(each, inner) for each in node.expressions]
        alias = node.args.get("alias") or around
        names = list((alias and alias.args.get("columns")) or ())
        if not names and alias is not None and alias.this is not None and len(origins) == 1:
            names = [alias.this]
        columns = []
        for at, name in enumerate(names):
            origin = origins[min(at, len(origins) - 1)] if origins else NOWHERE
            columns.append(Column(self._columns.key(name), self._letters.shown(name), origin))
        has_more = origins and (len(columns) < len(origins) or len(origins) == 1)
        opens = [Open(len(columns), origin=merged(origins))] if has_more else []
        offset = node.args.get("offset")
        if isinstance(offset, exp.Identifier):
            columns.append(Column(self._columns.key(offset), offset.name, NOWHERE))
        return Rows(columns, opens, inner.tables)

    def values(self, node: exp.Values, scope: Scope) -> Rows:
        """The columns of VALUES, each made of all its rows."""
        inner = Scope(scope, scope.ctes)
        alias = node.args.get("alias")
        names = list(alias.args.get("columns") or ()) if alias else []
        columns: list[list[Origin]] = []
        for row in node.expressions:
            cells = row.expressions if isinstance(row, exp.Tuple) else [row]
            for at, cell in enumerate(cells):
                if at == len(columns):
                    columns.append([])
                if not isinstance(cell, exp.Literal):
                    columns[at].append(self._columns.origin(cell, inner))
        found = []
        for at, origins in enumerate(columns):
            origin = merged(origins) if any(o.cells or o.untold for o in origins) else NOWHERE
            name = names[at] if at < len(names) else None
            key, shown = (
                (self._columns.key(name), self._letters.shown(name))
                if name is not None
                else (self._letters.key(f"column{at + 1}", False), f"column{at + 1}")
            )
            found.append(Column(key, shown, origin))
        return Rows(found, [], inner.tables)

    def _add_join(self, join: exp.Join, scope: Scope) -> None:
        before = len(scope.relations)
        self.add(join.this, scope)
        added = scope.relations[before:]
        using: Sequence[exp.Expr] = join.args.get("using") or ()
        keys = [
            (self._columns.key(each.this if isinstance(each, exp.Column) else each), each.name)
            for each in using
        ]
        if join.method == "NATURAL":
            mine = {column.key for each in added for column in each.rows.columns}
            keys = [
                (column.key, column.name)
                for each in scope.relations[:before]
                for column in each.rows.columns
                if column.key in mine
            ]
        for key, name in keys:
            self._share(key, name, join.side, scope, before)
        self._columns.read(join.args.get("on"), scope)
        self._columns.read(join.args.get("match_condition"), scope)
        if join.kind in ("SEMI", "ANTI"):
            for relation in added:
                relation.hidden = True

    def _share(self, key: str, name: str, side: str, scope: Scope, before: int) -> None:
        """Make one column of two; an outer join takes it from the side that is never empty."""
        identifier = exp.to_identifier(name, quoted=True)
        left = scope.shared.get(key)
        one = left.origin if left else self._side(identifier, scope, slice(0, before))
        other = self._side(identifier, scope, slice(before, None))
        chosen = {"RIGHT": [other], "FULL": [one, other]}.get(side, [one])
        scope.shared[key] = Column(key, name, merged(chosen))

    def _side(self, identifier: exp.Expr, scope: Scope, part: slice) -> Origin:
        inner = Scope(None, scope.ctes, relations=scope.relations[part])
        origin = self._columns.unqualified(identifier, inner)
        return NOWHERE if origin is None else origin


def is_group(node: exp.Expr) -> bool:
    """Whether parentheses in a FROM hold joined tables, not a query."""
    if not isinstance(node, (exp.Subquery, exp.Paren)):
        return False
    inner = node.this
    if isinstance(inner, (exp.Subquery, exp.Paren)):
        return bool(inner.args.get("alias") or inner.args.get("joins")) or is_group(inner)
    return not isinstance(inner, exp.Query)
