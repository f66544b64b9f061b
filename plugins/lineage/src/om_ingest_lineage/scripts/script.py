"""What a procedure, or another text of several statements, makes of what, as a whole."""

from __future__ import annotations

import time
from collections.abc import Sequence

from om_ingest_lineage.analysis import (
    Analysis,
    Doubt,
    KnownTable,
    Limits,
    NamePart,
    Names,
    analyse,
)
from om_ingest_lineage.analysis.dialects import dialect_of
from om_ingest_lineage.scripts.changes import Change, Deed, altered, changes_of
from om_ingest_lineage.scripts.found import Statement
from om_ingest_lineage.scripts.own import Flows, OwnTable, OwnTables, is_own
from om_ingest_lineage.scripts.statements import statements_of

_SCRIPT_TIMES = 6
"""How many times as long as one statement may take, a script may take."""


def analyse_script(
    text: str,
    dialect: str,
    names: Names,
    *,
    language: str | None = None,
    limits: Limits | None = None,
) -> Analysis:
    """What a procedure, its body, or a file makes of what.

    `dialect` is a name as `analyse` takes it. `language` is what the database calls the language
    of a body; None if the text tells it. Temporary tables, and tables that the text makes and
    drops again, are no ends of edges: what they are made of is. Variables are no columns. Nothing
    is raised for any text: what could not be told is in `doubts`, with the line.
    """
    return _Script(text, dialect, names, limits or Limits()).analysis(language)


class _Script:
    def __init__(self, text: str, dialect: str, names: Names, limits: Limits) -> None:
        self._text, self._dialect, self._limits = text, dialect, limits
        self._tables = OwnTables(names)
        self._flows = Flows()
        self._doubts: dict[Doubt, None] = {}
        self._reads: dict[str, None] = {}
        self._writes: dict[str, None] = {}
        self._named: dict[tuple[NamePart, ...], None] = {}
        self._variables: dict[str, KnownTable | None] = {}

    def analysis(self, language: str | None) -> Analysis:
        """The analysis of the whole text."""
        known = dialect_of(self._dialect)
        if known is None:
            reason = f"no SQL dialect is called {self._dialect!r}"
            return Analysis(doubts=(Doubt("unknown dialect", reason),))
        if len(self._text) > self._limits.characters:
            reason = f"{len(self._text)} characters, more than {self._limits.characters}"
            return Analysis(doubts=(Doubt("too large", reason),))
        self._dialect = known[1].name
        found = statements_of(self._text, self._dialect, language=language)
        self._doubts.update(dict.fromkeys(found.doubts))
        self._variables = dict.fromkeys(found.variables)
        self._tables.stands_for = found.stands_for
        changes = [changes_of(each.sql, self._dialect) for each in found.found]
        passing = _passing(changes)
        end = time.monotonic() + self._limits.seconds * _SCRIPT_TIMES
        for statement, changed in zip(found.found, changes, strict=True):
            if time.monotonic() > end:
                self._doubt(statement, Doubt("too long", "the script took too long up to here"))
                break
            self._take(statement, changed, passing)
        return Analysis(
            edges=tuple(self._flows.edges()),
            doubts=tuple(self._doubts),
            reads=tuple(self._reads),
            writes=tuple(self._writes),
            names=tuple(self._named),
        )

    def _take(self, statement: Statement, changed: Sequence[Change], passing: set[str]) -> None:
        made: OwnTable | None = None
        if statement.record:
            made = self._tables.record(statement.record)
        for change in changed:
            if change.deed is Deed.MAKES:
                if change.is_temporary or _key(change.name) in passing:
                    made = self._make(change)
                    if not change.copies:
                        made.columns = change.columns or made.columns
            elif self._changes_own(change):
                return
        if made is not None and made.columns and not changed[0].copies:
            return
        self._analyse(statement, made, is_copy=not changed or changed[0].copies)

    def _make(self, change: Change) -> OwnTable:
        """The own table that a statement makes.

        If it is there already, the statement stands in another branch, and adds to it.
        """
        own = self._tables.find(change.name)
        if own is None or change.replaces:
            own = self._tables.make(change.name, is_temporary=change.is_temporary)
        return own

    def _changes_own(self, change: Change) -> bool:
        """Empty, drop or rename an own table; whether the statement is done with."""
        own = self._tables.find(change.name)
        if own is None:
            return change.deed is Deed.DROPS
        if change.deed is Deed.ALTERS:
            own.columns = altered(own.columns, change) if own.columns else ()
            return False
        if change.deed is Deed.RENAMES:
            to = change.to if len(change.to) > 1 else (*change.name[:-1], *change.to)
            target = self._tables.resolve(to)
            if isinstance(target, KnownTable):
                self._flows.move(own.fqn, target.fqn)
                if not is_own(target.fqn):
                    self._writes[target.fqn] = None
            self._named[tuple(to)] = None
        own.is_dropped = change.deed is not Deed.EMPTIES
        self._flows.forget(own.fqn)
        return True

    def _analyse(self, statement: Statement, made: OwnTable | None, *, is_copy: bool) -> None:
        found = analyse(
            statement.sql,
            self._dialect,
            self._tables,
            made.known if made is not None else None,
            limits=self._limits,
            variables=self._variables,
        )
        if made is not None:
            made.columns = found.columns or made.columns
            if statement.record:
                self._variables[statement.record] = made.known
        for doubt in found.doubts:
            self._doubt(statement, doubt)
        for fqn in found.writes:
            if is_own(fqn):
                self._tables.by_fqn(fqn).is_filled = True
            else:
                self._writes[fqn] = None
        for fqn in found.reads:
            if not is_own(fqn):
                self._reads[fqn] = None
        for edge in found.edges if is_copy else ():
            if is_own(edge.source) and not self._tables.by_fqn(edge.source).is_filled:
                name = self._tables.by_fqn(edge.source).name
                self._doubt(statement, Doubt("unknown origin", f"what fills {name} is not known"))
            self._flows.add(edge)
        for named in found.names:
            if self._tables.find(named) is None:
                self._named[tuple(self._tables.meant(named))] = None

    def _doubt(self, statement: Statement, doubt: Doubt) -> None:
        self._doubts[Doubt(doubt.what, f"line {statement.line}: {doubt.reason}")] = None


def _passing(changes: Sequence[Sequence[Change]]) -> set[str]:
    """The names of tables that the script makes, and later drops or renames."""
    made: set[str] = set()
    passing: set[str] = set()
    for each in changes:
        for change in each:
            key = _key(change.name)
            if change.deed is Deed.MAKES:
                made.add(key)
                passing.discard(key)
            elif change.deed in (Deed.DROPS, Deed.RENAMES) and key in made:
                passing.add(key)
    return passing


def _key(name: Sequence[NamePart]) -> str:
    return ".".join(part.text.casefold() for part in name)
