"""The door of the analysis."""

from __future__ import annotations

from collections.abc import Collection

from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.analysis.names import KnownTable, Names
from om_ingest_lineage.analysis.parsing import Deadline, Limits, NotAnalysedError, parse
from om_ingest_lineage.analysis.results import Analysis, Doubt
from om_ingest_lineage.analysis.statements import Statements

_LIMITS = Limits()


def analyse(
    sql: str,
    dialect: str,
    names: Names,
    target: KnownTable | None = None,
    limits: Limits = _LIMITS,
    variables: Collection[str] = (),
) -> Analysis:
    """What a statement makes of what.

    `dialect` is a name of sqlglot's, or an OpenMetadata service type such as `Mssql`. `target` is
    the view or table that the statement makes, where the text is only its SELECT, or its
    CREATE VIEW. `variables` are names in lower case that mean no column where no table in sight
    has one of that name: parameters of a procedure, its variables and records. Nothing is raised
    for any text: what could not be told is in `doubts`.

    An edge is drawn from each table that takes part, also from those in EXISTS, IN and WHERE;
    columns are drawn where values go, not where rows are chosen. No table is a source of itself.
    """
    known = dialect_of(dialect)
    if known is None:
        return Analysis(doubts=(Doubt("unknown dialect", f"no SQL dialect is called {dialect!r}"),))
    deadline = Deadline(limits.seconds)
    statements = Statements(*known, names, deadline, target, variables)
    doubts: list[Doubt] = []
    try:
        for tree in parse(sql, known[0], limits, deadline):
            statements.read(tree)
    except NotAnalysedError as error:
        doubts.append(Doubt(error.what, error.reason))
    except RecursionError:
        doubts.append(Doubt("too deep", "its parts are nested too deeply"))
    found = statements.edges
    return Analysis(
        edges=tuple(found.found()),
        doubts=(*statements.queries.columns.doubts, *doubts),
        reads=tuple(statements.reads),
        writes=tuple(found.writes),
        names=tuple(statements.tables.found),
        columns=tuple(column.name for column in statements.columns),
    )
