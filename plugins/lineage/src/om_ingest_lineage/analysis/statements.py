"""Statements to what they write, and what of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from om_ingest_lineage.analysis.changes import Changes
from om_ingest_lineage.analysis.delivery import Delivery
from om_ingest_lineage.analysis.dialects import Letters
from om_ingest_lineage.analysis.edges import Edges
from om_ingest_lineage.analysis.names import NO_VARIABLES, KnownTable, Names
from om_ingest_lineage.analysis.parsing import Deadline
from om_ingest_lineage.analysis.queries import Queries
from om_ingest_lineage.analysis.relations import NOWHERE, Column, Rows, Scope
from om_ingest_lineage.analysis.tables import Tables

_QUIET_COMMANDS = frozenset(
    (
        "alter",
        "analyze",
        "audit",
        "begin",
        "call",
        "checkpoint",
        "close",
        "comment",
        "commit",
        "deallocate",
        "declare",
        "describe",
        "discard",
        "explain",
        "fetch",
        "flush",
        "grant",
        "kill",
        "listen",
        "lock",
        "msck",
        "notify",
        "open",
        "optimize",
        "prepare",
        "print",
        "raise",
        "refresh",
        "reindex",
        "release",
        "reset",
        "restore",
        "revoke",
        "rollback",
        "savepoint",
        "security",
        "set",
        "show",
        "start",
        "stop",
        "unlisten",
        "unload",
        "unlock",
        "use",
        "vacuum",
    )
)
"""Commands that make no table of another one."""

_MAKES = re.compile(r"\s*(\w+\s+){0,6}?(view|table)\b.*\s(select|pivot|unpivot|from)\b", re.DOTALL)
_MOVES = re.compile(r"\s*table\b.*\spartition\b.*\sfrom\s", re.DOTALL)
"""What follows CREATE and ALTER where rows of other tables come in."""


class Statements:
    """Reads the statements of one text."""

    def __init__(
        self,
        dialect: Dialect,
        letters: Letters,
        names: Names,
        deadline: Deadline,
        target: KnownTable | None,
        variables: Mapping[str, KnownTable | None] = NO_VARIABLES,
    ) -> None:
        self.letters = letters
        self.tables = Tables(letters, names)
        self.queries = Queries(letters, deadline, self.tables, self.statement, variables)
        self.edges = Edges(dialect)
        self.reads: dict[str, None] = {}
        self.columns: Sequence[Column] = ()
        self._target = target
        self._delivery = Delivery(letters, self.edges)
        self._changes = Changes(self.queries, self.edges, self._delivery, self.target)

    def read(self, tree: exp.Expr) -> None:
        """Take one statement, with all that it reads and writes."""
        rows = self.statement(tree, Scope(None, {}))
        self.reads.update({**self.edges.reads, **rows.tables})

    def statement(self, tree: exp.Expr, around: Scope) -> Rows:
        """The rows that a statement gives; what it writes goes to the edges."""
        scope = Scope(around, self.queries.with_of(tree, around))
        if isinstance(tree, (exp.Select, exp.SetOperation, exp.Subquery, exp.Paren)):
            return self._query(tree, around)
        if isinstance(tree, exp.Create):
            return self._create(tree, scope)
        if isinstance(tree, exp.Insert):
            return self._changes.insert(tree, scope)
        if isinstance(tree, exp.Update):
            return self._changes.update(tree, scope)
        if isinstance(tree, exp.Delete):
            return self._changes.delete(tree, scope)
        if isinstance(tree, exp.Merge):
            return self._changes.merge(tree, scope)
        if isinstance(tree, exp.MultitableInserts):
            return self._changes.insert_many(tree, scope)
        if isinstance(tree, (exp.Copy, exp.LoadData, exp.TruncateTable)):
            if isinstance(tree.this, exp.Query):
                return self.queries.query(tree.this, scope)
            for table in [tree.this, *tree.expressions]:
                if isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
                    known = self.target(table)
                    if known is not None:
                        self.edges.write(known.fqn)
        elif isinstance(tree, exp.Command) and _may_write(tree):
            self.queries.columns.doubt(
                "not parsed", f"the parser knows no such {tree.name} statement"
            )
        return Rows()

    def target(self, table: exp.Expr | None) -> KnownTable | None:
        """The table that a statement writes, if it is known."""
        if isinstance(table, exp.Schema):
            table = table.this
        if not isinstance(table, exp.Table):
            return None
        parts = self.tables.parts(table)
        known = self.tables.resolve(parts)
        if isinstance(known, KnownTable):
            return known
        self.tables.doubt(parts, known, self.queries.columns)
        return None

    def _query(self, tree: exp.Expr, around: Scope) -> Rows:
        rows = self.queries.query(tree, around)
        self.columns = () if rows.opens else rows.columns
        into = tree.args.get("into")
        if self._target is not None:
            self._delivery.rows(self._target, rows, (), new=True)
        elif into is not None and isinstance(into.this, exp.Table) and not _is_temporary(into):
            known = self.target(into.this)
            if known is not None:
                self._delivery.rows(known, rows, (), new=True)
        return rows

    def _create(self, tree: exp.Create, scope: Scope) -> Rows:
        if tree.kind not in ("TABLE", "VIEW"):
            return Rows()
        schema = tree.this if isinstance(tree.this, exp.Schema) else None
        query = tree.expression
        properties = (
            list(tree.args["properties"].expressions) if tree.args.get("properties") else []
        )
        listed = [_identifier(each) for each in schema.expressions] if schema else []
        names = [name for name in listed if name is not None]
        if isinstance(query, exp.Query):
            rows = self.queries.query(query, scope)
            if tree.kind == "TABLE" and self.letters.name == "mysql":
                names = []  # its columns are not those of the query: they meet by name
        else:
            clone = tree.args.get("clone")
            source = self.target(clone.this) if clone is not None else None
            if source is None:
                self.columns = [*self._alike(schema, properties), *self._defined(names)]
                return Rows()
            rows, names = self.tables.rows(source), []
        self.columns = (
            ()
            if rows.opens
            else rows.renamed(
                [(self.queries.columns.key(n), self.letters.shown(n)) for n in names]
            ).columns
        )
        known = self._target
        if known is None and not any(isinstance(p, exp.TemporaryProperty) for p in properties):
            known = self.target(tree.this)
        if known is not None:
            by_name = tree.kind == "TABLE" and self.letters.name == "mysql"
            self._delivery.rows(known, rows, names, new=True, by_name=by_name)
        for each in properties:
            if isinstance(each, exp.ToTableProperty):  # ClickHouse keeps the rows there
                keeper = self.target(each.this)
                if keeper is not None:
                    self._delivery.rows(keeper, rows, names, by_name=True)
        return rows

    def _defined(self, names: Sequence[exp.Identifier]) -> Iterator[Column]:
        for name in names:
            yield Column(self.queries.columns.key(name), self.letters.shown(name), NOWHERE)

    def _alike(self, schema: exp.Schema | None, properties: Sequence[exp.Expr]) -> Iterator[Column]:
        """The columns that a table has LIKE another one: no rows flow."""
        for each in [*properties, *(schema.expressions if schema else ())]:
            known = self.target(each.this) if isinstance(each, exp.LikeProperty) else None
            if known is not None:
                yield from self.tables.rows(known).columns


def _may_write(command: exp.Command) -> bool:
    """Whether a statement that the parser does not know may make a table of another one."""
    word = command.name.casefold()
    rest = command.text("expression").casefold()
    if word == "create":
        return bool(_MAKES.match(rest))
    return bool(_MOVES.match(rest)) if word == "alter" else word not in _QUIET_COMMANDS


def _identifier(part: exp.Expr) -> exp.Identifier | None:
    """The name in a list of columns, which may be a definition."""
    found = part if isinstance(part, exp.Identifier) else part.this
    return found if isinstance(found, exp.Identifier) else None


def _is_temporary(into: exp.Expr) -> bool:
    return bool(into.args.get("temporary"))
