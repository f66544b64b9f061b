"""Expressions to the columns of tables that they are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.dialects import PSEUDO_COLUMNS, Letters
from om_ingest_lineage.analysis.methods import restore_columns
from om_ingest_lineage.analysis.names import NO_VARIABLES, KnownTable
from om_ingest_lineage.analysis.parsing import Deadline
from om_ingest_lineage.analysis.relations import (
    NOWHERE,
    Column,
    Origin,
    Relation,
    Rows,
    Scope,
    merged,
)
from om_ingest_lineage.analysis.results import Doubt


class Columns:
    """Finds the origin of expressions; `query` reads a query inside one."""

    def __init__(
        self,
        letters: Letters,
        deadline: Deadline,
        query: Callable[[exp.Expr, Scope], Rows],
        variables: Mapping[str, KnownTable | None] = NO_VARIABLES,
    ) -> None:
        self.letters = letters
        self.deadline = deadline
        self.doubts: dict[Doubt, None] = {}
        self._query = query
        self._variables = variables

    def doubt(self, what: str, reason: str) -> None:
        """Note that something could not be told."""
        self.doubts[Doubt(what, reason)] = None

    def key(self, identifier: exp.Expr) -> str:
        """The key of a name in the statement."""
        return self.letters.key(identifier.name, bool(identifier.args.get("quoted")))

    def origin(self, expression: exp.Expr, scope: Scope) -> Origin:
        """What the values of an expression are made of."""
        plain = expression.unnest()
        while isinstance(plain, exp.Alias):
            plain = plain.this.unnest()
        if isinstance(plain, exp.Column) and not isinstance(plain.this, exp.Star):
            return self.column(plain, scope)
        if isinstance(plain, exp.Query) and not isinstance(plain, exp.Table):
            return self._inside(plain, scope)
        if isinstance(plain, exp.Dot) and (part := self._part(plain, scope)) is not None:
            return part
        return merged(self._parts(plain, scope), made=plain)

    def _inside(self, query: exp.Expr, scope: Scope) -> Origin:
        rows = self._query(query, scope)
        scope.tables.update(rows.tables)
        found = [column.origin for column in rows.columns]
        if rows.opens:
            found.append(Origin(untold=rows.tables_behind_opens()))
        return merged(found) if found else NOWHERE

    def _parts(self, expression: exp.Expr, scope: Scope) -> list[Origin]:
        found = []
        stack = [expression]
        steps = 0
        while stack:
            node = stack.pop()
            steps += 1
            if not steps & 255:
                self.deadline.check()
            if isinstance(node, exp.Column):
                if isinstance(node.this, exp.Star):
                    if not isinstance(node.parent, exp.Count):
                        found.append(self._whole(node.args["table"], scope))
                else:
                    found.append(self.column(node, scope))
            elif isinstance(node, exp.Dot) and (part := self._part(node, scope)) is not None:
                found.append(part)
            elif isinstance(node, exp.Exists):
                self.read(node, scope)
            elif isinstance(node, exp.In) and node.args.get("query"):
                self.read(node.args["query"], scope)
                stack.append(node.this)
            elif isinstance(node, exp.Query) and not isinstance(node, exp.Table):
                found.append(self._inside(node, scope))
            elif isinstance(node, exp.Star):  # hash(*); count(*) is of no column
                if not isinstance(node.parent, exp.Count):
                    found += [self._all_of(relation) for relation in scope.relations]
            elif isinstance(node, exp.Comprehension):  # [f(x) FOR x IN list]
                own = {self.key(name) for name in node.expression.find_all(exp.Identifier)}
                stack.append(node.args["iterator"])
                for part in (node.this, node.args.get("condition")):
                    named = part.find_all(exp.Column) if part is not None else ()
                    stack += [c for c in named if len(c.parts) > 1 or self.key(c.this) not in own]
            elif isinstance(node, exp.DataType):
                pass
            elif isinstance(node, exp.Parameter) and self.letters.name == "snowflake":
                found.append(self._at(node, scope.relations, scope))
            else:
                if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
                    restore_columns(node, lambda parts: self._is_column(parts, scope))
                window = isinstance(node, exp.Window) and node.args.get("alias")
                if isinstance(window, exp.Identifier):
                    named = scope.windows.get(self.key(window))
                    if named is not None:
                        stack.append(named)
                stack.extend(node.iter_expressions(reverse=True))
        return found

    def _part(self, dot: exp.Dot, scope: Scope) -> Origin | None:
        """The column `a` of a table in `(t).a` or `(t.*).a`; None if this is something else."""
        row = dot.this.unnest()
        if not isinstance(row, exp.Column) or row.args.get("db"):
            return None
        is_star = isinstance(row.this, exp.Star)
        if not is_star and (row.args.get("table") or not isinstance(dot.this, exp.Paren)):
            return None
        name: exp.Expr = row.args["table"] if is_star else row.this
        relation = self.relation([name], scope)
        if relation is None or (not is_star and self.known(relation.rows, name)):
            return None
        return self._column_of(relation, dot.expression, f"{name.name}.{dot.expression.name}")

    def read(self, part: exp.Expr | None, scope: Scope) -> None:
        """Note the tables that the queries inside of something read."""
        if not isinstance(part, exp.Expr):
            return
        stack = [part]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.Query) and not isinstance(node, exp.Table):
                scope.tables.update(self._query(node, scope).tables)
            elif not isinstance(node, (exp.Column, exp.Literal, exp.Identifier, exp.DataType)):
                stack.extend(node.iter_expressions(reverse=True))

    def column(self, column: exp.Column, scope: Scope) -> Origin:
        """What a column is made of, in a table, or a field inside one."""
        parts = column.parts
        if isinstance(column.this, exp.Parameter):
            relation = self.relation(parts[:-1], scope)
            return self._at(column.this, [relation] if relation is not None else [], scope)
        for count in range(1, len(parts)):
            relation = self.relation(parts[:count], scope)
            if relation is not None:
                return self._column_of(relation, parts[count], ".".join(p.name for p in parts))
        record = self._variables.get(parts[0].name.casefold()) if len(parts) > 1 else None
        if record is not None:
            return self._field(record, parts[1], scope)
        has_pseudo = len(parts) > 1 and (self._is_pseudo(parts[-1]) or self._is_pseudo(parts[0]))
        if has_pseudo and not self._is_column(parts[:1], scope):
            return NOWHERE
        origin = self.unqualified(parts[0], scope, quiet=len(parts) > 1)
        if origin is None:
            self.doubt("unknown name", f"nothing in sight is called {parts[0].name}")
            return self._anything(scope)
        return origin

    def _field(self, record: KnownTable, name: exp.Expr, scope: Scope) -> Origin:
        """A field of a record, which holds a row of some query."""
        scope.tables[record.fqn] = None
        if isinstance(name, exp.Star):
            return Origin({(record.fqn, column): None for column in record.columns})
        word = name.name.casefold()
        known = [column for column in record.columns if column.casefold() == word]
        return Origin({(record.fqn, known[0] if known else self._shown(name)): None})

    def relation(self, parts: Sequence[exp.Expr], scope: Scope) -> Relation | None:
        """The table in sight that a name in front of a column, or of `*`, means."""
        keys = [self.key(part) for part in parts]
        for level in scope.levels():
            for relation in level.relations:
                if len(keys) == 1 and relation.alias == keys[0] and keys[0]:
                    return relation
                if len(keys) > 1 and len(relation.parts) >= len(keys):
                    named = relation.parts[-len(keys) :]
                    if [self.letters.key(*part) for part in named] == keys:
                        return relation
        return None

    def _column_of(self, relation: Relation, identifier: exp.Expr, shown: str) -> Origin:
        rows = relation.rows
        found = self.known(rows, identifier)
        if found is not None:
            return found.origin
        if len(rows.opens) == 1:
            return rows.opens[0].column(self.key(identifier), self._shown(identifier))
        if rows.opens:
            self.doubt("ambiguous column", f"{shown} may be of several tables")
            return Origin(untold=rows.tables_behind_opens())
        if self._is_pseudo(identifier):
            return NOWHERE
        self.doubt("unknown column", f"{shown} is not among the columns that are known")
        return Origin(untold=frozenset(rows.tables))

    def known(self, rows: Rows, identifier: exp.Expr) -> Column | None:
        """The column of rows that a name means, if they are known to have it."""
        found = rows.known(self.key(identifier))
        if found is None and identifier.args.get("quoted"):
            return next((c for c in rows.columns if c.name == identifier.name), None)
        if found is None:
            word = identifier.name.casefold()
            alike = [column for column in rows.columns if column.key.casefold() == word]
            if len(alike) == 1:  # a catalog may store names in letters of its own
                return alike[0]
        return found

    def unqualified(self, name: exp.Expr, scope: Scope, quiet: bool = False) -> Origin | None:
        """What a bare name means, from the inside out; None if nothing has it."""
        candidates: list[Relation] = []
        level: Scope | None = scope
        while level is not None:
            shared = level.shared.get(self.key(name))
            if shared is not None:
                return shared.origin
            seen = [relation for relation in level.relations if not relation.hidden]
            having = [
                found for relation in seen if (found := self.known(relation.rows, name)) is not None
            ]
            if len(having) == 1 and not candidates:
                return having[0].origin
            if len(having) > 1 or (having and candidates):
                tables = [fqn for column in having for fqn, _ in column.origin.cells]
                self.doubt("ambiguous column", f"{name.name} may be of several tables")
                behind = [relation.rows.tables_behind_opens() for relation in candidates]
                return Origin(untold=frozenset(tables).union(*behind))
            candidates += [relation for relation in seen if relation.rows.opens]
            alias = level.aliases.get(self.key(name))
            if alias is not None:
                if not candidates:
                    return alias
                break
            if any(relation.alias == self.key(name) for relation in seen):
                return self._whole(name, level)
            level = level.parent
        if self._is_pseudo(name):
            return NOWHERE
        if not candidates:
            return None
        if len(candidates) == 1 and level is None and len(candidates[0].rows.opens) == 1:
            return candidates[0].rows.opens[0].column(self.key(name), self._shown(name))
        untold = frozenset[str]().union(*(each.rows.tables_behind_opens() for each in candidates))
        if untold:
            self.doubt(
                "ambiguous column", f"{name.name} may be of a table whose columns are not known"
            )
        return Origin(untold=untold)

    def _at(self, number: exp.Parameter, relations: Sequence[Relation], scope: Scope) -> Origin:
        """The column at a position: `$1` in Snowflake."""
        if not isinstance(number.this, exp.Literal):
            return NOWHERE  # a variable
        if len(relations) == 1 and not relations[0].rows.opens:
            columns, at = relations[0].rows.columns, int(number.name or 0) - 1
            if 0 <= at < len(columns):
                return columns[at].origin
        return self._anything(scope)

    def _whole(self, name: exp.Expr, scope: Scope) -> Origin:
        relation = self.relation([name], scope)
        if relation is None:
            return self._anything(scope)
        return self._all_of(relation)

    def _all_of(self, relation: Relation) -> Origin:
        found = [column.origin for column in relation.rows.columns]
        found += [
            part.origin if part.origin is not None else Origin(untold=part.tables())
            for part in relation.rows.opens
        ]
        return merged(found) if found else NOWHERE

    def _anything(self, scope: Scope) -> Origin:
        tables = [relation.rows.tables for relation in scope.relations]
        return Origin(untold=frozenset[str]().union(*tables))

    def _is_column(self, parts: Sequence[exp.Expr], scope: Scope) -> bool:
        seen = (relation for level in scope.levels() for relation in level.relations)
        is_known = any(self.known(relation.rows, parts[0]) for relation in seen)
        return is_known or self.relation(parts[:1], scope) is not None

    def _is_pseudo(self, name: exp.Expr) -> bool:
        word = name.name.casefold()
        return (
            word in PSEUDO_COLUMNS or word in self._variables or bool(re.match(r"[@$:]", name.name))
        )

    def _shown(self, identifier: exp.Expr) -> str:
        if isinstance(identifier, exp.Identifier):
            return self.letters.shown(identifier)
        return identifier.name
