"""What stands between SELECT and FROM: columns, with names, and `*`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.columns import Columns
from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.parsing import NotAnalysedError
from om_ingest_lineage.analysis.relations import Column, Open, Rows, Scope, as_column, merged

_MOST_COLUMNS = 50_000
"""Of one `*`: databases allow a few thousand."""


class Projections:
    """Reads the projections of a SELECT."""

    def __init__(self, letters: Letters, columns: Columns) -> None:
        self._letters = letters
        self._columns = columns

    def rows(self, expressions: Sequence[exp.Expr], scope: Scope) -> Rows:
        """The columns that projections give; the caller adds the tables."""
        found = Rows()
        for expression in expressions:
            plain = expression.unalias()
            star = plain.this if isinstance(plain, exp.Column) else plain
            if isinstance(star, exp.Star):
                before = plain.parts[:-1] if isinstance(plain, exp.Column) else []
                self._add(found, self._star(star, before, scope))
            elif isinstance(plain, exp.Dot) and isinstance(plain.expression, exp.Star):
                origin = self._columns.origin(plain.this, scope)
                self._add(found, Rows([], [Open(0, origin=origin)]))
            elif isinstance(expression, exp.Aliases):
                origin = self._columns.origin(expression.this, scope)
                for alias in expression.aliases:
                    key = self._letters.key(alias.name, False)
                    found.columns.append(Column(key, alias.name, origin))
            elif isinstance(plain, exp.QueryTransform):
                self._add(found, self._transformed(plain, scope))
            elif (many := plain.find(exp.Columns)) is not None:
                self._add(found, self._chosen(plain, many, scope))
            else:
                self._one(expression, scope, found)
        return found

    def _transformed(self, transform: exp.QueryTransform, scope: Scope) -> Rows:
        """Hive's TRANSFORM: each column that the program gives is made of all that it gets."""
        origin = self._columns.origin(exp.Tuple(expressions=transform.expressions), scope)
        schema = transform.args.get("schema")
        listed = schema.expressions if schema is not None else ()
        names = [each if isinstance(each, exp.Identifier) else each.this for each in listed]
        if not names:
            names = [exp.to_identifier(name) for name in ("key", "value")]
        columns = [Column(self._columns.key(n), self._letters.shown(n), origin) for n in names]
        return Rows(columns, [])

    def _one(self, expression: exp.Expr, scope: Scope, found: Rows) -> None:
        origin = self._columns.origin(expression, scope)
        key, name = self.name(expression)
        found.columns.append(Column(key, name, origin))
        if self._letters.aliases_in_projections and isinstance(expression, exp.Alias):
            scope.aliases.setdefault(key, origin)

    def name(self, expression: exp.Expr) -> tuple[str, str]:
        """Key and name of a projection; both empty if the database makes a name up."""
        identifier: exp.Expr | None = None
        if isinstance(expression, exp.Alias):
            identifier = expression.args.get("alias")
        else:
            plain = expression.unnest()
            while isinstance(plain, (exp.Cast, exp.Bracket)) and self._letters.named_after_function:
                plain = plain.this.unnest()
            if isinstance(plain, exp.Column):
                identifier = plain.this
            elif isinstance(plain, exp.Dot):
                identifier = plain.expression
            elif self._letters.named_after_function:
                return self._after_function(plain)
        if isinstance(identifier, exp.Identifier):
            return self._columns.key(identifier), self._letters.shown(identifier)
        name = expression.alias_or_name if isinstance(expression, exp.Alias) else ""
        return self._letters.key(name, True), name

    def _after_function(self, plain: exp.Expr) -> tuple[str, str]:
        while isinstance(plain, (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls)):
            plain = plain.this
        if isinstance(plain, exp.Query):
            chosen = plain.selects
            return self.name(chosen[0]) if len(chosen) == 1 else ("", "")
        if isinstance(plain, exp.Case):
            return "case", "case"
        if isinstance(plain, exp.Func):
            name = plain.name if isinstance(plain, exp.Anonymous) else plain.sql_name()
            return name.lower(), name.lower()
        return "", ""

    def all_of(self, scope: Scope) -> Rows:
        """What `*` gives of a whole FROM, with the tables that it read."""
        found = self._star(exp.Star(), (), scope)
        found.tables = scope.tables
        return found

    def _star(self, star: exp.Expr, before: Sequence[exp.Expr], scope: Scope) -> Rows:
        rows = Rows()
        self._columns.deadline.check()
        if before:
            relation = self._columns.relation(before, scope)
            if relation is None:  # of a column with fields
                origin = self._columns.column(as_column(before), scope)
                rows.opens.append(Open(0, origin=origin))
            else:
                self._add(rows, relation.rows)
        else:
            rows.columns += scope.shared.values()
            for relation in scope.relations:
                if len(rows.columns) > _MOST_COLUMNS:
                    reason = f"a * gives more columns than the limit of {_MOST_COLUMNS}"
                    raise NotAnalysedError("too large", reason)
                if not relation.hidden:
                    self._add(rows, relation.rows, without=set(scope.shared))
        return self._changed(star, rows, scope)

    def _changed(self, star: exp.Expr, rows: Rows, scope: Scope) -> Rows:
        left_out = self._listed(star, "except_", "except")
        replaced = {
            self.name(each)[0]: each
            for each in self._listed(star, "replace")
            if each.name or each.alias
        }
        renamed = {
            self._columns.key(
                each.this.this if isinstance(each.this, exp.Column) else each.this
            ): each
            for each in self._listed(star, "rename")
            if isinstance(each, exp.Alias)
        }
        gone = {
            self._columns.key(each.this if isinstance(each, exp.Column) else each)
            for each in left_out
        }
        if not (gone or replaced or renamed):
            return rows
        found = Rows()
        opens = list(rows.opens)
        for at, column in enumerate(rows.columns):
            while opens and opens[0].position <= at:
                part = opens.pop(0)
                found.opens.append(Open(len(found.columns), part.fqn, part.origin))
            if column.key in gone:
                continue
            key, name, origin = column.key, column.name, column.origin
            if key in replaced:
                origin = self._columns.origin(replaced[key], scope)
            if key in renamed:
                identifier = renamed[key].args["alias"]
                key, name = self._columns.key(identifier), self._letters.shown(identifier)
            found.columns.append(Column(key, name, origin))
        found.opens += [Open(len(found.columns), part.fqn, part.origin) for part in opens]
        return found

    def _listed(self, star: exp.Expr, *names: str) -> list[exp.Expr]:
        for name in names:
            value = star.args.get(name)
            if value:
                return value if isinstance(value, list) else [value]
        return []

    def _chosen(self, plain: exp.Expr, many: exp.Columns, scope: Scope) -> Rows:
        """DuckDB's COLUMNS(…): the same expression for each column that it chooses."""
        rows = self._star(many.this if isinstance(many.this, exp.Star) else exp.Star(), (), scope)
        choice = many.this
        if isinstance(choice, exp.Literal):
            try:
                pattern = re.compile(choice.name)
            except re.error:
                pattern = None
            if pattern:
                rows.columns = [c for c in rows.columns if pattern.search(c.name)]
                if not rows.opens:
                    return self._each(plain, many, rows)
        if isinstance(choice, exp.Star) and not rows.opens:
            return self._each(plain, many, rows)
        origin = merged([c.origin for c in rows.columns])
        tables = rows.tables_behind_opens().union(fqn for fqn, _ in origin.cells)
        return Rows([], [Open(0, origin=type(origin)(untold=tables))])

    def _each(self, plain: exp.Expr, many: exp.Columns, rows: Rows) -> Rows:
        if plain is many:
            return rows
        return Rows(
            [Column(c.key, c.name, merged([c.origin], made=plain)) for c in rows.columns], []
        )

    def _add(self, rows: Rows, more: Rows, without: set[str] | None = None) -> None:
        opens = list(more.opens)
        for at, column in enumerate(more.columns):
            while opens and opens[0].position <= at:
                part = opens.pop(0)
                rows.opens.append(Open(len(rows.columns), part.fqn, part.origin))
            if not without or column.key not in without:
                rows.columns.append(column)
        rows.opens += [Open(len(rows.columns), part.fqn, part.origin) for part in opens]
