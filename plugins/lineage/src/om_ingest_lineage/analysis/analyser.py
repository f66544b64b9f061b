"""The door of the analysis."""

from __future__ import annotations

from collections.abc import Mapping

from om_ingest_lineage.analysis.depth import deeply
from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.analysis.names import NO_VARIABLES, KnownTable, Names
from om_ingest_lineage.analysis.parsing import Deadline, Limits, NotAnalysedError, parse, quiet
from om_ingest_lineage.analysis.results import Analysis, Doubt
from om_ingest_lineage.analysis.statements import Statements
from om_ingest_lineage.analysis.tables import NamesError

_LIMITS = Limits()


def analyse(
    sql: str,
    dialect: str,
    names: Names,
    target: KnownTable | None = None,
    limits: Limits = _LIMITS,
    variables: Mapping[str, KnownTable | None] = NO_VARIABLES,
) -> Analysis:
    """What a statement makes of what.

    `dialect` is a name of sqlglot's, or an OpenMetadata service type such as `Mssql`. `target` is
    the view or table that the statement makes, where the text is only its SELECT, or its
    CREATE VIEW. `variables` are names in lower case that mean no column where no table in sight
    has one of that name: parameters of a procedure, its variables, and its records, some with the
    rows that they hold one after the other. Nothing is raised for any text: what could not be told
    is in `doubts`.

    An edge is drawn from each table that takes part, also from those in EXISTS, IN and WHERE;
    columns are drawn where values go, not where rows are chosen. No table is a source of itself.
    """
    known = dialect_of(dialect)
    if known is None:
        return Analysis(doubts=(Doubt("unknown dialect", f"no SQL dialect is called {dialect!r}"),))
    deadline = Deadline(limits.seconds)

    def attempt(names: Names) -> Analysis:
        statements = Statements(*known, names, deadline, target, variables)
        with quiet():
            try:
                for tree in parse(sql, known[0], limits, deadline):
                    statements.read(tree)
                return _result(statements)
            except NotAnalysedError as error:
                return _result(statements, Doubt(error.what, error.reason))

    try:
        try:
            return attempt(names)
        except RecursionError:  # rare: on a larger stack there is room for most statements
            return deeply(attempt, names)
    except NamesError as error:
        raise error.reason from None
    except RecursionError:
        return Analysis(doubts=(Doubt("too deep", "its parts are nested too deeply"),))
    except Exception as error:  # noqa: BLE001 - a tree that nobody foresaw costs its own statement
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return Analysis(doubts=(Doubt("not analysed", reason),))


def _result(statements: Statements, *doubts: Doubt) -> Analysis:
    found = statements.edges
    return Analysis(
        edges=tuple(found.found()),
        doubts=(*statements.queries.columns.doubts, *doubts),
        reads=tuple(statements.reads),
        writes=tuple(found.writes),
        names=tuple(statements.tables.found),
        columns=tuple(column.name for column in statements.columns),
    )
