"""Methods of values: `t.doc.value('…')`, `xmlagg(x).getClobVal()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from om_ingest_lineage.analysis.relations import as_column

_OTHER_NAMES = (exp.Column, exp.Table, exp.TableAlias, exp.DataType, exp.Kwarg, exp.PropertyEQ)


def restore_columns(call: exp.Dot, is_column: Callable[[Sequence[exp.Expr]], bool]) -> None:
    """Make columns again of the names in front of a method, which the parser takes for fields.

    `is_column` tells whether a name in front of a call is one: it may be a schema.
    """
    if call.find(exp.Lambda) is not None:
        return  # its names are its own
    for name in list(call.this.find_all(exp.Identifier)):
        parent = name.parent
        if isinstance(parent, _OTHER_NAMES) or name.arg_key == "alias":
            continue
        if isinstance(parent, exp.XMLElement) and name.arg_key == "this":
            continue
        if not isinstance(parent, exp.Dot):
            name.replace(as_column([name]))
        elif name.arg_key == "this":
            parts: list[exp.Expr] = [name]
            whole: exp.Expr = name
            above: exp.Expr | None = parent
            while isinstance(above, exp.Dot) and isinstance(above.expression, exp.Identifier):
                parts.append(above.expression)
                whole, above = above, above.parent
            if not isinstance(above, exp.Dot) or is_column(parts):
                whole.replace(as_column(parts))
