"""Queries to the columns that they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.names import NO_VARIABLES, KnownTable
from om_ingest_lineage.analysis.parsing import Deadline
from om_ingest_lineage.analysis.projections import Projections
from om_ingest_lineage.analysis.relations import (
    Column,
    CommonTable,
    Open,
    Origin,
    Rows,
    Scope,
    merged,
)
from om_ingest_lineage.analysis.sources import Sources, is_group
from om_ingest_lineage.analysis.tables import Tables

_ELSEWHERE = frozenset(
    ("with_", "with", "from_", "from", "joins", "laterals", "expressions", "windows", "into")
)
"""Parts of a SELECT that are read before the rest."""


class Queries:
    """Reads queries; one for each statement."""

    def __init__(
        self,
        letters: Letters,
        deadline: Deadline,
        tables: Tables,
        statement: Callable[[exp.Expr, Scope], Rows],
        variables: Mapping[str, KnownTable | None] = NO_VARIABLES,
    ) -> None:
        self.letters = letters
        self.deadline = deadline
        self.columns = Columns(letters, deadline, self.query, variables)
        self.tables = tables
        self.projections = Projections(letters, self.columns)
        self.sources = Sources(letters, self.columns, self.projections, tables, self)
        self._statement = statement

    def query(self, node: exp.Expr, scope: Scope) -> Rows:
        """The rows of a SELECT, a UNION, VALUES …, seen from a scope around it."""
        self.deadline.check()
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, scope)
        if isinstance(node, (exp.Subquery, exp.Paren)):
            return self._subquery(node, scope)
        if isinstance(node, exp.Values):
            return self.sources.values(node, scope)
        if isinstance(node, (exp.Table, exp.Pivot)):
            inner = Scope(scope, scope.ctes)
            self.sources.add(node, inner)
            return self.projections.all_of(inner)
        if isinstance(node, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
            return self._statement(node, scope)
        inner = Scope(scope, scope.ctes)
        self.columns.read(node, inner)
        return Rows([], [Open(0)], inner.tables)

    def _subquery(self, node: exp.Expr, scope: Scope) -> Rows:
        around = Scope(scope, self.with_of(node, scope))
        if is_group(node):
            self.sources.add(node, around)
            return self.projections.all_of(around)
        rows = self.query(node.this, around)
        return Rows(rows.columns, rows.opens, {**rows.tables, **around.tables})

    def _select(self, node: exp.Select, parent: Scope) -> Rows:
        scope = Scope(parent, self.with_of(node, parent))
        self.sources.add_all(node, scope)
        for common in self._scalars(node):
            key = self.columns.key(common.args["alias"].this)
            scope.aliases[key] = self.columns.origin(common.this, scope)
        for window in node.args.get("windows") or ():
            scope.windows[self.columns.key(window.this)] = window
        rows = self.projections.rows(node.expressions, scope)
        for part, value in node.args.items():
            if value is None or part in _ELSEWHERE:
                continue
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, exp.Expr):
                    self.columns.read(each, scope)
        rows.tables = scope.tables
        return rows

    def _scalars(self, node: exp.Expr) -> Sequence[exp.Expr]:
        """ClickHouse's WITH expression AS name: an alias, not a table."""
        found = node.args.get("with_") or node.args.get("with")
        parts = found.expressions if found is not None else ()
        return [common for common in parts if common.args.get("scalar")]

    def with_of(self, node: exp.Expr, scope: Scope) -> dict[str, CommonTable]:
        """The common tables that a query sees: its own, and those around it."""
        found = node.args.get("with_") or node.args.get("with")
        if found is None:
            return scope.ctes
        seen = dict(scope.ctes)
        whole = dict(scope.ctes)
        keyword = bool(found.args.get("recursive"))
        for common in found.expressions:
            if common.args.get("scalar"):
                continue
            alias = common.args["alias"]
            key = self.columns.key(alias.this)
            query = common.this
            recursive = keyword or (
                self.letters.recursive_without_keyword
                and isinstance(query.unnest(), exp.SetOperation)
            )
            table = CommonTable(
                query, alias.args.get("columns") or (), scope, whole if keyword else dict(seen)
            )
            table.recursive = recursive
            if recursive:
                table.ctes[key] = table
            seen[key] = whole[key] = table
            if isinstance(query, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
                self.common_rows(table)  # it writes, whether anything reads it or not
        return seen

    def common_rows(self, table: CommonTable) -> Rows:
        """The rows of a common table; those of a recursive one as far as they are known."""
        if table.rows is not None:
            return table.rows
        around = Scope(table.scope, table.ctes)
        query = table.query
        while isinstance(query, (exp.Subquery, exp.Paren)):
            query = query.this
        if not (table.recursive and isinstance(query, exp.SetOperation)):
            table.rows = Rows([], [Open(0)])  # a query that reads itself, where it must not
            table.rows = self._named(table, self.query(table.query, around))
            return table.rows
        around = Scope(table.scope, {**table.ctes, **self.with_of(query, around)})
        table.rows = Rows([], [Open(0)])
        (first, _), *others = self._branches(query)
        table.rows = self._named(table, self.query(first, around))
        while True:
            branches = [self._branch(*branch, around) for branch in others]
            rows = self._named(table, self._together([table.rows, *branches]))
            before, table.rows = table.rows, rows
            if [set(c.origin.cells) for c in before.columns] == [
                set(c.origin.cells) for c in rows.columns
            ] and before.tables == rows.tables:
                return rows

    def _named(self, table: CommonTable, rows: Rows) -> Rows:
        if not table.names:
            return rows
        names = [(self.columns.key(name), self.letters.shown(name)) for name in table.names]
        return rows.renamed(names)

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> Rows:
        around = Scope(scope, self.with_of(node, scope))
        branches = [self._branch(*branch, around) for branch in self._branches(node)]
        by_name = bool(node.args.get("by_name"))
        rows = self._by_name(branches) if by_name else self._together(branches)
        for part in ("order", "limit", "offset"):
            self.columns.read(node.args.get(part), around)
        rows.tables.update(around.tables)
        return rows

    def _branches(self, node: exp.Expr) -> Sequence[tuple[exp.Expr, bool]]:
        """All that a chain of UNION, INTERSECT and EXCEPT joins, left to right.

        Each with whether its values are among those of the whole: EXCEPT and MINUS only choose
        among the rows on their left.
        """
        found: list[tuple[exp.Expr, bool]] = []
        while isinstance(node, exp.SetOperation) and not (found and self._has_with(node)):
            found.append((node.expression, not isinstance(node, exp.Except)))
            node = node.this
        found.append((node, True))
        return found[::-1]

    def _branch(self, node: exp.Expr, gives_values: bool, scope: Scope) -> Rows:
        """The rows of a branch; only its tables, if it only chooses rows."""
        rows = self.query(node, scope)
        return rows if gives_values else Rows([], [], rows.tables)

    def _has_with(self, node: exp.Expr) -> bool:
        return bool(node.args.get("with_") or node.args.get("with"))

    def _together(self, branches: Sequence[Rows]) -> Rows:
        tables = {fqn: None for rows in branches for fqn in rows.tables}
        first = branches[0]
        if all(not rows.opens for rows in branches):
            columns = []
            for at, column in enumerate(first.columns):
                parts = [rows.columns[at].origin for rows in branches if at < len(rows.columns)]
                columns.append(Column(column.key, column.name, merged(parts)))
            return Rows(columns, [], tables)
        untold = Origin(
            untold=frozenset[str]().union(*(rows.tables_behind_opens() for rows in branches))
        )
        columns = []
        for at, column in enumerate(first.columns):
            parts = [
                rows.columns[at].origin
                for rows in branches
                if at < len(rows.columns)
                and not any(part.position <= at for part in [*rows.opens, *first.opens])
            ]
            columns.append(Column(column.key, column.name, merged([*parts, untold])))
        opens = [Open(part.position, origin=untold) for part in first.opens]
        return Rows(columns, opens, tables)

    def _by_name(self, branches: Sequence[Rows]) -> Rows:
        columns: dict[str, Column] = {}
        for rows in branches:
            for column in rows.columns:
                before = columns.get(column.key)
                columns[column.key] = Column(
                    column.key,
                    before.name if before else column.name,
                    merged([before.origin, column.origin]) if before else column.origin,
                )
        opens = [
            Open(len(columns), part.fqn, part.origin) for rows in branches for part in rows.opens
        ]
        tables = {fqn: None for rows in branches for fqn in rows.tables}
        return Rows(list(columns.values()), opens, tables)
