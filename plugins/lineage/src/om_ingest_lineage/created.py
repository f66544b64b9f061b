"""The table or view that a statement creates."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError

from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.analysis.names import NamePart


def created_table(sql: str, dialect: str) -> list[NamePart] | None:
    """The name of the table or view that a CREATE statement makes; None for others."""
    known = dialect_of(dialect)
    if known is None or sql.lstrip()[:6].lower() != "create":
        return None
    try:
        trees = known[0].parse(sql)
    except (SqlglotError, RecursionError):
        return None
    for tree in trees:
        if isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW"):
            named = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
            if isinstance(named, exp.Table):
                return [NamePart(part.name, bool(part.args.get("quoted"))) for part in named.parts]
    return None
