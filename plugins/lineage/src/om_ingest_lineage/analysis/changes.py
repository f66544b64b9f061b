"""INSERT, UPDATE, DELETE and MERGE: what they write, and what of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.delivery import Delivery
from om_ingest_lineage.analysis.edges import Edges
from om_ingest_lineage.analysis.names import KnownTable
from om_ingest_lineage.analysis.queries import Queries
from om_ingest_lineage.analysis.relations import Column, Origin, Relation, Rows, Scope

Assigned = tuple[str, str, Origin]
"""FQN and column of a target, and what the column gets."""


class Changes:
    """Reads the statements that change tables."""

    def __init__(
        self,
        queries: Queries,
        edges: Edges,
        delivery: Delivery,
        target: Callable[[exp.Expr | None], KnownTable | None],
    ) -> None:
        self._queries = queries
        self._columns = queries.columns
        self._letters = queries.letters
        self._edges = edges
        self._delivery = delivery
        self._target = target

    def insert(self, tree: exp.Insert, scope: Scope) -> Rows:
        """INSERT, with what it does ON CONFLICT."""
        query = tree.expression
        if isinstance(query, exp.Values):
            rows = self._queries.sources.values(query, scope)
            rows.tables.update(scope.tables)
        elif isinstance(query, exp.Expr):
            rows = self._queries.query(query, scope)
        else:
            rows = Rows()
        schema = tree.this
        target = self._target(schema)
        if target is None:
            return Rows([], [], rows.tables)
        listed = schema.expressions if isinstance(schema, exp.Schema) else ()
        if not listed:
            target = self._without_constants(schema, target)
        by_name = bool(tree.args.get("by_name"))
        written = self._delivery.rows(target, rows, listed, by_name=by_name)
        conflict = tree.args.get("conflict")
        if conflict is not None:
            self._on_conflict(tree, conflict, target, written, scope)
        inner = Scope(scope, scope.ctes)
        inner.tables.update(rows.tables)
        return self._returned(tree, [self._relation(target, schema)], inner)

    def _without_constants(self, table: exp.Expr, target: KnownTable) -> KnownTable:
        """A target without the columns to which PARTITION (day = …) gives a value."""
        partition = table.args.get("partition")
        parts = partition.expressions if isinstance(partition, exp.Partition) else ()
        given = {each.this.name.casefold() for each in parts if isinstance(each, exp.EQ)}
        columns = [name for name in target.columns if name.casefold() not in given]
        return KnownTable(target.fqn, columns) if given else target

    def _on_conflict(
        self,
        tree: exp.Insert,
        conflict: exp.Expr,
        target: KnownTable,
        written: Sequence[Column],
        scope: Scope,
    ) -> None:
        inner = Scope(scope, scope.ctes)
        inner.relations += [
            Relation(self._letters.key("excluded", False), Rows(list(written))),
            self._relation(target, tree.this),
        ]
        alias = (
            tree.expression.args.get("alias") if isinstance(tree.expression, exp.Values) else None
        )
        if alias is not None:  # MySQL's name for the row that was refused
            inner.relations.append(Relation(self._columns.key(alias.this), Rows(list(written))))
        if conflict.args.get("duplicate"):
            for call in list(conflict.find_all(exp.Anonymous)):
                if call.name.upper() == "VALUES" and call.expressions:
                    named = call.expressions[0]
                    column = named if isinstance(named, exp.Identifier) else named.this
                    call.replace(exp.column(column.copy(), table="excluded"))
            if isinstance(tree.expression, exp.Select):
                self._queries.sources.add_all(tree.expression, inner)
        given = inner.relations[1]
        self._columns.read(conflict.args.get("where"), inner)
        self._assign(conflict.expressions, inner, given)

    def update(self, tree: exp.Update, scope: Scope) -> Rows:
        """UPDATE, with FROM or JOIN."""
        inner = Scope(scope, scope.ctes)
        self._queries.sources.add_all(tree, inner)
        target = self._among(tree.this, inner)
        if target is None:
            before = len(inner.relations)
            self._queries.sources.add(tree.this, inner)
            target = inner.relations[before]
            inner.relations = inner.relations[before:] + inner.relations[:before]
        self._columns.read(tree.args.get("where"), inner)
        self._assign(tree.expressions, inner, target)
        return self._returned(tree, inner.relations, inner)

    def _among(self, table: exp.Expr, scope: Scope) -> Relation | None:
        """The table of a FROM that UPDATE names again, by its alias or its name."""
        if not isinstance(table, exp.Table) or table.args.get("alias"):
            return None
        if len(table.parts) == 1:
            return self._columns.relation(table.parts, scope)
        keys = [self._columns.key(part) for part in table.parts]
        for relation in scope.relations:
            if [self._letters.key(*part) for part in relation.parts] == keys:
                return relation
        return None

    def _assign(self, assignments: Iterable[exp.Expr], scope: Scope, default: Relation) -> None:
        found: list[Assigned] = []
        targets = {_table_of(default): None}
        for each in assignments:
            left, right = each.this, each.args.get("expression")
            if right is None:
                continue
            if isinstance(left, exp.Bracket):  # one element of an array
                left = left.find(exp.Column) or left
            columns = left.expressions if isinstance(left, exp.Tuple) else [left]
            origins = self._origins(right, len(columns), scope)
            for column, origin in zip(columns, origins, strict=False):
                relation = self._assigned(column, scope, default)
                name = column.parts[-1] if isinstance(column, exp.Column) else column
                if isinstance(column, exp.Column) and len(column.parts) > 1:
                    if self._columns.relation(column.parts[:1], scope) is None:
                        name = column.parts[0]
                    else:
                        name = column.parts[1]
                fqn, shown = self._changed(relation, name)
                targets[fqn] = None
                if fqn and shown:
                    found.append((fqn, shown, origin))
        for fqn in targets:
            if fqn:
                self._edges.tables(fqn, scope.tables)
        for fqn, shown, origin in found:
            self._edges.column(fqn, shown, origin)

    def _changed(self, relation: Relation, name: exp.Expr) -> tuple[str, str]:
        """FQN and column that an assignment to a name changes; a query passes it on."""
        known = self._columns.known(relation.rows, name)
        if known is not None and len(known.origin.cells) == 1 and not known.origin.untold:
            ((cell, through),) = known.origin.cells.items()
            return ("", "") if through is not None else cell
        shown = self._letters.shown(name) if isinstance(name, exp.Identifier) else ""
        return _table_of(relation), known.name if known else shown

    def _origins(self, right: exp.Expr, count: int, scope: Scope) -> list[Origin]:
        if count == 1:
            return [self._columns.origin(right, scope)]
        plain = right.unnest()
        if isinstance(plain, exp.Query):
            rows = self._queries.query(plain, scope)
            scope.tables.update(rows.tables)
            return [column.origin for column in rows.columns] if not rows.opens else []
        return [self._columns.origin(each, scope) for each in plain.expressions]

    def _assigned(self, column: exp.Expr, scope: Scope, default: Relation) -> Relation:
        if isinstance(column, exp.Column) and len(column.parts) > 1:
            return self._columns.relation(column.parts[:-1], scope) or default
        name = column.this if isinstance(column, exp.Column) else column
        if default.rows.opens or self._columns.known(default.rows, name):
            return default
        having = [each for each in scope.relations if self._columns.known(each.rows, name)]
        return having[0] if len(having) == 1 and isinstance(column, exp.Column) else default

    def delete(self, tree: exp.Delete, scope: Scope) -> Rows:
        """DELETE: it makes nothing of anything, but it reads and writes."""
        inner = Scope(scope, scope.ctes)
        using = tree.args.get("using") or []
        for each in [tree.this, *(using if isinstance(using, list) else [using])]:
            if isinstance(each, exp.Expr):
                self._queries.sources.add(each, inner)
        self._columns.read(tree.args.get("where"), inner)
        for relation in inner.relations[:1]:
            if fqn := _table_of(relation):
                self._edges.write(fqn)
        return self._returned(tree, inner.relations, inner)

    def merge(self, tree: exp.Merge, scope: Scope) -> Rows:
        """MERGE, with all its branches."""
        inner = Scope(scope, scope.ctes)
        self._queries.sources.add(tree.this, inner)
        self._queries.sources.add(tree.args["using"], inner)
        target = inner.relations[0]
        given = Scope(scope, scope.ctes, relations=inner.relations[1:], tables=inner.tables)
        self._columns.read(tree.args.get("on"), inner)
        for when in tree.args["whens"].expressions:
            self._columns.read(when.args.get("condition"), inner)
            action = when.args.get("then")
            if isinstance(action, exp.Update):
                if any(isinstance(each, exp.Star) for each in action.expressions):
                    self._all_by_name(target, given)
                else:
                    self._assign(action.expressions, inner, target)
            elif isinstance(action, exp.Insert):
                self._insert_row(action, target, given)
        if fqn := _table_of(target):
            self._edges.tables(fqn, inner.tables)
        return Rows([], [], inner.tables)

    def _all_by_name(self, target: Relation, given: Scope) -> None:
        fqn = _table_of(target)
        if not fqn:
            return
        known = KnownTable(fqn, [column.name for column in target.rows.columns])
        self._delivery.rows(known, self._queries.projections.all_of(given), (), by_name=True)

    def _insert_row(self, action: exp.Insert, target: Relation, given: Scope) -> None:
        fqn = _table_of(target)
        values = action.expression
        if not fqn:
            return
        known = KnownTable(fqn, [column.name for column in target.rows.columns])
        if not isinstance(values, exp.Expr):
            rows = self._queries.projections.all_of(given)
            self._delivery.rows(known, rows, (), by_name=isinstance(action.this, exp.Star))
            return
        cells = values.expressions if isinstance(values, exp.Tuple) else [values]
        columns = [Column("", "", self._columns.origin(each, given)) for each in cells]
        listed = action.this.expressions if isinstance(action.this, exp.Tuple) else []
        names = [each.parts[-1] if isinstance(each, exp.Column) else each for each in listed]
        self._delivery.rows(known, Rows(columns, [], given.tables), names)

    def insert_many(self, tree: exp.MultitableInserts, scope: Scope) -> Rows:
        """INSERT ALL and INSERT FIRST of one query, and Hive's FROM … INSERT … INSERT."""
        source = tree.args["source"]
        inner = Scope(scope, scope.ctes)
        self._queries.sources.add(source, inner)
        for each in tree.expressions:
            insert = each.this if isinstance(each, exp.ConditionalInsert) else each
            query = insert.expression
            if isinstance(query, exp.Select):
                part = "from_" if "from_" in exp.Select.arg_types else "from"
                if not query.args.get(part):
                    query.set(part, exp.From(this=source.copy()))
                self.insert(insert, scope)
                continue
            target = self._target(insert.this)
            if target is None:
                continue
            rows = self._queries.projections.all_of(inner)
            if isinstance(query, exp.Values):
                rows = self._queries.sources.values(query, inner)
                rows.tables.update(inner.tables)
            listed = insert.this.expressions if isinstance(insert.this, exp.Schema) else ()
            self._delivery.rows(target, rows, listed)
        return Rows([], [], inner.tables)

    def _relation(self, target: KnownTable, node: exp.Expr) -> Relation:
        table = node.find(exp.Table)
        alias = table.args.get("alias") if table is not None else None
        name = alias.this if alias is not None else table.this if table is not None else node
        return Relation(self._columns.key(name), self._queries.tables.rows(target))

    def _returned(self, tree: exp.Expr, relations: Sequence[Relation], scope: Scope) -> Rows:
        returning = tree.args.get("returning")
        if returning is None:
            return Rows([], [], scope.tables)
        inner = Scope(scope, scope.ctes, relations=list(relations))
        for relation in relations[:1]:  # SQL Server's names for the rows before and after
            for name in ("inserted", "deleted"):
                inner.relations.append(Relation(name, relation.rows, hidden=True))
        rows = self._queries.projections.rows(returning.expressions, inner)
        written = {fqn: None for relation in relations for fqn in relation.rows.tables}
        # What the table was changed with is read for the table, not for the rows that come back.
        self._edges.read(scope.tables)
        rows.tables = {**inner.tables, **written}
        return rows


def _table_of(relation: Relation) -> str:
    """FQN of the table that a relation is; empty if it is not known."""
    return next(iter(relation.rows.tables), "") if len(relation.rows.tables) == 1 else ""
